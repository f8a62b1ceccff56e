// Packages by their tags: which can be detected, and which are compilers.

import type { DetectionPatterns } from '../recipes/index-table.ts'
import type { Recipe } from '../recipes/recipe.ts'
import { packageFolder, type Repository } from '../recipes/repository.ts'
import type { Package, RepositoryPath } from '../recipes/repository-path.ts'

export interface DetectablePackage {
  name: string
  /** The folder of its recipe. */
  folder: string
  repository: Repository
  detect: DetectionPatterns
}

/** The packages that can be detected and have a tag, which is compared in lower case; sorted by name. */
export const detectablePackages = (path: RepositoryPath, tag: string): DetectablePackage[] =>
  withTag(path, tag).flatMap(({ name, index, repository }) => {
    const detect = index.detection(name)
    return detect ? [{ name, folder: packageFolder(name), repository, detect }] : []
  })

/** The names of all packages that have a tag, sorted. */
export const packagesWithTag = (path: RepositoryPath, tag: string): string[] =>
  withTag(path, tag).map(({ name }) => name)

/** Few packages have tags, so that the others are not looked at. */
function withTag(path: RepositoryPath, tag: string): Package[] {
  const found = path.indexes.flatMap((index) => {
    const names = index.tagged().filter((name) => hasTag(index.tags(name), tag))
    // Of a name that several repositories have, the first counts, even when its recipe cannot be loaded.
    return names.flatMap((name) => path.find(name) ?? []).filter((each) => each.index === index)
  })
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const hasTag = (tags: readonly string[], wanted: string): boolean =>
  tags.some((tag) => tag.toLowerCase() === wanted.toLowerCase())

/** The recipe of a package, or undefined when there is none. */
export function recipeOf(path: RepositoryPath, name: string): Recipe | undefined {
  const found = path.find(name)
  return found && path.recipe(found)
}
