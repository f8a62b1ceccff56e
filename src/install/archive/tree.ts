// What an archive unpacks to: a value that is built while the archive is read, and checked as it grows. Links exist only
// here until all files are written, so nothing can be written through one.

import { refused, type TarMember } from '../../archive/tar-reader.ts'
import type { PrefixTrace } from '../relocation/prefix-trace.ts'
import { below, linkLeavesTree, memberPath, parentOf } from './member-path.ts'

export interface FileEntry {
  kind: 'file'
  path: string
  mode: number
  mtimeSeconds: number
  /** What is not yet on disk; undefined for a file that was written while it came in. */
  content: Buffer | undefined
  /** Of a file that was written: where in it old prefixes may be. */
  trace?: PrefixTrace
  /** Changed files get the time of now. */
  isChanged: boolean
}

export interface DirectoryEntry {
  kind: 'directory'
  path: string
  mtimeSeconds: number
  /** Whether it is on disk already. */
  isMade: boolean
}

export interface LinkEntry {
  kind: 'symlink'
  path: string
  target: string
}

/** Another name of a file or link. */
export interface HardLinkEntry {
  kind: 'hardlink'
  path: string
  of: FileEntry | LinkEntry
}

export type Entry = FileEntry | DirectoryEntry | LinkEntry | HardLinkEntry

/** Entries by path below the prefix, in the order of the archive; folders before what is in them. '' is the prefix. */
export type Tree = Map<string, Entry>

export const emptyTree = (): Tree => new Map([['', { kind: 'directory', path: '', mtimeSeconds: 0, isMade: true }]])

/**
 * Adds a member at `path` below the prefix. `prefix` is the prefix's name in the archive, which targets of hard links begin
 * with. Throws `archive-refused` for duplicates, members below links or files, and links that lead out.
 */
export function addMember(tree: Tree, path: string, member: TarMember, prefix: string): Entry {
  addParents(tree, path, member)
  const known = tree.get(path)
  if (known && !(known.kind === 'directory' && member.kind === 'directory'))
    throw refused(member.name, 'is there twice')
  const entry = known ? { ...known, mtimeSeconds: member.mtimeSeconds } : makeEntry(tree, path, member, prefix)
  tree.set(path, entry)
  return entry
}

function makeEntry(tree: Tree, path: string, member: TarMember, prefix: string): Entry {
  const { kind, mode, mtimeSeconds, target, name } = member
  switch (kind) {
    case 'file':
      return { kind, path, mode, mtimeSeconds, content: undefined, isChanged: false }
    case 'directory':
      return { kind, path, mtimeSeconds, isMade: false }
    case 'symlink':
      if (target === '' || linkLeavesTree(path, target))
        throw refused(name, `links to ${JSON.stringify(target)}, outside its prefix`)
      return { kind, path, target }
    case 'hardlink':
      return { kind, path, of: linkedEntry(tree, member, prefix) }
  }
}

function linkedEntry(tree: Tree, { name, target }: TarMember, prefix: string): FileEntry | LinkEntry {
  const path = below(prefix, memberPath(target))
  const linked = path === undefined ? undefined : tree.get(path)
  const first = linked?.kind === 'hardlink' ? linked.of : linked
  if (!first || first.kind === 'directory')
    throw refused(name, `is a hard link to ${JSON.stringify(target)}, which is no file in front of it in its prefix`)
  return first
}

/** Folders that the archive does not list are made all the same. */
function addParents(tree: Tree, path: string, member: TarMember): void {
  if (path === '') return
  const parent = parentOf(path)
  const known = tree.get(parent)
  if (known?.kind === 'directory') return
  if (known) throw refused(member.name, `would be written below ${JSON.stringify(parent)}, which is no folder`)
  addParents(tree, parent, member)
  tree.set(parent, { kind: 'directory', path: parent, mtimeSeconds: member.mtimeSeconds, isMade: false })
}
