// What is installed, in memory: the records of one `index.json`. A record is parsed when it is looked at, a Spec is made
// when it is asked for; finding one of 10,000 costs a scan for brackets and one small JSON.parse.
//
// Format: `{"database":{"version":"8","installs":{HASH:RECORD,…}}}` in one line, without spaces. Version 8 has nodes of
// spec file format 5; `old-format.ts` has those of versions 5, 6 and 7.

import type { DagHash } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { memberSlices } from './json-slices.ts'
import {
  changeRecord,
  type InstallRecord,
  nodeText,
  printRecord,
  type RecordChanges,
  type RecordFields,
  readRecord,
} from './record.ts'

export type { InstallRecord, RecordChanges } from './record.ts'

export const databaseVersion = '8'

interface Entry {
  text: string
  record?: InstallRecord
}

export class Database {
  /** Where it was read from, for messages. */
  readonly file: string
  /** The version in the file; a database is only written as `databaseVersion`. */
  readonly version: string
  /** Whether anything differs from what was read. */
  isChanged = false
  readonly #entries: Map<DagHash, Entry>

  constructor(file: string, version: string = databaseVersion, texts: Iterable<readonly [DagHash, string]> = []) {
    this.file = file
    this.version = version
    this.#entries = new Map()
    for (const [hash, text] of texts) this.#entries.set(hash, { text })
  }

  get size(): number {
    return this.#entries.size
  }

  has(hash: DagHash): boolean {
    return this.#entries.has(hash)
  }

  hashes(): DagHash[] {
    return [...this.#entries.keys()]
  }

  /** The record of a hash. Throws SpackError `database-damaged` when it is no whole record. */
  record(hash: DagHash): InstallRecord | undefined {
    const entry = this.#entries.get(hash)
    if (!entry) return undefined
    entry.record ??= this.#guard(hash, () => readRecord(hash, entry.text))
    return entry.record
  }

  /** The name of a recorded package. Spack writes it first, so that most records need not be parsed for it. */
  nameOf(hash: DagHash): string {
    const first = /^\{"spec":\{"name":"([^"\\]*)"/.exec(this.recordText(hash))
    return first ? first[1]! : this.record(hash)!.node.name
  }

  /** All records, in the order of the file. */
  *records(): Generator<InstallRecord> {
    for (const hash of this.#entries.keys()) yield this.record(hash)!
  }

  /** The JSON text of a record that is there. */
  recordText(hash: DagHash): string {
    const entry = this.#entries.get(hash)
    if (!entry) throw new Error(`no record of ${hash}`)
    return entry.text
  }

  /** The JSON text of a record's node. */
  nodeText(hash: DagHash): string {
    return this.#guard(hash, () => nodeText(this.recordText(hash)))
  }

  /** Adds a record at the end, or puts another in its place. */
  insert(hash: DagHash, node: string, fields: RecordFields): void {
    this.#entries.set(hash, { text: printRecord(node, fields) })
    this.isChanged = true
  }

  /** Changes some fields of a record that is there. */
  change(hash: DagHash, changes: RecordChanges): void {
    const old = this.recordText(hash)
    const text = this.#guard(hash, () => changeRecord(old, changes))
    if (text === old) return
    this.#entries.set(hash, { text })
    this.isChanged = true
  }

  delete(hash: DagHash): void {
    this.isChanged = this.#entries.delete(hash) || this.isChanged
  }

  /** The text of `index.json`. */
  print(): string {
    const records: string[] = []
    for (const [hash, entry] of this.#entries) records.push(`${JSON.stringify(hash)}:${entry.text}`)
    return `{"database":{"version":"${databaseVersion}","installs":{${records.join(',')}}}}`
  }

  #guard<Result>(hash: DagHash, work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      throw damaged(this.file, `the record of \`/${hash.slice(0, 7)}\` cannot be read`, error)
    }
  }
}

/**
 * Reads the text of an `index.json`, also of a build cache. `file` is for messages. Throws SpackError `database-damaged`,
 * `database-newer` or `database-older`; versions 5 to 7 are returned with their nodes as they stand in the file.
 */
export function parseDatabase(text: string, file: string): Database {
  const { version, installs } = parseFrame(text, file)
  if (!/^\d+$/.test(version)) {
    throw tooOld(file, version)
  }
  if (Number(version) > Number(databaseVersion)) {
    throw new SpackError('database-newer', `\`${file}\` has version ${version}; up to ${databaseVersion} can be read`, {
      hint: 'it was written by a newer Spack: update this program, or use another store (`config:install_tree:root`)',
    })
  }
  if (Number(version) < 5) throw tooOld(file, version)
  return new Database(file, version, installs)
}

function parseFrame(text: string, file: string): { version: string; installs: [DagHash, string][] } {
  try {
    // What follows the first value is not looked at, as in Spack: a later format may append to it.
    const database = memberSlices(text, 0).get('database')
    if (!database) throw new SyntaxError('it has no `database`')
    const members = memberSlices(text, database.start)
    const version = members.get('version')
    const installs = members.get('installs')
    if (!version || !installs) throw new SyntaxError(`\`database\` has no \`${version ? 'installs' : 'version'}\``)
    const records: [DagHash, string][] = []
    for (const [hash, slice] of memberSlices(text, installs.start)) {
      records.push([hash as DagHash, text.slice(slice.start, slice.end)])
    }
    return { version: String(JSON.parse(text.slice(version.start, version.end))), installs: records }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw damaged(file, `it is no whole database: ${error.message}`, error)
  }
}

const tooOld = (file: string, version: string): SpackError =>
  new SpackError('database-older', `\`${file}\` has version ${version}, which is too old to be read`, {
    hint: '`spack reindex` makes it anew from the installed prefixes',
  })

const damaged = (file: string, reason: string, cause: unknown): SpackError =>
  new SpackError('database-damaged', `cannot read \`${file}\`: ${reason}`, {
    hint: '`spack reindex` makes it anew from the installed prefixes, and keeps a copy of the old one',
    cause,
  })
