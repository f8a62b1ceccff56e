// Whether a condition of a recipe can hold for what the user asked about.

import type { Recipe } from '../recipes/recipe.ts'
import { parseSpec } from '../spec/parser.ts'
import { intersects } from '../spec/satisfies.ts'
import type { Spec, Variant } from '../spec/spec.ts'

/**
 * Whether a package of `recipe` may meet both `spec` and the condition `when`. Knows more than the specs do: variants of
 * one value have only one, and a conditional variant needs its condition.
 */
export function mayMeet(recipe: Recipe, spec: Spec, when: string): boolean {
  if (!when) return true
  const condition = parseSpec(when)
  if (!intersects(spec, condition)) return false
  for (const [name, variant] of condition.variants) {
    if (clashes(recipe, spec, name, variant)) return false
  }
  const names = new Set([...condition.variants.keys(), ...spec.variants.keys()])
  return [...names].every((name) => canExist(recipe, spec, name) && canExist(recipe, condition, name))
}

/** Whether a spec has another value of a variant that has only one. */
function clashes({ variants }: Recipe, spec: Spec, name: string, variant: Variant): boolean {
  const own = spec.variants.get(name)
  const definitions = variants.filter((each) => each.name === name)
  if (!own || definitions.some(({ type }) => type === 'multi')) return false
  return String(own.values) !== String(variant.values)
}

/** Whether some definition of a variant may hold in a spec; variants that nobody defined may. */
function canExist(recipe: Recipe, spec: Spec, name: string): boolean {
  const definitions = recipe.variants.filter((each) => each.name === name)
  if (definitions.length === 0) return true
  return definitions.some(({ when }) => {
    if (!when) return true
    const condition = parseSpec(when)
    const clash = [...condition.variants].some(([each, variant]) => clashes(recipe, spec, each, variant))
    return intersects(spec, condition) && !clash
  })
}
