// One record of the database. Its text is kept and changed member by member, because Spack writes it with Python's
// `json`, and what we do not change stays as it was. Format: `file_formats/database` of Spack's documentation, version 8.

import { isObject, parseJson, printJson } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { memberSlices, replaceMembers, type Slice } from './json-slices.ts'

export interface InstallRecord {
  hash: DagHash
  /** The spec's own node; what it depends on is in records of its own. */
  node: SpecNode
  /** How many records depend on it by any kind of edge, or are deprecated in its favour. */
  refCount: number
  /** The prefix; null for an external that has none. */
  path: string | null
  isInstalled: boolean
  isExplicit: boolean
  /** Seconds since the epoch. */
  timeSeconds: number
  deprecatedFor: DagHash | null
  /** Only in the index of a build cache: whether it has an archive of this spec. */
  isInBuildcache: boolean
  /** Who added it, when it was not an installation: `external-db`. */
  origin: string | null
}

/** What of a record may be changed. */
export type RecordChanges = Partial<
  Pick<InstallRecord, 'refCount' | 'path' | 'isInstalled' | 'isExplicit' | 'timeSeconds' | 'deprecatedFor' | 'origin'>
>

/** What a new record says; `origin` is left out where there is none, as in most. */
export type RecordFields = Required<Omit<RecordChanges, 'origin'>>

/** Members in the order in which Spack writes them. */
const members: readonly [key: string, field: keyof RecordFields, print: (value: never) => string][] = [
  ['ref_count', 'refCount', String],
  ['path', 'path', printText],
  ['installed', 'isInstalled', String],
  ['explicit', 'isExplicit', String],
  ['installation_time', 'timeSeconds', printFloat],
  ['deprecated_for', 'deprecatedFor', printText],
]

/** Reads a record's JSON. Throws SyntaxError when it is none. */
export function readRecord(hash: DagHash, text: string): InstallRecord {
  const slices = memberSlices(text, 0)
  const value = (key: string) => {
    const slice = slices.get(key)
    return slice && JSON.parse(text.slice(slice.start, slice.end))
  }
  const path = value('path')
  return {
    hash,
    node: readNode(text, slices.get('spec')),
    refCount: value('ref_count') ?? 0,
    // Databases of long ago wrote Python's None as text.
    path: path === 'None' ? null : (path ?? null),
    isInstalled: value('installed') === true,
    isExplicit: value('explicit') === true,
    timeSeconds: value('installation_time') ?? 0,
    deprecatedFor: value('deprecated_for') ?? null,
    isInBuildcache: value('in_buildcache') === true,
    origin: value('origin') ?? null,
  }
}

function readNode(text: string, slice: Slice | undefined): SpecNode {
  const node = slice && parseJson(text.slice(slice.start, slice.end))
  if (!isObject(node)) throw new SyntaxError('a record has no `spec`')
  return node as unknown as SpecNode
}

/** The text of a new record. `nodeText` is the node's JSON in one line, with its hash. */
export function printRecord(nodeText: string, fields: RecordFields): string {
  const printed = members.map(([key, field, print]) => `"${key}":${print(fields[field] as never)}`)
  return `{"spec":${nodeText},${printed.join(',')}}`
}

/** The text of a record with some fields changed. */
export function changeRecord(text: string, changes: RecordChanges): string {
  const replacements = new Map<string, string>()
  for (const [key, field, print] of members) {
    if (changes[field] !== undefined) replacements.set(key, print(changes[field] as never))
  }
  if (changes.origin) replacements.set('origin', printText(changes.origin))
  return replaceMembers(text, replacements)
}

/** The text of a record's node. */
export function nodeText(recordText: string): string {
  const slice = memberSlices(recordText, 0).get('spec')
  if (!slice) throw new SyntaxError('a record has no `spec`')
  return recordText.slice(slice.start, slice.end)
}

function printText(value: string | null): string {
  return printJson(value)
}

/** Python keeps the point of a whole float. */
function printFloat(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}
