// Packages by their tags: which can be detected, and which are compilers.

import type { DetectionPatterns } from '../recipes/index-table.ts'
import type { Recipe } from '../recipes/recipe.ts'
import { packageFolder, type Repository } from '../recipes/repository.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'

export interface DetectablePackage {
  name: string
  /** The folder of its recipe. */
  folder: string
  repository: Repository
  detect: DetectionPatterns
}

/** The packages that can be detected and have a tag, which is compared in lower case; sorted by name. */
export function detectablePackages(path: RepositoryPath, tag: string): DetectablePackage[] {
  return path.names.flatMap((name) => {
    const { index, repository } = path.find(name)!
    const detect = index.detection(name)
    if (!detect || !hasTag(index.tags(name), tag)) return []
    return [{ name, folder: packageFolder(name), repository, detect }]
  })
}

/** The names of all packages that have a tag, sorted. */
export const packagesWithTag = (path: RepositoryPath, tag: string): string[] =>
  path.names.filter((name) => hasTag(path.find(name)!.index.tags(name), tag))

const hasTag = (tags: readonly string[], wanted: string): boolean =>
  tags.some((tag) => tag.toLowerCase() === wanted.toLowerCase())

/** The recipe of a package, or undefined when there is none. */
export function recipeOf(path: RepositoryPath, name: string): Recipe | undefined {
  const found = path.find(name)
  return found && path.recipe(found)
}
