// What is looked at only when all else is settled, since it seldom fails and would be long to tell beforehand: there is
// no cycle, everything is needed, and one unification set has one node of a package. What fails is forbidden by a clause.

import { type Lit, negate } from '../solver/literal.ts'
import { specName } from '../spec/characters.ts'
import type { GraphRule } from './cause.ts'
import { conditionHolds } from './constraints.ts'
import { type Encoding, languages } from './encoding.ts'
import { constraint } from './package-facts.ts'
import type { EdgeLits, PackageNode } from './package-node.ts'
import { type Graph, type PassedFlag, passedFlags } from './passed-flags.ts'
import { preferenceBelow } from './propagated.ts'
import { versionIn } from './properties.ts'
import { type EncodedRequests, supportOf } from './requests.ts'
import { isBelowRoots, mayBeBelowRoots, unknownLinksTo } from './ways.ts'

type Check = (encoding: Encoding, graph: Graph, requests: EncodedRequests) => Lit[][]

/** Whether the complete assignment is an answer; otherwise clauses are added that say why not. */
export function acceptAssignment(encoding: Encoding, requests: EncodedRequests): boolean {
  const graph = readGraph(encoding)
  for (const [rule, check] of checks) {
    // What holds by a reason not known yet is looked at again when the world is closed.
    const blame = rule ? negate(encoding.blameGraph(rule)) : encoding.formula.false
    const clauses = check(encoding, graph, requests).filter((clause) => !clause.some(graph.isTrue))
    if (graph.isTrue(blame)) continue
    for (const clause of clauses) encoding.formula.clause([...clause, blame])
    if (clauses.length) return false
  }
  return true
}

function readGraph({ declared, solver }: Encoding): Graph {
  const isTrue = (literal: Lit) => solver.valueOf(literal) === 1
  const nodes = declared.filter(({ exists }) => isTrue(exists))
  const edges = new Map(nodes.map((node) => [node, [...node.edges.values()].filter(({ literal }) => isTrue(literal))]))
  return { nodes, edges, isTrue }
}

/** Dependencies form no cycle. */
const checkCycles: Check = (_, { nodes, edges }) => {
  const state = new Map<PackageNode, 'open' | 'done'>()
  const path: { node: PackageNode; edge: EdgeLits }[] = []
  const visit = (node: PackageNode): Lit[] | undefined => {
    state.set(node, 'open')
    for (const edge of edges.get(node) ?? []) {
      const known = state.get(edge.child)
      if (known === 'done') continue
      path.push({ node, edge })
      if (known === 'open')
        return path.slice(path.findIndex((step) => step.node === edge.child)).map((step) => negate(step.edge.literal))
      const cycle = visit(edge.child)
      if (cycle) return cycle
      path.pop()
    }
    state.set(node, 'done')
    return undefined
  }
  for (const node of nodes) {
    const cycle = state.has(node) ? undefined : visit(node)
    if (cycle) return [cycle]
  }
  return []
}

/** Every node is a root or below one. */
const checkNeeded: Check = (encoding, { nodes, edges, isTrue }) => {
  const reached = new Set(nodes.filter(({ root }) => isTrue(root)))
  for (const node of reached) for (const { child } of edges.get(node) ?? []) reached.add(child)
  return nodes
    .filter((node) => !reached.has(node))
    .map((node) => [negate(node.exists), node.root, supportOf(encoding, node)])
}

/** A set of nodes that holds one node of each package, and by which edges each got into it. */
interface UnificationSet {
  members: Map<PackageNode, readonly Lit[]>
}

/** Adds a node and all that it links to or runs. `why` are literals whose falsity keeps it out. */
function spread({ edges, isTrue }: Graph, set: UnificationSet, start: PackageNode, why: readonly Lit[]): void {
  if (set.members.has(start)) return
  set.members.set(start, why)
  const added = [start]
  for (const node of added) {
    const reasons = set.members.get(node)!
    for (const edge of edges.get(node) ?? []) {
      if (!isTrue(edge.notBuildOnly) || set.members.has(edge.child)) continue
      set.members.set(edge.child, [...reasons, negate(edge.notBuildOnly)])
      added.push(edge.child)
    }
  }
}

function rootSet(graph: Graph): UnificationSet {
  const set: UnificationSet = { members: new Map() }
  for (const node of graph.nodes) if (graph.isTrue(node.root)) spread(graph, set, node, [negate(node.root)])
  return set
}

const checkUnification: Check = (encoding, graph) => {
  const root = rootSet(graph)
  const clauses: Lit[][] = []
  for (const [node, why] of root.members) if (node.id > 0) clauses.push([...why])
  const generic: UnificationSet = { members: new Map() }
  const sets: UnificationSet[] = [generic]
  for (const node of graph.nodes) {
    for (const edge of graph.edges.get(node) ?? []) {
      if (!graph.isTrue(edge.types.build) || graph.isTrue(edge.linkRun)) continue
      const why = [negate(edge.types.build), edge.linkRun]
      if (!encoding.isMulti(edge.child.name)) spread(graph, generic, edge.child, why)
      else {
        const own: UnificationSet = { members: new Map() }
        spread(graph, own, edge.child, why)
        sets.push(own)
      }
    }
  }
  for (const { members } of sets) {
    const first = new Map<string, PackageNode>()
    for (const [node, why] of members) {
      const other = first.get(node.name)
      if (other) clauses.push([...new Set([...why, ...members.get(other)!])])
      else first.set(node.name, node)
    }
  }
  return clauses
}

/** Packages that extend the same one and depend on each other extend the same node. */
const checkExtensions: Check = (encoding, { nodes, edges, isTrue }) => {
  const extended = (node: PackageNode): { edge: EdgeLits; active: Lit }[] => {
    if (!isTrue(node.build)) return []
    return node.facts!.package.recipe.extends.flatMap(({ spec, when }) => {
      const active = conditionHolds(encoding, node, when)
      const name = specName(spec)
      if (!encoding.isMulti(name) || !isTrue(active)) return []
      return (edges.get(node) ?? []).filter(({ child }) => child.name === name).map((edge) => ({ edge, active }))
    })
  }
  const clauses: Lit[][] = []
  for (const node of nodes) {
    for (const own of extended(node)) {
      for (const between of edges.get(node) ?? []) {
        for (const edge of edges.get(between.child) ?? []) {
          if (edge.child.name !== own.edge.child.name || edge.child === own.edge.child) continue
          clauses.push([negate(between.literal), negate(own.active), negate(own.edge.literal), negate(edge.literal)])
        }
      }
    }
  }
  return clauses
}

/** What a request mentions is a direct child of its root, or what the root links to or runs. */
const checkMentions: Check = (encoding, graph, { mentions }) => {
  const root = rootSet(graph)
  return mentions
    .filter(({ guard }) => graph.isTrue(guard))
    .filter(
      ({ node, roots, mustBeLinked }) =>
        !root.members.has(node) &&
        (mustBeLinked || !roots.some((parent) => graph.edges.get(parent)?.some((edge) => edge.child === node))),
    )
    .map(({ node, roots, guard, mustBeLinked }) => {
      // Also edges that are not known yet, of a root that was reused so far.
      const direct = mustBeLinked ? [] : roots.map((parent) => encoding.edge(parent, node).literal)
      return [negate(guard), ...direct, ...demandedWays(encoding, graph, node)]
    })
}

/** How many answers are refused for a node that should be below a root before that is said once and for all. */
const fewRefusals = 4

/** One of these holds where a node is below a root, and none does now. */
function demandedWays(encoding: Encoding, graph: Graph, node: PackageNode): Lit[] {
  // To say that takes a while, but to refuse answer after answer may never end.
  if (node.refusals++ < fewRefusals) return waysIn(encoding, graph, node)
  const below = isBelowRoots(encoding, node)
  return graph.isTrue(below) ? waysIn(encoding, graph, node) : [below]
}

/** What would link a node to the roots, or have them run it: one of these, since nothing does so far. */
function waysIn(encoding: Encoding, { isTrue }: Graph, node: PackageNode): Lit[] {
  const cutOff = new Set([node])
  const ways: Lit[] = []
  for (const each of cutOff) {
    ways.push(each.root, ...unknownLinksTo(encoding, each), ...(each.below ? [each.below.tail] : []))
    for (const { parent } of each.incoming) {
      if (!mayBeBelowRoots(encoding, parent)) continue
      const { linkRun } = parent.edges.get(each)!
      if (isTrue(linkRun)) cutOff.add(parent)
      else ways.push(linkRun)
    }
  }
  return ways
}

/** What a compiler asks of the compilers of everything below. */
const checkPropagation: Check = (encoding, { nodes, edges, isTrue }) => {
  const clauses: Lit[][] = []
  for (const { rules } of encoding.world.compilers) {
    for (const rule of rules) {
      if (rule.kind !== 'propagate') continue
      const asked = constraint(rule.spec)
      if (encoding.nodesOf(asked.name!).filter(({ exists }) => isTrue(exists)).length < 2) continue
      const reached = new Map<PackageNode, readonly Lit[]>()
      for (const node of nodes) {
        const starts = conditionHolds(encoding, node, rule.when)
        if (isTrue(starts)) reached.set(node, [negate(starts)])
      }
      for (const [node, why] of reached) {
        for (const edge of edges.get(node) ?? []) {
          const { child } = edge
          const fits = child.name === asked.name ? versionIn(encoding, child, asked.versions) : encoding.formula.true
          if (isTrue(edge.types.build) && !isTrue(fits) && !encoding.runtimes.has(node.name)) {
            clauses.push([...why, negate(edge.types.build), fits])
          }
          if (!reached.has(child)) reached.set(child, [...why, negate(edge.literal)])
        }
      }
      if (clauses.length) return clauses
    }
  }
  return clauses
}

/** What a request prefers for all that a node links to or runs is about those nodes. */
const checkPreferences: Check = (encoding, { nodes, edges, isTrue }) => {
  const names = new Set(encoding.propagated.map(({ package: name }) => name))
  return nodes
    .filter(({ name }) => names.has(name))
    .flatMap((above) => {
      const reached = new Map<PackageNode, readonly Lit[]>([[above, [negate(above.exists)]]])
      for (const [node, why] of reached) {
        for (const { child, linkRun } of edges.get(node) ?? []) {
          if (isTrue(linkRun) && !reached.has(child)) reached.set(child, [...why, negate(linkRun)])
        }
      }
      reached.delete(above)
      return [...reached].map(([node, why]) => [...why, preferenceBelow(encoding, above.name, node)])
    })
}

/** What is reused has the flags that are passed on to it, and no two packages pass on other flags of a kind to a node. */
const checkPassedFlags: Check = (encoding, graph) => {
  const clauses: Lit[][] = []
  const others = new Map<string, PassedFlag>()
  for (const passed of passedFlags(graph, encoding.runtimes)) {
    const { node, flag, source, why } = passed
    const reused = node.candidates.find(({ literal }) => graph.isTrue(literal))
    const has = reused?.spec.flags.get(flag.kind)?.some((own) => own.flag === flag.flag)
    if (reused && !has) clauses.push([...new Set([...why, negate(reused.literal)])])
    const key = `${node.name}#${node.id} ${flag.kind}`
    const other = others.get(key)
    if (!other) others.set(key, passed)
    else if (other.flag.group !== flag.group && other.source.name !== source.name)
      clauses.push([...new Set([...why, ...other.why])])
  }
  return clauses
}

/** A runtime is built together with something, by a compiler that something else uses too if it compiles anything. */
const checkRuntimes: Check = (_, { nodes, isTrue }) => {
  const clauses: Lit[][] = []
  const built = nodes.filter(({ build }) => isTrue(build))
  for (const node of nodes) {
    if (node.name !== 'gcc-runtime') continue
    if (isTrue(node.concrete)) for (const other of built) clauses.push([negate(node.concrete), negate(other.build)])
    for (const { child, types } of node.edges.values()) {
      if (child.name !== 'gcc' || !isTrue(types.build)) continue
      const others = child.incoming
        .filter(({ parent }) => parent !== node)
        .map(({ parent }) => parent.edges.get(child)!.types.build)
      const compiles = compilerUses(nodes, 'gcc').find(isTrue)
      if (compiles !== undefined && !others.some(isTrue))
        clauses.push([negate(types.build), negate(compiles), ...others])
    }
  }
  return clauses
}

const compilerUses = (nodes: readonly PackageNode[], compiler: string): Lit[] =>
  nodes.flatMap(({ uses }) =>
    languages.flatMap((language) =>
      (uses.get(language) ?? []).filter(({ child }) => child.name === compiler).map(({ literal }) => literal),
    ),
  )

/** Where compilers may not be mixed, what is linked together has one for each language. */
const checkMixing: Check = (encoding, graph) => {
  const { compilerMixing } = encoding.world.settings
  if (compilerMixing === true) return []
  const mayMix = new Set(compilerMixing === false ? [] : compilerMixing)
  const { members } = rootSet(graph)
  for (const language of languages) {
    let first: { child: PackageNode; why: readonly Lit[] } | undefined
    for (const [node, why] of members) {
      if (mayMix.has(node.name)) continue
      const use = node.uses.get(language)?.find(({ literal }) => graph.isTrue(literal))
      if (!use) continue
      const reasons = [...why, negate(use.literal)]
      if (!first) first = { child: use.child, why: reasons }
      else if (first.child !== use.child) return [[...new Set([...first.why, ...reasons])]]
    }
  }
  return []
}

const checks: readonly (readonly [GraphRule | null, Check])[] = [
  ['no-cycles', checkCycles],
  ['mentions-below-root', checkMentions],
  ['all-needed', checkNeeded],
  ['one-of-each', checkUnification],
  ['one-extended', checkExtensions],
  ['compiler-propagation', checkPropagation],
  // What it tells costs and forbids nothing.
  [null, checkPreferences],
  ['flags-passed-on', checkPassedFlags],
  ['runtime-compiler', checkRuntimes],
  ['no-compiler-mixing', checkMixing],
]
