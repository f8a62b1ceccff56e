// Guests: Python processes that load recipes. Each gets lists of jobs (package folders to load, packages to detect) and
// answers with one line a job; in between it may ask what only we know. A guest that says nothing for too long is killed,
// one that dies is replaced, and the job at which that happened is reported as failed.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { spackPaths } from '../config/paths.ts'
import { guestFolder } from '../program.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import type { Declarations, LoadFailure } from './declaration.ts'
import { answerQuestion, type Question } from './questions.ts'

export interface GuestOptions {
  /** All repositories by namespace: recipes import from each other. */
  repositories: Readonly<Record<string, string>>
  host: GuestHost
  /** How many guests at once. */
  count: number
  python: string
  /** How long one recipe may take. */
  timeoutMs: number
  /** What recipes see of the environment; that of this process when absent. */
  environ?: NodeJS.ProcessEnv
}

/** For which machine facts are computed. */
export interface GuestHost {
  platform: string
  target: string
  family: string
}

/** Where facts are for: a machine of the platform and family of this one, and a version without variants. */
const hosts: Readonly<Record<string, GuestHost>> = {
  x64: { platform: 'linux', target: 'x86_64_v3', family: 'x86_64' },
  arm64: { platform: 'linux', target: 'aarch64', family: 'aarch64' },
  ppc64: { platform: 'linux', target: 'ppc64le', family: 'ppc64le' },
  riscv64: { platform: 'linux', target: 'riscv64', family: 'riscv64' },
}

/** The machine that facts are for. */
export const guestHost = (): GuestHost => hosts[process.arch] ?? hosts.x64!

export type Loaded = Declarations | LoadFailure

/** A kind of work for guests. */
export interface GuestWork<Job, Answer> {
  /** How many jobs a guest gets at once. */
  listLength: number
  /** What asks a guest for the answers to these jobs. */
  request: (jobs: readonly Job[]) => object
  take: (answer: Answer, job: Job) => void
  /** Told of a job at which a guest was killed or died. */
  fail: (job: Job, message: string) => void
}

/** A list is short enough that guests end together, and long enough that they seldom wait for the next. */
const listLength = 24

/**
 * Loads packages of a namespace and hands each to `take`, in no certain order. Throws SpackError `no-python` when there
 * is no Python to be started.
 */
export async function loadRecipes(
  namespace: string,
  folders: readonly string[],
  options: GuestOptions,
  take: (loaded: Loaded) => void,
): Promise<void> {
  await runInGuests<string, Loaded>(folders, options, {
    listLength,
    request: (some) => ({ namespace, folders: some }),
    take,
    fail: (failed, message) => take({ failed, message: `${message} to load`, where: null, files: [] }),
  })
}

/** Has all jobs done, in no certain order. Throws as `loadRecipes`. */
export async function runInGuests<Job, Answer>(
  jobs: readonly Job[],
  options: GuestOptions,
  work: GuestWork<Job, Answer>,
): Promise<void> {
  const waiting = [...jobs]
  const guests = Math.min(options.count, Math.ceil(jobs.length / work.listLength))
  await Promise.all(Array.from({ length: guests }, () => runGuests(waiting, options, work)))
}

/** One guest after the other until nothing waits. */
async function runGuests<Job, Answer>(
  waiting: Job[],
  options: GuestOptions,
  work: GuestWork<Job, Answer>,
): Promise<void> {
  let unanswered: Job[] = []
  while (unanswered.length > 0 || waiting.length > 0) {
    const end = await runGuest(unanswered, waiting, options, work)
    unanswered = end.unanswered
    if (!end.hasStarted) throw brokenGuest(options.python, end.reason)
    const failed = unanswered.shift()
    if (failed !== undefined) work.fail(failed, end.reason)
  }
}

/** The first that a guest says. */
interface Started {
  started: true
}

const isStarted = (message: unknown): message is Started =>
  typeof message === 'object' && message !== null && 'started' in message

/** How long Python may take until it asks for work. */
const startTimeoutMs = 60_000

const brokenGuest = (python: string, reason: string): SpackError =>
  new SpackError('no-python', `\`${python}\` cannot load recipes: ${reason}`, {
    hint: 'recipes need Python 3.6 or newer; name another one in `SPACK_PYTHON`',
  })

interface GuestEnd<Job> {
  /** Jobs that the guest was given and did not answer, the one that it was busy with first. */
  unanswered: Job[]
  reason: string
  /** Otherwise it is not a recipe's fault that it ended. */
  hasStarted: boolean
}

function runGuest<Job, Answer>(
  first: readonly Job[],
  waiting: Job[],
  options: GuestOptions,
  work: GuestWork<Job, Answer>,
): Promise<GuestEnd<Job>> {
  const guest = startGuest(options)
  let unanswered: Job[] = []
  let reason = ''
  let talk = ''
  let hasStarted = false
  const send = (message: object) => guest.stdin.write(`${JSON.stringify(message)}\n`)
  const giveNext = (jobs: readonly Job[]) => {
    unanswered = [...jobs]
    if (jobs.length > 0) send(work.request(jobs))
    else guest.stdin.end()
  }
  const kill = () => {
    reason = `took longer than ${(hasStarted ? options.timeoutMs : startTimeoutMs) / 1000} s`
    guest.kill('SIGKILL')
  }
  let timer = setTimeout(kill, startTimeoutMs)
  return new Promise((resolve, reject) => {
    guest.on('error', (error) => reject(startFailure(options.python, error)))
    guest.stdin.on('error', () => undefined) // The end of a guest is told by 'close'.
    guest.stderr.on('data', (chunk) => {
      talk = `${talk}${chunk}`.slice(-2000)
    })
    guest.on('close', (code, signal) => {
      clearTimeout(timer)
      const how = signal ? `was killed by ${signal}` : `ended with exit code ${code}`
      const said = talk.trim().split('\n').at(-1)
      resolve({ unanswered, reason: reason || `Python ${how}${said ? `: ${said}` : ''}`, hasStarted })
    })
    createInterface({ input: guest.stdout }).on('line', (line) => {
      clearTimeout(timer)
      timer = setTimeout(kill, options.timeoutMs)
      const message = JSON.parse(line) as Answer | Question | Started
      if (isStarted(message)) {
        hasStarted = true
        return undefined
      }
      if (isQuestion(message)) return send(answerQuestion(message))
      work.take(message, unanswered.shift()!)
      if (unanswered.length === 0) giveNext(waiting.splice(0, work.listLength))
      return undefined
    })
    send({ repositories: options.repositories, host: options.host })
    giveNext(first.length > 0 ? first : waiting.splice(0, work.listLength))
  })
}

const isQuestion = (message: unknown): message is Question =>
  typeof message === 'object' && message !== null && 'ask' in message

function startGuest({ python, environ = process.env }: GuestOptions): ChildProcessWithoutNullStreams {
  const flags = pythonFlags(spackPaths(environ).userCache)
  return spawn(python, [...flags, join(guestFolder(), 'main.py')], { stdio: 'pipe', env: environ })
}

/** Python without the user's and the site's modules, its compiled code being kept in the user's cache only. */
export const pythonFlags = (userCache: string): string[] => [
  ...['-I', '-S', '-X'],
  `pycache_prefix=${join(userCache, 'python')}`,
]

export function startFailure(python: string, cause: Error): Error {
  if (systemErrorCode(cause) !== 'ENOENT') return cause
  return new SpackError('no-python', `recipes are Python, but there is no \`${python}\``, {
    hint: 'install Python 3.6 or newer, or name it in `SPACK_PYTHON`',
    cause,
  })
}
