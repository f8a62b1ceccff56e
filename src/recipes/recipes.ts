// The recipes of concrete specs: these know the namespace of each, which names the repository that counts.

import { dirname } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import { usableRepositories } from './configured-repositories.ts'
import type { Recipe } from './recipe.ts'
import type { Repository } from './repository.ts'
import { openRepositoryPath, type Package, type RepositoryPath } from './repository-path.ts'

export interface FoundRecipe {
  recipe: Recipe
  repository: Repository
  /** The folder with `package.py`. */
  folder: string
}

export interface Recipes {
  /** In order of precedence. */
  repositories: readonly Repository[]
  /** Of all packages that could be loaded, sorted. */
  names: () => readonly string[]
  /** undefined when no repository has it, or its recipe cannot be loaded. */
  find: (name: string, namespace?: string | null) => FoundRecipe | undefined
  /** As `find`. Throws as `RepositoryPath.require`. */
  require: (name: string, namespace?: string | null) => FoundRecipe
  isVirtual: (name: string) => boolean
  /** Packages whose facts have a text in them, a quick way to few of them. */
  mentioning: (text: string) => FoundRecipe[]
  close: () => void
}

export interface RecipesWorld {
  environ: NodeJS.ProcessEnv
  say?: (text: string) => void
}

/** Opens the indexes of all usable repositories, bringing them up to date. Throws as `usableRepositories` and `openIndex`. */
export async function openRecipes(configuration: Configuration, world: RecipesWorld): Promise<Recipes> {
  const repositories = await usableRepositories(configuration, world)
  return recipesOf(await openRepositoryPath(repositories, { ...world, userCache: configuration.paths.userCache }))
}

function recipesOf(path: RepositoryPath): Recipes {
  const { indexes, isVirtual, close } = path
  const repositories = indexes.map(({ repository }) => repository)
  const recipeOf = (found: Package): FoundRecipe => {
    return { recipe: path.recipe(found), repository: found.repository, folder: dirname(found.file) }
  }
  // A namespace that is no longer configured is no reason to have no recipe at all.
  const named = (name: string, namespace: string | null | undefined): string =>
    repositories.some((repository) => repository.namespace === namespace) ? `${namespace}.${name}` : name
  const find: Recipes['find'] = (name, namespace) => {
    const found = path.find(named(name, namespace))
    return found && recipeOf(found)
  }
  return {
    repositories,
    names: () => path.names,
    find,
    require: (name, namespace) => recipeOf(path.require(named(name, namespace))),
    isVirtual,
    mentioning: (text) =>
      indexes.flatMap((index) =>
        index.names
          .filter((name) => index.line(name)?.includes(text))
          .flatMap((name) => find(name, index.repository.namespace) ?? []),
      ),
    close,
  }
}
