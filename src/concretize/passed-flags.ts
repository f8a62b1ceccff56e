// Flags that are passed on (`cflags==-g`) to all that a node links to or runs, transitively: to nodes with the same
// compilers, and not where a request gives flags of the kind. Flags that are written alike count as one: whoever else
// passes them on is their source too, be it above the node or not.

import { type Lit, negate } from '../solver/literal.ts'
import { languages } from './encoding.ts'
import type { EdgeLits, FlagSource, PackageNode } from './package-node.ts'

/** An assignment as a graph. */
export interface Graph {
  nodes: readonly PackageNode[]
  /** Edges that are there, by parent. */
  edges: ReadonlyMap<PackageNode, readonly EdgeLits[]>
  isTrue: (literal: Lit) => boolean
}

export interface PassedFlag {
  node: PackageNode
  flag: FlagSource
  source: PackageNode
  /** Literals of which none holds while this is so. */
  why: readonly Lit[]
}

interface Passing {
  flag: FlagSource
  sources: { node: PackageNode; guard: Lit }[]
}

/** Which flags arrive at which nodes, once for each source. */
export function passedFlags(graph: Graph, runtimes: ReadonlySet<string>): PassedFlag[] {
  return passings(graph).flatMap((passing) => {
    const reached = reachedBy(graph, passing)
    return [...reached].flatMap(([node, why]) =>
      runtimes.has(node.name) || isGiven(graph, node, passing.flag) ? [] : arrivals(graph, node, passing, why),
    )
  })
}

function passings({ nodes, isTrue }: Graph): Passing[] {
  const known = new Map<string, Passing>()
  for (const node of nodes) {
    for (const flag of node.flags) {
      if (!flag.propagate || !isTrue(flag.guard)) continue
      const key = JSON.stringify([flag.kind, flag.flag, flag.group, flag.source])
      const passing = known.get(key) ?? { flag, sources: [] }
      known.set(key, passing)
      if (!passing.sources.some((source) => source.node === node)) passing.sources.push({ node, guard: flag.guard })
    }
  }
  return [...known.values()]
}

function reachedBy({ edges, isTrue }: Graph, { sources }: Passing): Map<PackageNode, readonly Lit[]> {
  const reached = new Map<PackageNode, readonly Lit[]>(sources.map(({ node, guard }) => [node, [negate(guard)]]))
  for (const [node, why] of reached) {
    for (const { child, linkRun } of edges.get(node) ?? []) {
      if (isTrue(linkRun) && !reached.has(child)) reached.set(child, [...why, negate(linkRun)])
    }
  }
  return reached
}

const isFromRequest = (given: FlagSource, flag: FlagSource): boolean =>
  given.source === 'literal' && given.kind === flag.kind

const isGiven = ({ isTrue }: Graph, node: PackageNode, flag: FlagSource): boolean =>
  node.flags.some((given) => isFromRequest(given, flag) && isTrue(given.guard))

function arrivals(graph: Graph, node: PackageNode, { flag, sources }: Passing, why: readonly Lit[]): PassedFlag[] {
  const given = node.flags.filter((each) => isFromRequest(each, flag)).map(({ guard }) => guard)
  return sources.flatMap((source): PassedFlag[] => {
    const sharing = source.node === node ? undefined : whySharing(graph, source.node, node)
    if (!sharing) return []
    return [{ node, flag, source: source.node, why: [...why, ...given, negate(source.guard), ...sharing] }]
  })
}

/** Why a node has all compilers of a source: literals of which none holds. Undefined where it has not. */
function whySharing({ isTrue }: Graph, source: PackageNode, node: PackageNode): Lit[] | undefined {
  // What is reused has no compilers here, and others if it is built.
  const why = isTrue(source.build) ? [] : [source.build]
  for (const language of languages) {
    const uses = source.uses.get(language) ?? []
    const use = uses.find(({ literal }) => isTrue(literal))
    if (!use) {
      why.push(...uses.map(({ literal }) => literal))
      continue
    }
    const same = node.uses.get(language)?.find(({ child, literal }) => child === use.child && isTrue(literal))
    if (!same) return undefined
    why.push(negate(use.literal), negate(same.literal))
  }
  return why
}
