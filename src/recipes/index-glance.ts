// The table of a recipe index in short: what is needed to find packages. Reading it takes a tenth of the time of reading the
// table, which is looked at only when something changed.
//
// It lies beside the table as `packages.json`. It names the time of change and the size of the table that it was made from;
// with any other table it counts for nothing.

import { join } from 'node:path'
import { sha256Of } from '../digest.ts'
import { writeCached } from '../whole-file.ts'
import type { FileStamp } from './file-stamps.ts'
import { readOfTable, tableStamp } from './index-stamps.ts'
import type { DetectionPatterns, IndexedPackage, IndexTable, Place } from './index-table.ts'

export interface Glance {
  table: FileStamp
  segments: readonly string[]
  /** Of the packages, sorted, one a line. */
  names: string
  /** Of each package where its lines are, as `writePlace` has it. Numbers would take longer to read than all the rest. */
  places: string
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
  const { packages, segments } = table
  const withSome = <Value>(pick: (entry: IndexedPackage) => Value | undefined) =>
    packages.flatMap((entry): [string, Value][] => {
      const value = pick(entry)
      return value === undefined ? [] : [[entry.name, value]]
    })
  return {
    ...{ table: tableStamp(folder), segments },
    names: packages.map(({ name }) => name).join('\n'),
    places: packages.map(({ place }) => writePlace(place)).join(''),
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
  return sha256Of(digests.join(' ')).toString('hex')
}

/** Of the numbers of a place, to the base of 36: each as wide as any is. */
const widths = { segment: 4, offset: 8, length: 6, textLength: 6 }
const columns = Object.entries(widths) as [keyof Place, number][]
const placeWidth = columns.reduce((sum, [, width]) => sum + width, 0)
const noPlace = '-'.repeat(placeWidth)

const writePlace = (place: Place | undefined): string =>
  place ? columns.map(([key, width]) => place[key].toString(36).padStart(width, '0')).join('') : noPlace

/** Whether the package that is the `index`-th in `names` could be loaded. */
export const hasPlace = ({ places }: Glance, index: number): boolean => !places.startsWith('-', index * placeWidth)

/** The place of the package that is the `index`-th in `names`; undefined for one that could not be loaded. */
export function placeAt(glance: Glance, index: number): Place | undefined {
  if (!hasPlace(glance, index)) return undefined
  const { places } = glance
  let at = index * placeWidth
  const next = (key: keyof Place) => Number.parseInt(places.slice(at, (at += widths[key])), 36)
  return { segment: next('segment'), offset: next('offset'), length: next('length'), textLength: next('textLength') }
}

/** Where a name stands in a sorted list; undefined where it is not. */
export function indexIn(names: readonly string[], name: string): number | undefined {
  let [from, to] = [0, names.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (names[middle]! < name) from = middle + 1
    else to = middle
  }
  return names[from] === name ? from : undefined
}

const glanceFile = (folder: string): string => join(folder, 'packages.json')

/** The glance in a folder; undefined when there is none, or none of the table that is there. */
export const readGlance = (folder: string): Glance | undefined => readOfTable(glanceFile(folder), tableStamp(folder))

export const writeGlance = (folder: string, glance: Glance): void => writeCached(glanceFile(folder), glance)
