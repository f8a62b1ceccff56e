// What is asked for: the roots, and what is said of packages somewhere below them.

import { type Lit, negate } from '../solver/literal.ts'
import { type Edge, emptySpec, flagKinds, type Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { anyVersion } from '../spec/version-list.ts'
import { type FlagOrigin, holds, impose, imposeEdge, imposeVirtualVersion } from './constraints.ts'
import type { Encoding } from './encoding.ts'
import { valueKey } from './package-facts.ts'
import type { PackageNode } from './package-node.ts'
import { propagatedPreferences } from './propagated.ts'
import { addUse, isUsed, virtualNode } from './virtuals.ts'
import { callsTo } from './ways.ts'
import type { Origin } from './world.ts'

export interface Request {
  spec: Spec
  origin: Origin
}

/** A node that a request speaks of without depending on it directly: it must be needed below the root. */
export interface Mention {
  roots: readonly PackageNode[]
  node: PackageNode
  guard: Lit
  /** That a root builds with it is not enough: a virtual that is named must be provided to what roots link to or run. */
  mustBeLinked: boolean
}

export interface EncodedRequests {
  /** By request: that it is met. */
  met: readonly Lit[]
  /** By request: what may be its root, and when that is so. */
  roots: readonly (readonly { node: PackageNode; literal: Lit }[])[]
  mentions: readonly Mention[]
}

const fromRequest: FlagOrigin = { source: 'literal', rank: 9 }

/** Encodes requests, all of which must be met unless `isOptional`; then as many as possible are. */
export function encodeRequests(encoding: Encoding, requests: readonly Request[], isOptional: boolean): EncodedRequests {
  const { formula } = encoding
  encoding.hasRivalFlags = passRivalFlags(requests.map(({ spec }) => spec))
  const guards = requests.map(({ origin }) => {
    const wanted = isOptional ? formula.fresh() : formula.true
    return { wanted, guard: formula.and([wanted, encoding.blame(() => ({ kind: 'request', origin }))]) }
  })
  for (const [at, { spec }] of requests.entries()) {
    if (!spec.concrete) noteValues(encoding, spec, guards[at]!.wanted)
    if (encoding.world.isVirtual(spec.name!)) continue
    const node = encoding.node(spec.name!)
    encoding.explicitRoots.set(node, formula.or([encoding.explicitRoots.get(node) ?? formula.false, guards[at]!.guard]))
  }
  const roots = requests.map(({ spec }, at) => rootsOf(encoding, spec, guards[at]!.guard))
  const byNode = new Map<PackageNode, Lit[]>()
  for (const { node, literal } of roots.flat()) byNode.set(node, [...(byNode.get(node) ?? []), literal])
  for (const [node, literals] of byNode) node.root = formula.or(literals)
  const mentions: Mention[] = []
  for (const [at, { spec }] of requests.entries())
    encodeRequest(encoding, spec, guards[at]!.guard, roots[at]!, mentions)
  if (isOptional) {
    formula.clause(guards.map(({ wanted }) => wanted))
    for (const { wanted } of guards) encoding.cost('unsolved', negate(wanted), 1)
    encoding.optional.push(...guards.map(({ wanted }) => wanted))
  }
  return { met: guards.map(({ wanted }) => wanted), roots, mentions }
}

/** Whether different flags of one kind are passed on. */
function passRivalFlags(specs: readonly Spec[]): boolean {
  const nodes = traverseNodes(specs.filter(({ concrete }) => !concrete))
  return flagKinds.some((kind) => {
    const passed = nodes.map(({ flags }) => (flags.get(kind) ?? []).filter(({ propagate }) => propagate))
    return new Set(passed.filter(({ length }) => length).map((list) => list.map(({ flag }) => flag).join(' '))).size > 1
  })
}

/** Values that are asked for anywhere are defaults of their packages, when the request is met. */
function noteValues(encoding: Encoding, spec: Spec, wanted: Lit): void {
  if (spec.name && !encoding.world.isVirtual(spec.name)) {
    for (const [name, { values, propagate }] of spec.variants) {
      if (propagate) continue
      const variants = encoding.requestedValues.get(spec.name) ?? new Map<string, Map<string, Lit>>()
      encoding.requestedValues.set(spec.name, variants)
      const known = variants.get(name) ?? new Map<string, Lit>()
      variants.set(name, known)
      for (const key of values.map(valueKey))
        known.set(key, encoding.formula.or([known.get(key) ?? encoding.formula.false, wanted]))
    }
  }
  for (const { child, direct } of spec.edges) if (!direct) noteValues(encoding, child, wanted)
}

function rootsOf(encoding: Encoding, spec: Spec, guard: Lit): { node: PackageNode; literal: Lit }[] {
  const name = spec.name!
  if (!encoding.world.isVirtual(name)) return [{ node: encoding.node(name), literal: guard }]
  const virtual = virtualNode(encoding, name)
  const roots = virtual.providers
    .filter(({ node }) => node.id === 0)
    .map(({ node, literal }) => ({ node, literal: encoding.formula.and([guard, literal]) }))
  for (const { node, literal } of roots) addUse(encoding, virtual, node, literal)
  return roots
}

function encodeRequest(
  encoding: Encoding,
  spec: Spec,
  guard: Lit,
  roots: readonly { node: PackageNode; literal: Lit }[],
  mentions: Mention[],
): void {
  const { formula } = encoding
  formula.implies(guard, ...roots.map(({ literal }) => literal))
  if (spec.concrete) {
    // One of those that can be reused, whose hash says all.
    for (const { node, literal } of roots) impose(encoding, node, { ...emptySpec(), concrete: spec.concrete }, literal)
    for (const { node, literal } of roots) formula.implies(literal, node.exists)
    return
  }
  const isVirtual = encoding.world.isVirtual(spec.name!)
  for (const { node, literal } of roots) {
    formula.implies(literal, node.exists)
    if (isVirtual) imposeVirtualVersion(encoding, node, virtualNode(encoding, spec.name!), spec.versions, literal)
    const own: Spec = { ...spec, name: null, edges: [], ...(isVirtual ? { versions: anyVersion } : {}) }
    impose(encoding, node, own, literal, fromRequest)
    for (const edge of spec.edges) if (edge.direct) imposeEdge(encoding, node, edge, literal, fromRequest)
  }
  encoding.propagated.push(...propagatedPreferences(spec))
  const nodes = roots.map(({ node }) => node)
  for (const edge of spec.edges) if (!edge.direct) encodeMention(encoding, edge, guard, nodes, mentions)
}

function encodeMention(
  encoding: Encoding,
  edge: Edge,
  guard: Lit,
  roots: readonly PackageNode[],
  mentions: Mention[],
): void {
  const { formula } = encoding
  const name = edge.child.name!
  const active = edge.when ? formula.and([guard, ...roots.map((root) => holds(encoding, root, edge.when!))]) : guard
  const isVirtual = encoding.world.isVirtual(name)
  const candidates = isVirtual
    ? virtualNode(encoding, name).providers
    : encoding.nodesOf(name).map((node) => ({ node, literal: node.exists }))
  const chosen = candidates.map(({ node, literal }) => {
    const wanted = candidates.length === 1 ? active : formula.fresh()
    formula.implies(wanted, literal)
    formula.implies(wanted, active)
    return { node, wanted }
  })
  if (candidates.length === 1 && !isVirtual) encoding.waiting.set(candidates[0]!.literal, candidates[0]!.node)
  formula.implies(active, ...chosen.map(({ wanted }) => wanted))
  formula.atMostOne(chosen.map(({ wanted }) => wanted))
  for (const { node, wanted } of chosen) {
    mentions.push({ roots, node, guard: wanted, mustBeLinked: isVirtual || edge.virtuals.length > 0 })
    formula.implies(wanted, node.root, ...callsTo(encoding, node))
    for (const virtual of isVirtual ? [name, ...edge.virtuals] : edge.virtuals)
      formula.implies(wanted, isUsed(encoding, virtualNode(encoding, virtual), node))
    if (isVirtual) imposeVirtualVersion(encoding, node, virtualNode(encoding, name), edge.child.versions, wanted)
    else
      encoding.whenImposed(node, wanted, () =>
        impose(encoding, node, { ...edge.child, name: null }, wanted, fromRequest),
      )
  }
  if (candidates.length > 1 && !isVirtual) for (const root of roots) imposeNearby(encoding, root, edge.child, active)
}

/** What is said of a package that may be there more than once holds of the root and of its direct children, too. */
function imposeNearby(encoding: Encoding, root: PackageNode, spec: Spec, guard: Lit): void {
  const own: Spec = { ...spec, name: null }
  if (root.name === spec.name) {
    impose(encoding, root, own, guard, fromRequest)
    return
  }
  for (const child of encoding.nodesOf(spec.name!)) {
    const both = encoding.formula.and([guard, encoding.edge(root, child).literal])
    encoding.whenImposed(child, both, () => impose(encoding, child, own, both, fromRequest))
  }
}

/** That something depends on a node. */
export function supportOf(encoding: Encoding, node: PackageNode): Lit {
  node.support ??= encoding.formula.openOr(
    node,
    node.incoming.map(({ literal }) => literal),
  )
  return node.support.literal
}
