// All configured repositories as one: of packages of one name, the one in the first repository counts.

import { join } from 'node:path'
import { SpackError } from '../ui/error.ts'
import { closestFew } from '../ui/suggestion.ts'
import type { Recipe, RecipeTexts } from './recipe.ts'
import type { IndexOptions, RecipeIndex } from './recipe-index.ts'
import { openIndex } from './recipe-index.ts'
import { packageFolder, type Repository } from './repository.ts'
import { findVirtuals, type Virtual } from './virtuals.ts'

/** A package that exists, and where. */
export interface Package {
  name: string
  repository: Repository
  index: RecipeIndex
  /** Its `package.py`. */
  readonly file: string
}

export interface RepositoryPath {
  /** In order of precedence. */
  indexes: readonly RecipeIndex[]
  /** Whether all indexes were up to date when they were opened. */
  isCurrent: () => boolean
  /** Names of all packages, each once, sorted. Those that only stand for a virtual are among them. */
  names: readonly string[]
  isVirtual: (name: string) => boolean
  /** Names of the packages that may provide a virtual, sorted. No recipe is read. */
  providersOf: (virtual: string) => readonly string[]
  virtuals: () => ReadonlyMap<string, Virtual>
  /** The package of a name, which may have a namespace in front; undefined when there is none. */
  find: (name: string) => Package | undefined
  /** As `find`. Throws SpackError `unknown-package`, or `recipe` when its recipe could not be loaded. */
  require: (name: string) => Package
  recipe: (found: Package) => Recipe
  texts: (found: Package) => RecipeTexts
  close: () => void
}

/** Opens the indexes of repositories, bringing them up to date. Throws SpackError. */
export async function openRepositoryPath(
  repositories: readonly Repository[],
  options: Omit<IndexOptions, 'importable'>,
): Promise<RepositoryPath> {
  const indexes: RecipeIndex[] = []
  for (const repository of repositories)
    indexes.push(await openIndex(repository, { ...options, importable: repositories }))
  return joinIndexes(indexes)
}

/** Several open indexes as one, the first with the highest precedence. */
export function joinIndexes(indexes: readonly RecipeIndex[]): RepositoryPath {
  const ownerOf = ownerFinder(indexes)
  let virtuals: ReadonlyMap<string, Virtual> | undefined
  let names: readonly string[] | undefined
  const providers = new Map<string, readonly string[]>()
  const virtualNames = new Set(indexes.flatMap((index) => [...index.virtuals]))
  const isVirtual = (name: string) => virtualNames.has(name)
  const search = (given: string): Package | undefined => {
    const [namespace, name] = splitName(given)
    const index = namespace === null ? ownerOf(name) : indexes.find((each) => each.repository.namespace === namespace)
    return index?.has(name) ? packageIn(index, name) : undefined
  }
  const packages = new Map<string, Package | undefined>()
  const find = (given: string): Package | undefined => {
    if (!packages.has(given)) packages.set(given, search(given))
    return packages.get(given)
  }
  return {
    indexes,
    isCurrent: () => indexes.every((index) => index.isCurrent()),
    get names() {
      names ??= [...new Set(indexes.flatMap((index) => index.names))]
        .filter((name) => ownerOf(name)?.has(name))
        .sort((a, b) => (a < b ? -1 : 1))
      return names
    },
    isVirtual,
    providersOf: (virtual) => {
      let found = providers.get(virtual)
      if (!found) {
        const all = indexes.flatMap((index) => index.providersOf(virtual).filter((name) => ownerOf(name) === index))
        providers.set(virtual, (found = all.sort((a, b) => (a < b ? -1 : 1))))
      }
      return found
    },
    virtuals: () => (virtuals ??= findVirtuals(indexes)),
    find,
    require: (name) => find(name) ?? refuse(name, indexes, ownerOf),
    recipe: recentRecipes(isVirtual),
    texts: ({ name, index }) => index.texts(name)!,
    close: () => {
      for (const index of indexes) index.close()
    },
  }
}

const packageIn = (index: RecipeIndex, name: string): Package => ({
  ...{ name, index, repository: index.repository },
  get file() {
    return join(index.repository.packages, packageFolder(name), 'package.py')
  },
})

/** How many recipes are kept that were read last: several parts of a command ask for those of compilers, which are long. */
const keptRecipes = 32

function recentRecipes(isVirtual: (name: string) => boolean): RepositoryPath['recipe'] {
  const kept = new Map<string, Recipe>()
  return ({ name, index }) => {
    const key = `${index.repository.namespace}.${name}`
    const known = kept.get(key)
    if (known) return known
    const recipe = index.recipe(name, isVirtual)!
    kept.set(key, recipe)
    if (kept.size > keptRecipes) kept.delete(kept.keys().next().value!)
    return recipe
  }
}

type OwnerFinder = (name: string) => RecipeIndex | undefined

/** Of a name that several repositories have the first one counts, also when its recipe could not be loaded. */
function ownerFinder(indexes: readonly RecipeIndex[]): OwnerFinder {
  const failed = indexes.map(({ failures }) => new Set(failures.map(({ name }) => name)))
  return (name) => indexes.find((index, at) => index.has(name) || failed[at]!.has(name))
}

/** `builtin.zlib` → `builtin`, `zlib`. */
function splitName(given: string): [namespace: string | null, name: string] {
  const dot = given.lastIndexOf('.')
  return dot < 0 ? [null, given] : [given.slice(0, dot), given.slice(dot + 1)]
}

function refuse(given: string, indexes: readonly RecipeIndex[], ownerOf: OwnerFinder): never {
  const [namespace, name] = splitName(given)
  const looked = indexes.filter(({ repository }) => namespace === null || repository.namespace === namespace)
  if (looked.length === 0) {
    const known = indexes.map(({ repository }) => `\`${repository.namespace}\``).join(', ')
    throw new SpackError('unknown-package', `there is no repository \`${namespace}\`, so no package \`${given}\``, {
      hint: `the repositories are ${known}`,
    })
  }
  for (const index of namespace === null ? [ownerOf(name)] : looked) {
    const failure = index?.failures.find((each) => each.name === name)
    if (failure) {
      throw new SpackError('recipe', `the recipe of \`${name}\` cannot be loaded: ${failure.message}`, {
        ...(failure.where ? { where: failure.where } : {}),
        hint: `see it: \`spack edit ${name}\``,
      })
    }
  }
  const near = closestFew(
    name,
    looked.flatMap(({ names }) => [...names]),
  )
  const places = looked.map(({ repository }) => `\`${repository.namespace}\``).join(', ')
  throw new SpackError('unknown-package', `there is no package \`${given}\` in ${places}`, {
    hint: near.length
      ? `did you mean ${near.map((each) => `\`${each}\``).join(', ')}?`
      : '`spack create` makes a new one',
  })
}
