// Compilers: externals of packages that are tagged `compiler`, which say in `extra_attributes` where their programs are.

import type { Configuration } from '../config/configuration.ts'
import { editableScope } from '../config/edit.ts'
import { detectHost } from '../config/host.ts'
import type { Scope } from '../config/scope.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import type { CompilerPrograms } from './compiler-properties.ts'
import { type ConfiguredExternal, configuredExternals } from './configured-externals.ts'
import { type DetectedExternal, type Detection, detectPackages } from './detect.ts'
import { completeExternal } from './external-spec.ts'
import { recordExternals } from './record-externals.ts'
import { pathList, programFolders } from './search-folders.ts'
import { detectablePackages, packagesWithTag, recipeOf } from './tagged-packages.ts'

/** A compiler that is installed outside of the store. */
export interface ConfiguredCompiler extends ConfiguredExternal {
  /** The whole node, as it is in a DAG. */
  node: Spec
  extraAttributes: NonNullable<ConfiguredExternal['extraAttributes']>
}

/** Names of all packages that are compilers, sorted. */
export const compilerNames = (recipes: RepositoryPath): string[] => packagesWithTag(recipes, 'compiler')

/** The compilers that are configured, or those of one scope. Throws as `configuredExternals`. */
export function configuredCompilers(
  configuration: Configuration,
  recipes: RepositoryPath,
  scope?: Scope,
): ConfiguredCompiler[] {
  const names = new Set(compilerNames(recipes))
  return configuredExternals(configuration, scope).flatMap((external) => {
    const { extraAttributes, spec } = external
    if (!names.has(external.package) || !spec.name || !extraAttributes) return []
    const node = completeExternal(
      spec,
      recipeOf(recipes, spec.name),
      detectHost(),
      recipes.find(spec.name)?.repository.namespace,
    )
    return node ? [{ ...external, extraAttributes, node }] : []
  })
}

export interface CompilerWorld {
  environ: NodeJS.ProcessEnv
  cwd: string
  jobs?: number
}

export interface FoundCompilers {
  added: readonly DetectedExternal[]
  warnings: readonly string[]
  notes: readonly string[]
}

/** Looks for compilers in `paths`, or `PATH`, and adds those that are new to a scope. Throws as `recordExternals`. */
export async function findCompilers(
  configuration: Configuration,
  recipes: RepositoryPath,
  scope: Scope,
  world: CompilerWorld & { paths?: readonly string[] },
): Promise<FoundCompilers> {
  // What is wrong with the file comes before the wait.
  configuredExternals(configuration)
  const detection = await detectCompilers(recipes, world)
  const { added, warnings } = await recordExternals(detection.found, configuration, scope)
  return { added, warnings: [...detection.warnings, ...warnings], notes: detection.notes }
}

function detectCompilers(
  recipes: RepositoryPath,
  { paths, ...world }: CompilerWorld & { paths?: readonly string[] },
): Promise<Detection> {
  return detectPackages(detectablePackages(recipes, 'compiler'), recipes, {
    ...world,
    paths: programFolders(paths ?? pathList(world.environ.PATH), world.cwd),
  })
}

/**
 * Makes sure that there are compilers: if none is configured, those on `PATH` are added to the user's scope, and it says
 * so. Returns whether it wrote, after which the configuration has to be read again. Throws SpackError `no-compiler`.
 */
export async function ensureCompilers(
  configuration: Configuration,
  recipes: RepositoryPath,
  world: CompilerWorld & { say: (text: string) => void },
): Promise<boolean> {
  if (configuredCompilers(configuration, recipes).length > 0) return false
  refuseOldCompilers(configuration)
  // What recipes say that changed meanwhile shall not be written down.
  if (!recipes.isCurrent()) throw new Error('the recipes changed')
  const { added, warnings } = await findCompilers(configuration, recipes, scopeOfUser(configuration), world)
  for (const warning of warnings) world.say(`==> Warning: ${warning}\n`)
  if (added.length === 0) {
    throw new SpackError('no-compiler', 'no compiler is configured, and there is none on `PATH`', {
      hint: 'install one, or tell where it is: `spack compiler find FOLDER`',
    })
  }
  world.say('==> Compilers have been configured automatically from PATH inspection\n')
  return true
}

/** Not the environment's scope: what one machine has does not belong into a manifest that others share. */
const scopeOfUser = (configuration: Configuration): Scope =>
  configuration.scopes.find(({ name, isWritable }) => name === 'user' && isWritable) ?? editableScope(configuration)

/** Throws what `oldCompilers` gives. */
function refuseOldCompilers(configuration: Configuration): void {
  const error = oldCompilers(configuration)
  if (error) throw error
}

/** What is to be said when compilers are written in the way that ended with Spack 1.0. */
export function oldCompilers(configuration: Configuration): SpackError | undefined {
  const old = configuration.sectionNode('compilers')
  if (old?.kind !== 'list' || old.items.length === 0) return undefined
  const { file, line } = old.items[0]!.mark
  return new SpackError('old-compilers', 'compilers in `compilers.yaml` are not used since Spack 1.0', {
    where: `${file}:${line}`,
    hint: 'run `spack compiler find`, which writes them to `packages.yaml`, with their folders if they are not on `PATH`; then remove this file',
  })
}

/** How a configured compiler is run to look at it. */
export function compilerPrograms(
  compiler: Pick<ConfiguredCompiler, 'package' | 'extraAttributes'>,
  recipes: RepositoryPath,
): CompilerPrograms {
  const facts = recipeOf(recipes, compiler.package)?.compiler as Readonly<Record<string, unknown>> | undefined
  const { extraAttributes: attributes } = compiler
  const programs = attributes.compilers
  const paths = typeof programs === 'object' && programs !== null && !Array.isArray(programs) ? programs : {}
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
  return {
    c: text(paths.c),
    cxx: text(paths.cxx),
    attributes,
    verboseFlag: text(facts?.verbose_flags),
    implicitRpathLibraries: Array.isArray(facts?.implicit_rpath_libs) ? facts.implicit_rpath_libs.map(String) : [],
  }
}
