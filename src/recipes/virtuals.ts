// Virtuals and who provides them, over all repositories.

import { specName } from '../spec/characters.ts'
import { compareTexts } from '../spec/text-order.ts'
import type { Constraint, Recipe } from './recipe.ts'
import type { RecipeIndex } from './recipe-index.ts'

export interface Provider {
  provider: string
  /** The virtual with the versions of it that are provided. */
  provides: Constraint
  /** The condition on the provider. */
  when: Constraint
  /** Groups of virtuals that must come from this package together, of those under the same condition. */
  together?: readonly (readonly string[])[]
}

export interface Virtual {
  /** Whether a recipe has the name of the virtual. */
  has_recipe: boolean
  /** Sorted by provider. */
  providers: readonly Provider[]
}

/** All virtuals, sorted by name. Of packages of one name the one in the first repository counts. */
export function findVirtuals(indexes: readonly RecipeIndex[]): Map<string, Virtual> {
  const names = new Set(indexes.flatMap(({ virtuals }) => [...virtuals]))
  const hasRecipe = (name: string) => indexes.some((index) => index.line(name) !== undefined)
  const providers = new Map<string, Provider[]>([...names].sort(compareTexts).map((name) => [name, []]))
  const seen = new Set<string>()
  for (const index of indexes) {
    for (const name of index.providers.filter((each) => !seen.has(each))) {
      for (const [virtual, provider] of provisionsOf(index.recipe(name, () => false)!)) {
        providers.get(virtual)?.push(provider)
      }
    }
    for (const name of index.names) seen.add(name)
  }
  const entries = [...providers].map(([name, list]): [string, Virtual] => {
    list.sort((a, b) => compareTexts(a.provider, b.provider))
    return [name, { has_recipe: hasRecipe(name), providers: list }]
  })
  return new Map(entries)
}

function provisionsOf(recipe: Recipe): [virtual: string, Provider][] {
  return recipe.provides.map(({ spec, when }) => {
    const virtual = specName(spec)
    const groups = recipe.provides_together.filter((group) => group.when === when && group.virtuals.includes(virtual))
    const together = groups.map(({ virtuals }) => virtuals)
    return [virtual, { provider: recipe.name, provides: spec, when, ...(together.length ? { together } : {}) }]
  })
}
