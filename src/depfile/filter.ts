// Which specs of a lockfile are asked for on the command line. Loaded only when some are: it needs the spec language.

import type { PackageFacts } from '../spec/facts.ts'
import { readNodes, type SpecNode } from '../spec/node.ts'
import { parseSpecArguments } from '../spec/parser.ts'
import { satisfies } from '../spec/satisfies.ts'
import { type DagHash, emptySpec, type Spec } from '../spec/spec.ts'

export interface SpecMatch {
  /** The spec that was asked for. */
  spec: Spec
  /** What satisfies it, in the order of the nodes. */
  hashes: readonly DagHash[]
}

/**
 * What each of the specs on a command line matches among the nodes of a lockfile below its roots; by its hash also what a
 * spliced spec was built as. Throws as `parseSpecArguments`.
 */
export function matchSpecs(
  nodes: ReadonlyMap<DagHash, SpecNode>,
  isBelowRoots: (hash: DagHash) => boolean,
  words: readonly string[],
): SpecMatch[] {
  const specs = [...readNodes(nodes.values())]
  const below = specs.filter(([hash]) => isBelowRoots(hash))
  const facts = factsOf(below.map(([, spec]) => spec))
  return parseSpecArguments(words).map((spec) => ({
    spec,
    hashes: (spec.abstractHash ? specs : below)
      .filter(([, other]) => satisfies(other, spec, { facts }))
      .map(([hash]) => hash),
  }))
}

/** A lockfile says which package provides what: virtuals are written at the edges to their providers. */
function factsOf(specs: Iterable<Spec>): PackageFacts {
  const providersByVirtual = new Map<string, Set<string>>()
  const virtualsByName = new Map<string, Set<string>>()
  const note = (map: Map<string, Set<string>>, key: string, value: string) => {
    const values = map.get(key) ?? new Set()
    map.set(key, values.add(value))
  }
  for (const { edges } of specs) {
    for (const { child, virtuals } of edges) {
      for (const virtual of virtuals) {
        note(providersByVirtual, virtual, child.name!)
        note(virtualsByName, child.name!, virtual)
      }
    }
  }
  const named = (names: Iterable<string>) => [...names].map((name) => ({ ...emptySpec(), name }))
  return {
    isVirtual: (name) => providersByVirtual.has(name),
    provides: (name) => [{ when: emptySpec(), virtuals: named(virtualsByName.get(name) ?? []) }],
    providers: (virtual) => [
      { virtual: { ...emptySpec(), name: virtual }, providers: named(providersByVirtual.get(virtual) ?? []) },
    ],
  }
}
