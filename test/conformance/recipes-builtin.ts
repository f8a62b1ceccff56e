// recipes/builtin: the index of the builtin repository, package by package, and the virtuals that follow from it. Needs
// the repository itself: the folder `spack_repo/builtin` of spack-packages at the kit's commit, named by the environment
// variable SPACKMAKE_BUILTIN_REPO.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Recipe } from '../../src/recipes/recipe.ts'
import { openIndex, type RecipeIndex } from '../../src/recipes/recipe-index.ts'
import { readRepository } from '../../src/recipes/repository.ts'
import { findVirtuals } from '../../src/recipes/virtuals.ts'
import { compareVersions, parseVersion } from '../../src/spec/version.ts'
import type { Tally } from './tally.ts'

/** Some recipes name the folder in which they are loaded: the kit's own, and the word that stands for it in the index. */
const kitFolder = '/tmp/exp/'
const indexFolder = '/$working_folder/'

/**
 * The kit asked one object of a package for the URLs of all versions. The rule of `gcc` changes the object (`.tar.xz` to
 * `.tar.bz2`), so the kit has the change for versions that were asked after it; Spack makes an object for each spec.
 */
function withoutTraces(recipe: Recipe): Recipe {
  if (recipe.name !== 'gcc') return recipe
  const isXz = (version: string) =>
    version === '5.5.0' || compareVersions(parseVersion(version), parseVersion('6.4.0')) >= 0
  const versions = recipe.versions.map((each) => {
    if (!each.urls || !isXz(each.version) || each.version === '7.1.0') return each
    return { ...each, urls: each.urls.map((url) => url.replace(/bz2$/, 'xz')) }
  })
  return { ...recipe, versions }
}

export async function run(folder: string, tally: Tally): Promise<void> {
  const root = process.env.SPACKMAKE_BUILTIN_REPO
  if (!root) {
    console.log('recipes/builtin: skipped, since SPACKMAKE_BUILTIN_REPO does not name the builtin repository')
    return
  }
  const cache = mkdtempSync(join(tmpdir(), 'recipes-'))
  try {
    const repository = await readRepository(root)
    const index = await openIndex(repository, { userCache: cache, importable: [repository], environ: process.env })
    compare(folder, index, tally)
    compareVirtuals(folder, index, tally)
    index.close()
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
}

function compare(folder: string, index: RecipeIndex, tally: Tally): void {
  const lines = gunzipSync(readFileSync(join(folder, 'recipes/builtin.jsonl.gz')))
    .toString('utf8')
    .trim()
    .split('\n')
  const failures = new Map(index.failures.map((each) => [each.name, `${each.where ?? ''}: ${each.message}`]))
  const names: string[] = []
  for (const line of lines) {
    const expected = withoutTraces(JSON.parse(line.replaceAll(kitFolder, indexFolder)) as Recipe)
    names.push(expected.name)
    const recipe = index.recipe(expected.name, (name) => index.virtuals.has(name))
    const actual: unknown = recipe ? JSON.parse(JSON.stringify(recipe)) : null
    if (!recipe) {
      tally.check(expected.name, null, () => failures.get(expected.name) ?? 'there is no such package')
      continue
    }
    const { recipe_hash: expectedHash, ...expectedFacts } = expected
    const { recipe_hash: actualHash, ...actualFacts } = actual as Recipe
    tally.check(expected.name, null, () => firstDifference(expectedFacts, actualFacts))
    tally.check(`${expected.name} recipe_hash`, expectedHash, () => actualHash)
  }
  tally.check('names', names, () => index.names)
}

function compareVirtuals(folder: string, index: RecipeIndex, tally: Tally): void {
  const expected = JSON.parse(readFileSync(join(folder, 'recipes/virtuals.json'), 'utf8')) as Record<string, unknown>
  const virtuals = findVirtuals([index])
  for (const [name, virtual] of Object.entries(expected)) {
    tally.check(`virtual ${name}`, virtual, () => virtuals.get(name))
  }
  tally.check('virtuals', Object.keys(expected), () => [...virtuals.keys()])
}

/** The first fact that differs, so that a report of a large recipe can be read. */
function firstDifference(expected: unknown, actual: unknown, path = ''): string | null {
  if (typeof expected !== 'object' || typeof actual !== 'object' || expected === null || actual === null) {
    return expected === actual ? null : `${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
  }
  if (Array.isArray(expected) !== Array.isArray(actual)) return `${path}: one is a list`
  const [left, right] = [expected, actual] as Record<string, unknown>[]
  for (const key of new Set([...Object.keys(left!), ...Object.keys(right!)])) {
    const difference = firstDifference(left![key], right![key], `${path}/${key}`)
    if (difference) return difference
  }
  return null
}
