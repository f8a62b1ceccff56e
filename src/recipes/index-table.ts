// The table of a recipe index, and the segments that it leads into.
//
// An index is a folder `USER_CACHE/recipes/KEY`, where KEY stands for the repository, what else recipes can import, and
// the code that computes facts. `table.json` has one entry a package: which segment its facts are in and where, and the
// files that they were made from, each with its stamp (time of change and size) and digest. A segment is a file of
// lines, two a recipe: its facts, then its texts. It is called after the digest of its content; it never changes. An update
// writes a new segment with what changed, then the new table over the old one; when segments become many, one with
// everything. A long update does so each few hundred recipes: a table that has not yet all of them has a time of change
// of the folder of packages that nothing has, so that whoever reads it looks for those that it lacks.

import { closeSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sha256Of } from '../digest.ts'
import { makeFolders } from '../folders.ts'
import { systemErrorCode } from '../ui/error.ts'
import { writeWhole } from '../whole-file.ts'
import type { PackageNeeds } from './recipe.ts'

export const tableFormat = 5

export interface IndexedFile {
  /** Relative to the repository's root where it lies below. */
  path: string
  /** Milliseconds; -1 when there is no such file. */
  changedMs: number
  sizeBytes: number
  sha256: string | null
}

/** What `linksOf` makes of a recipe. */
export interface PackageLinks {
  /** Names of what it may link to or run, with blanks between. */
  links?: string
  /** What it requires in any case. */
  requires?: PackageNeeds['requires']
}

export interface IndexedPackage extends PackageLinks {
  name: string
  folder: string
  /** Absent for a recipe that could not be loaded. */
  place?: Place
  failure?: { message: string; where: string | null }
  /** Indices in `files`, its own recipe's first. */
  files: readonly number[]
  /** Names of the virtuals that it provides, or that it stands for itself. */
  virtuals?: readonly string[]
  tags?: readonly string[]
  detect?: DetectionPatterns
  /** What is wrong with it without making it useless. */
  warnings?: readonly string[]
}

/** Where the lines of a recipe are: that of its facts, and behind it that of its texts. */
export interface Place {
  segment: number
  offset: number
  length: number
  textLength: number
}

/** Patterns (of Python) of the names of files that an installation outside of the store has. */
export interface DetectionPatterns {
  executables?: readonly string[]
  libraries?: readonly string[]
}

export interface IndexTable {
  format: number
  /** The time of change of the folder of packages. */
  packagesChangedMs: number
  /** Folders that held no recipe. */
  emptyFolders: readonly string[]
  segments: readonly string[]
  files: readonly IndexedFile[]
  /** Sorted by name. */
  packages: readonly IndexedPackage[]
}

/** The table in a folder, or null when there is none that can be used. */
export function readTable(folder: string): IndexTable | null {
  let text: string
  try {
    text = readFileSync(join(folder, 'table.json'), 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
  try {
    const table = JSON.parse(text) as IndexTable
    return table.format === tableFormat ? table : null
  } catch (error) {
    // A table is only written whole: one that is not was damaged from outside, and is made anew.
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Puts a table in place of the old one, and removes segments that neither of them has. */
export function writeTable(folder: string, table: IndexTable, obsolete: readonly string[]): void {
  makeFolders(folder)
  writeWhole(join(folder, 'table.json'), JSON.stringify(table))
  for (const segment of obsolete) {
    if (!table.segments.includes(segment)) rmSync(join(folder, segment), { force: true })
  }
}

/** Writes a segment of lines; returns its name. */
export function writeSegment(folder: string, lines: Buffer): string {
  const name = `${sha256Of(lines).toString('hex').slice(0, 32)}.jsonl`
  makeFolders(folder)
  writeWhole(join(folder, name), lines)
  return name
}

/** The table without packages whose segment is one of the lost. */
export function withoutLost(table: IndexTable, isLost: readonly boolean[]): IndexTable {
  const numbers: number[] = []
  let count = 0
  for (const lost of isLost) numbers.push(lost ? -1 : count++)
  const packages = table.packages.flatMap((entry) => {
    if (!entry.place) return [entry]
    const segment = numbers[entry.place.segment] ?? -1
    return segment < 0 ? [] : [{ ...entry, place: { ...entry.place, segment } }]
  })
  return { ...table, segments: table.segments.filter((_, index) => !isLost[index]), packages }
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

/** Reads lines of segments; `close` must be called. */
export interface SegmentReader {
  facts: (place: Place) => string
  texts: (place: Place) => string
  /** Opens one more segment, the next. */
  open: (segment: string) => void
  close: () => void
}

/** Opens all segments at once: another process may put them together meanwhile, and what is open can still be read. */
export function openSegments(folder: string, segments: readonly string[]): SegmentReader {
  const descriptors: number[] = []
  const open = (segment: string): void => {
    descriptors.push(openSync(join(folder, segment), 'r'))
  }
  const read = (segment: number, offset: number, length: number): string => {
    const buffer = Buffer.allocUnsafe(length)
    const count = readSync(descriptors[segment]!, buffer, 0, length, offset)
    return buffer.toString('utf8', 0, count)
  }
  for (const segment of segments) open(segment)
  return {
    facts: ({ segment, offset, length }) => read(segment, offset, length),
    texts: ({ segment, offset, length, textLength }) => read(segment, offset + length + 1, textLength),
    open,
    close: () => {
      for (const each of descriptors.splice(0)) closeSync(each)
    },
  }
}
