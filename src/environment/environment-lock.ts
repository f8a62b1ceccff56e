// The lock of an environment: `.spack-env/transaction_lock`, the whole file, as Spack takes it when it writes to the
// environment or its views.

import { join } from 'node:path'
import { acquireLock, type LockRequest, noLock } from '../store/lock.ts'
import type { LockSettings } from '../store/store.ts'
import type { Environment } from './environment.ts'

/** No setting changes it. */
const timeoutMs = 120_000

/** Runs `work` while nobody else writes to the environment. Throws as `acquireLock`. */
export async function withEnvironmentLock<Result>(
  { metadataDir, name }: Pick<Environment, 'metadataDir' | 'name'>,
  locks: LockSettings,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const request: LockRequest = {
    file: join(metadataDir, 'transaction_lock'),
    range: { start: 0n, length: 0n },
    mode: 'write',
    what: `the environment \`${name}\``,
    readOnlyHint: 'the environment is read-only for you: `spack env create -d DIR ENV` makes a copy of it',
  }
  const lock = locks.enabled ? await acquireLock(request, { timeoutMs }) : noLock('write')
  try {
    return await work()
  } finally {
    lock.release()
  }
}
