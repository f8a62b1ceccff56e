// A store: the tree that specs are installed in, and the `.spack-db` folder in it. The description is a plain value, so
// that an install plan can carry it.

import { join } from 'node:path'

export interface LockSettings {
  /** `config:locks` */
  enabled: boolean
  /** `config:db_lock_timeout`; null waits for ever. */
  databaseTimeoutMs: number | null
  /** `config:package_lock_timeout`; null waits for ever. */
  packageTimeoutMs: number | null
}

export interface StoreDescription {
  /** Absolute path, padding included. */
  root: string
  /** The root as configured, before `padded_length` made it longer. */
  unpaddedRoot: string
  /** Spec → template of the path below the root, most specific first when selected; `all` is the fallback. */
  projections: Readonly<Record<string, string>>
  locks: LockSettings
  /** Other stores that are read and never written: name → root. */
  upstreams: Readonly<Record<string, string>>
}

export interface Store extends StoreDescription {
  /** `ROOT/.spack-db` */
  readonly databaseDir: string
}

export const defaultProjections: Readonly<Record<string, string>> = {
  all: '{architecture.platform}-{architecture.target}/{name}-{version}-{hash}',
}

export const defaultLocks: LockSettings = { enabled: true, databaseTimeoutMs: 60_000, packageTimeoutMs: null }

/** A store from a stored description. */
export function storeFrom(description: StoreDescription): Store {
  return { ...description, databaseDir: join(description.root, '.spack-db') }
}
