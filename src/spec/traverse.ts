// The nodes of DAGs in some order, each once.

import type { DeptypeMask, Spec } from './spec.ts'
import { allDeptypes, nodeKey, sortedEdges, walkEdges } from './traverse-edges.ts'

export interface TraverseOptions {
  /** `depth`: a node before its dependencies, `post`: after them, `breadth`: all of one level before the next. */
  order?: 'breadth' | 'depth' | 'post'
  /** Edges of these types are followed, and those without a type; all when left out. */
  deptypes?: DeptypeMask
  /** Whether the roots are among the nodes, also where they are dependencies of each other; true when left out. */
  root?: boolean
}

/** The nodes that are reached from `roots`, dependencies of one node by name. */
export function traverseNodes(roots: readonly Spec[], options: TraverseOptions = {}): Spec[] {
  const { order = 'depth', deptypes = allDeptypes, root = true } = options
  const nodes = order === 'post' ? postOrder(roots, deptypes) : preOrder(roots, order, deptypes)
  if (root) return nodes
  const left = new Set(roots.map(nodeKey))
  return nodes.filter((node) => !left.has(nodeKey(node)))
}

/** All nodes from the roots on, each once, and what spliced ones were built as behind them. */
export function traverseWithBuildSpecs(roots: readonly Spec[]): Spec[] {
  const nodes = new Map<unknown, Spec>()
  const add = (spec: Spec) => {
    for (const node of traverseNodes([spec])) {
      if (nodes.has(nodeKey(node))) continue
      nodes.set(nodeKey(node), node)
      if (node.concrete?.buildSpec) add(node.concrete.buildSpec)
    }
  }
  for (const root of roots) add(root)
  return [...nodes.values()]
}

function preOrder(roots: readonly Spec[], order: 'breadth' | 'depth', deptypes: DeptypeMask): Spec[] {
  const walked = walkEdges(roots, { order: order === 'depth' ? 'pre' : 'breadth', cover: 'nodes', deptypes })
  return walked.map(({ node }) => node)
}

/** Not recursive: chains of dependencies may be long. */
function postOrder(roots: readonly Spec[], deptypes: DeptypeMask): Spec[] {
  const visited = new Set<unknown>()
  const nodes: Spec[] = []
  const open: { node: Spec; children: Iterator<Spec> }[] = []
  const enter = (node: Spec) => {
    if (visited.has(nodeKey(node))) return
    visited.add(nodeKey(node))
    const children = sortedEdges(node, deptypes).map(({ child }) => child)
    open.push({ node, children: children.values() })
  }
  for (const root of roots) {
    enter(root)
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const next = top.children.next()
      if (next.done) nodes.push(open.pop()!.node)
      else enter(next.value)
    }
  }
  return nodes
}
