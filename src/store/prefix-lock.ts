// The locks of single specs: one byte of `.spack-db/prefix_lock` each, at the number in the first 63 bits of the DAG hash.
// A process holds it for writing while it makes or removes the prefix. Same file and bytes as Spack.

import type { DagHash } from '../spec/spec.ts'
import { acquireLock, type ByteRange, type Lock, type LockMode, type LockRequest, noLock, tryLock } from './lock.ts'
import type { Store } from './store.ts'

export interface LockedSpec {
  hash: DagHash
  /** For messages. */
  name: string
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const prefixBits = 63n

/** The number in the first 63 bits of a DAG hash (base32, five bits a letter, most significant first). */
export function prefixLockByte(hash: DagHash): bigint {
  let value = 0n
  const letters = Number(prefixBits / 5n) + 1
  for (let i = 0; i < letters; i++) value = (value << 5n) | BigInt(alphabet.indexOf(hash[i]!))
  return value >> (BigInt(letters) * 5n - prefixBits)
}

/** Takes the lock of a prefix if it is free, else returns undefined. Does not wait. */
export function tryPrefixLock(store: Store, spec: LockedSpec, mode: LockMode): Lock | undefined {
  if (!store.locks.enabled) return noLock(mode)
  return tryLock(prefixLockRequest(store, spec, mode))
}

/** Waits for the lock of a prefix, as long as `config:package_lock_timeout` says (by default for ever). */
export async function acquirePrefixLock(
  store: Store,
  spec: LockedSpec,
  mode: LockMode,
  onWait?: (notice: string) => void,
): Promise<Lock> {
  if (!store.locks.enabled) return noLock(mode)
  return await acquireLock(prefixLockRequest(store, spec, mode), {
    timeoutMs: store.locks.packageTimeoutMs,
    knob: 'config:package_lock_timeout',
    onWait,
  })
}

const byteOf = (hash: DagHash): ByteRange => ({ start: prefixLockByte(hash), length: 1n })

function prefixLockRequest(store: Store, spec: LockedSpec, mode: LockMode): LockRequest {
  const what = `the prefix of \`${spec.name}/${spec.hash.slice(0, 7)}\``
  return { file: `${store.databaseDir}/prefix_lock`, range: byteOf(spec.hash), mode, what }
}
