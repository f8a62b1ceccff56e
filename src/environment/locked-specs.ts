// The specs of a lockfile. Apart from `lockfile.ts` because most of what reads a lockfile needs nodes only, and specs
// bring the tables of targets and the grammar with them.

import { readNodes, type SpecNode, writeNodes } from '../spec/node.ts'
import { printSpec } from '../spec/print.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { traverseWithBuildSpecs } from '../spec/traverse.ts'
import { allNodes, type LockedSpecs } from './lockfile.ts'
import { neededHashes } from './lockfile-roots.ts'

/** All specs of a lockfile, those of included environments among them. Throws as `readNodes`. */
export const lockfileSpecs = (lockfile: LockedSpecs): Map<DagHash, Spec> => readNodes(allNodes(lockfile).values())

/** Concrete specs as roots of their own, each asked for by the spec at its place in `asked`, or by its hash. */
export function lockedSpecs(specs: readonly Spec[], asked: readonly Spec[] = specs): LockedSpecs {
  return {
    roots: specs.map((spec, at) => ({ hash: spec.concrete!.hash, spec: rootText(asked[at]!) })),
    nodes: nodesOf(specs),
    includeConcrete: new Map(),
  }
}

/** All nodes below some specs, and what spliced ones were built as. Those that are `known` stay word for word. */
export function nodesOf(
  roots: readonly Spec[],
  known: ReadonlyMap<DagHash, SpecNode> = new Map(),
): Map<DagHash, SpecNode> {
  const specs = traverseWithBuildSpecs(roots)
  const nodes = new Map<DagHash, SpecNode>()
  for (const [at, node] of writeNodes(specs).entries()) {
    const { hash } = specs[at]!.concrete!
    if (!nodes.has(hash)) nodes.set(hash, known.get(hash) ?? node)
  }
  return nodes
}

const rootText = (spec: Spec): string => (spec.concrete ? `/${spec.concrete.hash}` : printSpec(spec))

/** The specs of a lockfile that the roots need, and by its hash alone also what a spliced one was built as: what `asked` may mean. */
export function meantSpecs(lockfile: LockedSpecs): (asked: Spec) => readonly Spec[] {
  const specs = lockfileSpecs(lockfile)
  const all = [...specs.values()]
  const needed = neededHashes(lockfile)
  const named = all.filter(({ concrete }) => needed.has(concrete!.hash))
  return (asked) => (asked.abstractHash ? all : named)
}
