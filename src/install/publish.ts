// From a finished folder beside the prefix to the prefix, in one step. All of this happens with the prefix lock held, so what
// lies there from before was left by a process that was killed. File systems keep what was renamed; nothing is flushed,
// because a machine that goes down takes more than one package with it, and `make` again after `rm -rf` is the remedy.

import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { makeFolders } from '../folders.ts'
import type { DagHash } from '../spec/spec.ts'
import { specFile } from '../store/prefix-metadata.ts'
import { removedPrefix } from '../store/removed-prefix.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'

export interface PrefixPlace {
  hash: DagHash
  prefix: string
  /** Where the package is put together: hidden from whoever lists prefixes. */
  staging: string
  /** Where the old package lies while it is replaced. */
  replaced: string
  /** Where an installed build spec is packed that a spliced package is made of. */
  packed: string
}

/** Names as short as they can be: an old path and a new one may differ by their length. */
export function prefixPlace(hash: DagHash, prefix: string): PrefixPlace {
  const folder = dirname(prefix)
  const hidden = `${folder}/.${hash}`
  return { hash, prefix, staging: `${hidden}.new`, replaced: `${hidden}.old`, packed: `${hidden}.tar.gz` }
}

/** Whether a spec file lies in the prefix, and so a whole package: it only gets there in one piece. */
export const isPublished = (prefix: string): boolean => existsSync(specFile(prefix))

/**
 * Whether this spec is in its prefix. Throws SpackError `prefix-taken` when another spec is there. The file is only read
 * where the path does not name the spec by its hash.
 */
export function isInstalled(hash: DagHash, name: string, prefix: string): boolean {
  if (basename(prefix).includes(hash)) return isPublished(prefix)
  const occupant = readOccupant(prefix)
  if (!occupant) return false
  if (occupant.hash === hash) return true
  throw new SpackError(
    'prefix-taken',
    `\`${name}/${hash.slice(0, 7)}\` and \`${occupant.name}/${occupant.hash.slice(0, 7)}\` have the same prefix \`${prefix}\``,
    { hint: 'let `config:install_tree:projections` have `{hash}` in it' },
  )
}

/** The root of a prefix's spec file. */
function readOccupant(prefix: string): { name: string; hash: string } | undefined {
  const file = specFile(prefix)
  try {
    const root = JSON.parse(readFileSync(file, 'utf8')).spec.nodes[0]
    return { name: String(root.name), hash: String(root.hash) }
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code) throw error
    throw new SpackError('spec-file-damaged', `\`${file}\` is no spec file`, {
      hint: `if nothing else is in \`${prefix}\`, remove it`,
      cause: error,
    })
  }
}

/** Removes what a killed installer or uninstallation left, and puts an old package back that had been moved away. */
export function cleanUp(place: PrefixPlace): void {
  removeTree(place.staging)
  removeTree(place.packed)
  removeTree(removedPrefix(place.prefix, place.hash))
  if (!existsSync(place.replaced)) return
  if (existsSync(place.prefix)) rmSync(place.replaced, { recursive: true, force: true })
  else renameSync(place.replaced, place.prefix)
}

/** Nearly always there is nothing, and to say so takes `rmSync` twenty times as long. */
function removeTree(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })) rmSync(path, { recursive: true, force: true })
}

/** An empty staging folder; the folders above it are made if need be. */
export function openStaging(place: PrefixPlace): void {
  removeTree(place.staging)
  makeFolders(dirname(place.staging))
  mkdirSync(place.staging, { mode: 0o700 })
}

/**
 * Makes the staging folder the prefix. With `overwrite` an old package gives way, and comes back if this fails. Throws
 * SpackError `prefix-occupied` when something that is no package is there.
 */
export function publish(place: PrefixPlace, overwrite: boolean): void {
  if (overwrite && existsSync(place.prefix)) {
    renameSync(place.prefix, place.replaced)
    try {
      renameSync(place.staging, place.prefix)
    } catch (error) {
      renameSync(place.replaced, place.prefix)
      throw error
    }
    rmSync(place.replaced, { recursive: true, force: true })
    return
  }
  try {
    // An empty folder in the way is replaced by this.
    renameSync(place.staging, place.prefix)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) throw error
    throw new SpackError('prefix-occupied', `\`${place.prefix}\` exists and is no package`, {
      hint: 'it may be left of a build that was killed; look into it and remove it, or install with `--overwrite`',
      cause: error,
    })
  }
}
