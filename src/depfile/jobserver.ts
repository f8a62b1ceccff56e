// A client of GNU Make's jobserver. Make holds a pipe with a byte for each job beyond the first; who wants to run one more
// job reads a byte, and writes it back at the end. Every process that make starts has one slot from the beginning (its
// implicit slot), which it may lend to others while it only waits.
//
// Protocol: GNU Make manual, "POSIX Jobserver". Observed with Node 20 and make 4.0 to 4.4:
// - descriptors are inherited only by recipe lines with `+`, but MAKEFLAGS announces them on all lines; without `+`
//   descriptor 3 is Node's own event poll. So they are looked at before they are believed.
// - opening /proc/self/fd/N gives a description of our own, which can be non-blocking without making it so for all others.
// - Node's streams read all that is there, which would be everybody's tokens: single bytes are read here, with a timer
//   in between, because Node cannot wait for a descriptor without reading from it.

import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemErrorCode } from '../ui/error.ts'
import { type JobsAnnounced, makeVariables, readMakeflags, writeMakeflags } from './makeflags.ts'

/** The right to run one job: a byte that has to be written back as it was. */
export type Token = number & { readonly tokenBrand: unique symbol }

/** How a child can join: through two inherited descriptors, or through a path (ninja 1.13 joins in no other way). */
export type JoinStyle = 'pipe' | 'fifo'

/** What a child has to be started with. */
export interface ChildJobs {
  /** The environment, without anything of make but the jobserver. */
  environ: NodeJS.ProcessEnv
  /** For `stdio`, after the first three. */
  descriptors: readonly number[]
  /** To be called once the child was started. */
  release: () => void
}

type TokenSource = Extract<JobsAnnounced, { kind: 'pipe' | 'fifo' }>

const implicitToken = '+'.charCodeAt(0)
const shortestPauseMs = 1
const longestPauseMs = 20
const restorePatienceMs = 2_000
/** What ends a process from outside; who runs others passes it on. */
export const fatalSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** One connection. Whatever happens, all tokens are back when the process ends, unless it is killed with SIGKILL. */
export class Jobserver {
  readonly #announced: TokenSource
  readonly #read: number
  readonly #write: number
  readonly #held: Token[] = []
  #lentSlots = 0
  #isGuarded = false

  private constructor(announced: TokenSource, read: number, write: number) {
    this.#announced = announced
    this.#read = read
    this.#write = write
  }

  /** Joins the jobserver that the environment announces; null when there is none, or none that can be joined. */
  static join(environ: NodeJS.ProcessEnv): Jobserver | null {
    const announced = readMakeflags(environ.MAKEFLAGS)
    if (announced.kind !== 'pipe' && announced.kind !== 'fifo') return null
    const ends = findEnds(announced)
    if (!ends) return null
    try {
      const read = openSync(ends.read, constants.O_RDONLY | constants.O_NONBLOCK)
      return new Jobserver(announced, read, openSync(ends.write, constants.O_WRONLY | constants.O_NONBLOCK))
    } catch (error) {
      // Another user's, gone, or a system without /proc: work as if there were none.
      if (systemErrorCode(error) === undefined) throw error
      return null
    }
  }

  /** A token when one is free, else null. */
  tryAcquire(): Token | null {
    const token = this.#readToken()
    if (token === null) return null
    this.#guard()
    this.#held.push(token)
    return token
  }

  /** Waits until a token is free. */
  async acquire(): Promise<Token> {
    return await retry(() => this.tryAcquire())
  }

  /** Gives a token back. */
  release(token: Token): void {
    const at = this.#held.indexOf(token)
    if (at < 0) throw new Error('this token is not held')
    this.#held.splice(at, 1)
    this.#writeToken(token)
  }

  /**
   * Lends the slot in which this process runs to others while `wait` waits, and takes one before it returns. What was
   * waited for may have been done by somebody else meanwhile: look again afterwards.
   */
  async withoutSlot<T>(wait: () => Promise<T>): Promise<T> {
    this.#guard()
    this.#lentSlots++
    this.#writeToken(implicitToken as Token)
    try {
      return await wait()
    } finally {
      await retry(() => this.#takeSlotBack())
    }
  }

  /** Null when no token is free; nothing is to be done when `restore` has done it. */
  #takeSlotBack(): true | null {
    if (this.#lentSlots > 0) {
      if (this.#readToken() === null) return null
      this.#lentSlots--
    }
    return true
  }

  /** What a child is started with, so that it joins too. Where the style is not the server's own, it is bridged. */
  forChild(style: JoinStyle, environ: NodeJS.ProcessEnv): ChildJobs {
    const announced = this.#announced
    if (style === 'fifo') {
      // A pipe can be opened by name as long as somebody has it open.
      const path = announced.kind === 'fifo' ? announced.path : `/proc/${process.pid}/fd/${this.#read}`
      return { environ: withJobs(environ, { kind: 'fifo', path }), descriptors: [], release: () => {} }
    }
    const inherited = announced.kind === 'pipe'
    const descriptors = inherited ? [announced.read, announced.write] : openBothEnds(announced.path)
    return {
      environ: withJobs(environ, { kind: 'pipe', read: 3, write: 4 }),
      descriptors,
      release: () => (inherited ? undefined : descriptors.forEach(closeSync)),
    }
  }

  /** Puts everything back at once, waiting up to two seconds for a lent slot. For the end of the process. */
  restore(): void {
    for (const token of this.#held.splice(0)) this.#writeToken(token)
    const pause = new Int32Array(new SharedArrayBuffer(4))
    const endMs = Date.now() + restorePatienceMs
    while (this.#lentSlots > 0) {
      if (this.#takeSlotBack()) continue
      if (Date.now() >= endMs) return
      Atomics.wait(pause, 0, 0, longestPauseMs)
    }
  }

  /** Leaves the jobserver; tokens go back. */
  close(): void {
    this.restore()
    this.#lentSlots = 0
    closeSync(this.#read)
    closeSync(this.#write)
  }

  #readToken(): Token | null {
    const byte = new Uint8Array(1)
    try {
      return readSync(this.#read, byte, 0, 1, null) === 1 ? (byte[0] as Token) : null
    } catch (error) {
      if (systemErrorCode(error) === 'EAGAIN') return null
      throw error
    }
  }

  #writeToken(token: Token): void {
    writeSync(this.#write, Uint8Array.of(token))
  }

  /** From the first token on, an end of the process by itself or by a signal must give tokens back. */
  #guard(): void {
    if (this.#isGuarded) return
    this.#isGuarded = true
    process.once('exit', () => this.restore())
    for (const signal of fatalSignals) {
      process.once(signal, () => {
        this.restore()
        // Nobody else wants to do something first, so the signal does what it would have done.
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
      })
    }
  }
}

/** What `attempt` gives once that is not null, asked ever more seldom. */
async function retry<Result>(attempt: () => Result | null): Promise<Result> {
  for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const result = attempt()
    if (result !== null) return result
    await sleep(pauseMs)
  }
}

/** Where tokens are read and written, once that was looked at: both ends of one pipe, or one named pipe. */
function findEnds(announced: TokenSource): { read: string; write: string } | undefined {
  if (announced.kind === 'pipe') {
    const { read, write } = announced
    return areOnePipe(read, write) ? { read: `/proc/self/fd/${read}`, write: `/proc/self/fd/${write}` } : undefined
  }
  const { path } = announced
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ? { read: path, write: path } : undefined
}

/** Both for reading and writing: opening one end of a fifo alone would wait for the other. */
const openBothEnds = (path: string): number[] => [openSync(path, constants.O_RDWR), openSync(path, constants.O_RDWR)]

function areOnePipe(read: number, write: number): boolean {
  try {
    const [one, other] = [fstatSync(read), fstatSync(write)]
    return one.isFIFO() && other.isFIFO() && one.ino === other.ino && one.dev === other.dev
  } catch (error) {
    if (systemErrorCode(error) === 'EBADF') return false
    throw error
  }
}

/** An environment in which make's variables announce these jobs and nothing else. */
export function withJobs(environ: NodeJS.ProcessEnv, jobs: JobsAnnounced): NodeJS.ProcessEnv {
  const kept = Object.entries(environ).filter(([name]) => !makeVariables.some((known) => known === name))
  const makeflags = writeMakeflags(jobs)
  return { ...Object.fromEntries(kept), ...(makeflags ? { MAKEFLAGS: makeflags } : {}) }
}
