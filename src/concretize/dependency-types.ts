// Of which types an edge between two packages can be at all, whatever is chosen: what the recipe of the parent and the
// rules of compilers say, without their conditions.

import type { Deptype } from '../spec/spec.ts'
import { declaredLinks } from './links.ts'
import type { World } from './world.ts'

/** Whether the tests of a package are built. */
export const isTested = (tests: boolean | ReadonlySet<string>, name: string): boolean =>
  typeof tests === 'boolean' ? tests : tests.has(name)

/** Tells types by the names of parent and child; `tests` are packages whose tests are built. */
export function dependencyTypes(
  world: World,
  tests: boolean | ReadonlySet<string>,
): (parent: string, child: string) => ReadonlySet<Deptype> {
  const byParent = new Map<string, Map<string, Set<Deptype>>>()
  const directivesOf = (parent: string): Map<string, Set<Deptype>> => {
    const found = new Map<string, Set<Deptype>>()
    for (const { name, types } of declaredLinks(world, parent)) {
      const kept = isTested(tests, parent) ? types : types.filter((type) => type !== 'test')
      if (kept.length) found.set(name, new Set([...(found.get(name) ?? []), ...kept]))
    }
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
