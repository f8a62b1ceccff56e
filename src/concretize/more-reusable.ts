// Concrete specs that are offered for reuse beside those that a world has anyway.

import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { reusableSpecs, type World } from './world.ts'

/** A world in which some concrete specs, and all that they depend on, can be reused as well. */
export function withReusable(world: World, specs: readonly Spec[]): World {
  if (specs.length === 0) return world
  const { reusable } = world
  const added = reusableSpecs(traverseNodes(specs).filter(({ concrete }) => concrete))
  const of = (name: string): Spec[] => {
    const known = reusable.of(name)
    const hashes = new Set(known.map(({ concrete }) => concrete!.hash))
    return [...known, ...added.of(name).filter(({ concrete }) => !hashes.has(concrete!.hash))]
  }
  return { ...world, reusable: { of, systems: [...new Set([...reusable.systems, ...added.systems])] } }
}
