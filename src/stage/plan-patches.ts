// Which patches a spec gets, and where they are. A concrete spec knows their digests, in the order of application; recipes
// know the rest: its own, and those of packages that depend on it and have it patched.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RecipePatch } from '../recipes/recipe.ts'
import type { FoundRecipe, Recipes } from '../recipes/recipes.ts'
import { archiveExtension } from '../recipes/version-url.ts'
import { parseSpec } from '../spec/parser.ts'
import { intersects } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { archiveSource } from './recipe-source.ts'
import type { ArchiveSource, PlannedPatch } from './source-plan.ts'
import type { StageSettings } from './stage-settings.ts'

/** A patch with the recipe that declares it. */
interface DeclaredPatch {
  patch: RecipePatch
  owner: FoundRecipe
}

/** Throws SpackError `patch-lost` for a patch that no recipe has, or whose file is gone. */
export function planPatches(spec: Spec, recipes: Recipes, settings: StageSettings, shown: string): PlannedPatch[] {
  const own = recipes.require(spec.name!, spec.namespace)
  if (!spec.concrete) return conditionalPatches(spec, own).map((each) => plannedPatch(each, recipes, settings, shown))
  return spec.concrete.patches.map((sha256) => {
    const declared = findPatch(sha256, spec, own, recipes)
    if (declared) return plannedPatch(declared, recipes, settings, shown)
    throw lost(shown, `no recipe has the patch ${sha256} that it was concretized with`)
  })
}

const conditionalPatches = (spec: Spec, own: FoundRecipe): DeclaredPatch[] =>
  own.recipe.patches
    .filter(({ when }) => !when || intersects(spec, parseSpec(when)))
    .map((patch) => ({ patch, owner: own }))

function findPatch(sha256: string, spec: Spec, own: FoundRecipe, recipes: Recipes): DeclaredPatch | undefined {
  const patch = own.recipe.patches.findLast((each) => each.sha256 === sha256)
  if (patch) return { patch, owner: own }
  // Whoever depends on the spec may be in no lockfile any more, so all recipes are looked through; few mention a digest.
  for (const owner of recipes.mentioning(sha256)) {
    for (const dependency of owner.recipe.dependencies) {
      const imposed = dependency.patches?.find((each) => each.sha256 === sha256)
      if (imposed && parseSpec(dependency.spec).name === spec.name) return { patch: imposed, owner }
    }
  }
  return undefined
}

function plannedPatch(
  { patch, owner }: DeclaredPatch,
  recipes: Recipes,
  settings: StageSettings,
  shown: string,
): PlannedPatch {
  const from =
    patch.url === undefined
      ? { kind: 'file' as const, path: patchFile(patch, owner, recipes, shown) }
      : { kind: 'fetch' as const, source: patchSource(patch, patch.url, owner, settings) }
  return {
    sha256: patch.sha256,
    shown: patch.url ?? patch.file ?? patch.sha256,
    from,
    level: patch.level ?? 1,
    workingDir: patch.working_dir ?? '.',
    isReversed: patch.reverse === true,
  }
}

/** A file beside the recipe, or beside one that it inherits from. */
function patchFile(patch: RecipePatch, owner: FoundRecipe, recipes: Recipes, shown: string): string {
  const { name } = owner.recipe
  const inherited = Array.isArray(owner.recipe.inherits) ? owner.recipe.inherits.map(String) : []
  const [first, ...others] = patch.from_package ? [patch.from_package, ...inherited] : [name, ...inherited]
  const folders = [
    ...(first === name ? [owner.folder] : foldersOf(recipes, first!)),
    ...others.flatMap((each) => foldersOf(recipes, each)),
  ]
  const paths = folders.map((folder) => join(folder, patch.file ?? ''))
  const path = paths.find((each) => existsSync(each))
  if (path) return path
  throw lost(shown, `the file \`${paths[0] ?? patch.file}\` of its patch is not there`)
}

/** The folders of a package in all repositories: a recipe may inherit from its namesake in another one. */
const foldersOf = (recipes: Recipes, name: string): string[] =>
  recipes.repositories.flatMap(({ namespace }) => {
    const found = recipes.find(name, namespace)
    return found ? [found.folder] : []
  })

function patchSource(patch: RecipePatch, url: string, owner: FoundRecipe, settings: StageSettings): ArchiveSource {
  const stored = patch.archive_sha256 ?? patch.sha256
  const { name } = owner.recipe
  const alias = `${name}/${basename(url)}-${stored.slice(0, 7)}`
  const isPacked = patch.archive_sha256 !== undefined
  const given = { sha256: stored, expand: isPacked }
  const source = archiveSource({ given, urls: [url], alias, shown: `${name} (patch)` }, settings)
  // A patch that is packed alone needs its kind, and mirrors name it by that too.
  return isPacked ? { ...source, extension: archiveExtension(url) || null } : source
}

const basename = (url: string): string => url.slice(url.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9_+.?=&-]/g, '_')

const lost = (shown: string, what: string): SpackError =>
  new SpackError('patch-lost', `\`${shown}\` cannot be patched: ${what}`, {
    hint: 'the recipe has changed since: concretize again with `spack concretize --force`, or use the recipes of that time',
  })
