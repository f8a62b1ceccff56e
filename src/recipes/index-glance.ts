// The table of a recipe index in short: what is needed to see that nothing changed, and to find packages. Reading it takes a
// quarter of the time of reading the table, which is looked at only when something did change.
//
// It lies beside the table as `glance.json`, columns instead of rows: 9,000 packages are 11,000 files. It names the time of
// change and the size of the table that it was made from; with any other table it counts for nothing.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { readCached, writeCached } from '../whole-file.ts'
import { haveStamps, stampOf } from './file-stamps.ts'
import type { DetectionPatterns, IndexedPackage, IndexTable, Place } from './index-table.ts'

export interface Glance {
  table: readonly [changedMs: number, sizeBytes: number]
  packagesChangedMs: number
  emptyFolders: readonly string[]
  segments: readonly string[]
  /** How long each segment must be. */
  segmentEnds: readonly number[]
  /** Of the files, one a line. */
  paths: string
  changedMs: readonly number[]
  sizesBytes: readonly number[]
  /** Of the packages, sorted, one a line. */
  names: string
  /** Four numbers a package: segment, offset, length, length of texts; -1 for one that could not be loaded. */
  places: readonly number[]
  failures: readonly { name: string; message: string; where: string | null }[]
  warnings: readonly { name: string; folder: string; messages: readonly string[] }[]
  virtuals: readonly (readonly [name: string, virtuals: readonly string[]])[]
  tags: readonly (readonly [name: string, tags: readonly string[]])[]
  detect: readonly (readonly [name: string, detect: DetectionPatterns])[]
  /** Of the files of compilers: what their recipes say is kept by these. */
  digests: readonly (readonly [name: string, digest: string])[]
}

/** Makes the glance of a table that was just read or written. */
export function makeGlance(folder: string, table: IndexTable): Glance {
  const { files, packages, packagesChangedMs, emptyFolders, segments } = table
  const withSome = <Value>(pick: (entry: IndexedPackage) => Value | undefined) =>
    packages.flatMap((entry): [string, Value][] => {
      const value = pick(entry)
      return value === undefined ? [] : [[entry.name, value]]
    })
  return {
    ...{ table: stampOf(join(folder, 'table.json')), packagesChangedMs, emptyFolders, segments },
    segmentEnds: segmentEnds(table),
    paths: files.map(({ path }) => path).join('\n'),
    changedMs: files.map(({ changedMs }) => changedMs),
    sizesBytes: files.map(({ sizeBytes }) => sizeBytes),
    names: packages.map(({ name }) => name).join('\n'),
    places: packages.flatMap(({ place }) =>
      place ? [place.segment, place.offset, place.length, place.textLength] : [-1, 0, 0, 0],
    ),
    failures: packages.flatMap(({ name, failure }) => (failure ? [{ name, ...failure }] : [])),
    warnings: packages.flatMap(({ name, folder: own, warnings }) =>
      warnings ? [{ name, folder: own, messages: warnings }] : [],
    ),
    virtuals: withSome(({ virtuals }) => virtuals),
    tags: withSome(({ tags }) => tags),
    detect: withSome(({ detect }) => detect),
    digests: withSome((entry) => (isCompiler(entry) ? digestOf(table, entry) : undefined)),
  }
}

const isCompiler = ({ tags }: IndexedPackage): boolean => tags?.some((tag) => tag.toLowerCase() === 'compiler') === true

function digestOf({ files }: IndexTable, entry: IndexedPackage): string {
  const digests = entry.files.map((each) => files[each]?.sha256)
  return createHash('sha256').update(digests.join(' ')).digest('hex')
}

/** How far the lines of packages reach into each segment. */
export function segmentEnds({ segments, packages }: IndexTable): number[] {
  const ends = segments.map(() => 0)
  for (const { place } of packages) {
    if (!place) continue
    const end = place.offset + place.length + place.textLength + 2
    ends[place.segment] = Math.max(ends[place.segment] ?? 0, end)
  }
  return ends
}

/** The place of the package that is the `index`-th in `names`. */
export function placeAt({ places }: Glance, index: number): Place | undefined {
  const at = index * 4
  const segment = places[at]!
  if (segment < 0) return undefined
  return { segment, offset: places[at + 1]!, length: places[at + 2]!, textLength: places[at + 3]! }
}

const glanceFile = (folder: string): string => join(folder, 'glance.json')

/** The glance in a folder; null when there is none, or none of the table that is there. */
export function readGlance(folder: string): Glance | null {
  const glance = readCached(glanceFile(folder)) as Glance | null | undefined
  const [changedMs, sizeBytes] = stampOf(join(folder, 'table.json'))
  return glance?.table?.[0] === changedMs && glance.table[1] === sizeBytes ? glance : null
}

export const writeGlance = (folder: string, glance: Glance): void => writeCached(glanceFile(folder), glance)

/** Whether all is as it was: files, folder of packages, segments. */
export function isCurrent(
  glance: Glance,
  indexFolder: string,
  { root, packages }: { root: string; packages: string },
): boolean {
  const { paths, changedMs, sizesBytes, emptyFolders, segments, segmentEnds: ends } = glance
  if (stampOf(packages)[0] !== glance.packagesChangedMs) return false
  if (emptyFolders.some((folder) => stampOf(join(packages, folder, 'package.py'))[0] >= 0)) return false
  if (segments.some((segment, at) => stampOf(join(indexFolder, segment))[1] < ends[at]!)) return false
  const lines = paths === '' ? [] : paths.split('\n')
  return haveStamps(root, lines, changedMs, sizesBytes)
}
