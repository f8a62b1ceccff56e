// A graph as a picture, drawn by ourselves: nodes in layers, dependencies below what needs them, ordered within a layer so
// that edges cross little.

import { deptypeColours, type Graph, type GraphEdge, type GraphNode } from './graph-edges.ts'

const metrics = { character: 7.3, padding: 10, height: 28, columnGap: 18, rowGap: 64, margin: 20, rowWidth: 2400 }

interface Placed extends GraphNode {
  x: number
  y: number
  width: number
}

/** The text of an SVG file. */
export function svgGraph(graph: Graph): string {
  const layers = orderLayers(layersOf(graph), graph.edges)
  const placed = place(layers)
  const nodes = [...placed.values()]
  const width = Math.max(1, ...nodes.map((node) => node.x + node.width)) + metrics.margin
  const height = Math.max(1, ...nodes.map((node) => node.y + metrics.height)) + metrics.margin
  const size = `width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="monospace" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...graph.edges.map((edge) => drawEdge(edge, placed)),
    ...nodes.map(drawNode),
    '</svg>',
    '',
  ].join('\n')
}

/** Each node one layer below the lowest of those that need it. */
function layersOf({ nodes, edges }: Graph): GraphNode[][] {
  const children = new Map<string, string[]>()
  const open = new Map(nodes.map(({ id }) => [id, 0]))
  for (const { from, to } of edges) {
    children.set(from, [...(children.get(from) ?? []), to])
    open.set(to, open.get(to)! + 1)
  }
  const depths = new Map(nodes.map(({ id }) => [id, 0]))
  const ready = nodes.filter(({ id }) => open.get(id) === 0).map(({ id }) => id)
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const child of children.get(id) ?? []) {
      depths.set(child, Math.max(depths.get(child)!, depths.get(id)! + 1))
      open.set(child, open.get(child)! - 1)
      if (open.get(child) === 0) ready.push(child)
    }
  }
  const layers: GraphNode[][] = []
  for (const node of nodes) {
    const depth = depths.get(node.id)!
    while (layers.length <= depth) layers.push([])
    layers[depth]!.push(node)
  }
  return layers
}

const sweeps = 6

/** Nodes move to the middle of their neighbours in the layers above, then below, and so on a few times. */
function orderLayers(layers: readonly GraphNode[][], edges: readonly GraphEdge[]): GraphNode[][] {
  const neighbours = { up: new Map<string, string[]>(), down: new Map<string, string[]>() }
  for (const { from, to } of edges) {
    neighbours.up.set(to, [...(neighbours.up.get(to) ?? []), from])
    neighbours.down.set(from, [...(neighbours.down.get(from) ?? []), to])
  }
  let ordered = layers.map((layer) => [...layer])
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const near = sweep % 2 === 0 ? neighbours.up : neighbours.down
    const positions = new Map(
      ordered.flatMap((layer) => layer.map(({ id }, index) => [id, (index + 0.5) / layer.length] as const)),
    )
    const middle = ({ id }: GraphNode) => {
      const around = (near.get(id) ?? [id]).map((each) => positions.get(each)!)
      return around.reduce((sum, each) => sum + each, 0) / around.length
    }
    ordered = ordered.map((layer) => {
      const middles = new Map(layer.map((node) => [node.id, middle(node)]))
      return layer.toSorted((a, b) => middles.get(a.id)! - middles.get(b.id)!)
    })
  }
  return ordered
}

/** A layer that is too wide takes several rows. */
function place(layers: readonly GraphNode[][]): Map<string, Placed> {
  const rows = layers.flatMap(inRows)
  const widths = rows.map((row) => row.reduce((sum, { width }) => sum + width + metrics.columnGap, -metrics.columnGap))
  const widest = Math.max(0, ...widths)
  const placed = new Map<string, Placed>()
  for (const [index, row] of rows.entries()) {
    let x = metrics.margin + (widest - widths[index]!) / 2
    for (const node of row) {
      placed.set(node.id, { ...node, x, y: metrics.margin + index * (metrics.height + metrics.rowGap) })
      x += node.width + metrics.columnGap
    }
  }
  return placed
}

function inRows(layer: readonly GraphNode[]): (GraphNode & { width: number })[][] {
  const rows: (GraphNode & { width: number })[][] = [[]]
  let used = 0
  for (const node of layer) {
    const width = node.label.length * metrics.character + 2 * metrics.padding
    if (used > 0 && used + width > metrics.rowWidth) {
      rows.push([])
      used = 0
    }
    rows.at(-1)!.push({ ...node, width })
    used += width + metrics.columnGap
  }
  return rows
}

function drawNode({ label, isForBuild, isRoot, x, y, width }: Placed): string {
  const fill = isForBuild ? '#ffe4d6' : '#dcecf7'
  const box = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${metrics.height}" rx="6"`
  const text = `x="${round(x + width / 2)}" y="${round(y + metrics.height / 2 + 4)}" text-anchor="middle"`
  return `<rect ${box} fill="${fill}" stroke="#345" stroke-width="${isRoot ? 2.5 : 1}"/><text ${text}>${escaped(label)}</text>`
}

/** One curve for each deptype, beside each other; virtuals and deptypes are told when the pointer rests on it. */
function drawEdge({ from, to, deptypes, virtuals }: GraphEdge, placed: ReadonlyMap<string, Placed>): string {
  const [top, bottom] = [placed.get(from)!, placed.get(to)!]
  const title = `${top.label} → ${bottom.label}: ${[...deptypes, ...virtuals].join(', ')}`
  const curves = deptypes.map((type, index) => {
    const shift = (index - (deptypes.length - 1) / 2) * 3
    const [x1, y1] = [top.x + top.width / 2 + shift, top.y + metrics.height]
    const [x2, y2] = [bottom.x + bottom.width / 2 + shift, bottom.y]
    const bend = (y2 - y1) / 2
    const path = `M${round(x1)} ${round(y1)}C${round(x1)} ${round(y1 + bend)} ${round(x2)} ${round(y2 - bend)} ${round(x2)} ${round(y2)}`
    return `<path d="${path}" fill="none" stroke="${deptypeColours[type]}" stroke-width="1.5" stroke-opacity="0.7"/>`
  })
  return `<g><title>${escaped(title)}</title>${curves.join('')}</g>`
}

const round = (value: number): number => Math.round(value * 10) / 10

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!)
