// Walking a DAG edge by edge. Children come in a fixed order, by name first, whatever order they were written in.

import { compareEdges } from './compare.ts'
import { type DagHash, type DeptypeMask, deptypeBits, type Edge, type Spec } from './spec.ts'

export const allDeptypes: DeptypeMask = deptypeBits.build | deptypeBits.link | deptypeBits.run | deptypeBits.test
export const linkRun: DeptypeMask = deptypeBits.link | deptypeBits.run

/** One node reached through one edge; a root is reached through none. */
export interface Step {
  node: Spec
  edge: Edge | null
  parent: Spec | null
  depth: number
}

/**
 * How often nodes are met: `nodes` once each; `edges` once for each edge, going further down only the first time;
 * `paths` once for each way that leads to them.
 */
export type Cover = 'nodes' | 'edges' | 'paths'

export interface WalkOptions {
  order: 'pre' | 'breadth'
  cover: Cover
  /** Edges of these types are followed, and those without a type, as abstract specs have them. */
  deptypes?: DeptypeMask
}

export const hasDeptype = (edge: Edge, mask: DeptypeMask): boolean =>
  edge.deptypes === 0 || (edge.deptypes & mask) !== 0

/** The edges of a node that have one of the deptypes, in their fixed order. */
export function sortedEdges(spec: Spec, deptypes: DeptypeMask = allDeptypes): readonly Edge[] {
  const edges = deptypes === allDeptypes ? spec.edges : spec.edges.filter((edge) => hasDeptype(edge, deptypes))
  return isSorted(edges) ? edges : [...edges].sort(compareEdges)
}

/** Edges that were read from files mostly are. */
function isSorted(edges: readonly Edge[]): boolean {
  for (let i = 1; i < edges.length; i++) if (compareEdges(edges[i - 1]!, edges[i]!) > 0) return false
  return true
}

/** What makes two nodes one: the hash of a concrete spec, itself of an abstract one. */
export const nodeKey = (spec: Spec): Spec | DagHash => spec.concrete?.hash ?? spec

/** Visits what is below and including the roots. */
export function walkEdges(roots: readonly Spec[], options: WalkOptions): Step[] {
  const { cover, deptypes } = options
  const visited = new Set<Spec | DagHash>()
  const steps: Step[] = []
  const starts = roots.map((node): Step => ({ node, edge: null, parent: null, depth: 0 }))

  /** Records a step and gives those that follow it. */
  const visit = (step: Step): Step[] => {
    const key = nodeKey(step.node)
    const isKnown = visited.has(key)
    if (isKnown && cover === 'nodes') return []
    steps.push(step)
    visited.add(key)
    if (isKnown && cover === 'edges') return []
    const { node, depth } = step
    return sortedEdges(node, deptypes).map((edge) => ({ node: edge.child, edge, parent: node, depth: depth + 1 }))
  }

  if (options.order === 'breadth') {
    for (let level = starts; level.length; ) level = level.flatMap(visit)
  } else {
    const pending = starts.reverse()
    for (let step = pending.pop(); step; step = pending.pop()) {
      for (const next of visit(step).reverse()) pending.push(next)
    }
  }
  return steps
}

/** Every node once, the root first. */
export function reachableNodes(spec: Spec): Spec[] {
  if (!spec.edges.length) return [spec]
  return walkEdges([spec], { order: 'pre', cover: 'nodes' }).map(({ node }) => node)
}

/**
 * The dependency that `spec[name]` means in Spack: a build or test dependency of the root, else the nearest in the
 * link and run closure, the root included, by its name or by a virtual that it provides. Null when there is none.
 */
export function findDependency(spec: Spec, name: string): Spec | null {
  return dependencyFinder(spec)(name)
}

/** `findDependency` of one spec for many names. */
export function dependencyFinder(spec: Spec): (name: string) => Spec | null {
  const direct = new Map<string, Spec>()
  for (const edge of spec.edges) if (hasDeptype(edge, deptypeBits.build | deptypeBits.test)) addNames(direct, edge)
  let closure: Map<string, Spec> | undefined
  return (name) => direct.get(name) ?? (spec.name === name ? spec : ((closure ??= nameClosure(spec)).get(name) ?? null))
}

function nameClosure(spec: Spec): Map<string, Spec> {
  const names = new Map<string, Spec>()
  for (const { edge } of walkEdges([spec], { order: 'breadth', cover: 'edges', deptypes: linkRun })) {
    if (edge) addNames(names, edge)
  }
  return names
}

/** The first edge by which a name is met is what it means. */
function addNames(names: Map<string, Spec>, { child, virtuals }: Edge): void {
  if (child.name && !names.has(child.name)) names.set(child.name, child)
  for (const virtual of virtuals) if (!names.has(virtual)) names.set(virtual, child)
}
