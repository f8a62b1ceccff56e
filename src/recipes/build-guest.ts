// The guest process of one build: started, talked to, and ended with everything that it started.

import { type ChildProcess, spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { guestFolder } from '../program.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import type { BuildEnvironment, BuildJob, Built, GuestFailure, GuestMessage, RunEnvironment } from './build-protocol.ts'
import { buildAnswerer, type Slots } from './build-questions.ts'
import { pythonFlags, startFailure } from './guest-process.ts'

export interface BuildGuestStart {
  python: string
  /** The user's cache. */
  cacheDir: string
  /** Where everything is printed. */
  log: number
  /** Also gets what is printed. */
  echo?: (chunk: Buffer) => void
  /** Descriptors of the jobserver, for the job's environment says that they are 3 and 4. */
  jobDescriptors: readonly number[]
  slots: Slots
  specs: ReadonlyMap<DagHash, Spec>
  onPhase: (name: string) => void
}

/** Ended before its time: by the recipe, or because that was asked for. */
export type GuestEnd =
  | { kind: 'stopped'; where: 'before' | 'after'; phase: string }
  | { kind: 'failed'; failure: GuestFailure }

export type GuestOutcome<Done> = { kind: 'done'; value: Done } | GuestEnd

export interface BuildGuest {
  /** Resolves when recipes are loaded and the environment stands. */
  ready: Promise<GuestOutcome<unknown>>
  patch: () => Promise<GuestOutcome<{ ran: boolean }>>
  build: () => Promise<GuestOutcome<Built>>
  environment: () => Promise<GuestOutcome<BuildEnvironment>>
  /** For jobs with roots to run. */
  runEnvironment: () => Promise<GuestOutcome<RunEnvironment>>
  /** Ends it and all that it started; waits for that. */
  end: () => Promise<void>
}

const politeEndMs = 5_000

/** Starts a guest with its job. Throws SpackError `no-python`, and `guest-ended` when it ends without an answer. */
export function startBuildGuest(job: BuildJob, start: BuildGuestStart): BuildGuest {
  const child = spawnGuest(start, job.environ)
  const answer = buildAnswerer(start.specs, start.slots)
  const send = (message: object) => (child.stdin as Writable).write(`${JSON.stringify(message)}\n`)
  let waiting: { resolve: (message: GuestMessage) => void; reject: (error: Error) => void } | undefined
  let ended: Error | undefined
  const closed = new Promise<void>((resolve) => {
    const finish = (error: Error) => {
      ended = error
      waiting?.reject(error)
      waiting = undefined
      resolve()
    }
    child.on('error', (error) => finish(startFailure(start.python, error)))
    child.on('close', (code, signal) => finish(guestEnded(code, signal)))
  })
  child.stdin!.on('error', () => undefined) // The end of a guest is told by 'close'.
  createInterface({ input: child.stdout as Readable }).on('line', (line) => {
    const message = JSON.parse(line) as GuestMessage
    if ('ask' in message) return send(answer(message))
    if ('phase' in message) return start.onPhase(message.phase)
    waiting?.resolve(message)
    waiting = undefined
    return undefined
  })
  const request = async <Done>(message: object): Promise<GuestOutcome<Done>> => {
    if (ended) throw ended
    const reply = await new Promise<GuestMessage>((resolve, reject) => {
      waiting = { resolve, reject }
      send(message)
    })
    return outcomeOf(reply)
  }
  const ready = request(job)
  // Whoever starts a guest may do something else first.
  ready.catch(() => undefined)
  return {
    ready,
    patch: () => request({ do: 'patch' }),
    build: () => request({ do: 'build' }),
    environment: () => request({ do: 'environment' }),
    runEnvironment: () => request({ do: 'run-environment' }),
    end: () => endGroup(child, closed),
  }
}

function outcomeOf<Done>(reply: GuestMessage): GuestOutcome<Done> {
  if ('failed' in reply) return { kind: 'failed', failure: reply.failed }
  if ('stopped' in reply) return { kind: 'stopped', ...reply.stopped }
  return { kind: 'done', value: ('done' in reply ? reply.done : undefined) as Done }
}

/** Python without the user's and the site's modules, at the head of a process group of its own. */
function spawnGuest(
  { python, log, echo, jobDescriptors, cacheDir }: BuildGuestStart,
  environ: NodeJS.ProcessEnv,
): ChildProcess {
  const child = spawn(python, [...pythonFlags(cacheDir), join(guestFolder(), 'build.py')], {
    env: { ...environ, SPACK_GUEST_LIFELINE: String(3 + jobDescriptors.length) },
    stdio: ['pipe', 'pipe', echo ? 'pipe' : log, ...jobDescriptors, 'pipe'],
    detached: true,
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    writeAll(log, chunk)
    echo?.(chunk)
  })
  return child
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
}

function guestEnded(code: number | null, signal: NodeJS.Signals | null): SpackError {
  const how = signal ? `was killed by ${signal}` : `ended with exit code ${code}`
  return new SpackError('guest-ended', `the process of the build ${how}`, {
    hint: signal === 'SIGKILL' ? 'the machine may be short of memory: build with fewer jobs' : 'see the log',
  })
}

async function endGroup(child: ChildProcess, closed: Promise<void>): Promise<void> {
  child.stdin?.end()
  if (child.pid === undefined) return
  // Also what a build left running in the background.
  signalGroup(child.pid, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(child.pid!, 'SIGKILL'), politeEndMs)
  await closed
  clearTimeout(timer)
  signalGroup(child.pid, 'SIGKILL')
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error
  }
}
