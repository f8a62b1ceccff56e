// Variants of a spec that says nothing of them: what recipes give.

import type { PackageFacts } from '../spec/facts.ts'
import { satisfies } from '../spec/satisfies.ts'
import { type Spec, setVariant, type Variant } from '../spec/spec.ts'
import { asBool, boolVariant, multiVariant, singleVariant } from '../spec/variant-text.ts'
import { specOf } from './constraint-text.ts'
import type { RecipeVariant } from './recipe.ts'

/**
 * Gives missing variants the default of their first definition whose condition holds; new values can make further
 * conditions hold.
 */
export function completeVariants(spec: Spec, definitions: readonly RecipeVariant[], facts?: PackageFacts): void {
  const open = new Set(definitions)
  for (let changed = true; changed; ) {
    changed = false
    for (const row of open) {
      if (row.when !== '' && !satisfies(spec, specOf(row.when), { facts })) continue
      open.delete(row)
      changed = true
      if (!spec.variants.has(row.name)) setVariant(spec, row.name, defaultValue(row))
    }
  }
}

/** What a variant is when nobody says. */
export function defaultValue({ type, default: value }: RecipeVariant): Variant {
  if (type === 'multi') return multiVariant(String(value).split(','), { isExact: true })
  const word = typeof value === 'boolean' ? value : asBool(value)
  return type === 'bool' && word !== undefined ? boolVariant(word) : singleVariant(String(value))
}
