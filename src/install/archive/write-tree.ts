// A tree → files in the staging folder: what waited in memory, links, then modes and times of folders, which writing changes.

import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { installedMode, type Permissions } from '../permissions.ts'
import { parentOf } from './member-path.ts'
import type { Entry, FileEntry, Tree } from './tree.ts'

/** Writes all that is not yet there. The folder itself exists and gets its mode. */
export function writeTree(tree: Tree, folder: string, permissions: Permissions): void {
  const entries = [...tree.values()]
  for (const entry of entries) if (entry.kind === 'directory') makeFolder(tree, folder, entry.path)
  for (const entry of entries)
    if (entry.kind === 'file' && entry.content) writeFile(entry, entry.content, folder, permissions)
  for (const entry of entries) {
    if (entry.kind === 'symlink') symlinkSync(entry.target, placeOf(folder, entry))
    if (entry.kind === 'hardlink') linkSync(placeOf(folder, entry.of), placeOf(folder, entry))
  }
  if (permissions.groupId !== null) setGroup(entries, folder, permissions, permissions.groupId)
  for (const entry of entries.reverse()) {
    if (entry.kind !== 'directory') continue
    const place = placeOf(folder, entry)
    chmodSync(place, permissions.directoryMode)
    utimesSync(place, entry.mtimeSeconds, entry.mtimeSeconds)
  }
}

/** Makes a folder of the tree and those above it, unless they are there. Nobody else may look in until all is done. */
export function makeFolder(tree: Tree, folder: string, path: string): void {
  const entry = tree.get(path)
  if (entry?.kind !== 'directory' || entry.isMade) return
  makeFolder(tree, folder, parentOf(path))
  mkdirSync(`${folder}/${path}`, 0o700)
  entry.isMade = true
}

const placeOf = (folder: string, { path }: Entry): string => (path === '' ? folder : `${folder}/${path}`)

function writeFile(entry: FileEntry, content: Buffer, folder: string, permissions: Permissions): void {
  const descriptor = openNewFile(placeOf(folder, entry), installedMode(permissions, entry.mode))
  try {
    for (let done = 0; done < content.length; ) done += writeSync(descriptor, content, done)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  finishFile(descriptor, entry)
}

const umask = process.umask()
const newFileFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL

/** Opens a file that does not exist yet, with all bits of `mode`. */
export function openNewFile(path: string, mode: number): number {
  const descriptor = openSync(path, newFileFlags, mode)
  // Special bits are not for open(2) to set, and the umask takes others.
  if (mode & (umask | 0o7000)) fchmodSync(descriptor, mode)
  return descriptor
}

/** Closes a file that has been written; one that is as in the archive keeps the time that it has there. */
export function finishFile(descriptor: number, entry: FileEntry): void {
  try {
    if (!entry.isChanged) futimesSync(descriptor, entry.mtimeSeconds, entry.mtimeSeconds)
  } finally {
    closeSync(descriptor)
  }
}

function setGroup(entries: readonly Entry[], folder: string, permissions: Permissions, groupId: number): void {
  for (const entry of entries) {
    if (entry.kind !== 'file' && entry.kind !== 'directory') continue
    const place = placeOf(folder, entry)
    chownSync(place, process.getuid!(), groupId)
    // A change of owner takes the special bits.
    if (entry.kind === 'file' && entry.mode & 0o7000) chmodSync(place, installedMode(permissions, entry.mode))
  }
}
