// Finds the prefixes in a store by their spec files, whatever the projections are or were.

import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DagHash } from '../spec/spec.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { deprecatedPath } from './prefix-metadata.ts'
import type { NodeSource } from './registration.ts'
import { parseSpecFile, readInstalledNodes } from './spec-file.ts'

export interface FoundPrefix {
  hash: DagHash
  prefix: string
  /** When the prefix was last changed, in seconds since the epoch. */
  changedSeconds: number
}

export interface FoundPrefixes {
  prefixes: Map<DagHash, FoundPrefix>
  /** Deprecated spec → what it is deprecated for. */
  deprecated: Map<DagHash, DagHash>
  /** The nodes of all spec files that were found. */
  nodes: Map<DagHash, NodeSource>
  /** Spec files that cannot be read; their prefixes are passed over. */
  problems: SpackError[]
}

/** Walks the store, not looking inside prefixes. An absent store has none. */
export function findPrefixes(root: string): FoundPrefixes {
  const found: FoundPrefixes = { prefixes: new Map(), deprecated: new Map(), nodes: new Map(), problems: [] }
  const waiting = [root]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (takePrefix(folder, found)) continue
    // Hidden folders are where installers put packages together, or keep those that they replace.
    const below = subfolders(folder).filter((name) => !name.startsWith('.'))
    waiting.push(
      ...below
        .sort()
        .reverse()
        .map((name) => join(folder!, name)),
    )
  }
  return found
}

/** Whether `folder` is a prefix; then it is added to `found`, its own nodes winning over what others say of them. */
function takePrefix(folder: string, found: FoundPrefixes): boolean {
  let installed: ReturnType<typeof readInstalledNodes>
  try {
    installed = readInstalledNodes(folder)
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    found.problems.push(error)
    return true
  }
  if (!installed) return false
  const { root, nodes } = installed
  for (const [hash, source] of nodes) if (hash === root || !found.nodes.has(hash)) found.nodes.set(hash, source)
  found.prefixes.set(root, { hash: root, prefix: folder, changedSeconds: statSync(folder).ctimeMs / 1000 })
  takeDeprecated(folder, root, found)
  return true
}

/** A prefix keeps the spec files of those that were deprecated in its favour. */
function takeDeprecated(prefix: string, hash: DagHash, found: FoundPrefixes): void {
  const folder = join(prefix, deprecatedPath)
  for (const name of filesIn(folder)) {
    const file = join(folder, name)
    try {
      const { root, nodes } = parseSpecFile(readFileSync(file, 'utf8'))
      for (const [nodeHash, source] of nodes) if (!found.nodes.has(nodeHash)) found.nodes.set(nodeHash, source)
      found.deprecated.set(root, hash)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      const message = `cannot read \`${file}\`: ${error.message}`
      found.problems.push(new SpackError('spec-file-damaged', message, { cause: error }))
    }
  }
}

const subfolders = (folder: string): string[] =>
  entriesOf(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)

const filesIn = (folder: string): string[] =>
  entriesOf(folder)
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)

/** What cannot be listed has nothing in it that we could use. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return []
    throw error
  }
}
