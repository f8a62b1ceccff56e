// Piles of concrete specs, as databases, indexes and lockfiles are: thousands of nodes, of which a solve looks at few. A
// spec is made of its node, and of those below it, when it is first asked for.

import { readNodes, type SpecNode } from '../spec/node.ts'
import type { DagHash, Spec } from '../spec/spec.ts'

export interface SpecPile {
  /** Of a package, the specs that the pile offers; others are there only because something depends on them. */
  named: (name: string) => readonly DagHash[]
  node: (hash: DagHash) => SpecNode | undefined
  /** The operating systems of its specs. */
  systems: () => Iterable<string>
  /** Whether a spec came from a manifest of a Cray, and not by an installation. */
  isOfManifest?: (hash: DagHash) => boolean
}

/** Makes specs of nodes, each once, whatever pile it is in. */
export class SpecMaker {
  readonly #known = new Map<DagHash, Spec>()
  readonly #incomplete = new Set<DagHash>()

  /** The spec of a hash; undefined when the pile lacks it, or something below it. */
  spec(pile: SpecPile, hash: DagHash): Spec | undefined {
    const known = this.#known.get(hash)
    if (known || this.#incomplete.has(hash)) return known
    const nodes = this.#nodesBelow(pile, hash)
    if (nodes) readNodes(nodes, this.#known)
    else this.#incomplete.add(hash)
    return this.#known.get(hash)
  }

  #nodesBelow(pile: SpecPile, root: DagHash): SpecNode[] | undefined {
    const nodes = new Map<DagHash, SpecNode>()
    const waiting = [root]
    for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
      if (nodes.has(hash) || this.#known.has(hash)) continue
      const node = pile.node(hash)
      if (!node) return undefined
      nodes.set(hash, node)
      for (const reference of node.dependencies ?? []) waiting.push(reference.hash as DagHash)
      if (node.build_spec) waiting.push(node.build_spec.hash as DagHash)
    }
    return [...nodes.values()]
  }
}

/** Nodes at hand as a pile, all of which it offers. */
export function pileOf(nodes: ReadonlyMap<DagHash, SpecNode>): SpecPile {
  const byName = new Map<string, DagHash[]>()
  for (const [hash, { name }] of nodes) byName.set(name, [...(byName.get(name) ?? []), hash])
  return {
    named: (name) => byName.get(name) ?? [],
    node: (hash) => nodes.get(hash),
    systems: () => [...nodes.values()].flatMap(({ arch }) => arch?.platform_os ?? []),
  }
}
