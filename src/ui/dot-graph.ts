// A graph in the language of Graphviz, with the looks that Spack gives it.

import { deptypeColours, type Graph, type GraphEdge, type GraphNode } from './graph-edges.ts'

const header = `digraph G {
  labelloc = "b"
  rankdir = "TB"
  ranksep = "1"
  edge[
     penwidth=2
  ]
  node[
     fontname=Monaco,
     penwidth=4,
     fontsize=24,
     margin=.4,
     shape=box,
     fillcolor=lightblue,
     style="rounded,filled"
  ]
`

/** The text of a graph; with `byType` edges have the colours of their deptypes, and what only builds need stands apart. */
export function dotGraph({ nodes, edges }: Graph, { byType = false }: { byType?: boolean } = {}): string {
  const nodeLines = nodes.map(
    (node) => `  ${quoted(node.id)} [label=${quoted(node.label)}${byType ? group(node) : ''}]`,
  )
  const edgeLines = edges.map(
    (edge) => `  ${quoted(edge.from)} -> ${quoted(edge.to)}${byType ? ` [${attributes(edge)}]` : ''}`,
  )
  return `${[header, ...nodeLines, ...edgeLines, ''].join('\n')}}\n`
}

const group = ({ isForBuild }: GraphNode): string =>
  isForBuild ? ', group="build_dependencies", fillcolor="coral"' : ', group="main_psid"'

function attributes({ deptypes, virtuals }: GraphEdge): string {
  const colours = deptypes.map((type) => deptypeColours[type]).join(':')
  const label = virtuals.length > 0 ? ` xlabel=${quoted(`virtuals=${virtuals.join(',')}`)}` : ''
  return `color=${quoted(colours)}${label}`
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', ' ')}"`
