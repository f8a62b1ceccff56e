// `spack find --tag` and `--unknown`: what recipes say of installed packages, by their names.

import { packagesWithTags } from '../recipes/package-tags.ts'
import type { Invocation } from './invocation.ts'
import { withRecipes } from './recipes.ts'

export interface RecipeFilter {
  /** Whether no repository has a package of this name; a package whose recipe cannot be loaded is there. */
  isUnknown: (name: string) => boolean
  /** Whether a package has all of the tags. */
  isTagged: (name: string) => boolean
}

/** Reads recipes for it. Throws SpackError `repository` when there are none. */
export async function recipeFilter(invocation: Invocation, tags: readonly string[]): Promise<RecipeFilter> {
  return await withRecipes(invocation, (path) => {
    const failed = path.indexes.flatMap(({ failures }) => failures.map(({ name }) => name))
    const known = new Set([...path.names, ...failed])
    const tagged = packagesWithTags(path, tags)
    return { isUnknown: (name) => !known.has(name), isTagged: (name) => tagged.has(name) }
  })
}
