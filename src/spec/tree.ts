// A DAG as an indented tree, as `spack spec` and `spack find -d` print it.

import { colourize, paintAs } from './colour.ts'
import { compareSpecs } from './compare.ts'
import { displayFormat, type FormatOptions, formatSpec } from './format.ts'
import { dagHash } from './node.ts'
import { type DeptypeMask, deptypeBits, type Spec } from './spec.ts'
import { allDeptypes, type Cover, nodeKey, type Step, walkEdges } from './traverse-edges.ts'

/** What is known of the installation of a node, and how it is marked. */
export const installMarks = {
  installed: '@g{[+]}  ',
  upstream: '@g{[^]}  ',
  external: '@M{[e]}  ',
  absent: '@K{ - }  ',
  missing: '@r{[-]}  ',
} as const
export type InstallStatus = keyof typeof installMarks

export interface TreeOptions extends FormatOptions {
  format?: string
  cover?: Cover
  deptypes?: DeptypeMask
  /** Children as depth-first search meets them first, instead of as near to a root as they can be. */
  depthFirst?: boolean
  /** Roots only. */
  recurseDependencies?: boolean
  hashes?: boolean
  hashLength?: number
  /** Letters of the deptypes by which a node is needed. */
  showTypes?: boolean
  /** The depth as a number. */
  depth?: boolean
  /** Blanks in front of every line. */
  indent?: number
  status?: (spec: Spec) => InstallStatus
  /** Text in front of everything else. */
  prefix?: (spec: Spec) => string
}

/** The lines of the trees below some roots, which are printed in ascending order. Throws as `formatSpec`. */
export function specTree(specs: readonly Spec[], options: TreeOptions = {}): string[] {
  const { cover = 'nodes', deptypes = allDeptypes, recurseDependencies = true } = options
  const roots = [...specs].sort(compareSpecs)
  const steps = treeSteps(roots, options)
  const typesOf = options.showTypes ? typeLookup(roots, cover, deptypes) : () => 0
  return (recurseDependencies ? steps : steps.slice(0, 1)).map((step) => printLine(step, typesOf(step), options))
}

/** The nodes of a tree in the order of its lines, with their depths. Roots come in the order given. */
export function treeSteps(roots: readonly Spec[], options: TreeOptions = {}): Step[] {
  const { cover = 'nodes', deptypes, depthFirst } = options
  if (depthFirst || cover === 'paths') return walkEdges(roots, { order: 'pre', cover, deptypes })
  return asTree(walkEdges(roots, { order: 'breadth', cover, deptypes }))
}

/** Steps of a breadth-first walk in the order of a tree; a node has its children where it was first met. */
function asTree(steps: readonly Step[]): Step[] {
  const children = new Map<unknown, Step[]>()
  const firstParents = new Map<unknown, unknown>()
  const parentKey = ({ parent }: Step) => parent && nodeKey(parent)
  for (const step of steps) {
    const key = nodeKey(step.node)
    const parent = parentKey(step)
    if (!firstParents.has(key)) firstParents.set(key, parent)
    const siblings = children.get(parent)
    if (siblings) siblings.push(step)
    else children.set(parent, [step])
  }
  const ordered: Step[] = []
  const add = (step: Step, depth: number): void => {
    ordered.push({ ...step, depth })
    const key = nodeKey(step.node)
    if (firstParents.get(key) !== parentKey(step)) return
    for (const child of children.get(key) ?? []) add(child, depth + 1)
  }
  for (const root of children.get(null) ?? []) add(root, 0)
  return ordered
}

/** The deptypes to show: those of the edge, or of all edges to a node that is listed once. */
function typeLookup(roots: readonly Spec[], cover: Cover, deptypes: DeptypeMask): (step: Step) => DeptypeMask {
  if (cover !== 'nodes') return ({ edge }) => edge?.deptypes ?? 0
  const masks = new Map<unknown, DeptypeMask>()
  for (const { node, edge } of walkEdges(roots, { order: 'pre', cover: 'edges', deptypes })) {
    if (edge) masks.set(nodeKey(node), (masks.get(nodeKey(node)) ?? 0) | edge.deptypes)
  }
  return ({ node }) => masks.get(nodeKey(node)) ?? 0
}

function printLine({ node, depth }: Step, deptypes: DeptypeMask, options: TreeOptions): string {
  const { colour = false, hashes, hashLength, indent = 0, prefix, showTypes, status, format = displayFormat } = options
  let line = (prefix?.(node) ?? '') + ' '.repeat(indent)
  if (options.depth) line += String(depth).padEnd(4)
  if (status) line += colourize(installMarks[status(node)], colour)
  if (hashes) line += `${paintHash(dagHash(node).slice(0, hashLength), colour)}  `
  if (showTypes) line += `[${typeLetters(deptypes)}]  `
  return `${line}${'    '.repeat(depth)}${depth ? '^' : ''}${formatSpec(node, format, options)}`
}

const paintHash = (hash: string, colour: boolean): string => (colour ? paintAs('K', hash) : hash)

/** `bl t`: the first letter of each deptype, in their order, or a blank. */
export const typeLetters = (mask: DeptypeMask): string =>
  Object.entries(deptypeBits)
    .map(([name, bit]) => (mask & bit ? name[0] : ' '))
    .join('')
