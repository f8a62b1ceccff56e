// A DAG as Spack draws it on a terminal, in the manner of `git log --graph`: nodes stand below each other in topological
// order, and the edges that are still open run in columns beside them.
//
//     o  app                 Each column of the frontier holds the nodes that its edge leads to: one, or several where
//     |\                     a node was just drawn and its edges are not spread over columns of their own yet. Columns
//     | o  lib               that lead to one node are joined to the one furthest left.
//     |/
//     o  zlib

import { paintAs } from '../spec/colour.ts'
import type { DeptypeMask, Spec } from '../spec/spec.ts'
import { allDeptypes, nodeKey, sortedEdges, walkEdges } from '../spec/traverse-edges.ts'

export interface AsciiGraphOptions {
  deptypes?: DeptypeMask
  colour?: boolean
  label: (spec: Spec) => string
}

type Key = ReturnType<typeof nodeKey>
type Column = Key[]

/** What was drawn last, which decides how far an edge has to move to meet another. */
type Last = { kind: 'start' | 'node' | 'expansion' | 'other'; index: number }

const edgeColours = 'rgbmcyRGBMCY'

/** The lines of the graph below a root. */
export function asciiGraph(root: Spec, { deptypes = allDeptypes, colour = false, label }: AsciiGraphOptions): string[] {
  const waiting = topologicalOrder(root, deptypes)
  const colours = new Map(
    waiting.toReversed().map((node, index) => [nodeKey(node), edgeColours[index % edgeColours.length]!]),
  )
  const lines: string[] = []
  const frontier: Column[] = [[nodeKey(root)]]
  let last: Last = { kind: 'start', index: 0 }

  /** A piece of the edge in a column; nothing for a column without any. */
  const edge = (text: string, index: number): string => {
    const target = frontier[index]?.[0]
    if (target === undefined) return ''
    return colour ? paintAs(colours.get(target)!, text) : text
  }
  const edges = (text: string, from: number, to: number): string =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => edge(text, from + i)).join('')
  const draw = (line: string, kind: Last['kind'], index: number) => {
    lines.push(line)
    last = { kind, index }
  }

  /**
   * A line on which edges go back to the left: those of the columns `ends` arrive, and one from `start` runs below others
   * to `end` (-1: none). With `slants` the columns behind move one place to the left.
   */
  const backLine = (ends: readonly number[], end: number, start: number, slants: boolean): void => {
    let line = ''
    let at = 0
    const advance = (to: number, piece: (index: number) => string) => {
      for (; at < to; at++) line += piece(at)
    }
    for (const each of ends) {
      advance(each, (index) => edge('| ', index))
      advance(each + 1, (index) => edge('|/', index))
    }
    if (end >= 0) {
      advance(end + 1, (index) => edge('| ', index))
      advance(start - 1, (index) => edge('|', index) + edge('_', end))
    } else advance(start - 1, (index) => edge('| ', index))
    if (start >= 0) advance(start, (index) => edge('|', index) + edge('/', end))
    advance(frontier.length, (index) => edge(slants ? ' /' : '| ', index))
    draw(line, 'other', end)
  }

  /** Puts a column in place, or joins it to one that leads to the same node. Whether it was joined. */
  const connect = (index: number, targets: Column): boolean => {
    const same = targets.length === 1 ? frontier.findIndex((each) => isOnly(each, targets[0]!)) : -1
    if (same < 0) {
      if (targets.length > 0) frontier.splice(index, 0, targets)
      return false
    }
    if (index < same) {
      frontier.splice(same, 1)
      frontier.splice(index, 0, targets)
      return connect(same, targets)
    }
    let slants = true
    if (last.kind === 'expansion') {
      backLine([], same, index + 1, true)
      slants = false
    } else {
      const from = last.kind === 'node' && last.index < index ? index + 1 : index
      // Further than one column it takes two lines.
      if (from - same > 1) {
        backLine([], same, from, true)
        slants = false
      }
    }
    backLine([same], -1, -1, slants)
    return true
  }

  /** Draws all edges of a column that go back to columns left of it. */
  const goBack = (index: number, back: readonly { column: number; target: Key }[]): void => {
    const column = frontier[index]!
    const ends: number[] = []
    let slanted = false
    for (const { column: end, target } of back) {
      column.splice(column.indexOf(target), 1)
      if (index - end > 1) {
        slanted = frontier.some((each) => each.length === 0)
        backLine(ends, end, index, slanted)
        ends.length = 0
      }
      ends.push(end)
    }
    const isDone = column.length === 0
    if (isDone) frontier.splice(index, 1)
    backLine(ends, -1, -1, isDone && !slanted)
  }

  /** Gives one edge of a column a column of its own, or that of its right neighbour. */
  const spread = (index: number): void => {
    const column = frontier[index]!
    const right = frontier[index + 1]
    const start = edges('| ', 0, index) // The columns in front stay as they are.
    if (right?.length === 1 && column.includes(right[0]!)) {
      column.splice(column.indexOf(right[0]!), 1)
      const line = start + edge('|', index) + edge('\\', index + 1) + edges('| ', index + 1, frontier.length)
      draw(line, 'other', index)
      return
    }
    const own: Column = [column.shift()!]
    frontier.splice(index, 0, own)
    const line = start + edge('|', index) + edge('\\', index + 1) + edges(' \\', index + 2, frontier.length)
    draw(line, 'expansion', index)
    frontier.splice(index, 1)
    connect(index, own)
  }

  const expand = (index: number): void => {
    const back = frontier[index]!.map((target) => ({
      target,
      column: frontier.slice(0, index).findIndex((each) => isOnly(each, target)),
    }))
      .filter(({ column }) => column >= 0)
      .sort((a, b) => a.column - b.column)
    if (back.length > 0) goBack(index, back)
    else spread(index)
    // Columns on the right may lead to the same nodes now.
    for (let at = index + 1; at < frontier.length; ) {
      const [targets] = frontier.splice(at, 1)
      if (!connect(at, targets!)) at++
    }
  }

  const drawNode = (): void => {
    const node = waiting.shift()!
    const index = frontier.findIndex((each) => each.includes(nodeKey(node)))
    draw(`${edges('| ', 0, index)}o ${edges('| ', index + 1, frontier.length)}${label(node)}`, 'node', index)
    frontier.splice(index, 1)
    const children = sortedEdges(node, deptypes).map(({ child }) => nodeKey(child))
    if (children.length > 0) connect(index, children.reverse())
    else if (frontier.length > 0) {
      draw(edges('| ', 0, index) + edges(' /', index, frontier.length), 'other', index)
    }
  }

  while (frontier.length > 0) {
    const wide = frontier.findIndex((each) => each.length > 1)
    if (wide >= 0) expand(wide)
    else drawNode()
  }
  return lines
}

const isOnly = (column: Column, target: Key): boolean => column.length === 1 && column[0] === target

/** Every node behind all that depend on it, otherwise as near to the root as can be. */
function topologicalOrder(root: Spec, deptypes: DeptypeMask = allDeptypes): Spec[] {
  const open = new Map<Key, number>()
  const children = new Map<Key | null, Spec[]>()
  for (const { node, parent } of walkEdges([root], { order: 'breadth', cover: 'edges', deptypes })) {
    open.set(nodeKey(node), (open.get(nodeKey(node)) ?? 0) + 1)
    const key = parent && nodeKey(parent)
    const siblings = children.get(key)
    if (siblings) siblings.push(node)
    else children.set(key, [node])
  }
  const ordered: Spec[] = []
  const enter = (node: Spec) => {
    const left = open.get(nodeKey(node))! - 1
    open.set(nodeKey(node), left)
    if (left === 0) ordered.push(node)
  }
  for (const node of children.get(null) ?? []) enter(node)
  for (let i = 0; i < ordered.length; i++) for (const child of children.get(nodeKey(ordered[i]!)) ?? []) enter(child)
  return ordered
}
