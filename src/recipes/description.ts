// What a recipe says to people, beside its facts: descriptions and messages in the order of what they belong to.

import type { Declarations } from './declaration.ts'
import type { Recipe, RecipeTexts } from './recipe.ts'

/** Texts of variants, conflicts and requirements, by the facts that they are about. */
export type Said = Map<object, string | undefined>

/** The texts of a recipe. Lists that say nothing are left out. */
export function recipeTexts(declared: Declarations, facts: Recipe, said: Said): RecipeTexts {
  const messages = (list: readonly object[]) => list.map((each) => said.get(each) ?? null)
  const conflicts = messages(facts.conflicts)
  const requires = messages(facts.requires)
  // A version that comes from elsewhere needs no URL.
  const needed = new Set(facts.versions.flatMap(({ version, fetch }) => (fetch === 'url' ? [version] : [])))
  const failures = (declared.urls ?? []).flatMap(({ version, custom }): [string, string][] =>
    typeof custom === 'object' && custom !== null && needed.has(version) ? [[version, custom.failed]] : [],
  )
  return {
    ...declared.texts,
    ...(facts.variants.length ? { variants: facts.variants.map((each) => said.get(each) ?? '') } : {}),
    ...(conflicts.some((each) => each !== null) ? { conflicts } : {}),
    ...(requires.some((each) => each !== null) ? { requires } : {}),
    ...(failures.length ? { url_failures: Object.fromEntries(failures) } : {}),
  }
}
