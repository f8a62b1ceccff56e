// The DAG of a lockfile as a depfile needs it: which specs are installed, and what has to be there before each of them.

import type { NodeDependency, SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'

/** `auto`: from a build cache, else from source; `only`: from a build cache or not at all; `never`: from source. */
export const cachePolicies = ['auto', 'only', 'never'] as const
export type CachePolicy = (typeof cachePolicies)[number]

/** What `--use-buildcache` says of roots (`package`) and of all other specs. */
export interface CachePolicies {
  package: CachePolicy
  dependencies: CachePolicy
}

export interface DepfileNode {
  hash: DagHash
  /** `name-version-hash`, with `_` for what make or a shell would take for something else. */
  id: string
  node: SpecNode
  cachePolicy: CachePolicy
  /** Hashes of the children that come first, by name. */
  needs: readonly DagHash[]
}

export interface DepfileGraph {
  roots: readonly DagHash[]
  /** Breadth first from the roots, each once. */
  nodes: readonly DepfileNode[]
}

/**
 * What can be reached from `roots`. The build dependencies of a spec that only comes from a build cache are not followed,
 * unless `allDependencies` is set. A root counts as package, not as dependency, also where another root needs it.
 */
export function reachableGraph(
  nodes: ReadonlyMap<DagHash, SpecNode>,
  roots: readonly DagHash[],
  policies: CachePolicies,
  { allDependencies = false } = {},
): DepfileGraph {
  const distinctRoots = [...new Set(roots)]
  const isRoot = new Set(distinctRoots)
  const queue = [...distinctRoots]
  const seen = new Set(queue)
  const reached: DepfileNode[] = []
  for (let i = 0; i < queue.length; i++) {
    const hash = queue[i]!
    const node = nodes.get(hash)!
    const cachePolicy = isRoot.has(hash) ? policies.package : policies.dependencies
    const needs = neededChildren(node, allDependencies || cachePolicy !== 'only')
    reached.push({ hash, id: packageId(hash, node), node, cachePolicy, needs })
    for (const child of needs) {
      if (seen.has(child)) continue
      seen.add(child)
      queue.push(child)
    }
  }
  return { roots: distinctRoots, nodes: reached }
}

/** Only the roots, without what they need: `spack install --only package`. */
export function packagesOnly(graph: DepfileGraph): DepfileGraph {
  const isRoot = new Set(graph.roots)
  return { roots: graph.roots, nodes: graph.nodes.filter(({ hash }) => isRoot.has(hash)).map(withoutNeeds) }
}

const withoutNeeds = (node: DepfileNode): DepfileNode => ({ ...node, needs: [] })

/** What the roots need, without the roots that nothing else needs: `spack install --only dependencies`. */
export function dependenciesOnly(graph: DepfileGraph): DepfileGraph {
  const needed = new Set(graph.nodes.flatMap(({ needs }) => needs))
  const isRoot = new Set(graph.roots)
  const left = graph.nodes.filter(({ hash }) => needed.has(hash) || !isRoot.has(hash))
  const dropped = graph.nodes.filter(({ hash }) => isRoot.has(hash) && !needed.has(hash))
  const roots = new Set([...graph.roots.filter((hash) => needed.has(hash)), ...dropped.flatMap(({ needs }) => needs)])
  return { roots: [...roots], nodes: left }
}

const packageId = (hash: DagHash, node: SpecNode): string =>
  `${node.name}-${node.version ?? ''}-${hash}`.replace(/[^A-Za-z0-9_.-]/g, '_')

function neededChildren(node: SpecNode, forBuild: boolean): DagHash[] {
  const children: NodeDependency[] = []
  for (const child of node.dependencies ?? []) {
    const { deptypes } = child.parameters
    if (deptypes.includes('link') || deptypes.includes('run') || (forBuild && deptypes.includes('build'))) {
      children.push(child)
    }
  }
  children.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.hash < b.hash ? -1 : 1))
  const hashes = children.map(({ hash }) => hash as DagHash)
  // The same child may be there twice, for different deptypes; equal ones are neighbours.
  return hashes.filter((hash, i) => hash !== hashes[i - 1])
}
