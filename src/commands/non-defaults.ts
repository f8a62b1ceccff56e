// What of a concrete spec is not as its recipe would have it: highlighted by `--non-defaults`.

import { specOf } from '../recipes/constraint-text.ts'
import { defaultValue } from '../recipes/default-variants.ts'
import { preferredVersion } from '../recipes/versions.ts'
import type { FormatOptions } from '../spec/format.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { exactVersion } from '../spec/version-list.ts'
import type { Invocation } from './invocation.ts'
import { withRecipes } from './recipes.ts'

export type NonDefaults = Pick<FormatOptions, 'highlightVersion' | 'highlightVariant'>

/** Tells versions that are not the preferred one, and values that are not the default. */
export async function nonDefaults(invocation: Invocation, specs: readonly Spec[]): Promise<NonDefaults> {
  return await withRecipes(invocation, (path) => {
    const recipes = new Map(
      specs.map((spec) => {
        const found = path.find(`${spec.namespace}.${spec.name}`)
        return [spec, found && path.recipe(found)]
      }),
    )
    return {
      highlightVersion: (spec) => {
        const recipe = recipes.get(spec)
        const preferred = recipe && preferredVersion(recipe)
        return preferred !== undefined && preferred.version !== exactVersion(spec.versions)?.text
      },
      highlightVariant: (spec, name) => {
        const rows = (recipes.get(spec)?.variants ?? []).filter((row) => row.name === name)
        const ranked = [...rows].reverse().sort((a, b) => b.precedence - a.precedence)
        const row = ranked.find(({ when }) => satisfies(spec, specOf(when)))
        if (!row) return false
        const { values } = defaultValue(row)
        return !values.every((value) => spec.variants.get(name)!.values.includes(value))
      },
    }
  })
}
