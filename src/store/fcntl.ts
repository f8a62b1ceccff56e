// POSIX record locks (`fcntl` F_SETLK, F_GETLK), which Node lacks. They are the locks that Spack takes through Python's
// `fcntl.lockf`, so both tools see each other's.

import { constants } from 'node:os'
import { loadKoffi } from '../koffi.ts'
import { SpackError } from '../ui/error.ts'

export type LockMode = 'read' | 'write'

/** Bytes of a file; a length of 0 reaches to its end and beyond. */
export interface ByteRange {
  start: bigint
  length: bigint
}

export interface LockHolder {
  /** 0 where the kernel does not say, for instance for a holder on another machine. */
  pid: number
  mode: LockMode
}

/** `struct flock` with 64-bit offsets, and the numbers of the commands, as the C headers of each system have them. */
interface FlockLayout {
  sizeBytes: number
  type: number
  start: number
  length: number
  pid: number
  getLock: number
  setLock: number
  read: number
  write: number
  unlock: number
}

const layouts: Readonly<Partial<Record<NodeJS.Platform, FlockLayout>>> = {
  // l_type, l_whence (16 bit each), padding, l_start, l_len, l_pid, padding: the same on x86-64 and aarch64.
  linux: {
    sizeBytes: 32,
    type: 0,
    start: 8,
    length: 16,
    pid: 24,
    getLock: 5,
    setLock: 6,
    read: 0,
    write: 1,
    unlock: 2,
  },
  // l_start, l_len, l_pid, l_type, l_whence.
  darwin: {
    sizeBytes: 24,
    type: 20,
    start: 0,
    length: 8,
    pid: 16,
    getLock: 7,
    setLock: 8,
    read: 1,
    write: 3,
    unlock: 2,
  },
}

const { EAGAIN, EACCES, ENOLCK } = constants.errno

// Variadic arguments come in pairs: the type, then the value.
type Fcntl = (descriptor: number, command: number, type: string, flock: Buffer) => number

interface Native {
  layout: FlockLayout
  fcntl: Fcntl
  errno: () => number
}

let loaded: Native | undefined

/**
 * Takes, converts or (mode `unlock`) gives back a lock on `range` without waiting. False: another process is in the way.
 * Throws SpackError `locks-unavailable` where record locks cannot be had at all.
 */
export function setLock(descriptor: number, mode: LockMode | 'unlock', range: ByteRange): boolean {
  const native = (loaded ??= loadNative())
  const flock = flockBuffer(native.layout, mode, range)
  if (native.fcntl(descriptor, native.layout.setLock, 'void *', flock) !== -1) return true
  const errno = native.errno()
  if (errno === EAGAIN || errno === EACCES) return false
  throw lockFailure(errno)
}

/** Who holds a lock that stands in the way of one of `mode` on `range`; undefined when nobody does any more. */
export function findHolder(descriptor: number, mode: LockMode, range: ByteRange): LockHolder | undefined {
  const native = (loaded ??= loadNative())
  const { layout } = native
  const flock = flockBuffer(layout, mode, range)
  if (native.fcntl(descriptor, layout.getLock, 'void *', flock) === -1) throw lockFailure(native.errno())
  const type = flock.readInt16LE(layout.type)
  if (type === layout.unlock) return undefined
  return { pid: Math.max(0, flock.readInt32LE(layout.pid)), mode: type === layout.write ? 'write' : 'read' }
}

function flockBuffer(layout: FlockLayout, mode: LockMode | 'unlock', range: ByteRange): Buffer {
  const flock = Buffer.alloc(layout.sizeBytes)
  flock.writeInt16LE(layout[mode], layout.type)
  flock.writeBigInt64LE(range.start, layout.start)
  flock.writeBigInt64LE(range.length, layout.length)
  return flock
}

function lockFailure(errno: number): SpackError {
  const name = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `error ${errno}`
  const reason = errno === ENOLCK ? 'the file system has no record locks (ENOLCK)' : `fcntl failed with ${name}`
  return unavailable(reason)
}

const unavailable = (reason: string, cause?: unknown): SpackError =>
  new SpackError('locks-unavailable', `cannot lock files: ${reason}`, {
    hint: 'when nobody else uses this store, `spack -L …` or `config:locks:false` works without locks',
    cause,
  })

function loadNative(): Native {
  const layout = layouts[process.platform]
  if (!layout || !['x64', 'arm64'].includes(process.arch)) {
    throw unavailable(`no record locks are known for ${process.platform} on ${process.arch}`)
  }
  const { koffi, reason, cause } = loadKoffi()
  if (!koffi) throw unavailable(reason, cause)
  const fcntl = koffi.load(null).func('int fcntl(int descriptor, int command, ...)') as Fcntl
  return { layout, fcntl, errno: koffi.errno }
}
