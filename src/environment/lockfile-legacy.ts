// Lockfiles before version 6: their nodes in today's form.
//
//   version  format of nodes  their keys are
//   1        1                DAG hashes
//   2        1                build hashes
//   3        2                build hashes
//   4        3                DAG hashes
//   5        4                DAG hashes

import type { SpecNode } from '../spec/node.ts'
import { currentNode } from '../spec/old-node.ts'
import type { DagHash } from '../spec/spec.ts'
import type { LockfileRoot } from './lockfile.ts'
import { type LockfileSource, lockfileFault } from './lockfile-checks.ts'

/** The format of a node in a lockfile of the version that is the index. */
const specfileVersions = [0, 1, 1, 2, 3, 4] as const

/** A node of a lockfile of version 1 to 5 in format 5; its dependencies by the keys of that file. Only in part checked. */
export function modernNode(
  raw: unknown,
  key: string,
  version: number,
  source: LockfileSource,
): Record<string, unknown> {
  const node = currentNode(raw, specfileVersions[version]!, { direct: true })
  if (node) return { ...node, hash: node.hash ?? key }
  throw lockfileFault(source, `the node /${key} is not as lockfiles of format ${version} have it`, `"${key}"`)
}

/**
 * Nodes by DAG hash instead of the keys of their file. Build hashes were finer than the DAG hashes of the time, so
 * several nodes may have one DAG hash: the one that is met first from the roots stays, as in Spack. What no root needs goes.
 */
export function keyByDagHash(
  roots: readonly LockfileRoot[],
  nodes: ReadonlyMap<DagHash, SpecNode>,
): { roots: LockfileRoot[]; nodes: Map<DagHash, SpecNode> } {
  const dagHash = (key: string): DagHash => (nodes.get(key as DagHash)?.hash ?? key) as DagHash
  const kept = new Map<DagHash, SpecNode>()
  const waiting = roots.map((root): string => root.hash).reverse()
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    const node = nodes.get(key as DagHash)
    if (!node || kept.has(dagHash(key))) continue
    const dependencies = node.dependencies?.map((entry) => ({ ...entry, hash: dagHash(entry.hash) }))
    kept.set(dagHash(key), dependencies ? { ...node, dependencies } : node)
    waiting.push(...(node.dependencies ?? []).map((entry) => entry.hash).reverse())
  }
  return { roots: roots.map((root) => ({ ...root, hash: dagHash(root.hash) })), nodes: kept }
}
