// What an index was made from, as it was then: the files with their times of change and sizes, the folder of packages, the
// segments. It lies beside the table, and is all that is read to see that nothing changed: `stamps.json` says what is looked at
// at once; `files.json` has the files in columns instead of rows (9,000 packages are 11,000 files), `files.list` their paths for
// `stat`. Each names the time of change and the size of the table that it was made from, or its digest stands in one that
// does; with any other table it counts for nothing.

import { join, resolve } from 'node:path'
import { readCached, writeCached, writeCachedText } from '../whole-file.ts'
import { type FileStamp, haveStamps, isMany, stampOf } from './file-stamps.ts'
import { type IndexTable, segmentEnds } from './index-table.ts'
import { listedPaths, listingDigest } from './stat-listing.ts'

export interface IndexStamps {
  table: FileStamp
  packagesChangedMs: number
  emptyFolders: readonly string[]
  segments: readonly string[]
  /** How long each segment must be. */
  segmentEnds: readonly number[]
  /** Files that were looked for and must not be there. */
  absent: readonly string[]
  /** The digest of what `stat` says of all other files, where there are many and it says enough. */
  listing?: string
}

interface FileColumns {
  table: FileStamp
  /** One a line. */
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
const filesFile = (folder: string): string => join(folder, 'files.json')

/** The paths of the files that `IndexStamps.listing` is about. */
export const pathsFile = (folder: string): string => join(folder, 'files.list')

/** The stamps in a folder; undefined when there are none of the table that is there. */
export const readStamps = (folder: string): IndexStamps | undefined =>
  readOfTable(stampsFile(folder), tableStamp(folder))

/** Keeps the stamps of a table that was just read or written. */
export function writeStamps(folder: string, root: string, table: IndexTable): void {
  const { packagesChangedMs, emptyFolders, segments } = table
  const ofTable = { table: tableStamp(folder) }
  const isAbsent = ({ changedMs }: { changedMs: number }) => changedMs === -1
  const files = table.files.filter((file) => !isAbsent(file))
  const paths = files.map(({ path }) => path)
  const [changedMs, sizesBytes] = [files.map((file) => file.changedMs), files.map((file) => file.sizeBytes)]
  const listing = isMany(files) ? listingDigest(root, paths, changedMs, sizesBytes) : undefined
  if (listing) writeCachedText(pathsFile(folder), listedPaths(paths))
  writeCached(filesFile(folder), { ...ofTable, paths: paths.join('\n'), changedMs, sizesBytes } satisfies FileColumns)
  writeCached(stampsFile(folder), {
    ...{ ...ofTable, packagesChangedMs, emptyFolders, segments, segmentEnds: segmentEnds(table) },
    absent: table.files.filter(isAbsent).map(({ path }) => path),
    ...(listing ? { listing } : {}),
  } satisfies IndexStamps)
}

/** Whether all is as it was when the index in a folder was made: files, folder of packages, segments. */
export function isCurrent(folder: string, repository: IndexedFolders): boolean {
  const stamps = readStamps(folder)
  return stamps !== undefined && isCurrentAround(folder, repository, stamps) && haveFiles(folder, repository.root)
}

/** As `isCurrent`, except for files that should be there. */
export function isCurrentAround(folder: string, { root, packages }: IndexedFolders, stamps: IndexStamps): boolean {
  const isThere = (path: string) => stampOf(path)[0] >= 0
  const isWhole = (segment: string, at: number) => stampOf(join(folder, segment))[1] >= stamps.segmentEnds[at]!
  return (
    stampOf(packages)[0] === stamps.packagesChangedMs &&
    !stamps.emptyFolders.some((empty) => isThere(join(packages, empty, 'package.py'))) &&
    !stamps.absent.some((path) => isThere(resolve(root, path))) &&
    stamps.segments.every(isWhole)
  )
}

function haveFiles(folder: string, root: string): boolean {
  const files = readOfTable<FileColumns>(filesFile(folder), tableStamp(folder))
  if (!files) return false
  const paths = files.paths === '' ? [] : files.paths.split('\n')
  return haveStamps(root, paths, files.changedMs, files.sizesBytes)
}
