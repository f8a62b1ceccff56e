// What can be told of requests without solving: packages, variants and values that do not exist, versions that cannot be.

import type { RecipeVariant } from '../recipes/recipe.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec, Variant } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { isAnyVersion, parseVersionList, printVersionList, satisfiesVersions } from '../spec/version-list.ts'
import { SpackError, type SpackErrorOptions } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type ExtraVersions, packageFacts, valueKey } from './package-facts.ts'
import type { Request } from './requests.ts'
import { extraVersions } from './solve.ts'
import type { World } from './world.ts'

/** Variants that no recipe defines, and any spec may have. */
const reservedVariants = new Set(['branch', 'commit', 'dev_path', 'patches', 'ref', 'tag'])

/**
 * Throws SpackError for the first request that cannot be met: `anonymous-spec`, `unknown-package` (and what else
 * `requirePackage` throws), `unknown-variant`, `unknown-value`, `deprecated-version`, `unknown-version`.
 */
export function checkRequests(
  world: World,
  requests: readonly Request[],
  requirePackage: (name: string) => unknown,
): void {
  const extra = extraVersions(world, requests)
  for (const { spec, origin } of requests) {
    for (const node of traverseNodes([spec])) {
      const refusal = node.concrete ? undefined : refuseNode(node, spec, { world, requirePackage, extra })
      if (refusal) throw new SpackError(refusal.code, refusal.message, { where: origin.where ?? undefined, ...refusal })
    }
  }
}

interface Refusal extends Pick<SpackErrorOptions, 'hint' | 'where' | 'detail' | 'cause'> {
  code: string
  message: string
}

interface Checks {
  world: World
  requirePackage: (name: string) => unknown
  extra: ExtraVersions
}

function refuseNode(node: Spec, request: Spec, { world, requirePackage, extra }: Checks): Refusal | undefined {
  const { name, namespace } = node
  if (!name) {
    const message = `\`${printSpec(request)}\` says something of a package without naming it: \`${printSpec(node)}\``
    return { code: 'anonymous-spec', message, hint: 'put the name of the package in front' }
  }
  if (world.isVirtual(name)) return undefined
  const found = world.package(name)
  if (!found) return unknownPackage(namespace ? `${namespace}.${name}` : name, requirePackage)
  for (const [variant, value] of node.variants) {
    const refusal = refuseVariant(name, variant, value, found.recipe.variants)
    if (refusal) return refusal
  }
  return isAnyVersion(node.versions) ? undefined : refuseVersions(node, world, extra)
}

function unknownPackage(name: string, requirePackage: (name: string) => unknown): Refusal {
  try {
    requirePackage(name)
  } catch (error) {
    if (error instanceof SpackError) {
      const { code, message, hint, detail, where } = error
      return { code, message, hint, detail, ...(where ? { where } : {}), cause: error }
    }
    throw error
  }
  return { code: 'unknown-package', message: `there is no package \`${name}\`` }
}

function refuseVariant(
  name: string,
  variant: string,
  { values, propagate }: Variant,
  definitions: readonly RecipeVariant[],
): Refusal | undefined {
  // What is propagated holds for those packages below that have the variant.
  if (propagate || reservedVariants.has(variant)) return undefined
  const own = definitions.filter((each) => each.name === variant)
  if (own.length === 0) {
    const names = [...new Set(definitions.map((each) => each.name))]
    const hint = didYouMean(variant, names) ?? `see its variants: \`spack info --variants ${name}\``
    return { code: 'unknown-variant', message: `\`${name}\` has no variant \`${variant}\``, hint }
  }
  const allowed = own.map(allowedValues)
  if (allowed.includes(null)) return undefined
  const known = new Set(allowed.flatMap((each) => [...each!]))
  const wrong = values.map(valueKey).find((value) => !known.has(value))
  if (wrong === undefined) return undefined
  const message = `the variant \`${variant}\` of \`${name}\` cannot be \`${wrong}\``
  return { code: 'unknown-value', message, hint: didYouMean(wrong, known) ?? `it takes ${[...known].join(', ')}` }
}

/** The values of a variant; null when a rule tells which they are. */
function allowedValues({ type, default: standard, values, sets }: RecipeVariant): Set<string> | null {
  if (type === 'bool') return new Set(['true', 'false'])
  if (values === null) return null
  const listed = values.map((each) => (typeof each === 'object' ? each.value : each))
  const standards = type === 'multi' ? String(standard).split(',') : [standard]
  return new Set([...listed, ...(sets ?? []).flat(), ...standards].map(valueKey))
}

const shownVersions = 8

function refuseVersions(node: Spec, world: World, extra: ExtraVersions): Refusal | undefined {
  const name = node.name!
  const { versions } = packageFacts(world, name, extra)!
  if (versions.some(({ version }) => satisfiesVersions([version], node.versions))) return undefined
  const asked = `\`${name}@${printVersionList(node.versions)}\``
  const deprecated = world
    .package(name)!
    .recipe.versions.filter(
      (row) => row.deprecated && satisfiesVersions(parseVersionList(`=${row.version}`), node.versions),
    )
  if (deprecated.length > 0) {
    const list = deprecated.map(({ version }) => version).join(', ')
    return {
      code: 'deprecated-version',
      message: `only deprecated versions are ${asked}: ${list}`,
      hint: 'allow them with `--deprecated`, or always with `spack config add config:deprecated:true`',
    }
  }
  const best = versions.slice(0, shownVersions).map(({ version }) => version.text)
  const more = versions.length > best.length ? `, … (\`spack versions --safe ${name}\` lists all)` : ''
  return {
    code: 'unknown-version',
    message: `no version of \`${name}\` is ${asked}`,
    hint: best.length ? `there are ${best.join(', ')}${more}` : 'its recipe has no versions',
  }
}
