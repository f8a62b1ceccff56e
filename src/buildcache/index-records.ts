// Where the records of an index are in its text, kept beside it: to find that out takes longer than most solves that look at
// the index.
//
//   FOLDER/DIGEST.records.json   columns: hashes and names, one a line; offsets of the records; operating systems

import type { DagHash } from '../spec/spec.ts'
import { Database, databaseVersion } from '../store/database.ts'
import { readCached, writeCached } from '../whole-file.ts'
import { readCacheDatabase } from './cache-index.ts'
import { recordsFile } from './index-cache.ts'

export interface IndexRecords {
  database: Database
  names: ReadonlyMap<DagHash, string>
  systems: readonly string[]
}

interface Columns {
  hashes: string
  names: string
  /** Of the first character of each record, and behind its last. */
  offsets: readonly number[]
  systems: readonly string[]
}

/** The records of an index; `where` names it. Throws as `readCacheDatabase`. */
export function indexRecords(text: string, digest: string, folder: string, where: string): IndexRecords {
  const file = recordsFile(folder, digest)
  const known = readCached(file) as Columns | undefined
  if (known) return fromColumns(known, text, where)
  const database = readCacheDatabase(text, where)
  const columns = columnsOf(database, text)
  if (columns) writeCached(file, columns)
  const names = new Map(database.hashes().map((hash) => [hash, database.nameOf(hash)]))
  return { database, names, systems: columns?.systems ?? systemsOf(database) }
}

function fromColumns({ hashes, names, offsets, systems }: Columns, text: string, where: string): IndexRecords {
  const all = hashes.split('\n') as DagHash[]
  const nameList = names.split('\n')
  const texts = all.map((hash, at) => [hash, text.slice(offsets[2 * at]!, offsets[2 * at + 1]!)] as const)
  return {
    database: new Database(where, databaseVersion, texts),
    names: new Map(all.map((hash, at) => [hash, nameList[at]!])),
    systems,
  }
}

/** Null for an index whose records had to be brought into the present format: they are not in its text. */
function columnsOf(database: Database, text: string): Columns | null {
  const hashes = database.hashes()
  const offsets: number[] = []
  let from = 0
  for (const hash of hashes) {
    const record = database.recordText(hash)
    const start = text.indexOf(record, from)
    if (start < 0) return null
    from = start + record.length
    offsets.push(start, from)
  }
  const names = hashes.map((hash) => database.nameOf(hash)).join('\n')
  return hashes.length ? { hashes: hashes.join('\n'), names, offsets, systems: systemsOf(database) } : null
}

const systemsOf = (database: Database): string[] => [
  ...new Set(
    database.hashes().flatMap((hash) => /"platform_os":"([^"]*)"/.exec(database.recordText(hash))?.slice(1, 2) ?? []),
  ),
]
