// The kit's ways to refer to a spec: its text, or a node of a file in `nodes/`.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../../src/spec/json.ts'
import { readNodes, type SpecNode } from '../../src/spec/node.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import type { DagHash, Spec } from '../../src/spec/spec.ts'

export type SpecReference = string | { dag: string; hash: string }

/** Gives the spec that is meant; texts are read anew each time, files once. */
export function specReader(folder: string): (reference: SpecReference) => Spec {
  const dags = new Map<string, Map<DagHash, Spec>>()
  const readDag = (name: string): Map<DagHash, Spec> => {
    const known = dags.get(name)
    if (known) return known
    const text = readFileSync(join(folder, `spec/nodes/${name}.json`), 'utf8')
    const nodes = readNodes((parseJson(text) as { spec: { nodes: SpecNode[] } }).spec.nodes)
    dags.set(name, nodes)
    return nodes
  }
  return (reference) => {
    if (typeof reference === 'string') return parseSpec(reference)
    const spec = readDag(reference.dag).get(reference.hash as DagHash)
    if (!spec) throw new Error(`${reference.dag} has no node ${reference.hash}`)
    return spec
  }
}
