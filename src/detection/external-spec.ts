// An external as a node of a DAG: what `packages.yaml` leaves out is filled in from the machine and from the recipe.

import type { Host } from '../config/host.ts'
import { completeVariants } from '../recipes/default-variants.ts'
import type { Recipe } from '../recipes/recipe.ts'
import { completeFlags } from '../spec/flags.ts'
import { copySpec, type Spec } from '../spec/spec.ts'
import { knownTarget } from '../spec/target.ts'
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
  spec.flags = completeFlags(spec.flags)
  if (recipe) completeVariants(spec, recipe.variants)
  return spec
}
