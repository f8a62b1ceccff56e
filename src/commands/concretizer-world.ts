// What the concretizer must know for an invocation: its configuration, recipes and compilers, and what there is to reuse.

import { type ConfiguredWorld, configuredWorld } from '../concretize/configured-world.ts'
import type { ReuseWord } from '../concretize/reuse-settings.ts'
import { pileOf, type SpecPile } from '../concretize/spec-pile.ts'
import { ensureCompilers } from '../detection/compilers.ts'
import { collectSparingly, compileSparingly } from '../engine.ts'
import { namedOrDir } from '../environment/environment.ts'
import { allNodes, type LockedSpecs } from '../environment/lockfile.ts'
import { withRoots } from '../environment/lockfile-roots.ts'
import { lockIncluded } from '../environment/manifest.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { openStore } from '../store/configured-store.ts'
import { readDatabase } from '../store/transaction.ts'
import { SpackError } from '../ui/error.ts'
import { activeEnvironment, configuration, environmentsRoot, forgetConfiguration } from './configured.ts'
import { databasePile } from './database-pile.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'
import { openRecipes } from './recipes.ts'
import { specsByHash } from './specs-by-hash.ts'

export interface WorldOptions {
  /** `--fresh`, `--reuse`, `--reuse-deps`: instead of `concretizer:reuse`. */
  reuse?: ReuseWord
  /** `--deprecated` */
  allowDeprecated?: boolean
  /** The active environment is what is concretized, and offers no more than this. */
  offered?: OfferedSpecs
  /** There is much to solve, so that code is worth being compiled well. */
  isLong?: boolean
}

/** What an environment offers for reuse while it is concretized. */
export interface OfferedSpecs {
  /** Of its lockfile the roots that stay, as they are written there. */
  roots: readonly string[]
  /** Folders of environments whose locked specs it includes. */
  included: readonly string[]
}

export interface OpenedWorld extends ConfiguredWorld {
  recipes: RepositoryPath
}

type Work<Result> = (world: OpenedWorld) => Promise<Result> | Result

/**
 * Opens the world of an invocation for `work`, and closes it after it. Throws SpackError for what is wrong with the
 * configuration, `no-compiler` when there is none, and `repository` when there are no recipes.
 */
export async function withConcretizerWorld<Result>(
  invocation: Invocation,
  options: WorldOptions,
  work: Work<Result>,
): Promise<Result> {
  return await workWith(await openRecipes(invocation), invocation, options, work)
}

/**
 * As `withConcretizerWorld`, for work that has no effect but its result: it is done while the recipes are looked at, and
 * once more if any changed since they were indexed.
 */
export async function computeInWorld<Result>(
  invocation: Invocation,
  options: WorldOptions,
  work: Work<Result>,
): Promise<Result> {
  if (options.isLong) return await withConcretizerWorld(invocation, options, work)
  let recipes: RepositoryPath | undefined
  let outcome: () => Result
  try {
    recipes = await openRecipes(invocation, { isConfirmedLater: true })
    const result = await workWith(recipes, invocation, options, work)
    outcome = () => result
  } catch (error) {
    outcome = () => {
      throw error
    }
  }
  if (recipes?.isCurrent()) return outcome()
  return await withConcretizerWorld(invocation, options, work)
}

async function workWith<Result>(
  recipes: RepositoryPath,
  invocation: Invocation,
  options: WorldOptions,
  work: Work<Result>,
): Promise<Result> {
  let missing: SpackError | undefined
  try {
    missing = await findCompilers(invocation, recipes)
    const world = await configuredWorld({
      ...options,
      configuration: await configuration(invocation),
      recipes,
      environ: invocation.environ,
      say: invocation.say,
      store: () => storePile(invocation),
      buildCaches: () => cachedPile(invocation),
      lookUp: async (asked) => (await specsByHash(invocation, [asked])).requests[0]!,
      environment: async (path) =>
        path === null && options.offered
          ? await offeredPile(invocation, options.offered)
          : await environmentPile(invocation, path),
    })
    // A solve is a moment's work, and most of its code runs a few times only.
    if (!options.isLong) {
      compileSparingly()
      collectSparingly()
    }
    return await work({ ...world, recipes })
  } catch (error) {
    // What needs no compiler can be concretized without one; anything else fails for want of it.
    if (missing && error instanceof SpackError && error.code === 'unsatisfiable') throw missing
    throw error
  } finally {
    recipes.close()
  }
}

/** Configures compilers when none is; the error that there is none is for whoever turns out to need one. */
async function findCompilers(invocation: Invocation, recipes: RepositoryPath): Promise<SpackError | undefined> {
  try {
    if (await ensureCompilers(await configuration(invocation), recipes, invocation)) forgetConfiguration(invocation)
    return undefined
  } catch (error) {
    if (error instanceof SpackError && error.code === 'no-compiler') return error
    throw error
  }
}

/** What is installed, in the store and its upstreams. */
async function storePile(invocation: Invocation): Promise<SpecPile> {
  const { database, upstreams } = await readDatabase(openStore(await configuration(invocation)))
  return databasePile([{ database }, ...upstreams], ({ isInstalled }) => isInstalled)
}

/** What the build caches have. Without a mirror nothing of them is loaded. */
async function cachedPile(invocation: Invocation): Promise<SpecPile> {
  if ((await configuration(invocation)).entries('mirrors').length === 0) return pileOf(new Map())
  return await (await import('./cached-specs.ts')).cachesPile(invocation)
}

async function offeredPile(invocation: Invocation, { roots, included }: OfferedSpecs): Promise<SpecPile> {
  const nothing: LockedSpecs = { roots: [], nodes: new Map(), includeConcrete: new Map() }
  const environment = roots.length ? await activeEnvironment(invocation) : undefined
  const stays = new Set(roots)
  const kept = environment ? withRoots(readLocked(environment), (spec) => stays.has(spec)) : nothing
  return pileOf(allNodes({ ...kept, includeConcrete: lockIncluded(included) }))
}

/** What the lockfile of an environment holds; that of the active one may not be there yet. */
async function environmentPile(invocation: Invocation, path: string | null): Promise<SpecPile> {
  const environment =
    path === null
      ? await activeEnvironment(invocation)
      : await namedOrDir(path, invocation.cwd, () => environmentsRoot(invocation))
  if (!environment) return pileOf(new Map())
  try {
    return pileOf(allNodes(readLocked(environment)))
  } catch (error) {
    if (error instanceof SpackError && error.code === 'not-concretized') return pileOf(new Map())
    throw error
  }
}
