// What the roots of a lockfile need.

import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { allNodes, allRoots, type LockedSpecs } from './lockfile.ts'

/** The same lockfile with those roots only that `keep` holds for, and what they need. */
export function withRoots<Locked extends LockedSpecs>(lockfile: Locked, keep: (spec: string) => boolean): Locked {
  const roots = lockfile.roots.filter(({ spec }) => keep(spec))
  const needed = hashesBelow(lockfile.nodes, hashesOf(roots), { withBuildSpecs: true })
  return { ...lockfile, roots, nodes: new Map([...lockfile.nodes].filter(([hash]) => needed.has(hash))) }
}

/** The hashes of the roots and of all that they depend on: without what spliced ones were built as. */
export const neededHashes = (lockfile: LockedSpecs): Set<DagHash> =>
  hashesBelow(allNodes(lockfile), hashesOf(allRoots(lockfile)), { withBuildSpecs: false })

const hashesOf = (roots: readonly { hash: DagHash }[]): DagHash[] => roots.map(({ hash }) => hash)

/** The node of a hash, then all that it depends on, with what spliced ones were built as. */
export const nodesBelow = (nodes: ReadonlyMap<DagHash, SpecNode>, hash: DagHash): SpecNode[] =>
  [...hashesBelow(nodes, [hash], { withBuildSpecs: true })].flatMap((below) => nodes.get(below) ?? [])

/** Hashes and those of all that their nodes depend on; `withBuildSpecs`: also of what spliced ones were built as. */
function hashesBelow(
  nodes: ReadonlyMap<DagHash, SpecNode>,
  hashes: readonly DagHash[],
  { withBuildSpecs }: { withBuildSpecs: boolean },
): Set<DagHash> {
  const below = new Set(hashes)
  // A set that grows while it is walked.
  for (const hash of below) {
    const node = nodes.get(hash)
    for (const dependency of node?.dependencies ?? []) below.add(dependency.hash as DagHash)
    if (withBuildSpecs && node?.build_spec) below.add(node.build_spec.hash as DagHash)
  }
  return below
}
