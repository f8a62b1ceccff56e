// An external as a node of a DAG: what `packages.yaml` leaves out is filled in from the machine and from the recipe.

import type { Host } from '../config/host.ts'
import { specOf } from '../recipes/constraint-text.ts'
import type { Recipe, RecipeVariant } from '../recipes/recipe.ts'
import { satisfies } from '../spec/satisfies.ts'
import { copySpec, flagKinds, type Spec, type Variant } from '../spec/spec.ts'
import { knownTarget } from '../spec/target.ts'
import { boolVariant, multiVariant, singleVariant } from '../spec/variant-text.ts'
import { namedVersion } from '../spec/version-list.ts'

/**
 * A copy with an exact version, an architecture (the family of the machine's target where none is given) and the default
 * values of all variants that it lacks. Null when it has no single version.
 */
export function completeExternal(
  external: Spec,
  recipe: Recipe | undefined,
  host: Pick<Host, 'platform' | 'os' | 'target'>,
  namespace?: string,
): Spec | null {
  const version = namedVersion(external.versions)
  if (!version) return null
  const spec = copySpec(external)
  spec.versions = [version]
  spec.namespace ??= namespace ?? null
  spec.arch = {
    platform: spec.arch?.platform ?? host.platform,
    os: spec.arch?.os ?? host.os,
    target: spec.arch?.target ?? knownTarget(host.target)?.family ?? host.target,
  }
  for (const kind of flagKinds) if (!spec.flags.has(kind)) spec.flags.set(kind, [])
  if (recipe) addDefaults(spec, recipe.variants)
  return spec
}

/** The first definition whose condition holds gives the default; new values can make further conditions hold. */
function addDefaults(spec: Spec, definitions: readonly RecipeVariant[]): void {
  let waiting = definitions
  for (let changed = true; changed && waiting.length > 0; ) {
    const holding = waiting.filter(({ when }) => satisfies(spec, specOf(when)))
    changed = holding.length > 0
    waiting = waiting.filter((each) => !holding.includes(each))
    for (const definition of holding) {
      if (!spec.variants.has(definition.name)) spec.variants.set(definition.name, defaultValue(definition))
    }
  }
}

/** What a variant is when nobody says. */
export function defaultValue({ type, default: value }: RecipeVariant): Variant {
  if (type === 'bool') return boolVariant(String(value).toLowerCase() === 'true')
  if (type === 'single') return singleVariant(String(value))
  return multiVariant(String(value).split(','), { isExact: true })
}
