// Times whole programs from outside: a warm-up, then several runs, of which the median is quoted.

import { spawnSync } from 'node:child_process'

export interface Figure {
  medianS: number
  minS: number
  maxS: number
  /** Time of the processor, the median of all runs. */
  cpuS: number
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
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_maxrss / 1024, code, used.ru_utime + used.ru_stime)
`

/** Runs a program several times. Throws an Error when it exits with another code than the expected one. */
export const measure = (run: Run): Figure => measureInTurn([run], run.runs ?? 7)[0]!

/** Runs several programs in turns, so that what else the machine does concerns them alike; in the order given. */
export function measureInTurn(runs: readonly Run[], rounds: number): Figure[] {
  const seconds = runs.map((): number[] => [])
  const processor = runs.map((): number[] => [])
  const peaks = runs.map(() => 0)
  for (let round = 0; round <= rounds; round++) {
    runs.forEach((run, i) => {
      const { wallS, cpuS, peakMiB } = timeOnce(run)
      peaks[i] = Math.max(peaks[i]!, peakMiB)
      if (round === 0) return
      seconds[i]!.push(wallS)
      processor[i]!.push(cpuS)
    })
  }
  return seconds.map((taken, i) => {
    const sorted = taken.toSorted((a, b) => a - b)
    const [medianS, minS, maxS] = [sorted[sorted.length >> 1]!, sorted[0]!, sorted.at(-1)!]
    const cpuS = processor[i]!.sort((a, b) => a - b)[processor[i]!.length >> 1]!
    return { medianS, minS, maxS, cpuS, peakMiB: peaks[i]! }
  })
}

function timeOnce(run: Run): { wallS: number; cpuS: number; peakMiB: number } {
  run.before?.()
  const done = spawnSync('python3', ['-c', timer, ...run.command], { cwd: run.cwd, env: run.env, encoding: 'utf8' })
  const [wallS, peakMiB, code, cpuS] = done.stdout.trim().split(' ').map(Number)
  if (code !== (run.expectedCode ?? 0)) throw new Error(`\`${run.command.join(' ')}\` exited with ${code}`)
  return { wallS: wallS!, cpuS: cpuS!, peakMiB: peakMiB! }
}

export const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(0)} ms`

export const spread = (figure: Figure): string =>
  `${milliseconds(figure.medianS)} (${milliseconds(figure.minS)}–${milliseconds(figure.maxS)})`

export const ratio = (figure: Figure, other: Figure): string => (figure.medianS / other.medianS).toFixed(2)
