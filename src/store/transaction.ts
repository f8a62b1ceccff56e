// Looking at the database and changing it. The index is replaced in one piece, so looking takes no lock and works in a
// read-only store. Changing takes the lock that Spack takes (the whole of `.spack-db/lock`), folds the journal, and
// saves when the work is done; when the work fails, nothing is saved.

import { join } from 'node:path'
import { SpackError } from '../ui/error.ts'
import { type Database, databaseVersion } from './database.ts'
import { applyJournal, type Folded, nothingFolded, readPublished } from './fold.ts'
import { readIndex, writeIndex } from './index-file.ts'
import { dropEntries, type Journal, journalIsEmpty, readJournal } from './journal.ts'
import { acquireLock, type Lock, type LockRequest, noLock, tryLock } from './lock.ts'
import { inCurrentFormat } from './old-format.ts'
import type { Store } from './store.ts'
import { readUpstreams, type Upstream } from './upstream.ts'
import { type KnownPrefixes, storeWorld } from './world.ts'

export interface OpenDatabase {
  database: Database
  upstreams: readonly Upstream[]
  /** What became of the journal's intents. */
  folded: Folded
}

/**
 * What is installed now, the journal included. Folds the journal when that can be done at once. Whoever knows the prefixes of
 * specs saves working them out.
 */
export async function readDatabase(store: Store, knownPrefix: KnownPrefixes = nothingKnown): Promise<OpenDatabase> {
  const folded = journalIsEmpty(store) ? undefined : await foldIfFree(store, knownPrefix)
  return folded ?? (await openDatabase(store, { mayDrop: false, knownPrefix }))
}

const nothingKnown: KnownPrefixes = () => undefined

/**
 * Runs `work` on the database with the lock held, the journal folded, and saves what it changed; when it throws, nothing is
 * saved. `work` must not wait for other locks. Throws SpackError `lock-timeout`, `lock-read-only`, `database-upgrade`, and
 * what reading and writing throw.
 */
export async function changeDatabase<Result>(
  store: Store,
  work: (database: Database, open: OpenDatabase) => Result | Promise<Result>,
): Promise<Result> {
  const lock = await lockDatabase(store)
  try {
    const open = await openForWriting(store)
    const result = await work(open.database, open)
    save(store, open)
    return result
  } finally {
    lock.release()
  }
}

/** Writes the database that `make` gives in place of the one that is there, which is not read; then runs `finish`. */
export async function replaceDatabase(store: Store, make: () => Database, finish: () => void): Promise<void> {
  const lock = await lockDatabase(store)
  try {
    writeIndex(store, make())
    finish()
  } finally {
    lock.release()
  }
}

/** Folds if nobody has the database locked and it can be written; else the caller goes by both files. */
async function foldIfFree(store: Store, knownPrefix: KnownPrefixes): Promise<OpenDatabase | undefined> {
  try {
    const lock = store.locks.enabled ? tryLock(databaseLock(store)) : noLock('write')
    if (!lock) return undefined
    try {
      const open = await openForWriting(store, knownPrefix)
      save(store, open)
      return open
    } finally {
      lock.release()
    }
  } catch (error) {
    if (error instanceof SpackError && isReadOnly(error)) return undefined
    throw error
  }
}

const isReadOnly = (error: SpackError): boolean =>
  ['lock-read-only', 'locks-unavailable', 'database-unwritable', 'database-upgrade'].includes(error.code)

async function openForWriting(store: Store, knownPrefix = nothingKnown): Promise<OpenDatabase> {
  const open = await openDatabase(store, { mayDrop: true, knownPrefix })
  if (open.database.version !== databaseVersion) {
    const message = `\`${open.database.file}\` has version ${open.database.version}, and ${databaseVersion} is written`
    throw new SpackError('database-upgrade', message, {
      hint: '`spack reindex` brings it up to date; older versions of Spack cannot read it then',
    })
  }
  return open
}

interface Opening {
  mayDrop: boolean
  knownPrefix: KnownPrefixes
}

async function openDatabase(store: Store, opening: Opening): Promise<OpenDatabase> {
  // The journal is read first: an intent that is folded meanwhile is then in the index, or in both.
  const journal = readJournal(store)
  const database = inCurrentFormat(readIndex(store.databaseDir))
  const upstreams = readUpstreams(store)
  const folded = await foldEntries(store, { database, upstreams }, journal, opening)
  return { database, upstreams, folded }
}

async function foldEntries(
  store: Store,
  { database, upstreams }: Omit<OpenDatabase, 'folded'>,
  { entries, damaged }: Journal,
  { mayDrop, knownPrefix }: Opening,
): Promise<Folded> {
  if (entries.length === 0 && damaged.length === 0) return nothingFolded()
  const published = readPublished(entries)
  const prefixes = new Map(entries.map(({ hash, prefix }) => [hash, prefix ?? undefined]))
  const world = await storeWorld(store, {
    upstreams,
    nodes: [...published.values()],
    knownPrefix: (hash) => prefixes.get(hash) ?? knownPrefix(hash),
  })
  const folded = applyJournal(store, database, entries, { world, published, mayDrop })
  return { ...folded, problems: [...damaged.map((entry) => entry.problem), ...folded.problems] }
}

/** The index is written first and the intents go last: killed in between, they are folded once more, to no effect. */
function save(store: Store, open: OpenDatabase): void {
  if (open.database.isChanged) writeIndex(store, open.database)
  dropEntries(store, [...open.folded.registered, ...open.folded.dropped])
}

async function lockDatabase(store: Store): Promise<Lock> {
  if (!store.locks.enabled) return noLock('write')
  const options = { timeoutMs: store.locks.databaseTimeoutMs, knob: 'config:db_lock_timeout' }
  return await acquireLock(databaseLock(store), options)
}

/** The lock of Spack's own read and write transactions. */
const databaseLock = (store: Store): LockRequest => ({
  file: join(store.databaseDir, 'lock'),
  range: { start: 0n, length: 0n },
  mode: 'write',
  what: 'the database',
})
