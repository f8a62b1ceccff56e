// Virtuals that something depends on which roots may link to or run, and not only to build it. Whatever their limits are,
// one node provides such a virtual in the whole graph (Spack's `MinimalDuplicatesCounter`): recipes decide, not the answer.

import type { PackageNeeds } from '../recipes/recipe-index.ts'
import { intersects } from '../spec/satisfies.ts'
import { knownTarget } from '../spec/target.ts'
import { injectedLinks, packagesOf } from './links.ts'
import { constraint, specName } from './package-facts.ts'
import type { World } from './world.ts'

export interface LinkRunQuestion {
  /** Names of the roots; what compilers inject counts as one, too. */
  roots: readonly string[]
  /** Whether tests are run, whatever the packages. */
  withTests: boolean
  /** Those that matter. */
  virtuals: ReadonlySet<string>
}

/** Which of some virtuals are such. Stops when all of them are. */
export function linkRunVirtuals(world: World, { roots, withTests, virtuals }: LinkRunQuestion): Set<string> {
  const types: readonly string[] = withTests ? ['link', 'run', 'test'] : ['link', 'run']
  const cLibraries = new Set(world.providers('libc'))
  const needs = needsOf(world)
  const isHere = machineCheck(world, needs)
  const found = new Set<string>()
  const starts = [...roots, ...injectedLinks(world).map(({ name }) => name)].flatMap((name) => packagesOf(world, name))
  const reached = new Set(starts)
  for (const name of reached) {
    // What the C library was built with is no concern of its users.
    if (cLibraries.has(name)) continue
    for (const { spec, types: own } of needs(name)?.dependencies ?? []) {
      if (!own.some((type) => types.includes(type))) continue
      const child = specName(spec)
      if (virtuals.has(child)) found.add(child)
      for (const each of packagesOf(world, child)) if (!reached.has(each) && isHere(each)) reached.add(each)
    }
    if (found.size === virtuals.size) break
  }
  return found
}

/** Reads each package once. */
function needsOf(world: World): (name: string) => PackageNeeds | undefined {
  const known = new Map<string, PackageNeeds | undefined>()
  return (name) => {
    if (!known.has(name)) known.set(name, world.needs ? world.needs(name) : world.package(name)?.recipe)
    return known.get(name)
  }
}

/** Whether a package exists and requires no other platform or family than that of the machine. */
function machineCheck(world: World, needs: ReturnType<typeof needsOf>): (name: string) => boolean {
  const { platform, target } = world.host
  const here = constraint(`platform=${platform} target=${knownTarget(target)?.family ?? target}:`)
  return (name) => {
    const always = needs(name)?.requires.filter(({ when }) => when === '')
    return always?.every(({ specs }) => specs.some((spec) => intersects(constraint(spec), here))) ?? false
  }
}
