// A lockfile without some of its roots.

import type { DagHash } from '../spec/spec.ts'
import type { LockedSpecs } from './lockfile.ts'

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
