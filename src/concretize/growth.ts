// Which packages matter to what is not known yet of a node: who depends on it, sets its variants or uses what it provides
// are packages above it, by some chain of directives. All others need not be looked at to know that there is nothing more.

import { negate } from '../solver/literal.ts'
import { encodeBuild } from './build-encoding.ts'
import type { Encoding } from './encoding.ts'
import { linksOf, packagesOf } from './links.ts'
import type { PackageNode } from './package-node.ts'
import { completeWays, isExcluded, isWay, packagesOn, tellWay, type Way } from './ways.ts'

/**
 * Encodes what is possible further on, of what may matter to `owners`: all at once on ways to what must be below a root,
 * else one step. False when nothing is left.
 */
export function growWorld(encoding: Encoding, owners: readonly object[]): boolean {
  const ways = owners.filter(isWay).filter(({ isLong }) => !isLong)
  const others = owners.filter((owner) => !isWay(owner) || owner.isLong)
  const told = ways.map((way) => tellWay(encoding, way))
  if (ways.length) encoding.solver.conclude([])
  const open = ways.filter((way) => nextOnWay(encoding, way).length > 0)
  const done = ways.filter((way) => !open.includes(way)).map((way) => encoding.formula.complete(way))
  // What is known of them may be enough to blame less.
  if ([...told, ...done].includes(true)) return true
  for (const way of open) openWay(encoding, way)
  if (open.length || !others.length) return open.length > 0
  const above = packagesAbove(encoding, others)
  const next = [...encoding.nodes.values()].filter(
    (node) => mayGrow(encoding, node) && (!above || above.has(node.name)),
  )
  return encodeNodes(encoding, next)
}

/** Packages on a way that are looked at without a search: of a long one as much as the search asks for. */
const wayLimit = 40

/** Encodes all on a way, from the roots on, but for what turns out to be impossible and what only that would bring in. */
function openWay(encoding: Encoding, way: Way): void {
  let left = wayLimit
  for (let next = nextOnWay(encoding, way); next.length; next = nextOnWay(encoding, way)) {
    left -= next.length
    way.isLong = left < 0
    if (way.isLong) return
    encodeNodes(encoding, next)
    for (const node of next) excludeLinks(encoding, node)
    encoding.solver.conclude([])
  }
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

/** What is on a way and not encoded, next to what is encoded below the roots. */
function nextOnWay(encoding: Encoding, way: Way): PackageNode[] {
  const names = packagesOn(encoding, way)
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

/** The packages of some nodes and all that may depend on them; undefined when that may be any package. */
function packagesAbove(encoding: Encoding, owners: readonly object[]): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  for (const owner of owners) {
    if (!('name' in owner) || typeof owner.name !== 'string' || encoding.runtimes.has(owner.name)) return undefined
    names.add(owner.name)
  }
  const parents = parentsOf(encoding)
  for (const name of names) for (const parent of parents.get(name) ?? []) names.add(parent)
  return names
}

/** By package those that may depend on it directly, among all that may be below what is known. */
function parentsOf({ world, nodes }: Encoding): Map<string, string[]> {
  const parents = new Map<string, string[]>()
  const seen = new Set(Array.from(nodes.values(), ({ name }) => name))
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
