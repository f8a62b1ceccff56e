// DAGs as lists of nodes and edges, ready to be drawn.

import { formatSpec } from '../spec/format.ts'
import { type DeptypeMask, deptypeBits, type Spec } from '../spec/spec.ts'
import { linkRun, walkEdges } from '../spec/traverse-edges.ts'

export interface GraphNode {
  id: string
  label: string
  /** Needed only while something is built. */
  isForBuild: boolean
  isRoot: boolean
}

export interface GraphEdge {
  from: string
  to: string
  /** Names of deptypes. */
  deptypes: readonly string[]
  virtuals: readonly string[]
}

export interface Graph {
  /** Roots first, level by level. */
  nodes: readonly GraphNode[]
  edges: readonly GraphEdge[]
}

/** Colours of deptypes in pictures. */
export const deptypeColours: Readonly<Record<string, string>> = {
  build: 'dodgerblue',
  link: 'crimson',
  run: 'goldenrod',
  test: 'darkgray',
}

const labelFormat = '{name}{@version}{/hash:7}'

/** The graph of concrete specs by edges of some deptypes. */
export function specGraph(roots: readonly Spec[], deptypes: DeptypeMask): Graph {
  const needed = new Set(
    walkEdges(roots, { order: 'pre', cover: 'nodes', deptypes: linkRun }).map(({ node }) => idOf(node)),
  )
  const rootIds = new Set(roots.map(idOf))
  const nodes = new Map<string, GraphNode>()
  const edges: GraphEdge[] = []
  for (const { node, edge, parent } of walkEdges(roots, { order: 'breadth', cover: 'edges', deptypes })) {
    const id = idOf(node)
    const compilers = formatSpec(node, '{compilers}').trim()
    const label = formatSpec(node, labelFormat) + (compilers ? ` ${compilers}` : '')
    if (!nodes.has(id)) nodes.set(id, { id, label, isForBuild: !needed.has(id), isRoot: rootIds.has(id) })
    if (!edge || !parent) continue
    edges.push({ from: idOf(parent), to: id, deptypes: namesOf(edge.deptypes), virtuals: edge.virtuals })
  }
  return { nodes: [...nodes.values()], edges }
}

const idOf = (spec: Spec): string => spec.concrete?.hash ?? spec.name ?? ''

const namesOf = (mask: DeptypeMask): string[] =>
  Object.entries(deptypeBits)
    .filter(([, bit]) => mask & bit)
    .map(([name]) => name)
