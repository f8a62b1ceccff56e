// The recipes of all configured repositories together: of packages that several have, the first repository's counts, unless
// a namespace says which is meant.

import type { Configuration } from '../config/configuration.ts'
import { SpackError } from '../ui/error.ts'
import { usableRepositories } from './configured-repositories.ts'
import type { Recipe } from './recipe.ts'
import { openIndex, type RecipeIndex } from './recipe-index.ts'
import { packageFolder, type Repository } from './repository.ts'

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
  names: () => string[]
  /** undefined when no repository has it, or its recipe cannot be loaded. */
  find: (name: string, namespace?: string | null) => FoundRecipe | undefined
  /** As `find`. Throws SpackError `no-recipe`, with the reason why it could not be loaded. */
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
  const importable = await usableRepositories(configuration, world)
  const options = { ...world, importable, userCache: configuration.paths.userCache }
  const indexes: RecipeIndex[] = []
  for (const repository of importable) indexes.push(await openIndex(repository, options))
  return recipesOf(indexes)
}

function recipesOf(indexes: readonly RecipeIndex[]): Recipes {
  const isVirtual = (name: string) => indexes.some(({ virtuals }) => virtuals.has(name))
  const inIndex = (index: RecipeIndex, name: string): FoundRecipe[] => {
    const recipe = index.recipe(name, isVirtual)
    const { repository } = index
    return recipe ? [{ recipe, repository, folder: `${repository.packages}/${packageFolder(name)}` }] : []
  }
  const find: Recipes['find'] = (name, namespace) => {
    const meant = indexes.filter(({ repository }) => repository.namespace === namespace)
    // A namespace that is no longer configured is no reason to have no recipe at all.
    for (const index of meant.length ? meant : indexes) {
      const [found] = inIndex(index, name)
      if (found) return found
    }
    return undefined
  }
  return {
    repositories: indexes.map(({ repository }) => repository),
    names: () => [...new Set(indexes.flatMap(({ names }) => names))].sort(),
    find,
    require: (name, namespace) => find(name, namespace) ?? raise(missing(indexes, name)),
    isVirtual,
    mentioning: (text) =>
      indexes.flatMap((index) =>
        index.names.filter((name) => index.line(name)?.includes(text)).flatMap((name) => inIndex(index, name)),
      ),
    close: () => {
      for (const index of indexes) index.close()
    },
  }
}

const raise = (error: SpackError): never => {
  throw error
}

function missing(indexes: readonly RecipeIndex[], name: string): SpackError {
  const failure = indexes.flatMap(({ failures }) => failures).find((each) => each.name === name)
  if (failure) {
    return new SpackError('no-recipe', `the recipe of \`${name}\` cannot be loaded: ${failure.message}`, {
      ...(failure.where ? { where: failure.where } : {}),
      hint: 'correct the recipe',
    })
  }
  const searched = indexes.map(({ repository }) => `  ${repository.namespace} (${repository.root})`)
  return new SpackError('no-recipe', `no repository has a recipe of \`${name}\``, {
    detail: searched.join('\n'),
    hint: 'see `spack repo list`',
  })
}
