// What an index was made from, as it was then: the files with their times of change and sizes, the folder of packages, the
// segments. It lies beside the table as `stamps.json`, columns instead of rows (9,000 packages are 11,000 files), and is all
// that is read to see that nothing changed. It names the time of change and the size of the table that it was made from; with
// any other table it counts for nothing.

import { join } from 'node:path'
import { readCached, writeCached } from '../whole-file.ts'
import { type FileStamp, haveStamps, stampOf } from './file-stamps.ts'
import { type IndexTable, segmentEnds } from './index-table.ts'

export interface IndexStamps {
  table: FileStamp
  packagesChangedMs: number
  emptyFolders: readonly string[]
  segments: readonly string[]
  /** How long each segment must be. */
  segmentEnds: readonly number[]
  /** Of the files, one a line. */
  paths: string
  changedMs: readonly number[]
  sizesBytes: readonly number[]
}

/** The folders of a repository that an index was made from. */
export interface IndexedFolders {
  root: string
  packages: string
}

/** Of the table that lies in a folder. */
export const tableStamp = (folder: string): FileStamp => stampOf(join(folder, 'table.json'))

/** What a file keeps that was made from the table of that stamp; undefined where there is none, or one of another table. */
export function readOfTable<Kept extends { table: FileStamp }>(
  file: string,
  [changedMs, sizeBytes]: FileStamp,
): Kept | undefined {
  const kept = readCached(file) as Partial<Kept> | null | undefined
  return kept?.table?.[0] === changedMs && kept.table[1] === sizeBytes ? (kept as Kept) : undefined
}

const stampsFile = (folder: string): string => join(folder, 'stamps.json')

/** Keeps the stamps of a table that was just read or written. */
export function writeStamps(folder: string, table: IndexTable): void {
  const { files, packagesChangedMs, emptyFolders, segments } = table
  const stamps: IndexStamps = {
    ...{ table: tableStamp(folder), packagesChangedMs, emptyFolders, segments },
    segmentEnds: segmentEnds(table),
    paths: files.map(({ path }) => path).join('\n'),
    changedMs: files.map(({ changedMs }) => changedMs),
    sizesBytes: files.map(({ sizeBytes }) => sizeBytes),
  }
  writeCached(stampsFile(folder), stamps)
}

/** Whether all is as it was when the index in a folder was made: files, folder of packages, segments. */
export function isCurrent(folder: string, { root, packages }: IndexedFolders): boolean {
  const stamps = readOfTable<IndexStamps>(stampsFile(folder), tableStamp(folder))
  if (!stamps || stampOf(packages)[0] !== stamps.packagesChangedMs) return false
  if (stamps.emptyFolders.some((empty) => stampOf(join(packages, empty, 'package.py'))[0] >= 0)) return false
  const isWhole = (segment: string, at: number) => stampOf(join(folder, segment))[1] >= stamps.segmentEnds[at]!
  if (!stamps.segments.every(isWhole)) return false
  const paths = stamps.paths === '' ? [] : stamps.paths.split('\n')
  return haveStamps(root, paths, stamps.changedMs, stamps.sizesBytes)
}
