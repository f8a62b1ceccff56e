// Merges the journal's intents into a database in memory. A writer then saves it and drops the intents; a reader looks at
// it and leaves both files as they are.

import { hostname } from 'node:os'
import { SpackError } from '../ui/error.ts'
import type { Database } from './database.ts'
import type { JournalEntry } from './journal.ts'
import { isRunningHere } from './lock.ts'
import { tryPrefixLock } from './prefix-lock.ts'
import { registerSpec } from './registration.ts'
import { nodeSources, readInstalledNodes } from './spec-file.ts'
import type { Store } from './store.ts'
import type { Nodes, StoreWorld } from './world.ts'

export interface Folded {
  /** In the database now. */
  registered: JournalEntry[]
  /** Somebody is still at it, or the prefix cannot be read (see `problems`). */
  pending: JournalEntry[]
  /** The prefix was never published and nobody is at it any more. */
  dropped: JournalEntry[]
  problems: SpackError[]
}

export interface FoldOptions {
  world: StoreWorld
  /** What `readPublished` gave. */
  published: Published
  /** Decide which intents nothing came of, by trying their prefix locks. Only with the database lock held. */
  mayDrop: boolean
}

/** The nodes of the entries whose specs are there. */
export type Published = ReadonlyMap<JournalEntry, Nodes | undefined>

/** Reads them; those that cannot be read, or are not there yet, are looked for again later. */
export const readPublished = (entries: readonly JournalEntry[]): Published =>
  new Map(entries.map((entry) => [entry, readableNodes(entry)]))

function readableNodes(entry: JournalEntry): Nodes | undefined {
  try {
    return publishedNodes(entry)
  } catch (error) {
    if (error instanceof SpackError) return undefined
    throw error
  }
}

export const nothingFolded = (): Folded => ({ registered: [], pending: [], dropped: [], problems: [] })

/** Registers every spec whose prefix is published, oldest intent first. */
export function applyJournal(
  store: Store,
  database: Database,
  entries: readonly JournalEntry[],
  options: FoldOptions,
): Folded {
  const folded = nothingFolded()
  for (const entry of entries.toSorted((a, b) => a.timeSeconds - b.timeSeconds)) {
    try {
      folded[applyEntry(store, database, entry, options)].push(entry)
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      folded.problems.push(error)
      folded.pending.push(entry)
    }
  }
  return folded
}

function applyEntry(
  store: Store,
  database: Database,
  entry: JournalEntry,
  options: FoldOptions,
): 'registered' | 'pending' | 'dropped' {
  if (registerPublished(database, entry, options)) return 'registered'
  if (!options.mayDrop) return 'pending'
  if (!store.locks.enabled) return isAbandoned(entry) ? 'dropped' : 'pending'
  const lock = tryPrefixLock(store, entry, 'write')
  if (!lock) return 'pending'
  try {
    // It may have been published, and the lock given back, between the first look and the lock.
    return registerPublished(database, entry, options) ? 'registered' : 'dropped'
  } finally {
    lock.release()
  }
}

function registerPublished(database: Database, entry: JournalEntry, options: FoldOptions): boolean {
  const nodes = options.published.get(entry) ?? publishedNodes(entry)
  if (!nodes) return false
  registerSpec(database, nodes, entry, options.world.of(nodes))
  return true
}

/** The nodes of an entry's spec when it is there: an external always is. */
function publishedNodes(entry: JournalEntry): Nodes | undefined {
  if (entry.nodes) return nodeSources(entry.nodes)
  const installed = entry.prefix === null ? undefined : readInstalledNodes(entry.prefix)
  return installed?.root === entry.hash ? installed.nodes : undefined
}

/** Without locks only the process tells, and only on this machine. */
const isAbandoned = (entry: JournalEntry): boolean => entry.host === hostname() && !isRunningHere(entry.pid)
