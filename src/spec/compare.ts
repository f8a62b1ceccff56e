// Order and equality of specs: node by node and then edge by edge, breadth first. Sorted output (`find`, trees,
// lockfiles) depends on it.

import { type Arch, type CompilerFlag, type Edge, emptySpec, type FlagKind, type Spec, type Variant } from './spec.ts'
import { compareTexts } from './text-order.ts'
import { sortedEdges } from './traverse-edges.ts'
import { compareVersionLists } from './version-list.ts'

/** Negative, zero or positive. Concrete specs with one hash are equal; others with equal parts are as well. */
export function compareSpecs(a: Spec, b: Spec): number {
  if (a === b || (a.concrete && b.concrete && a.concrete.hash === b.concrete.hash)) return 0
  const roots = compareNodes(a, b)
  if (roots || (!a.edges.length && !b.edges.length)) return roots
  const edges: NumberedEdge[] = []
  const otherEdges: NumberedEdge[] = []
  return (
    compareLazily(listNodes(a, edges), listNodes(b, otherEdges), compareNodes) ||
    compareLists(edges, otherEdges, compareNumbered)
  )
}

/** Whether two specs are the same constraint, or the same concrete spec. */
export function equalSpecs(a: Spec, b: Spec): boolean {
  if (a.concrete && b.concrete) return a.concrete.hash === b.concrete.hash
  return compareSpecs(a, b) === 0
}

/** What stands in no node: its condition is always met. */
const always = emptySpec()

/** The order among the edges of one node: by the child's name and hash, then by what is said on the edge. */
export function compareEdges(a: Edge, b: Edge): number {
  return (
    compareTexts(a.child.name ?? '', b.child.name ?? '') ||
    compareTexts(a.child.abstractHash ?? '', b.child.abstractHash ?? '') ||
    compareAttributes(a, b)
  )
}

/** Two conditional edges to one child may differ in propagation only; there the unpropagated one comes first. */
function compareAttributes(a: Edge, b: Edge): number {
  return (
    a.deptypes - b.deptypes ||
    compareLists(a.virtuals, b.virtuals, compareTexts) ||
    Number(a.direct) - Number(b.direct) ||
    Number(a.propagate) - Number(b.propagate) ||
    compareWhen(a, b)
  )
}

const compareWhen = (a: Edge, b: Edge): number =>
  a.when === b.when ? 0 : compareSpecs(a.when ?? always, b.when ?? always)

/** Whether two edges hold under the same condition. */
export const haveSameWhen = (a: Edge, b: Edge): boolean => compareWhen(a, b) === 0

function compareNodes(a: Spec, b: Spec): number {
  if (a === b || (a.concrete && a.concrete.hash === b.concrete?.hash)) return 0
  return (
    compareOptional(a.name, b.name, compareTexts) ||
    compareOptional(a.namespace, b.namespace, compareTexts) ||
    compareVersionLists(a.versions, b.versions) ||
    compareLists(byName(a.variants), byName(b.variants), compareVariants) ||
    compareLists(byName(a.flags), byName(b.flags), compareFlags) ||
    compareOptional(a.arch, b.arch, compareArchs) ||
    compareOptional(a.abstractHash, b.abstractHash, compareTexts) ||
    compareOptional(a.concrete?.packageHash ?? null, b.concrete?.packageHash ?? null, compareTexts)
  )
}

function compareVariants([aName, a]: readonly [string, Variant], [bName, b]: readonly [string, Variant]): number {
  return (
    compareTexts(aName, bName) ||
    Number(a.propagate) - Number(b.propagate) ||
    Number(a.isExact) - Number(b.isExact) ||
    compareLists(a.values.map(valueText), b.values.map(valueText), compareTexts)
  )
}

/** As Python writes it, since the text decides the order: `False` is below letters in lower case. */
const valueText = (value: string | boolean): string => (typeof value === 'string' ? value : value ? 'True' : 'False')

type FlagList = readonly CompilerFlag[]

function compareFlags([aKind, a]: readonly [FlagKind, FlagList], [bKind, b]: readonly [FlagKind, FlagList]): number {
  return (
    compareTexts(aKind, bKind) ||
    compareLists(a, b, (x, y) => compareTexts(x.flag, y.flag) || Number(x.propagate) - Number(y.propagate))
  )
}

function compareArchs(a: Arch, b: Arch): number {
  return (
    compareOptional(a.platform, b.platform, compareTexts) ||
    compareOptional(a.os, b.os, compareTexts) ||
    compareOptional(a.target, b.target, compareTexts)
  )
}

/** An edge between nodes numbered in the order in which they are met. */
interface NumberedEdge {
  from: number
  to: number
  edge: Edge
}

function compareNumbered(a: NumberedEdge, b: NumberedEdge): number {
  return (
    a.from - b.from ||
    a.to - b.to ||
    a.edge.deptypes - b.edge.deptypes ||
    compareLists(a.edge.virtuals, b.edge.virtuals, compareTexts) ||
    Number(a.edge.direct) - Number(b.edge.direct) ||
    compareWhen(a.edge, b.edge)
  )
}

/** The nodes below a root, breadth first, as far as they are asked for; their edges are added to `edges`. */
function* listNodes(root: Spec, edges: NumberedEdge[]): Generator<Spec> {
  const numbers = new Map<Spec, number>([[root, 0]])
  const pending: Spec[] = []
  for (const edge of sortedEdges(root)) {
    pending.push(edge.child)
    if (!numbers.has(edge.child)) numbers.set(edge.child, numbers.size)
    edges.push({ from: 0, to: pending.length, edge })
    yield edge.child
  }
  const visited = new Set<Spec>()
  for (const node of pending) {
    if (visited.has(node)) continue
    visited.add(node)
    for (const edge of sortedEdges(node)) {
      const isNew = !numbers.has(edge.child)
      if (isNew) numbers.set(edge.child, numbers.size)
      edges.push({ from: numbers.get(node)!, to: numbers.get(edge.child)!, edge })
      pending.push(edge.child)
      if (isNew) yield edge.child
    }
  }
}

/** What is absent is below everything else. */
function compareOptional<Value>(a: Value | null, b: Value | null, compare: (a: Value, b: Value) => number): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return compare(a, b)
}

/** Item by item; a list that is the beginning of another is below it. */
function compareLists<Item>(a: readonly Item[], b: readonly Item[], compare: (a: Item, b: Item) => number): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compare(a[i]!, b[i]!)
    if (order) return order
  }
  return a.length - b.length
}

/** As `compareLists`, without making more of the lists than the answer takes. */
function compareLazily<Item>(a: Iterator<Item>, b: Iterator<Item>, compare: (a: Item, b: Item) => number): number {
  for (;;) {
    const [left, right] = [a.next(), b.next()]
    if (left.done || right.done) return Number(right.done ?? false) - Number(left.done ?? false)
    const order = compare(left.value, right.value)
    if (order) return order
  }
}

function byName<Name extends string, Value>(map: ReadonlyMap<Name, Value>): (readonly [Name, Value])[] {
  const entries = [...map]
  return entries.length < 2 ? entries : entries.sort(([a], [b]) => compareTexts(a, b))
}
