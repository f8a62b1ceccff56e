// Concrete specs that are offered for reuse beside those that a world has anyway.

import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import type { World } from './world.ts'

/** A world in which some concrete specs, and all that they depend on, can be reused as well. */
export function withReusable(world: World, specs: readonly Spec[]): World {
  const hashes = new Set(world.reusable.map(({ concrete }) => concrete!.hash))
  const added = traverseNodes(specs).filter(({ concrete }) => concrete && !hashes.has(concrete.hash))
  return added.length ? { ...world, reusable: [...world.reusable, ...added] } : world
}
