// Which packages matter to what is not known yet of a node: who depends on it, sets its variants or uses what it provides
// are packages above it, by some chain of directives. All others need not be looked at to know that there is nothing more.

import { negate } from '../solver/literal.ts'
import { encodeBuild } from './build-encoding.ts'
import type { Encoding } from './encoding.ts'
import { linksOf, packagesOf } from './links.ts'
import { nodeKey, type PackageNode } from './package-node.ts'
import { lastAspect, worthOnWay } from './way-costs.ts'
import { completeWays, isExcluded, isWay, packagesOn, rootNames, tellWay, type Way } from './ways.ts'

/**
 * Encodes what is possible further on, of what may matter to `owners`: all at once on ways to what must be below a root,
 * else one step. False when nothing is left.
 */
export function growWorld(encoding: Encoding, owners: readonly object[]): boolean {
  const ways = owners.filter(isWay).filter(({ isLong }) => !isLong)
  const others = owners.filter((owner) => !isWay(owner) || owner.isLong)
  const told = ways.map((way) => tellWay(encoding, way))
  if (ways.length) encoding.solver.conclude([])
  const open = ways.filter((way) => nextAmong(encoding, packagesOn(encoding, way)).length > 0)
  const done = ways.filter((way) => !open.includes(way)).map((way) => encoding.formula.complete(way))
  // What is known of them may be enough to blame less.
  if ([...told, ...done].includes(true)) return true
  for (const way of open) openWay(encoding, way)
  if (open.length || !others.length) return open.length > 0
  const above = packagesAbove(encoding, others)
  const near = [...encoding.nodes.values()].filter(({ name }) => !above || above.has(name))
  const changed = near.filter((node) => others.includes(node))
  return (
    tellImpositions(encoding, changed) ||
    encodeNodes(
      encoding,
      near.filter((node) => mayGrow(encoding, node)),
    ) ||
    tellImpositions(encoding, near)
  )
}

/** Has all that is imposed on nodes told, though the search did not come upon it; whether there was anything. */
export function tellImpositions(encoding: Encoding, nodes: readonly PackageNode[]): boolean {
  const told = nodes.flatMap(({ impositions }) => impositions.splice(0).map((literal) => encoding.hasten(literal)))
  encoding.settle()
  return told.includes(true)
}

/** Packages on a way that are looked at without a search: of a long one as much as the search asks for. */
const wayLimit = 40

/**
 * Encodes what is not known on ways to what is mentioned and may be part of a better answer than the best so far, the
 * cheapest first; whether there was anything.
 */
export const growWays = (encoding: Encoding, ways: readonly Way[]): boolean =>
  ways.map((way) => openCheapest(encoding, way)).includes(true)

/** Whether something on a way that is not known may be part of a better answer, as far as that was looked at. */
export function isOpen({ optimizer: { sought } }: Encoding, { done }: Way): boolean {
  if (done === null) return true
  // Once all is settled that ways are told apart by, nothing more comes into question.
  if (done.at > lastAspect && sought.at > lastAspect) return false
  return done.at !== sought.at || done.below < sought.below
}

function openCheapest(encoding: Encoding, way: Way): boolean {
  const worth = worthOnWay(encoding, way)
  const unknown = [...worth.keys()].filter((name) => {
    const node = encoding.nodes.get(nodeKey(name, 0))
    return !node || mayGrow(encoding, node)
  })
  const costs = [...new Set(unknown.map((name) => worth.get(name)!))].sort((a, b) => a - b)
  for (const most of costs) {
    const names = new Set([...worth.keys()].filter((name) => worth.get(name)! <= most))
    if (openAmong(encoding, names)) return true
  }
  way.done = encoding.optimizer.sought
  return false
}

/** Encodes what is next to what is encoded of some packages, and next to that; whether there was any. */
function openAmong(encoding: Encoding, names: ReadonlySet<string>): boolean {
  let hasGrown = false
  for (let next = nextAmong(encoding, names); next.length; next = nextAmong(encoding, names)) {
    encodeNodes(encoding, next)
    for (const node of next) excludeLinks(encoding, node)
    encoding.solver.conclude([])
    hasGrown = true
  }
  // What is imposed there may be what makes one of them possible.
  if (hasGrown)
    tellImpositions(
      encoding,
      [...encoding.nodes.values()].filter(({ name, id }) => id === 0 && names.has(name)),
    )
  return hasGrown
}

/** Encodes all on a way, from the roots on, but for what turns out to be impossible and what only that would bring in. */
function openWay(encoding: Encoding, way: Way): void {
  let left = wayLimit
  const nextOnWay = () => nextAmong(encoding, packagesOn(encoding, way))
  for (let next = nextOnWay(); next.length; next = nextOnWay()) {
    left -= next.length
    if (left < 0) {
      // What a node brings in may be on the way to it, too.
      way.isLong = !encoding.follow((node) => node === way.node)
      return
    }
    encodeNodes(encoding, next)
    for (const node of next) excludeLinks(encoding, node)
    encoding.solver.conclude([])
  }
  encoding.formula.complete(way)
  // Whatever of these is cut off from the roots will need a way itself.
  const names = packagesOn(encoding, way)
  for (const node of [...encoding.nodes.values()])
    if (names.has(node.name) && node.isBuildEncoded) completeWays(encoding, node)
}

/** Finds links to a node of which it can be concluded that they are impossible. */
function excludeLinks({ solver, formula }: Encoding, node: PackageNode): void {
  for (const { parent } of node.incoming) {
    const { notBuildOnly } = parent.edges.get(node)!
    if (!solver.conclude([notBuildOnly])) formula.clause([negate(notBuildOnly)])
  }
}

/** What is not encoded of some packages, next to what is encoded below the roots. */
function nextAmong(encoding: Encoding, names: ReadonlySet<string>): PackageNode[] {
  const seen = new Set([...encoding.nodes.values()].filter(({ root }) => root !== encoding.formula.false))
  for (const node of seen) {
    if (names.has(node.name)) tellReused(encoding, node)
    for (const { child, notBuildOnly } of node.edges.values())
      if (child.id === 0 && !isExcluded(encoding, notBuildOnly)) seen.add(child)
  }
  return [...seen].filter((node) => names.has(node.name) && mayGrow(encoding, node))
}

/** Has the edges of what may be reused on ways encoded, of packages that are known; whether there were any. */
export function tellReusedOn(encoding: Encoding, owners: readonly object[]): boolean {
  const names = new Set(owners.filter(isWay).flatMap((way) => [...packagesOn(encoding, way)]))
  const known = [...encoding.nodes.values()].filter((node) => names.has(node.name))
  return known.map((node) => tellReused(encoding, node)).includes(true)
}

/** Has the edges of what may be reused for a node encoded; whether there were any. */
function tellReused(encoding: Encoding, node: PackageNode): boolean {
  const told = node.candidates.map(({ literal }) => encoding.hasten(literal))
  encoding.settle()
  return told.includes(true)
}

/** Whether it is possible and not all is known of it. */
const mayGrow = (encoding: Encoding, { exists, isDeclared, isBuildEncoded, facts }: PackageNode): boolean =>
  !isExcluded(encoding, exists) && !(isDeclared && (isBuildEncoded || !facts!.isBuildable))

/** Encodes the roots that have to be built, before what they lead to. */
export const encodeRoots = (encoding: Encoding): boolean =>
  encodeNodes(
    encoding,
    [...encoding.explicitRoots.keys()].filter(({ exists, build }) => exists === build && !isExcluded(encoding, exists)),
  )

/** Encodes nodes; whether there was anything to be encoded. */
function encodeNodes(encoding: Encoding, nodes: readonly PackageNode[]): boolean {
  let hasGrown = false
  for (const node of nodes) {
    if (!node.isDeclared) encoding.declare(node)
    if (!node.facts!.isBuildable) continue
    encodeBuild(encoding, node)
    hasGrown = true
  }
  encoding.settle()
  return hasGrown
}

/** The packages of some nodes and all that may come to be above them; undefined when that may be any package. */
function packagesAbove(encoding: Encoding, owners: readonly object[]): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  for (const owner of owners) {
    if (!('name' in owner) || typeof owner.name !== 'string' || encoding.runtimes.has(owner.name)) return undefined
    names.add(owner.name)
  }
  const roots = rootNames(encoding)
  let parents: ReadonlyMap<string, readonly string[]> | undefined
  const above = new Set(names)
  for (const name of names) {
    // There is no cycle: what is above the one node of a package is below a root without it.
    const isSingle = !encoding.isMulti(name)
    const starts = [...roots].filter((root) => !isSingle || root !== name)
    if (!starts.length) continue
    parents ??= parentsBelow(encoding, roots)
    const ancestors = new Set([name])
    for (const each of ancestors) for (const parent of parents.get(each) ?? []) ancestors.add(parent)
    if (isSingle) ancestors.delete(name)
    for (const each of leadingFrom(starts, ancestors, parents)) above.add(each)
  }
  return above
}

/** Those of some packages that are reached from `starts` without leaving them. */
function leadingFrom(
  starts: readonly string[],
  within: ReadonlySet<string>,
  parents: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const children = new Map<string, string[]>()
  for (const child of within) {
    for (const parent of parents.get(child) ?? []) {
      const list = children.get(parent)
      if (list) list.push(child)
      else children.set(parent, [child])
    }
  }
  const reached = new Set(starts.filter((name) => within.has(name)))
  for (const name of reached) for (const child of children.get(name) ?? []) reached.add(child)
  return reached
}

/** By package those that may depend on it directly, among all that may be below the roots. */
function parentsBelow({ world }: Encoding, roots: ReadonlySet<string>): Map<string, string[]> {
  const parents = new Map<string, string[]>()
  const seen = new Set(roots)
  for (const name of seen) {
    for (const child of new Set(linksOf(world, name).flatMap((link) => packagesOf(world, link.name)))) {
      seen.add(child)
      const list = parents.get(child)
      if (list) list.push(name)
      else parents.set(child, [name])
    }
  }
  return parents
}
