// The build plan of an environment: what configuration and recipes say about building its specs.

import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import { detectHost } from '../config/host.ts'
import type { Environment } from '../environment/environment.ts'
import { lockfileSpecs } from '../environment/locked-specs.ts'
import type { BuildPlan, BuildSettings, PlannedSources } from '../install/build-plan.ts'
import { fileStamp, type PlanInputs, variableValues, watchedEnviron } from '../install/plan-inputs.ts'
import { sbangPath } from '../install/sbang.ts'
import { programs } from '../program.ts'
import { openRecipes, type Recipes } from '../recipes/recipes.ts'
import { packageFolder } from '../recipes/repository.ts'
import { choosesSubmodules } from '../recipes/source-answers.ts'
import type { Spec } from '../spec/spec.ts'
import { planSources, planWithRecipe } from '../stage/plan-sources.ts'
import { type StageSettings, stageSettings } from '../stage/stage-settings.ts'
import { openStore } from '../store/layout.ts'
import type { Store } from '../store/store.ts'
import { SpackError } from '../ui/error.ts'
import { configurationOf } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'
import { configuredMirrors } from './mirrors.ts'
import { scopeFiles } from './planning.ts'

/** Makes the plan. Throws what reading configuration, lockfile and recipes throw; what is wrong with one spec stays in the plan. */
export async function makeBuildPlan(
  invocation: Invocation,
  environment: Environment,
  flags: { checksum: boolean },
): Promise<BuildPlan> {
  const asked = new Set(['SPACK_PYTHON'])
  const watched = { ...invocation, environ: watchedEnviron(invocation.environ, asked) }
  const configuration = await configurationOf(watched, environment)
  const stages = stageSettings(configuration, configuredMirrors(configuration))
  const specs = [...lockfileSpecs(readLocked(environment)).values()].filter(({ concrete }) => !concrete?.external)
  const recipes = await openRecipes(configuration, { environ: invocation.environ, say: invocation.say })
  try {
    const files = [
      programs().install,
      ...scopeFiles(configuration),
      environment.lockFile,
      ...recipeFiles(recipes, specs),
    ]
    const inputs: PlanInputs = {
      files: Object.fromEntries(files.map((file) => [file, fileStamp(file)])),
      variables: variableValues(invocation.environ, asked),
    }
    const settings = buildSettings(configuration, openStore(configuration), recipes, stages, invocation.environ)
    const wanted = { ...stages, checksum: stages.checksum && flags.checksum }
    const sources: Record<string, PlannedSources> = {}
    for (const spec of specs)
      sources[spec.concrete!.hash] = await plannedSources(spec, recipes, wanted, invocation.environ)
    return { inputs, settings, sources }
  } finally {
    recipes.close()
  }
}

/** Only what submodules a recipe's own function chooses is asked of the recipe: the index has all else, by version. */
async function plannedSources(
  spec: Spec,
  recipes: Recipes,
  settings: StageSettings,
  environ: NodeJS.ProcessEnv,
): Promise<PlannedSources> {
  try {
    const mustAsk = choosesSubmodules(recipes.require(spec.name!, spec.namespace))
    const plan = mustAsk ? await planWithRecipe(spec, recipes, settings, environ) : planSources(spec, recipes, settings)
    return { kind: 'sources', plan }
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    const { code, message, hint, where } = error
    return { kind: 'refused', code, message, hint, where }
  }
}

/** The recipes themselves: when one changes, other sources may be meant. */
function recipeFiles(recipes: Recipes, specs: readonly Spec[]): string[] {
  return specs.flatMap(({ name, namespace }) =>
    recipes.repositories
      .filter((repository) => repository.namespace === namespace)
      .map(({ packages }) => join(packages, packageFolder(name!), 'package.py')),
  )
}

/** What configuration says about builds. */
export function buildSettings(
  configuration: Configuration,
  store: Store,
  recipes: Pick<Recipes, 'repositories'>,
  stages: StageSettings,
  environ: NodeJS.ProcessEnv,
): BuildSettings {
  const { paths } = configuration
  const flag = (path: string) => configuration.get(path) === true
  return {
    managed_dirs: managedFolders([store.root, ...Object.values(store.upstreams), ...stages.roots]),
    sbang: sbangPath(store.unpaddedRoot),
    cache_dir: paths.userCache,
    license_dir: configuration.path('config:license_dir') ?? join(paths.etc, 'licenses'),
    debug_log_dir: configuration.path('config:build_log_dir') ?? paths.userCache,
    debug: flag('config:debug'),
    ccache: flag('config:ccache'),
    build_language: wordOf(configuration, 'config:build_language', 'C') || null,
    shared_linking: wordOf(configuration, 'config:shared_linking:type', 'rpath') as BuildSettings['shared_linking'],
    keep_werror: wordOf(configuration, 'config:flags:keep_werror', 'none') as BuildSettings['keep_werror'],
    jobs: Math.min(Number(configuration.get('config:build_jobs') ?? 16), availableParallelism()),
    python: realPython(environ.SPACK_PYTHON || 'python3', environ),
    locks: configuration.get('config:locks') !== false,
    dirty: flag('config:dirty'),
    bind: flag('config:shared_linking:bind'),
    missingLibraries: wordOf(
      configuration,
      'config:shared_linking:missing_library_policy',
      'ignore',
    ) as BuildSettings['missingLibraries'],
    host: detectHost(),
    repositories: Object.fromEntries(
      recipes.repositories.map(({ namespace, root, api }) => [namespace, { root, api }]),
    ),
  }
}

/** What is called Python may be a script that looks for it, which costs more than Python's own start. */
function realPython(command: string, environ: NodeJS.ProcessEnv): string {
  const words = ['-I', '-S', '-c', 'import sys; print(sys.executable)']
  const { stdout, status } = spawnSync(command, words, { env: environ, encoding: 'utf8' })
  return (status === 0 && stdout.trim()) || command
}

function wordOf(configuration: Configuration, path: string, otherwise: string): string {
  const value = configuration.get(path)
  return value === undefined ? otherwise : String(value ?? '')
}

/** With real paths, by which programs may come to know them. */
function managedFolders(folders: readonly string[]): string[] {
  const real = folders.flatMap((folder) => (existsSync(folder) ? [realpathSync(folder)] : []))
  return [...new Set([...folders, ...real])].sort()
}
