// What a view will look like: the directories and links that merge several prefixes. Everything is decided, and every
// conflict found, before the first link is made.
//
// Paths are byte strings (latin1: one character a byte), since names in a prefix need not be UTF-8.

import { readdirSync, realpathSync, statSync } from 'node:fs'
import type { DagHash } from '../spec/spec.ts'
import { metadataDir } from '../store/prefix-metadata.ts'
import { systemErrorCode } from '../ui/error.ts'

/** One package's part of a view. */
export interface ViewSource {
  hash: DagHash
  /** For messages: `zlib@=1.3.1/abcdefg`. */
  label: string
  name: string
  prefix: string
  /** Where it goes below the view's root, without slashes at the ends; empty for the root itself. */
  placement: string
}

/** Where something in a view comes from. */
export interface ViewOrigin {
  source: ViewSource
  /** Absolute path in the store; a byte string. */
  path: string
}

export interface ViewConflict {
  /** Path in the view; a byte string. */
  path: string
  first: ViewOrigin
  second: ViewOrigin
}

export interface ViewPlan {
  /** Paths in the view, parents first; byte strings. */
  directories: string[]
  /** Path in the view → what it links to; byte strings. */
  links: Map<string, ViewOrigin>
  /** Two packages have a file and a directory, or metadata, under one name: the view cannot be made. */
  conflicts: ViewConflict[]
}

/** Links to directories are opened in these many levels below a prefix, and stay links further down. */
const openedLevels = 2

export const toBytes = (text: string): string => Buffer.from(text).toString('latin1')
export const fromBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString()
export const pathBuffer = (bytes: string): Buffer => Buffer.from(bytes, 'latin1')

/** Merges prefixes, first come first served. Reads them, and writes nothing. */
export function planView(sources: readonly ViewSource[]): ViewPlan {
  const merge = new Merge()
  for (const source of sources) merge.addPrefix(source)
  for (const source of sources) merge.addMetadata(source)
  return { directories: [...merge.directories.keys()], links: merge.links, conflicts: merge.conflicts }
}

/** Pairs of packages that would share a metadata folder: two specs of one package in one place. */
export function clashingPlacements(sources: readonly ViewSource[]): [ViewSource, ViewSource][] {
  const seen = new Map<string, ViewSource>()
  const clashes: [ViewSource, ViewSource][] = []
  for (const source of sources) {
    const place = join(source.placement, metadataDir, source.name)
    const known = seen.get(place)
    if (known) clashes.push([known, source])
    else seen.set(place, source)
  }
  return clashes
}

class Merge {
  readonly directories = new Map<string, ViewOrigin>()
  readonly links = new Map<string, ViewOrigin>()
  readonly conflicts: ViewConflict[] = []

  addPrefix(source: ViewSource): void {
    const placement = toBytes(source.placement)
    const prefix = toBytes(source.prefix)
    this.addParents(placement, { source, path: prefix })
    this.addTree(source, prefix, placement, 0, true)
  }

  /** Metadata of all packages lie side by side, each below the package's name. */
  addMetadata(source: ViewSource): void {
    const path = join(toBytes(source.prefix), metadataDir)
    if (!statSync(pathBuffer(path), { throwIfNoEntry: false })?.isDirectory()) return
    const target = join(toBytes(source.placement), metadataDir, toBytes(source.name))
    this.addParents(target, { source, path })
    this.addTree(source, path, target, 0, false)
  }

  private addParents(path: string, origin: ViewOrigin): void {
    for (let end = path.indexOf('/'); path !== ''; end = path.indexOf('/', end + 1)) {
      const parent = end < 0 ? path : path.slice(0, end)
      const link = this.links.get(parent)
      if (link) this.conflicts.push({ path: parent, first: link, second: origin })
      else if (!this.directories.has(parent)) this.directories.set(parent, origin)
      if (end < 0) return
    }
  }

  private addTree(source: ViewSource, from: string, to: string, depth: number, skipsMetadata: boolean): void {
    const entries = readdirSync(pathBuffer(from), { withFileTypes: true, encoding: 'latin1' })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (skipsMetadata && entry.name === metadataDir) continue
      const origin = { source, path: join(from, entry.name) }
      const path = join(to, entry.name)
      const isLink = entry.isSymbolicLink()
      const isOpened = entry.isDirectory() || (isLink && depth < openedLevels && pointsBelow(origin.path, from))
      if (!isOpened) this.addLink(path, origin, isLink)
      else if (this.addDirectory(path, origin)) this.addTree(source, origin.path, path, depth + 1, skipsMetadata)
    }
  }

  /** Whether there is a directory at `path` now. */
  private addDirectory(path: string, origin: ViewOrigin): boolean {
    const link = this.links.get(path)
    if (link && !isSameFile(link.path, origin.path)) {
      this.conflicts.push({ path, first: link, second: origin })
      return false
    }
    if (link) this.links.delete(path)
    if (!this.directories.has(path)) this.directories.set(path, origin)
    return true
  }

  private addLink(path: string, origin: ViewOrigin, isLink: boolean): void {
    const directory = this.directories.get(path)
    if (directory) {
      // A link to the very directory that is made here is not needed.
      if (!isLink || !isSameFile(directory.path, origin.path)) {
        this.conflicts.push({ path, first: directory, second: origin })
      }
      return
    }
    const known = this.links.get(path)
    // Of a file and a link to it the file is taken: a view of copies needs what is in it.
    if (!known || (!isLink && isSameFile(known.path, origin.path))) this.links.set(path, origin)
  }
}

/** Whether a link leads to a directory that is below the one it is in, or to that itself. */
function pointsBelow(link: string, parent: string): boolean {
  if (!isDirectory(link)) return false
  const [target, folder] = [link, parent].map((path) => realpathSync(pathBuffer(path), { encoding: 'latin1' }))
  return target === folder || target!.startsWith(folder === '/' ? '/' : `${folder}/`)
}

function isDirectory(path: string): boolean {
  try {
    return statSync(pathBuffer(path)).isDirectory()
  } catch (error) {
    if (isDangling(error)) return false
    throw error
  }
}

function isSameFile(a: string, b: string): boolean {
  try {
    const [first, second] = [a, b].map((path) => statSync(pathBuffer(path), { bigint: true }))
    return first!.ino === second!.ino && first!.dev === second!.dev
  } catch (error) {
    if (isDangling(error)) return false
    throw error
  }
}

/** A link that leads nowhere, to itself, or where we may not look. */
const isDangling = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(systemErrorCode(error) ?? '')

const join = (...parts: string[]): string => parts.filter((part) => part !== '').join('/')
