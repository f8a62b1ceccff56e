// `PREFIX/.spack/spec.json`, whose presence says that a prefix is whole: it is part of what is renamed into place.
// Format: `{"spec":{"_meta":{"version":5},"nodes":[NODE,…]}}`, the root first; versions 1 to 4 came before.

import { readFileSync } from 'node:fs'
import { parseJson, printJson } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { elementSlices, memberSlices } from './json-slices.ts'
import { convertSpecFile } from './old-format.ts'
import { specFile } from './prefix-metadata.ts'
import type { NodeSource } from './registration.ts'
import { reasonOf } from './unreadable.ts'

/** A spec file's nodes in format 5. */
export interface InstalledNodes {
  root: DagHash
  nodes: ReadonlyMap<DagHash, NodeSource>
}

const currentFormat = 5

/**
 * Reads the spec file of a prefix; undefined when there is none. Nodes of format 5 keep their text; older ones are
 * converted. Throws SpackError `spec-file-damaged` or `spec-file-unreadable`.
 */
export function readInstalledNodes(prefix: string): InstalledNodes | undefined {
  const file = specFile(prefix)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new SpackError('spec-file-unreadable', `cannot read \`${file}\`: ${reasonOf(error)}`, { cause: error })
  }
  try {
    return parseSpecFile(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new SpackError('spec-file-damaged', `cannot read \`${file}\`: ${error.message}`, { cause: error })
  }
}

/** Reads the text of a spec file. Throws SyntaxError when it is none. */
export function parseSpecFile(text: string): InstalledNodes {
  const spec = memberSlices(text, 0).get('spec')
  if (!spec) throw new SyntaxError('it has no `spec`')
  const members = text[spec.start] === '{' ? memberSlices(text, spec.start) : new Map<string, never>()
  const meta = members.get('_meta')
  const version = meta ? JSON.parse(text.slice(meta.start, meta.end)).version : 1
  const list = members.get('nodes')
  const sources =
    version === currentFormat && list
      ? elementSlices(text, list.start).map((slice) => sourceOf(text.slice(slice.start, slice.end)))
      : convertSpecFile(text).map((node) => ({ node, text: printJson(node) }))
  const [root] = sources
  if (!root) throw new SyntaxError('it has no nodes')
  return { root: root.node.hash as DagHash, nodes: bySource(sources) }
}

/** Nodes given as values, for specs that have no prefix of their own. */
export const nodeSources = (nodes: readonly SpecNode[]): ReadonlyMap<DagHash, NodeSource> =>
  bySource(nodes.map((node) => ({ node, text: printJson(node) })))

const sourceOf = (text: string): NodeSource => ({ node: parseJson(text) as SpecNode, text })

function bySource(sources: readonly NodeSource[]): ReadonlyMap<DagHash, NodeSource> {
  const byHash = new Map<DagHash, NodeSource>()
  for (const source of sources) {
    if (!source.node.hash) throw new SyntaxError(`the node of \`${source.node.name}\` has no hash`)
    byHash.set(source.node.hash as DagHash, source)
  }
  return byHash
}
