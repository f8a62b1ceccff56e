// The package hash of a node: of its recipe, its sources and its patches. As the index schema describes it: the texts
// source id, `sha256:level` of each patch and recipe digest, sorted and joined, by SHA-256 in lower-case base32.

import { sha256Of } from '../digest.ts'
import type { Recipe, RecipePatch, RecipeVersion } from '../recipes/recipe.ts'
import { base32 } from '../spec/base32.ts'
import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { parseVersion } from '../spec/version.ts'
import { exactVersion } from '../spec/version-list.ts'
import { constraint } from './package-facts.ts'

const digestKinds = ['sha256', 'sha512', 'sha384', 'sha224', 'sha1', 'md5', 'checksum'] as const

/** The declaration of the version that a node has, if its recipe declares it. */
export function declaredVersion(recipe: Recipe, spec: Spec): RecipeVersion | undefined {
  const version = exactVersion(spec.versions)
  if (version?.kind !== 'version') return undefined
  return recipe.versions.find((row) => parseVersion(row.version).key === version.key)
}

/** The package hash of a node whose version, variants and children are all known. */
export function packageHash(recipe: Recipe, spec: Spec, patches: readonly RecipePatch[], facts: SpecFacts): string {
  const parts = [
    sourceId(recipe, spec),
    ...patches.map(({ sha256, level }) => `${sha256}:${level ?? 1}`),
    recipeDigest(recipe, spec, facts),
  ]
  const bytes = parts.map((part) => Buffer.from(part, 'utf8')).sort(Buffer.compare)
  return paddedBase32(sha256Of(Buffer.concat(bytes)))
}

function sourceId(recipe: Recipe, spec: Spec): string {
  const commit = spec.variants.get('commit')?.values[0]
  if (commit !== undefined) return String(commit)
  const row = declaredVersion(recipe, spec)
  if (!row) return ''
  const text = (name: string): string => (typeof row[name] === 'string' ? row[name] : '')
  switch (row.fetch) {
    case 'url':
      return digestKinds.map(text).find(Boolean) ?? ''
    case 'git':
      return text('commit')
    case 'svn':
    case 'hg':
      return text('revision')
    case 'cvs':
      return `id${text('branch') && `-branch=${text('branch')}`}${text('date') && `-date=${text('date')}`}`
    default:
      return ''
  }
}

/** The digest of the recipe's code; some recipes have several, by conditions that the node meets. */
function recipeDigest({ recipe_hash }: Recipe, spec: Spec, facts: SpecFacts): string {
  if (recipe_hash === undefined || typeof recipe_hash === 'string') return recipe_hash ?? ''
  let row = 0
  for (const [bit, condition] of recipe_hash.conditions.entries()) {
    if (satisfies(spec, constraint(condition), { facts })) row += 2 ** bit
  }
  return recipe_hash.hashes[recipe_hash.table[row]!]!
}

/** Padded to whole groups of eight letters. */
function paddedBase32(bytes: Uint8Array): string {
  const text = base32(bytes)
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}
