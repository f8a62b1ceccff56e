// Of which types an edge between two packages can be at all, whatever is chosen: what the recipe of the parent and the
// rules of compilers say, without their conditions.

import { type DeptypeMask, deptypeBits } from '../spec/spec.ts'
import { declaredLinks, packagesOf } from './links.ts'
import type { World } from './world.ts'

/** Whether the tests of a package are built. */
export const isTested = (tests: boolean | ReadonlySet<string>, name: string): boolean =>
  typeof tests === 'boolean' ? tests : tests.has(name)

/** Tells types by the names of parent and child; `tests` are packages whose tests are built. */
export function dependencyTypes(
  world: World,
  tests: boolean | ReadonlySet<string>,
): (parent: string, child: string) => DeptypeMask {
  const byParent = new Map<string, Map<string, DeptypeMask>>()
  return (parent, child) => {
    let types = byParent.get(parent)
    if (!types) byParent.set(parent, (types = typesBelow(world, parent, isTested(tests, parent))))
    return types.get(child) ?? 0
  }
}

/** By child: those that are named, and those that provide what is named. */
function typesBelow(world: World, parent: string, withTests: boolean): Map<string, DeptypeMask> {
  const found = new Map<string, DeptypeMask>()
  for (const { name, types } of declaredLinks(world, parent)) {
    let mask = 0
    for (const type of types) if (withTests || type !== 'test') mask |= deptypeBits[type]
    for (const child of packagesOf(world, name)) found.set(child, (found.get(child) ?? 0) | mask)
  }
  return found
}
