// spec/hash: node dictionaries and the hashes that they must produce (`hash.json`), and DAGs read and written (`nodes/`).

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { computeHash, hashedText } from '../../src/spec/hash.ts'
import { parseJson, printJson } from '../../src/spec/json.ts'
import { dagHash, readNodes, type SpecNode, writeNode } from '../../src/spec/node.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import type { Tally } from './tally.ts'

interface Vectors {
  nodes: { source: string | null; name: string; hash: string; text?: string; node: SpecNode }[]
  abstract: { spec: string; node: SpecNode; hash: string }[]
}

export function run(folder: string, tally: Tally): void {
  const vectors = parseJson(readFileSync(join(folder, 'spec/hash.json'), 'utf8')) as Vectors
  for (const { source, name, hash, text, node } of vectors.nodes) {
    const id = `${source ?? 'nodes'} ${name}/${hash.slice(0, 7)}`
    tally.check(id, hash, () => computeHash(node))
    if (text !== undefined) tally.check(`text of ${id}`, text, () => hashedText(node))
  }
  for (const { spec, node, hash } of vectors.abstract) {
    tally.check(`abstract ${spec}`, { node: printJson({ ...node, hash }), hash }, () => {
      const parsed = parseSpec(spec)
      return { node: printJson(writeNode(parsed)), hash: dagHash(parsed) }
    })
  }
  const nodesFolder = join(folder, 'spec/nodes')
  const files = existsSync(nodesFolder) ? readdirSync(nodesFolder).filter((name) => name.endsWith('.json')) : []
  for (const file of files.sort()) checkFile(join(nodesFolder, file), file, tally)
}

/** Every node of a file keeps its text when it is read and written, and has the hash that it says. */
function checkFile(path: string, file: string, tally: Tally): void {
  const { spec } = parseJson(readFileSync(path, 'utf8')) as { spec: { nodes: SpecNode[] } }
  const specs = readNodes(spec.nodes)
  for (const node of spec.nodes) {
    const written = [...specs.values()].find((each) => each.concrete?.hash === node.hash)!
    tally.check(`nodes/${file} ${node.name}`, printJson(node), () => printJson(writeNode(written)))
    tally.check(`nodes/${file} hash of ${node.name}`, node.hash, () => computeHash(writeNode(written)))
  }
}
