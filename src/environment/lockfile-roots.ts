// What the roots of a lockfile need.

import type { DagHash } from '../spec/spec.ts'
import { allNodes, allRoots, type LockedSpecs } from './lockfile.ts'

/** The same lockfile with those roots only that `keep` holds for, and what they need. */
export function withRoots<Locked extends LockedSpecs>(lockfile: Locked, keep: (spec: string) => boolean): Locked {
  const roots = lockfile.roots.filter(({ spec }) => keep(spec))
  const needed = new Set<string>()
  const waiting: string[] = roots.map(({ hash }) => hash)
  for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
    const node = lockfile.nodes.get(hash as DagHash)
    if (!node || needed.has(hash)) continue
    needed.add(hash)
    for (const dependency of node.dependencies ?? []) waiting.push(dependency.hash)
    if (node.build_spec) waiting.push(node.build_spec.hash)
  }
  return { ...lockfile, roots, nodes: new Map([...lockfile.nodes].filter(([hash]) => needed.has(hash))) }
}

/** The hashes of the roots and of all that they depend on: without what spliced ones were built as. */
export function neededHashes(lockfile: LockedSpecs): Set<DagHash> {
  const nodes = allNodes(lockfile)
  const needed = new Set(allRoots(lockfile).map(({ hash }) => hash))
  // A set that grows while it is walked.
  for (const hash of needed) {
    for (const dependency of nodes.get(hash)?.dependencies ?? []) needed.add(dependency.hash as DagHash)
  }
  return needed
}
