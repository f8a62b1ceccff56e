// What relations between specs ask of packages, answered from recipes.

import type { PackageFacts, ProvidedBy, Provision } from '../spec/facts.ts'
import type { Spec } from '../spec/spec.ts'
import { constraint } from './package-facts.ts'
import type { World } from './world.ts'

export function specFacts(world: Pick<World, 'package' | 'isVirtual' | 'providers'>): PackageFacts {
  const provisions = new Map<string, readonly Provision[]>()
  const provides = (name: string): readonly Provision[] => {
    let known = provisions.get(name)
    if (!known) {
      const rows = world.package(name)?.recipe.provides ?? []
      known = rows.map(({ spec, when }) => ({ when: constraint(when), virtuals: [constraint(spec)] }))
      provisions.set(name, known)
    }
    return known
  }
  const named = (name: string, when: Spec): Spec => ({ ...when, name })
  return {
    isVirtual: world.isVirtual,
    provides,
    providers: (virtual): ProvidedBy[] =>
      world
        .providers(virtual)
        .flatMap((name) =>
          provides(name).flatMap(({ when, virtuals }) =>
            virtuals
              .filter((each) => each.name === virtual)
              .map((each) => ({ virtual: each, providers: [named(name, when)] })),
          ),
        ),
  }
}
