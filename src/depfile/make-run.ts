// Running make on a Makefile that is only in memory. It is given what jobs this process was given: the jobserver of an
// outer make, or a number of its own; of the outer make's other flags it sees nothing.

import { spawn } from 'node:child_process'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { fatalSignals, Jobserver, withJobs } from './jobserver.ts'

export interface MakeRun {
  /** The Makefile. */
  text: string
  goals: readonly string[]
  /** How many jobs at once; undefined: those of the outer make, if there is one, else `defaultJobs`. */
  jobs: number | undefined
  defaultJobs: number
  /** Go on with what does not need a failed target. */
  keepGoing: boolean
  /** Keep each target's output together until it is finished. */
  syncOutput: boolean
  variables: Readonly<Record<string, string>>
  environ: NodeJS.ProcessEnv
  cwd: string
}

export interface MakeOutcome {
  /** 0: everything is made. */
  code: number
  /** What interrupted the run. */
  signal: NodeJS.Signals | undefined
}

/**
 * Runs make to its end, its output going where ours goes. When this process is interrupted, make is told to end, and
 * ends everything that it started; this waits for it. Throws SpackError `no-make`.
 */
export async function runMake(run: MakeRun): Promise<MakeOutcome> {
  const jobserver = run.jobs === undefined ? Jobserver.join(run.environ) : null
  const jobs = jobserver?.forChild('pipe', run.environ)
  const flags = jobserver ? [] : [`-j${run.jobs ?? run.defaultJobs}`]
  const child = spawn('make', makeArguments(run, flags), {
    cwd: run.cwd,
    env: jobs?.environ ?? withJobs(run.environ, { kind: 'serial' }),
    stdio: ['pipe', 'inherit', 'inherit', ...(jobs?.descriptors ?? [])],
  })
  jobs?.release()
  let interruptedBy: NodeJS.Signals | undefined
  // Of an interrupt at the terminal the children of make hear themselves, of others only by a SIGTERM to make.
  const interrupt = (signal: NodeJS.Signals) => {
    interruptedBy ??= signal
    child.kill('SIGTERM')
  }
  for (const signal of fatalSignals) process.on(signal, interrupt)
  try {
    const ended = waitFor(child)
    child.stdin!.on('error', (error) => {
      // Make ended before it had read everything, and says why itself.
      if (systemErrorCode(error) !== 'EPIPE') throw error
    })
    child.stdin!.end(run.text)
    const { code, signal } = await ended
    return { code: code ?? 1, signal: interruptedBy ?? signal ?? undefined }
  } finally {
    for (const signal of fatalSignals) process.off(signal, interrupt)
    jobserver?.close()
  }
}

function makeArguments(run: MakeRun, jobs: readonly string[]): string[] {
  return [
    ...['-f', '-', '-s', '-r', '-R', '--no-print-directory'],
    ...jobs,
    ...(run.keepGoing ? ['-k'] : []),
    ...(run.syncOutput ? ['--output-sync=recurse'] : []),
    ...Object.entries(run.variables).map(([name, value]) => `${name}=${value.replaceAll('$', '$$$$')}`),
    '--',
    ...run.goals,
  ]
}

type ChildProcess = ReturnType<typeof spawn>

function waitFor(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      if (systemErrorCode(cause) !== 'ENOENT') return reject(cause)
      reject(
        new SpackError('no-make', 'there is no `make` in `PATH`', {
          hint: 'install GNU Make (4.0 or later), which does all scheduling here',
          cause,
        }),
      )
    })
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
}
