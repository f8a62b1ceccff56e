// Which packages go into a view, and in which order: of two packages with one file, the first keeps it.

import type { SpecNode } from '../spec/node.ts'
import { dependencyHashes, runtimeDeptypes } from '../spec/node-dependencies.ts'
import type { DagHash } from '../spec/spec.ts'
import { comparableVersion, compareVersions, parseConcreteVersion } from '../spec/version.ts'
import type { ViewLink } from './view-descriptor.ts'

/** Deptypes of the edges that each kind of view follows from the roots. */
const followedDeptypes: Readonly<Record<ViewLink, readonly string[]>> = {
  all: runtimeDeptypes,
  run: ['run'],
  roots: [],
}

/** Parts of a compiler that programs load when they run. Two versions in one view would be one too many. */
const runtimeNames = new Set(['compiler-wrapper', 'gcc-runtime', 'glibc', 'intel-oneapi-runtime', 'musl'])

/**
 * The nodes from `roots` along edges of the kinds that `link` follows, each parent before its children and otherwise as
 * near to breadth first as possible, so that a direct dependency comes before one of its siblings' dependencies.
 */
export function viewOrder(
  roots: readonly DagHash[],
  nodes: ReadonlyMap<DagHash, SpecNode>,
  link: ViewLink,
): SpecNode[] {
  const deptypes = followedDeptypes[link]
  const children = (hash: DagHash) => dependencyHashes(nodes.get(hash)!, deptypes)
  const waitingFor = countParents(roots, children)
  const order: DagHash[] = []
  const arrive = (hash: DagHash) => {
    const left = waitingFor.get(hash)! - 1
    waitingFor.set(hash, left)
    if (left === 0) order.push(hash)
  }
  for (const root of roots) arrive(root)
  for (let next = 0; next < order.length; next++) for (const child of children(order[next]!)) arrive(child)
  return order.map((hash) => nodes.get(hash)!)
}

/**
 * Roots and all that they need to link and run, each with whether its programs are run: those that need something go
 * first, parents before children, then those that need nothing, as they are first met.
 */
export function runtimeOrder(
  roots: readonly DagHash[],
  nodes: ReadonlyMap<DagHash, SpecNode>,
): { node: SpecNode; isRun: boolean }[] {
  const order = viewOrder(roots, nodes, 'all')
  const met = new Set<DagHash>(roots)
  const run = new Set<DagHash>(roots)
  for (const node of order) {
    for (const hash of dependencyHashes(node, followedDeptypes.all)) met.add(hash)
    for (const hash of dependencyHashes(node, followedDeptypes.run)) run.add(hash)
  }
  const needsNothing = (node: SpecNode) => dependencyHashes(node, followedDeptypes.all).length === 0
  const leaves = [...met].map((hash) => nodes.get(hash)!).filter(needsNothing)
  const others = order.filter((node) => !needsNothing(node))
  return [...others, ...leaves].map((node) => ({ node, isRun: run.has(node.hash as DagHash) }))
}

/** How often each node is reached, roots from outside included. */
function countParents(roots: readonly DagHash[], children: (hash: DagHash) => DagHash[]): Map<DagHash, number> {
  const counts = new Map<DagHash, number>()
  const waiting = [...roots]
  for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
    const count = counts.get(hash) ?? 0
    counts.set(hash, count + 1)
    if (count === 0) waiting.push(...children(hash))
  }
  return counts
}

/** The nodes without the older ones of several versions of one compiler runtime. */
export function newestRuntimes(nodes: readonly SpecNode[]): SpecNode[] {
  const newest = new Map<string, SpecNode>()
  for (const node of nodes) {
    const known = newest.get(node.name)
    if (runtimeNames.has(node.name) && (!known || isNewer(node, known))) newest.set(node.name, node)
  }
  return nodes.filter((node) => (newest.get(node.name) ?? node) === node)
}

function isNewer(a: SpecNode, b: SpecNode): boolean {
  const [first, second] = [a, b].map((node) => comparableVersion(parseConcreteVersion(node.version ?? '0')))
  return compareVersions(first!, second!) > 0
}
