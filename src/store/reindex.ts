// Makes the database anew from what lies in the store. Each prefix's spec file says what is installed; the old database,
// as far as it can be read, and the journal say what only they know: explicit or not, when, by whom, deprecated for what.

import type { DagHash } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { Database } from './database.ts'
import { backUpIndex, indexFile, readIndex } from './index-file.ts'
import { dropEntries, type Journal, type JournalEntry, readJournal } from './journal.ts'
import { inCurrentFormat } from './old-format.ts'
import { type FoundPrefixes, findPrefixes } from './prefixes.ts'
import { addRecord, type NodeSource, recount } from './registration.ts'
import { nodeSources } from './spec-file.ts'
import type { Store } from './store.ts'
import { replaceDatabase } from './transaction.ts'
import { readUpstreams, type Upstream } from './upstream.ts'

export interface Reindexed {
  database: Database
  /** The copy of the old index; undefined when there was none. */
  backup: string | undefined
  /** Recorded as installed, and not found: `name@version/hash`. */
  missing: string[]
  /** What could not be read and was passed over. */
  problems: SpackError[]
}

interface Sources {
  old: Database | undefined
  found: FoundPrefixes
  journal: Journal
}

/** Throws SpackError `database-newer` when the old index is of a newer format, and what locking and writing throw. */
export async function reindex(store: Store): Promise<Reindexed> {
  let reindexed: Reindexed | undefined
  let sources: Sources | undefined
  const make = () => {
    sources = { old: readOldDatabase(store), found: findPrefixes(store.root), journal: readJournal(store) }
    reindexed = rebuild(store, sources)
    return reindexed.database
  }
  // Intents of installations that are still going on stay.
  const finish = () => {
    const { journal, found } = sources!
    dropEntries(store, [...journal.entries.filter((entry) => isThere(entry, found)), ...journal.damaged])
  }
  await replaceDatabase(store, make, finish)
  return reindexed!
}

function rebuild(store: Store, sources: Sources): Reindexed {
  const { old, found, journal } = sources
  const database = new Database(indexFile(store.databaseDir))
  addAll(database, collectNodes(sources), [...knownHashes(sources)], readUpstreams(store))
  for (const { hash, prefix, changedSeconds } of found.prefixes.values()) {
    // Where nobody knows better, what is there was asked for.
    database.change(hash, { path: prefix, isInstalled: true, isExplicit: true, timeSeconds: changedSeconds })
  }
  for (const [hash, deprecatedFor] of found.deprecated) database.change(hash, { deprecatedFor })
  if (old) adoptRecords(database, old)
  for (const { hash, isExplicit, timeSeconds } of journal.entries.filter((entry) => isThere(entry, found))) {
    const wasInstalled = old?.record(hash)?.isInstalled
    if (!wasInstalled) database.change(hash, { isExplicit, timeSeconds })
  }
  recount(database)
  const missing = old ? lostSpecs(old, database) : []
  return { database, backup: backUpIndex(database.file), missing, problems: found.problems }
}

/** Whether what an intent announces has happened. */
const isThere = (entry: JournalEntry, found: FoundPrefixes): boolean =>
  entry.nodes !== undefined || found.prefixes.get(entry.hash)?.prefix === entry.prefix

/** The old database as far as it can be read: a damaged one is what reindexing is for. */
function readOldDatabase(store: Store): Database | undefined {
  try {
    const old = inCurrentFormat(readIndex(store.databaseDir))
    for (const hash of old.hashes()) old.record(hash)
    return old
  } catch (error) {
    const isExpected = error instanceof SpackError && ['database-damaged', 'database-older'].includes(error.code)
    if (isExpected || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The specs on disk are the truth about themselves, so their nodes come last and win. */
function collectNodes({ old, found, journal }: Sources): Map<DagHash, NodeSource> {
  const nodes = new Map<DagHash, NodeSource>()
  for (const record of old?.records() ?? []) {
    nodes.set(record.hash, { node: record.node, text: old!.nodeText(record.hash) })
  }
  const inline = journal.entries.map((entry) => nodeSources(entry.nodes ?? []))
  for (const sources of [...inline, found.nodes]) for (const [hash, source] of sources) nodes.set(hash, source)
  return nodes
}

function knownHashes({ old, found, journal }: Sources): Set<DagHash> {
  const externals = journal.entries.filter((entry) => entry.nodes).map((entry) => entry.hash)
  return new Set([...found.prefixes.keys(), ...found.deprecated.keys(), ...externals, ...(old?.hashes() ?? [])])
}

/** Records for all that is known and all that it depends on; what only an upstream knows gets none. */
function addAll(
  database: Database,
  nodes: ReadonlyMap<DagHash, NodeSource>,
  hashes: readonly DagHash[],
  upstreams: readonly Upstream[],
): void {
  const known = new Set(hashes)
  const world = {
    // Of what was not found no more is known than that.
    prefixOf: () => null,
    isPublished: () => false,
    isUpstream: (hash: DagHash) => !known.has(hash) && upstreams.some((upstream) => upstream.database.has(hash)),
  }
  const nowSeconds = Date.now() / 1000
  for (const hash of hashes) addRecord(database, nodes, hash, nowSeconds, world)
}

function adoptRecords(database: Database, old: Database): void {
  for (const { hash, isExplicit, timeSeconds, deprecatedFor, origin } of old.records()) {
    database.change(hash, { isExplicit, timeSeconds, deprecatedFor, origin })
  }
}

function lostSpecs(old: Database, database: Database): string[] {
  const lost = [...old.records()].filter((record) => record.isInstalled && !database.record(record.hash)?.isInstalled)
  return lost.map(({ hash, node }) => `${node.name}@${node.version}/${hash.slice(0, 7)}`)
}
