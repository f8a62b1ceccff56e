// Virtuals that something depends on which roots may link to or run, and not only to build it. Whatever their limits are,
// one node provides such a virtual in the whole graph (Spack's `MinimalDuplicatesCounter`): recipes decide, not the answer.

import { reachableFrom } from '../recipes/possible-dependencies.ts'
import type { PackageNeeds } from '../recipes/recipe.ts'
import { knownTarget } from '../spec/target.ts'
import { injectedLinks } from './links.ts'
import type { World } from './world.ts'

/** Such virtuals of what is asked for; with tests, those that only tests depend on are among them. */
export function linkRunVirtuals(world: World, roots: readonly string[], withTests: boolean): ReadonlySet<string> {
  const { isVirtual, providers, host } = world
  // What compilers inject counts as asked for, too.
  const starts = [...roots, ...injectedLinks(world).map(({ name }) => name)]
  const { virtuals } = reachableFrom({ isVirtual, providers, needs: readOnce(world, withTests) }, starts, {
    deptypes: withTests ? ['link', 'run', 'test'] : ['link', 'run'],
    transitive: true,
    expandVirtuals: true,
    machine: `platform=${host.platform} target=${knownTarget(host.target)?.family ?? host.target}:`,
  })
  return virtuals
}

function readOnce(world: World, withTests: boolean): (name: string) => PackageNeeds | undefined {
  const whole = (name: string): PackageNeeds | undefined => world.package(name)?.recipe
  const read = withTests ? whole : (world.linkNeeds ?? whole)
  const known = new Map<string, PackageNeeds | undefined>()
  return (name) => {
    if (!known.has(name)) known.set(name, read(name))
    return known.get(name)
  }
}
