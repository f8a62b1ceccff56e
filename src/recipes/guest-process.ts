// Guests: Python processes that load recipes. Each gets lists of package folders and answers with one line a recipe; in
// between it may ask what only we know. A guest that says nothing for too long is killed, one that dies is replaced, and
// the recipe at which that happened is reported as failed.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
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
}

/** For which machine facts are computed. */
export interface GuestHost {
  platform: string
  target: string
  family: string
}

export type Loaded = Declarations | LoadFailure

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
  const waiting = [...folders]
  const guests = Math.min(options.count, Math.ceil(folders.length / listLength))
  await Promise.all(Array.from({ length: guests }, () => runGuests(namespace, waiting, options, take)))
}

/** One guest after the other until nothing waits. */
async function runGuests(
  namespace: string,
  waiting: string[],
  options: GuestOptions,
  take: (loaded: Loaded) => void,
): Promise<void> {
  let unanswered: string[] = []
  while (unanswered.length > 0 || waiting.length > 0) {
    const end = await runGuest(namespace, unanswered, waiting, options, take)
    unanswered = end.unanswered
    const failed = unanswered.shift()
    if (failed !== undefined) take({ failed, message: end.reason, where: null, files: [] })
  }
}

interface GuestEnd {
  /** Folders that the guest was given and did not answer, the one that it was busy with first. */
  unanswered: string[]
  reason: string
}

function runGuest(
  namespace: string,
  first: readonly string[],
  waiting: string[],
  options: GuestOptions,
  take: (loaded: Loaded) => void,
): Promise<GuestEnd> {
  const guest = startGuest(options)
  let unanswered: string[] = []
  let reason = ''
  let talk = ''
  const send = (message: object) => guest.stdin.write(`${JSON.stringify(message)}\n`)
  const giveNext = (folders: readonly string[]) => {
    unanswered = [...folders]
    if (folders.length > 0) send({ namespace, folders })
    else guest.stdin.end()
  }
  const kill = () => {
    reason = `took longer than ${options.timeoutMs / 1000} s to load`
    guest.kill('SIGKILL')
  }
  let timer = setTimeout(kill, options.timeoutMs)
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
      resolve({ unanswered, reason: reason || `Python ${how}${said ? `: ${said}` : ''}` })
    })
    createInterface({ input: guest.stdout }).on('line', (line) => {
      clearTimeout(timer)
      timer = setTimeout(kill, options.timeoutMs)
      const message = JSON.parse(line) as Loaded | Question
      if ('ask' in message) return send(answerQuestion(message))
      unanswered.shift()
      take(message)
      if (unanswered.length === 0) giveNext(waiting.splice(0, listLength))
    })
    send({ repositories: options.repositories, host: options.host })
    giveNext(first.length > 0 ? first : waiting.splice(0, listLength))
  })
}

/** Python without the user's and the site's modules, and without leaving compiled files behind. */
function startGuest({ python }: GuestOptions): ChildProcessWithoutNullStreams {
  return spawn(python, ['-I', '-S', '-B', join(guestFolder(), 'main.py')], { stdio: 'pipe' })
}

function startFailure(python: string, cause: Error): Error {
  if (systemErrorCode(cause) !== 'ENOENT') return cause
  return new SpackError('no-python', `recipes are Python, but there is no \`${python}\``, {
    hint: 'install Python 3.6 or newer, or name it in `SPACK_PYTHON`',
    cause,
  })
}
