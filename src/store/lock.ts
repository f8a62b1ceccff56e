// Locks on byte ranges of files, waited for without blocking the event loop. POSIX trap: closing any descriptor of a file
// drops all locks that the process holds on it. So each lock file is opened once, whatever its name, and closed only
// when the last of its locks is given back; nothing else in the program may open one.

import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { clockMs } from '../clock.ts'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { refusalReason } from '../ui/system-fault.ts'
import { type ByteRange, findHolder, type LockHolder, type LockMode, setLock } from './fcntl.ts'

export type { ByteRange, LockHolder, LockMode } from './fcntl.ts'

/** A lock that is held. Giving it back twice does nothing. */
export interface Lock {
  readonly mode: LockMode
  /** From the first refusal until it was free; 0 when it was free at once. */
  readonly waitedMs: number
  release: () => void
}

export interface LockRequest {
  file: string
  range: ByteRange
  mode: LockMode
  /** What is locked, for messages: `the database`. */
  what: string
  /** What to do where the file cannot be written; about the store when absent. */
  readOnlyHint?: string
}

export interface WaitOptions {
  /** null waits for ever. */
  timeoutMs: number | null
  /** The setting that changes the time-out, for messages: `config:db_lock_timeout`. Left out where none does. */
  knob?: string
  /** Called once when the lock has not been free for `noticeAfterMs` (default 2000). */
  onWait?: (notice: string) => void
  noticeAfterMs?: number
}

/** The lock of someone who asked for none (`config:locks:false`). */
export const noLock = (mode: LockMode): Lock => ({ mode, waitedMs: 0, release: () => {} })

const longestPauseMs = 50

/** Node's own (`timers/promises`) loads libraries for a millisecond, and hardly anybody has to wait. */
const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, milliseconds))

interface OpenFile {
  descriptor: number
  key: string
  isWritable: boolean
  held: Set<Hold>
}

interface Hold {
  range: ByteRange
  mode: LockMode
}

const openFiles = new Map<string, OpenFile>()

/**
 * Takes the lock if it is free, else returns undefined. A range that this process holds itself is not free, unless both
 * locks are for reading. Throws SpackError `lock-read-only` when the file does not allow it, and as `setLock`.
 */
export function tryLock(request: LockRequest): Lock | undefined {
  const file = openLockFile(request)
  try {
    if (!isFreeHere(file, request) || !setLock(file.descriptor, request.mode, request.range)) {
      closeIfIdle(file)
      return undefined
    }
  } catch (error) {
    closeIfIdle(file)
    throw error
  }
  return hold(file, request)
}

/**
 * Waits for the lock by asking again after 1 ms, then ever more seldom, up to 50 ms. Throws SpackError `lock-timeout`, which
 * names the file, the holder and the setting.
 */
export async function acquireLock(request: LockRequest, options: WaitOptions): Promise<Lock> {
  const startMs = clockMs()
  let noticed = false
  for (let pauses = 0; ; pauses++) {
    const lock = tryLock(request)
    if (lock) return pauses ? { ...lock, waitedMs: clockMs() - startMs } : lock
    const waitedMs = clockMs() - startMs
    if (options.timeoutMs !== null && waitedMs >= options.timeoutMs) throw timeout(request, options, waitedMs)
    if (!noticed && options.onWait && waitedMs >= (options.noticeAfterMs ?? 2000)) {
      noticed = true
      options.onWait(`waiting for ${request.what}: ${holderSentence(request)}`)
    }
    // Spread out, so that many who wait do not ask in step.
    await sleep(Math.min(2 ** pauses, longestPauseMs) * (0.5 + Math.random()))
  }
}

/** Who holds a lock in the way of `request`, or undefined. For messages: it may have changed by the time it is read. */
export function lockHolder(request: LockRequest): LockHolder | undefined {
  const file = openLockFile(request)
  try {
    if (!isFreeHere(file, request)) return { pid: process.pid, mode: 'write' }
    return findHolder(file.descriptor, request.mode, request.range)
  } finally {
    closeIfIdle(file)
  }
}

/** `\`FILE\` is held by process 4711 (for writing)`. */
function holderSentence(request: LockRequest): string {
  const holder = lockHolder(request)
  if (!holder) return `\`${request.file}\` was busy until just now`
  const who = holder.pid > 0 && isRunningHere(holder.pid) ? `process ${holder.pid}` : 'a process on another machine'
  return `\`${request.file}\` is held by ${who} (for ${holder.mode === 'write' ? 'writing' : 'reading'})`
}

function timeout(request: LockRequest, options: WaitOptions, waitedMs: number): SpackError {
  const message = `waited ${(waitedMs / 1000).toFixed(1)} s for ${request.what}: ${holderSentence(request)}`
  const longer = options.knob && `, or wait longer: \`spack config add ${options.knob}:SECONDS\``
  return new SpackError('lock-timeout', message, { hint: `let the other process finish${longer ?? ''}` })
}

/** Whether a process of this number exists on this machine, also one of another user. */
export function isRunningHere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) === 'EPERM'
  }
}

function hold(file: OpenFile, request: LockRequest): Lock {
  const entry: Hold = { range: request.range, mode: request.mode }
  file.held.add(entry)
  const release = () => {
    if (!file.held.delete(entry)) return
    // The kernel keeps one lock a range, however many readers here share it.
    const isShared = [...file.held].some((other) => overlap(other.range, entry.range))
    if (!isShared) setLock(file.descriptor, 'unlock', entry.range)
    closeIfIdle(file)
  }
  return { mode: request.mode, waitedMs: 0, release }
}

/** The kernel grants a process what it already holds, so conflicts within the process are found here. */
function isFreeHere(file: OpenFile, request: LockRequest): boolean {
  for (const other of file.held) {
    if (!overlap(other.range, request.range)) continue
    const isSameRange = other.range.start === request.range.start && other.range.length === request.range.length
    if (other.mode === 'write' || request.mode === 'write' || !isSameRange) return false
  }
  return true
}

function overlap(a: ByteRange, b: ByteRange): boolean {
  const endsBefore = (first: ByteRange, second: ByteRange) =>
    first.length !== 0n && first.start + first.length <= second.start
  return !endsBefore(a, b) && !endsBefore(b, a)
}

function openLockFile(request: LockRequest): OpenFile {
  const known = openFiles.get(fileKey(request.file) ?? '')
  if (known) {
    if (request.mode === 'write' && !known.isWritable) throw readOnly(request)
    return known
  }
  const opened = openOnce(request)
  const stat = fstatSync(opened.descriptor)
  const file: OpenFile = { ...opened, key: `${stat.dev}:${stat.ino}`, held: new Set() }
  openFiles.set(file.key, file)
  return file
}

function fileKey(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat && `${stat.dev}:${stat.ino}`
  } catch (error) {
    // Opening it says so, too.
    if (systemErrorCode(error)) return undefined
    throw error
  }
}

function openOnce(request: LockRequest): { descriptor: number; isWritable: boolean } {
  try {
    return { descriptor: openWritable(request.file), isWritable: true }
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) throw error
    if (request.mode === 'write') throw readOnly(request, error)
    return { descriptor: openSync(request.file, constants.O_RDONLY), isWritable: false }
  }
}

function openWritable(file: string): number {
  // The mode 755 that is left by the usual umask is the one that Spack makes its lock files with.
  const open = () => openSync(file, constants.O_RDWR | constants.O_CREAT, 0o777)
  try {
    return open()
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
    makeFolders(dirname(file))
    return open()
  }
}

function closeIfIdle(file: OpenFile): void {
  if (file.held.size > 0) return
  openFiles.delete(file.key)
  closeSync(file.descriptor)
}

function readOnly(request: LockRequest, cause?: unknown): SpackError {
  const reason = refusalReason(systemErrorCode(cause)) ?? 'permission denied'
  const message = `cannot lock ${request.what}: \`${request.file}\` cannot be written: ${reason}`
  return new SpackError('lock-read-only', message, {
    hint:
      request.readOnlyHint ??
      'the store is read-only for you; look at its permissions, or use one of your own (`config:install_tree:root`)',
    cause,
  })
}
