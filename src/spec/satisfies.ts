// The two questions about a pair of specs: is all that one allows also allowed by the other (satisfies), and is there
// something that both allow (intersects). Follows Spack's `Spec.satisfies` and `Spec.intersects`.

import { archIntersects, archSatisfies } from './arch.ts'
import { isVirtualName, type PackageFacts } from './facts.ts'
import { flagsSatisfy } from './flags.ts'
import { type Concrete, type DeptypeMask, deptypeBits, type Edge, emptySpec, type Spec } from './spec.ts'
import { findDependency, hasDeptype, linkRun, reachableNodes, walkEdges } from './traverse-edges.ts'
import { variantsIntersect, variantsSatisfy } from './variants.ts'
import { intersectsVersions, satisfiesVersions } from './version-list.ts'

export interface RelationOptions {
  /** Without facts no name is virtual, save that an edge which provides `mpi` is what a bare `^mpi` asks for. */
  facts?: PackageFacts
  /** Leave dependencies aside. */
  nodeOnly?: boolean
}

/**
 * Whether all concrete specs that match `a` also match `b`. Throws SpackError `git-version-unresolved` and
 * `unknown-target` where the answer depends on what is not known.
 */
export function satisfies(a: Spec, b: Spec, options: RelationOptions = {}): boolean {
  if (a === b) return true
  if (b.concrete) return a.concrete?.hash === b.concrete.hash
  if (b.abstractHash && !(a.concrete?.hash ?? a.abstractHash)?.startsWith(b.abstractHash)) return false
  if (haveDifferentNames(a, b)) return satisfiesVirtual(a, b, options.facts)
  return (
    namespacesAgree(a, b) &&
    satisfiesVersions(a.versions, b.versions) &&
    variantsSatisfy(a, b) &&
    archSatisfies(a.arch, b.arch) &&
    flagsSatisfy(a.flags, b.flags) &&
    (options.nodeOnly || !b.edges.length || dependenciesSatisfy(a, b, options.facts))
  )
}

/**
 * Whether some concrete spec may match both. Symmetric, but for `target=*`, `platform=*` and `os=*`, where it is
 * Spack's order that counts. Throws as `satisfies`.
 */
export function intersects(a: Spec, b: Spec, options: RelationOptions = {}): boolean {
  if (a === b) return true
  const { facts } = options
  if (a.concrete) return b.concrete ? a.concrete.hash === b.concrete.hash : satisfies(a, b, { facts })
  if (b.concrete) return satisfies(b, a, { facts })
  if (!hashesAgree(a.abstractHash, b.abstractHash)) return false
  if (haveDifferentNames(a, b)) return facts !== undefined && intersectsVirtual(a, b, facts)
  return (
    namespacesAgree(a, b) &&
    intersectsVersions(a.versions, b.versions) &&
    variantsIntersect(a.variants, b.variants) &&
    archIntersects(a.arch, b.arch) &&
    (options.nodeOnly || dependenciesIntersect(a, b, facts))
  )
}

const haveDifferentNames = (a: Spec, b: Spec): boolean => Boolean(a.name && b.name && a.name !== b.name)

/** A namespace that is not given may be any. */
const namespacesAgree = (a: Spec, b: Spec): boolean =>
  a.namespace === null || b.namespace === null || a.namespace === b.namespace

/** Of two beginnings of a hash one must be the beginning of the other. */
const hashesAgree = (a: string | null, b: string | null): boolean => !a || !b || a.startsWith(b) || b.startsWith(a)

/** Whether the package `a` provides the virtual `b`. */
function satisfiesVirtual(a: Spec, b: Spec, facts: PackageFacts | undefined): boolean {
  if (!facts || facts.isVirtual(a.name!) || !facts.isVirtual(b.name!)) return false
  return mayProvide(a, b, facts, (when) => satisfies(a, when, { facts, nodeOnly: true }))
}

function intersectsVirtual(a: Spec, b: Spec, facts: PackageFacts): boolean {
  const [aIsVirtual, bIsVirtual] = [facts.isVirtual(a.name!), facts.isVirtual(b.name!)]
  if (aIsVirtual && bIsVirtual) {
    const others = providersOf(b, facts)
    return providersOf(a, facts).some((provider) => others.some((other) => intersects(provider, other, { facts })))
  }
  if (!aIsVirtual && !bIsVirtual) return false
  const [virtual, provider] = aIsVirtual ? [a, b] : [b, a]
  return mayProvide(provider, virtual, facts, (when) => intersects(provider, when, { facts, nodeOnly: true }))
}

/** Whether a condition holds under which the provider supplies something like what is asked for. */
function mayProvide(provider: Spec, virtual: Spec, facts: PackageFacts, holds: (when: Spec) => boolean): boolean {
  const provisions = facts.provides(provider.name!)
  const hasName = provisions.some(
    ({ when, virtuals }) => virtuals.some(({ name }) => name === virtual.name) && intersects(provider, when, { facts }),
  )
  if (!hasName) return false
  return provisions.some(
    ({ when, virtuals }) => holds(when) && virtuals.some((provided) => intersects(provided, virtual, { facts })),
  )
}

function providersOf(virtual: Spec, facts: PackageFacts): Spec[] {
  const supply = facts.providers(virtual.name!)
  const fitting = supply.filter((provided) => intersects(provided.virtual, virtual, { facts, nodeOnly: true }))
  return fitting.flatMap(({ providers }) => providers)
}

function dependenciesSatisfy(a: Spec, b: Spec, facts: PackageFacts | undefined): boolean {
  let index: EdgeIndex | undefined
  for (const { edge, parent } of walkEdges([b], { order: 'pre', cover: 'edges' })) {
    if (!edge || !parent || !mayApply(a, edge, parent, facts)) continue
    const asked: AskedEdge = { edge, isVirtual: isVirtualName(edge.child.name, facts), parent }
    if (edge.direct) {
      if (!hasDirect(a, asked, facts)) return false
    } else if (!parent.concrete) {
      index ??= indexEdges(a)
      if (!hasSomewhere(index, asked, facts)) return false
    }
  }
  return true
}

/** An edge that the other side must have. */
interface AskedEdge {
  edge: Edge
  isVirtual: boolean
  parent: Spec
}

/** Whether the condition of an edge can be met; one that cannot asks for nothing. */
function mayApply(a: Spec, { when }: Edge, parent: Spec, facts: PackageFacts | undefined): boolean {
  if (!when) return true
  const node = !parent.name || parent.name === a.name ? a : findDependency(a, parent.name)
  return !node || intersects(node, when, { facts })
}

/** `%gcc`: a child of the very node that asks for it, which is the root or a named node below it. */
function hasDirect(a: Spec, { edge, isVirtual, parent }: AskedEdge, facts: PackageFacts | undefined): boolean {
  const { child, deptypes, virtuals } = edge
  const isRoot = !parent.name || parent.name === child.name
  const node = isRoot ? a : findDependency(a, parent.name!)
  if (!node) return false
  if (node.concrete && hidesCompiler(node, node.concrete)) {
    const compiler = node.concrete.legacyCompiler
    return compiler !== null && satisfies(compiler, child, { facts })
  }
  const askedVirtuals = isVirtual ? [...virtuals, child.name!] : virtuals
  const isCandidate = (own: Edge): boolean => {
    if (isVirtual && own.child.name === child.name) return true
    if (!isVirtual && child.name && own.child.name !== child.name && !providesBareName(own, child, facts)) return false
    return !askedVirtuals.length || askedVirtuals.some((virtual) => own.virtuals.includes(virtual))
  }
  return node.edges.some(
    (own) =>
      isCandidate(own) &&
      (own.deptypes & deptypes) === deptypes &&
      whenSatisfies(edge, own, facts) &&
      (providesBareName(own, child, facts) || satisfies(own.child, child, { facts })),
  )
}

/** Nodes from formats before 5, and externals without dependencies, name their compiler instead of having an edge. */
const hidesCompiler = (node: Spec, concrete: Concrete): boolean =>
  concrete.originalSpecfileVersion < 5 || (concrete.external !== null && !node.edges.length)

/** `^zlib`: a link or run dependency at any depth, or a build dependency of the root. */
function hasSomewhere(index: EdgeIndex, { edge, isVirtual }: AskedEdge, facts: PackageFacts | undefined): boolean {
  const { child } = edge
  const candidates = child.name
    ? [...(index.get(child.name) ?? [])].filter((own) => whenSatisfies(edge, own, facts))
    : [...index.values()].flatMap((edges) => [...edges])
  const virtuals = isVirtual ? [...edge.virtuals, child.name!] : edge.virtuals
  const isProvided = (virtual: string) =>
    candidates.some((own) => own.virtuals.includes(virtual) || own.child.name === virtual)
  if (!virtuals.every(isProvided)) return false
  return candidates.some(
    (own) => providesBareName(own, child, facts) || satisfies(own.child, child, { facts, nodeOnly: true }),
  )
}

/** Whether `own` holds wherever the edge that is asked for does. */
function whenSatisfies(asked: Edge, own: Edge, facts: PackageFacts | undefined): boolean {
  return !own.when || satisfies(asked.when ?? emptySpec(), own.when, { facts })
}

/** Without facts: `^mpi`, with nothing else said, is met by any edge that provides mpi. */
function providesBareName(own: Edge, child: Spec, facts: PackageFacts | undefined): boolean {
  if (facts || !child.name || child.name === own.child.name || !own.virtuals.includes(child.name)) return false
  return satisfies({ ...emptySpec(), name: child.name }, child)
}

/** The edges of a spec that `^name` may mean, by names of children and of virtuals. */
type EdgeIndex = ReadonlyMap<string, ReadonlySet<Edge>>

function indexEdges(spec: Spec): EdgeIndex {
  const byName = new Map<string, Set<Edge>>()
  const add = (edge: Edge) => {
    for (const name of [edge.child.name ?? '', ...edge.virtuals]) {
      const edges = byName.get(name)
      if (edges) edges.add(edge)
      else byName.set(name, new Set([edge]))
    }
  }
  for (const { edge } of walkEdges([spec], { order: 'pre', cover: 'edges', deptypes: linkRun })) if (edge) add(edge)
  const build: DeptypeMask = deptypeBits.build
  for (const edge of spec.edges) if (hasDeptype(edge, build)) add(edge)
  return byName
}

/** Whether the dependencies of two specs leave room for each other. */
export function dependenciesIntersect(a: Spec, b: Spec, facts: PackageFacts | undefined): boolean {
  if (!a.edges.length || !b.edges.length) return true
  const names = new Set(a.edges.map(({ child }) => child.name))
  for (const { child } of b.edges) {
    if (!names.delete(child.name)) continue
    const [left, right] = [namedDependency(a, child.name), namedDependency(b, child.name)]
    if (left && right && !intersects(left, right, { facts })) return false
  }
  return !facts || (virtualsHaveRoom(a, b, facts) && virtualsHaveRoom(b, a, facts))
}

const namedDependency = (spec: Spec, name: string | null): Spec | null =>
  name ? findDependency(spec, name) : (spec.edges.find(({ child }) => !child.name)?.child ?? null)

/** Whether each virtual in `a` for which `b` has providers is one that some of these provide. */
function virtualsHaveRoom(a: Spec, b: Spec, facts: PackageFacts): boolean {
  const virtuals = reachableNodes(a).filter(({ name }) => isVirtualName(name, facts))
  if (!virtuals.length) return true
  const provided = reachableNodes(b).flatMap((node) => providedBy(node, facts))
  return virtuals.every((virtual) => {
    const named = provided.filter(({ name }) => name === virtual.name)
    return !named.length || named.some((each) => intersects(each, virtual, { facts, nodeOnly: true }))
  })
}

function providedBy(node: Spec, facts: PackageFacts): readonly Spec[] {
  if (!node.name || facts.isVirtual(node.name)) return []
  const provisions = facts.provides(node.name).filter(({ when }) => intersects(node, when, { facts, nodeOnly: true }))
  return provisions.flatMap(({ virtuals }) => virtuals)
}
