// How a node may come to be below a root by directives that are not known yet: by its own name or by a virtual. Recipes
// tell in which packages these may be, so that few need to be looked at to be sure that there are none.

import { type Lit, negate } from '../solver/literal.ts'
import { specName } from '../spec/characters.ts'
import type { Encoding } from './encoding.ts'
import type { OpenOr } from './formula.ts'
import { type Link, linksOf, packagesOf } from './links.ts'
import { constraint } from './package-facts.ts'
import { nodeKey, type PackageNode } from './package-node.ts'
import { virtualNode } from './virtuals.ts'

/** Owns what is assumed of those that are not known and depend on a node, by its name or by a virtual. */
export interface Way {
  kind: 'way'
  /** Of the package. */
  name: string
  node: PackageNode
  virtual: string | null
  /** Whether there is so much on it that it is not looked at as a whole. */
  isLong: boolean
  /** All on it is known that may be part of an answer that costs less than `below` at the criterion at index `at`. */
  done: { at: number; below: number } | null
}

export interface Ways {
  byName: Way
  byVirtual: readonly { way: Way; virtual: string; open: OpenOr; isTold: boolean }[]
}

export const isWay = (owner: object): owner is Way => 'kind' in owner && owner.kind === 'way'

/** The ways that an owner is about: itself, or those to a node that is mentioned. */
export function waysOf(owner: object): readonly Way[] {
  if (isWay(owner)) return [owner]
  const { called, ways } = owner as Partial<PackageNode>
  return called && ways ? [ways.byName, ...ways.byVirtual.map(({ way }) => way)] : []
}

function waysTo(encoding: Encoding, node: PackageNode): Ways {
  if (node.ways) return node.ways
  const { name } = node
  const provided = encoding.facts(name)?.package.recipe.provides.map(({ spec }) => specName(spec)) ?? []
  const byVirtual = [...new Set(provided)].map((virtual) => {
    const way: Way = { kind: 'way', name, node, virtual, isLong: false, done: null }
    return { way, virtual, open: encoding.formula.openOr(way), isTold: false }
  })
  node.ways = { byName: { kind: 'way', name, node, virtual: null, isLong: false, done: null }, byVirtual }
  return node.ways
}

/** That something depends on a node that must be below a root: one of these holds. */
export function callsTo(encoding: Encoding, node: PackageNode): Lit[] {
  const { byName, byVirtual } = waysTo(encoding, node)
  const known = node.incoming.map(({ literal }) => literal)
  node.called ??= encoding.formula.openOr(byName, known)
  return [node.called.literal, ...byVirtual.map(({ open }) => open.literal)]
}

/** That something that is not known yet links to a node or runs it: one of these holds. */
export function unknownLinksTo(encoding: Encoding, node: PackageNode): Lit[] {
  const { byName, byVirtual } = waysTo(encoding, node)
  node.linked ??= encoding.formula.openOr(
    byName,
    node.incoming.map(({ parent }) => parent.edges.get(node)!.linkRun),
  )
  return [node.linked.tail, ...byVirtual.map(({ open }) => open.tail)]
}

/**
 * That a node is a root, or that something below a root links to it or runs it, known or not. As there is no cycle, that
 * leads back to a root.
 */
export function isBelowRoots(encoding: Encoding, node: PackageNode): Lit {
  if (node.below) return node.below.literal
  const { formula } = encoding
  const { byName, byVirtual } = waysTo(encoding, node)
  const below = formula.openOr(byName, [node.root, ...byVirtual.map(({ open }) => open.tail)])
  node.below = below
  node.noteParent = (parent, linkRun) => {
    // What is there a second time is no part of what roots link to or run.
    if (parent.id > 0 || !mayBeBelowRoots(encoding, parent)) return
    formula.addTo(below, formula.and([linkRun, isBelowRoots(encoding, parent)]))
  }
  for (const { parent } of node.incoming) node.noteParent(parent, parent.edges.get(node)!.linkRun)
  return below.literal
}

/** Says that all who may bring in a node are known. */
export function completeWays(encoding: Encoding, node: PackageNode): void {
  unknownLinksTo(encoding, node)
  const { byName, byVirtual } = waysTo(encoding, node)
  for (const way of [byName, ...byVirtual.map((each) => each.way)]) encoding.formula.complete(way)
}

/** Says what must hold for a way by a virtual, once; whether that was not said yet. */
export function tellWay(encoding: Encoding, { node, virtual }: Way): boolean {
  const told = node.ways!.byVirtual.find((each) => each.virtual === virtual)
  if (!told || told.isTold) return false
  told.isTold = true
  const provider = virtualNode(encoding, told.virtual).providers.find((each) => each.node === node)
  encoding.formula.implies(told.open.literal, provider?.literal ?? encoding.formula.false)
  encoding.formula.clause([negate(told.open.tail), provider?.literal ?? encoding.formula.false])
  return true
}

/** Packages that may bring in a node by a way: from a root by what is linked or run to who depends on it. */
export function packagesOn(encoding: Encoding, way: Way): ReadonlySet<string> {
  const roots = rootNames(encoding)
  const parents = packagesBelowRoots(encoding)
  encoding.belowRoots = parents
  // What is there a second time is no part of what roots link to or run.
  const candidates = way.node.id > 0 ? [...roots] : [...parents.keys()]
  const found = new Set(candidates.filter((name) => leadsOn(encoding, way, name, roots.has(name))))
  for (const name of found) for (const parent of parents.get(name)!) found.add(parent)
  return found
}

/** By package that roots may link to or run, those that may do so directly. */
function packagesBelowRoots(encoding: Encoding): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>()
  for (const name of rootNames(encoding)) parents.set(name, [])
  for (const name of parents.keys()) {
    for (const child of linkedBy(encoding, name)) {
      const list = parents.get(child)
      if (list) list.push(name)
      else parents.set(child, [name])
    }
  }
  return parents
}

/** Packages that may be roots. */
export const rootNames = ({ nodes, formula }: Encoding): ReadonlySet<string> =>
  new Set([...nodes.values()].filter(({ root }) => root !== formula.false).map(({ name }) => name))

/** Whether roots may link to a node or run it; as long as nobody asked who may be below them, any. */
export const mayBeBelowRoots = ({ belowRoots }: Encoding, { name, id }: PackageNode): boolean =>
  !belowRoots || (id === 0 && belowRoots.has(name))

/** Packages that the first node of a package may link to or run, as far as nothing that is settled speaks against it. */
function linkedBy(encoding: Encoding, name: string): readonly string[] {
  const { world, nodes } = encoding
  const node = nodes.get(nodeKey(name, 0))
  if (node && isExcluded(encoding, node.exists)) return []
  if (node?.isBuildEncoded && node.candidates.length === 0) {
    const edges = [...node.edges.values()].filter(({ notBuildOnly }) => !isExcluded(encoding, notBuildOnly))
    return edges.filter(({ child }) => child.id === 0).map(({ child }) => child.name)
  }
  return linksOf(world, name).flatMap((link) => (isLinked(link) ? packagesOf(world, link.name) : []))
}

/** Whether it is settled that a literal never holds. */
export const isExcluded = ({ solver }: Encoding, literal: Lit): boolean =>
  solver.isFixed(literal) && solver.valueOf(literal) === -1

/** Whether a package may depend on a node by a way; a root may do that in order to be built only. */
const leadsOn = ({ world }: Encoding, way: Way, parent: string, isRoot: boolean): boolean =>
  linksOf(world, parent).some((link) => isLastOn(way, link, isRoot))

/** Whether a link may be the one by which a way's node comes in. */
export function isLastOn({ name, virtual }: Way, link: Link, isRoot: boolean): boolean {
  if (!isRoot && !isLinked(link)) return false
  if (link.name === virtual) return true
  // Who has it by a virtual already brings it in by that.
  return link.name === name && hasByVirtual(link) === (virtual !== null)
}

const hasByVirtual = ({ name, when }: Link): boolean =>
  when !== '' &&
  constraint(when).edges.some((edge) => edge.child.name === name && edge.virtuals.length > 0 && !edge.when)

export const isLinked = ({ types }: Link): boolean => types.some((type) => type !== 'build')
