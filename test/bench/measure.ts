// Times whole programs from outside: a warm-up, then several runs, of which the median is quoted.

import { spawnSync } from 'node:child_process'

export interface Figure {
  medianS: number
  minS: number
  maxS: number
  /** Peak resident memory of the largest process of a run, in MiB. */
  peakMiB: number
}

export interface Run {
  command: readonly string[]
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Called before each run, outside the time. */
  before?: () => void
  runs?: number
  expectedCode?: number
}

// getrusage of finished children is the one portable way to a peak; Node does not report it for a child.
const timer = `
import resource, subprocess, sys, time
start = time.perf_counter()
code = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, code)
`

/** Runs a program several times. Throws an Error when it exits with another code than the expected one. */
export function measure(run: Run): Figure {
  const seconds: number[] = []
  let peakMiB = 0
  for (let i = 0; i <= (run.runs ?? 7); i++) {
    run.before?.()
    const done = spawnSync('python3', ['-c', timer, ...run.command], { cwd: run.cwd, env: run.env, encoding: 'utf8' })
    const [wallS, mib, code] = done.stdout.trim().split(' ').map(Number)
    if (code !== (run.expectedCode ?? 0)) throw new Error(`\`${run.command.join(' ')}\` exited with ${code}`)
    peakMiB = Math.max(peakMiB, mib!)
    if (i > 0) seconds.push(wallS!)
  }
  seconds.sort((a, b) => a - b)
  return { medianS: seconds[seconds.length >> 1]!, minS: seconds[0]!, maxS: seconds[seconds.length - 1]!, peakMiB }
}
