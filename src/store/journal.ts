// Registering an installed spec in constant time. The database is one file, so adding to it costs its whole size, under a
// lock that all wait for. An installer writes a small file to `.spack-db/journal/` instead, the intent, BEFORE it
// publishes the prefix; later one process folds all intents into `index.json` (fold.ts).
//
// A spec counts as installed when its prefix is published (its `.spack/spec.json` is there) and a record or an intent
// exists. Killed before the intent: nothing happened. Killed between intent and publishing: the fold drops the intent
// once nobody holds the prefix lock. Killed later: the fold finds both. No file is ever appended to or changed, and names are
// unique, so this needs nothing of the file system but that rename is atomic; NFS does that.
//
// Format: HASH-RANDOM.json, one object: version (1), hash, name, prefix, explicit, time (seconds), host, pid, and, only for
// specs without a prefix of their own, nodes (node dictionaries, as in spec.json).

import { readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { makeFolders } from '../folders.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { randomDigits } from './random-text.ts'
import type { Store } from './store.ts'
import { unreadable } from './unreadable.ts'

export interface Intent {
  hash: DagHash
  name: string
  /** Where the spec will be: absolute. For an external, the path that `packages.yaml` gives, or null. */
  prefix: string | null
  /** A root of the environment, or asked for by name. */
  isExplicit: boolean
  /** Seconds since the epoch. */
  timeSeconds: number
  /** For externals: the spec's node and those of all that it depends on, hashes included. Others have their spec.json. */
  nodes?: readonly SpecNode[]
}

/** An intent as read back, with the file that it stands in. */
export interface JournalEntry extends Intent {
  file: string
  host: string
  pid: number
}

const formatVersion = 1

export const journalDir = (store: Store): string => join(store.databaseDir, 'journal')

/**
 * Writes down that a spec is about to be installed. To be called with the prefix lock held, before the prefix is published.
 * Costs the same however many specs are installed; takes no lock.
 */
export function recordIntent(store: Store, intent: Intent): void {
  const folder = journalDir(store)
  const unique = randomDigits(12)
  const text = JSON.stringify({
    version: formatVersion,
    hash: intent.hash,
    name: intent.name,
    prefix: intent.prefix,
    explicit: intent.isExplicit,
    time: intent.timeSeconds,
    host: hostname(),
    pid: process.pid,
    nodes: intent.nodes,
  })
  const temporary = join(folder, `.${intent.hash}-${unique}.tmp`)
  while (!writeNew(temporary, text)) makeFolders(folder)
  renameSync(temporary, join(folder, `${intent.hash}-${unique}.json`))
}

/** False: the folder is not there, or was removed just now because it was empty. */
function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false
    throw error
  }
}

export interface Journal {
  entries: JournalEntry[]
  /** Files that cannot be read, and why; they stay where they are until the database is made anew. */
  damaged: { file: string; problem: SpackError }[]
}

/** All intents that are in the journal now. Those that are gone before they can be read have been folded. */
export function readJournal(store: Store): Journal {
  const folder = journalDir(store)
  const journal: Journal = { entries: [], damaged: [] }
  for (const name of journalFiles(folder)) {
    const file = join(folder, name)
    try {
      const text = readIfThere(file)
      if (text !== undefined) journal.entries.push(readEntry(file, text))
    } catch (problem) {
      if (!(problem instanceof SpackError)) throw problem
      journal.damaged.push({ file, problem })
    }
  }
  return journal
}

/** Whether there is anything to fold: one `readdir`. */
export const journalIsEmpty = (store: Store): boolean => journalFiles(journalDir(store)).length === 0

/** Removes entries that are in the database now, or that nothing came of; the last takes the folder along. */
export function dropEntries(store: Store, entries: readonly { file: string }[]): void {
  if (entries.length === 0) return
  for (const entry of entries) rmSync(entry.file, { force: true })
  try {
    rmdirSync(journalDir(store))
  } catch (error) {
    // Somebody is writing an intent, or has removed the folder as well.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemErrorCode(error) ?? '')) throw error
    dropUnfinished(journalDir(store))
  }
}

/** Longer than any process takes between two lines; clocks of other machines may be wrong. */
const surelyAbandonedMs = 24 * 3600 * 1000

/** What processes left that were killed while they wrote an intent. */
function dropUnfinished(folder: string): void {
  for (const name of filesIn(folder).filter((each) => each.startsWith('.') && each.endsWith('.tmp'))) {
    const file = join(folder, name)
    const changedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
    if (changedMs < Date.now() - surelyAbandonedMs) rmSync(file, { force: true })
  }
}

const journalFiles = (folder: string): string[] =>
  filesIn(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'))

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw unreadable(folder, error)
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function readEntry(file: string, text: string): JournalEntry {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(text)
  } catch (cause) {
    throw damaged(file, 'it is no JSON (did the machine go down?)', cause)
  }
  if (typeof entry !== 'object' || entry === null) throw damaged(file, 'it is no object')
  if (entry.version !== formatVersion) throw damaged(file, `its version is ${entry.version}, not ${formatVersion}`)
  const { hash, name, prefix, explicit, time, host, pid, nodes } = entry
  const isWhole =
    typeof hash === 'string' &&
    typeof name === 'string' &&
    (typeof prefix === 'string' || prefix === null) &&
    typeof explicit === 'boolean' &&
    typeof time === 'number' &&
    typeof host === 'string' &&
    typeof pid === 'number' &&
    (nodes === undefined || Array.isArray(nodes))
  if (!isWhole) throw damaged(file, 'members are missing')
  return {
    ...{ file, host, pid, name, prefix, nodes },
    hash: hash as DagHash,
    isExplicit: explicit,
    timeSeconds: time,
  }
}

const damaged = (file: string, reason: string, cause?: unknown): SpackError =>
  new SpackError('journal-damaged', `cannot read the journal entry \`${file}\`: ${reason}`, {
    hint: '`spack reindex` registers all prefixes of the store anew and removes this file',
    cause,
  })
