// Which packages matter to what is not known yet of a node: who depends on it, sets its variants or uses what it provides
// are packages above it, by some chain of directives. All others need not be looked at to know that there is nothing more.

import { encodeBuild } from './build-encoding.ts'
import type { Encoding } from './encoding.ts'
import { specName } from './package-facts.ts'
import type { World } from './world.ts'

/**
 * Encodes what is possible one step further from what is known, of what may matter to `owners`; false when nothing is
 * left.
 */
export function growWorld(encoding: Encoding, owners: readonly object[]): boolean {
  const above = packagesAbove(encoding, owners)
  let hasGrown = false
  for (const node of [...encoding.nodes.values()]) {
    if (node.exists === encoding.formula.false || (node.isDeclared && node.isBuildEncoded)) continue
    if (above && !above.has(node.name)) continue
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
    for (const child of childrenOf(world, name)) {
      seen.add(child)
      const list = parents.get(child)
      if (list) list.push(name)
      else parents.set(child, [name])
    }
  }
  return parents
}

const childrenByWorld = new WeakMap<World, Map<string, ReadonlySet<string>>>()

/** Packages that a package may depend on directly, by its recipe or as something that is reused. */
function childrenOf(world: World, name: string): ReadonlySet<string> {
  const known = childrenByWorld.get(world) ?? new Map<string, ReadonlySet<string>>()
  childrenByWorld.set(world, known)
  const found = known.get(name)
  if (found) return found
  const asked = new Set((world.package(name)?.recipe.dependencies ?? []).map(({ spec }) => specName(spec)))
  const reused = world.reusable.of(name).flatMap(({ edges }) => edges.map(({ child }) => child.name!))
  const real = [...asked].flatMap((each) => (world.isVirtual(each) ? world.providers(each) : [each]))
  const children = new Set([...real, ...reused])
  known.set(name, children)
  return children
}
