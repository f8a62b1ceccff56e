// Of which types an edge between two packages can be at all, whatever is chosen: what the recipe of the parent and the
// rules of compilers say, without their conditions.

import type { Deptype } from '../spec/spec.ts'
import { specName } from './package-facts.ts'
import type { World } from './world.ts'

/** Tells types by the names of parent and child; `withTests` are packages whose tests are built. */
export function dependencyTypes(
  world: World,
  withTests: boolean | ReadonlySet<string>,
): (parent: string, child: string) => ReadonlySet<Deptype> {
  const byParent = new Map<string, Map<string, Set<Deptype>>>()
  const injected = world.compilers.flatMap(({ rules }) =>
    rules.flatMap((rule) => (rule.kind === 'depends_on' ? [{ name: specName(rule.spec), type: rule.type }] : [])),
  )
  const directivesOf = (parent: string): Map<string, Set<Deptype>> => {
    const found = new Map<string, Set<Deptype>>()
    const isTested = withTests === true || (withTests !== false && withTests.has(parent))
    const add = (name: string, type: Deptype) => {
      if (type === 'test' && !isTested) return
      const types = found.get(name)
      if (types) types.add(type)
      else found.set(name, new Set([type]))
    }
    for (const { spec, types } of world.package(parent)?.recipe.dependencies ?? [])
      for (const type of types) add(specName(spec), type)
    for (const { name, type } of injected) add(name, type)
    return found
  }
  return (parent, child) => {
    let directives = byParent.get(parent)
    if (!directives) byParent.set(parent, (directives = directivesOf(parent)))
    const types = new Set(directives.get(child))
    for (const [name, given] of directives) {
      if (name === child || !world.isVirtual(name) || !world.providers(name).includes(child)) continue
      for (const type of given) types.add(type)
    }
    return types
  }
}
