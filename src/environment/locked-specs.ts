// The specs of a lockfile. Apart from `lockfile.ts` because most of what reads a lockfile needs nodes only, and specs
// bring the tables of targets and the grammar with them.

import { readNodes, writeNodes } from '../spec/node.ts'
import { printSpec } from '../spec/print.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { traverseWithBuildSpecs } from '../spec/traverse.ts'
import { allNodes, type LockedSpecs } from './lockfile.ts'
import { neededHashes } from './lockfile-roots.ts'

/** All specs of a lockfile, those of included environments among them. Throws as `readNodes`. */
export const lockfileSpecs = (lockfile: LockedSpecs): Map<DagHash, Spec> => readNodes(allNodes(lockfile).values())

/** Concrete specs as roots of their own, each asked for by the spec at its place in `asked`, or by its hash. */
export function lockedSpecs(specs: readonly Spec[], asked: readonly Spec[] = specs): LockedSpecs {
  const nodes = traverseWithBuildSpecs(specs)
  return {
    roots: specs.map((spec, at) => ({ hash: spec.concrete!.hash, spec: rootText(asked[at]!) })),
    nodes: new Map(writeNodes(nodes).map((node, at) => [nodes[at]!.concrete!.hash as DagHash, node])),
    includeConcrete: new Map(),
  }
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
