// Taking specs out of the store. First their records go, all at once; then each prefix is renamed to a hidden folder beside
// it, after which nobody takes it for installed; then its files go. All this time its prefix lock is held. Killed in
// between, whole prefixes may be left that have no record, which the next installation of the spec adopts, and hidden
// folders, which it removes.

import { existsSync, lstatSync, readlinkSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { dependencyHashes, runtimeDeptypes } from '../spec/node-dependencies.ts'
import type { DagHash } from '../spec/spec.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import type { Database, InstallRecord } from './database.ts'
import type { Lock } from './lock.ts'
import { acquirePrefixLock, prefixLockByte } from './prefix-lock.ts'
import { deprecatedPath } from './prefix-metadata.ts'
import { unregisterSpec } from './registration.ts'
import { dependentsFirst } from './relatives.ts'
import { removedPrefix } from './removed-prefix.ts'
import type { Store } from './store.ts'
import { changeDatabase } from './transaction.ts'
import { reasonOf } from './unreadable.ts'

export interface RemovalOptions {
  /** Remove also what other installed specs need. */
  force: boolean
  /** Told of each spec when its prefix is gone. */
  onRemoved?: (record: InstallRecord) => void
  onWait?: (notice: string) => void
}

/**
 * Uninstalls specs, dependents before what they depend on. Throws SpackError `spec-needed`, with nothing removed, when an
 * installed spec that is not among them needs one, `prefix-outside` when a recorded prefix is not in the store.
 */
export async function removeSpecs(
  store: Store,
  records: readonly InstallRecord[],
  options: RemovalOptions,
): Promise<void> {
  const locks: Lock[] = []
  try {
    // In the order of the bytes: two processes that take several locks do not wait for each other in a circle.
    for (const record of records.toSorted(byLockByte)) {
      const spec = { hash: record.hash, name: record.node.name }
      locks.push(await acquirePrefixLock(store, spec, 'write', options.onWait))
    }
    const removed = await changeDatabase(store, (database) => unregister(store, database, records, options))
    for (const record of removed) unpublish(record)
    for (const record of removed) {
      removePrefix(store, record)
      options.onRemoved?.(record)
    }
  } finally {
    for (const lock of locks) lock.release()
  }
}

function byLockByte(a: InstallRecord, b: InstallRecord): number {
  const [first, second] = [prefixLockByte(a.hash), prefixLockByte(b.hash)]
  return first < second ? -1 : first > second ? 1 : 0
}

/** The records as they are now, in the order in which to remove them. Others may have removed some meanwhile. */
function unregister(
  store: Store,
  database: Database,
  records: readonly InstallRecord[],
  options: RemovalOptions,
): InstallRecord[] {
  const going = new Set(records.map((record) => record.hash))
  if (!options.force) refuseNeeded(database, going)
  const present = dependentsFirst(database, going)
  for (const record of present) checkInside(store, record)
  for (const record of present) unregisterSpec(database, record.hash)
  return present
}

function refuseNeeded(database: Database, going: ReadonlySet<DagHash>): void {
  for (const record of database.records()) {
    if (!record.isInstalled || going.has(record.hash)) continue
    const needed = dependencyHashes(record.node, runtimeDeptypes).find(
      (hash) => going.has(hash) && database.record(hash)?.isInstalled,
    )
    if (needed === undefined) continue
    const name = (hash: DagHash) => `\`${database.record(hash)!.node.name}/${hash.slice(0, 7)}\``
    throw new SpackError('spec-needed', `${name(needed)} is needed by ${name(record.hash)}, which is installed`, {
      hint: 'nothing was removed; add `--dependents` to remove what needs it too, or `--force`',
    })
  }
}

/** A prefix outside the store is nothing that we may delete, whatever the database says. */
function checkInside(store: Store, record: InstallRecord): void {
  if (record.node.external || record.path === null) return
  const below = relative(resolve(store.root), resolve(record.path))
  if (below !== '' && !below.startsWith('..') && !below.startsWith('.spack-db')) return
  throw new SpackError(
    'prefix-outside',
    `\`${record.path}\`, recorded for \`${record.node.name}\`, is not in the store`,
    {
      hint: `nothing was removed; the store is \`${store.root}\`. \`spack reindex\` finds out what is really there`,
    },
  )
}

/** One rename, and no process takes the prefix for an installed one any more. */
function unpublish(record: InstallRecord): void {
  const { hash, path, node } = record
  if (node.external || path === null || record.deprecatedFor || !existsSync(path)) return
  const hidden = removedPrefix(path, hash)
  guardRemoval(record, () => {
    rmSync(hidden, { recursive: true, force: true })
    renameSync(path, hidden)
  })
}

function removePrefix(store: Store, record: InstallRecord): void {
  const { hash, path, node } = record
  if (node.external || path === null) return
  guardRemoval(record, () => {
    if (record.deprecatedFor) removeDeprecated(hash, path)
    else rmSync(removedPrefix(path, hash), { recursive: true, force: true })
    removeEmptyParents(store.root, path)
  })
}

function guardRemoval({ path, node }: InstallRecord, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new SpackError('prefix-removal', `cannot remove \`${path}\`: ${reasonOf(error)}`, {
      hint: `\`${node.name}\` is no longer recorded; look at the permissions of its folder and remove it by hand`,
      cause: error,
    })
  }
}

/** The prefix of a deprecated spec is a link to the prefix of its successor, which keeps the spec file. */
function removeDeprecated(hash: DagHash, path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return
  const successor = resolve(dirname(path), readlinkSync(path))
  rmSync(path)
  rmSync(join(successor, deprecatedPath, `${hash}_spec.json`), { force: true })
}

function removeEmptyParents(root: string, path: string): void {
  for (
    let folder = dirname(path);
    relative(root, folder) !== '' && folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    try {
      rmdirSync(folder)
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return
      if (code !== 'ENOENT') throw error
    }
  }
}
