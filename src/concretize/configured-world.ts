// The world of a configuration: its recipes, settings, externals and compilers, what this machine is, and what there is to
// be reused.

import type { Configuration } from '../config/configuration.ts'
import { detectHost } from '../config/host.ts'
import type { ConfigValue } from '../config/node.ts'
import { compilerLibcs } from '../detection/compiler-libcs.ts'
import { compilerCache, compilerProperties } from '../detection/compiler-properties.ts'
import { compilerPrograms } from '../detection/compilers.ts'
import type { Libc } from '../detection/libc.ts'
import { packagesWithTag } from '../detection/tagged-packages.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { runtimeCalls } from '../recipes/runtime-constraints.ts'
import { specName } from '../spec/characters.ts'
import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { objectEntries } from '../spec/json.ts'
import { deptypeBits, type Spec } from '../spec/spec.ts'
import { compareTexts } from '../spec/text-order.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { linkRun } from '../spec/traverse-edges.ts'
import { comparableVersion, compareKeys } from '../spec/version.ts'
import { SpackError } from '../ui/error.ts'
import { compilerFacts, linkedLibc } from './compilers.ts'
import { type ExternalEntry, externalSpecs, versionOf } from './externals.ts'
import { withReusable } from './more-reusable.ts'
import { type PileSource, selectReusable, withoutRoots } from './reuse-rules.ts'
import { type ReuseSource, type ReuseWord, readReuse } from './reuse-settings.ts'
import { readExternals, readSettings, readSplices, requiredTargetOf } from './settings.ts'
import { specFacts } from './spec-facts.ts'
import { SpecMaker, type SpecPile } from './spec-pile.ts'
import type { CompilerFacts, ExplicitSplice, Package, World } from './world.ts'

export interface WorldSources {
  configuration: Configuration
  recipes: RepositoryPath
  environ: NodeJS.ProcessEnv
  say: (text: string) => void
  /** What is installed. */
  store: () => Promise<SpecPile>
  /** What the build caches of all mirrors have. */
  buildCaches: () => Promise<SpecPile>
  /** The concrete spec that one with a hash stands for. Throws SpackError `no-match` or `ambiguous`. */
  lookUp: (asked: Spec) => Promise<Spec>
  /** What is in the lockfile of an environment, or of the active one. */
  environment: (path: string | null) => Promise<SpecPile>
  /** Instead of `concretizer:reuse` and `config:deprecated`. */
  reuse?: ReuseWord
  allowDeprecated?: boolean
}

export interface ConfiguredWorld {
  facts: SpecFacts
  /** Abstract specs that are asked for, and concrete ones. Namespaces that they name choose recipes. */
  forRequests: (requests: readonly Spec[]) => World
  compilers: readonly CompilerFacts[]
  /** The configured externals, and the C libraries of this machine, which nobody has to configure. */
  externals: readonly Spec[]
}

/** Reads what a solve may need of a configuration. Throws SpackError for what is wrong with it. */
export async function configuredWorld(sources: WorldSources): Promise<ConfiguredWorld> {
  const { configuration, recipes, say } = sources
  const packages = packageReader(recipes)
  const { isVirtual, providersOf: providers } = recipes
  const facts = specFacts({ package: packages(), isVirtual, providers })
  const host = detectHost()
  const context = {
    ...{ package: packages(), host, facts },
    completesVariants: configuration.get('concretizer:externals:completion') !== 'architecture_only',
    warn: (text: string) => say(`==> Warning: ${text}\n`),
  }
  const entries = readExternals(configuration)
  const maker = new SpecMaker()
  const store = await sources.store()
  const compilerNames = new Set(packagesWithTag(recipes, 'compiler'))
  const configured = externalSpecs(entries, context)
  const { compilers: withLibcs, libcs: found } = configuredCompilers(configured, compilerNames, sources)
  const libcEntries = libcExternals(found, configuration)
  const libcs = externalSpecs(libcEntries, context)
  const installed = [...compilerNames].flatMap((name) =>
    store
      .named(name)
      .flatMap((hash) => maker.spec(store, hash) ?? [])
      .filter(({ concrete }) => !concrete!.external),
  )
  const settings = readReuse(configuration, sources.reuse)
  const splices = await findSplices(sources)
  const all = [...entries, ...libcEntries]
  const reusable = selectReusable({
    // Without a compiler the C library of this very program counts, but nothing can be linked with it.
    externals: withLibcs.length ? [...configured, ...libcs] : configured,
    externalSources: settings.sources
      .filter(({ kind }) => kind === 'external')
      .map((source) => withLibcNames(source, libcEntries)),
    piles: await openPiles(settings.sources, { ...sources, store: async () => store }),
    always: byName(installed.flatMap(withRunDependencies)),
    entries: (name) => all.filter(({ spec }) => specName(spec) === name),
    libcs,
    isKnown: ({ name, namespace }) => recipes.find(namespace ? `${namespace}.${name}` : name!) !== undefined,
    facts,
    maker,
  })
  const reused = [...compilerNames].flatMap((name) =>
    reusable.of(name).filter((spec) => !spec.concrete!.external && !installed.includes(spec)),
  )
  const compilers = await rulesOf([...withLibcs, ...[...installed, ...reused].map(withOwnLibc)], sources)
  const solverSettings = readSettings(configuration, { isVirtual, providers }, sources.allowDeprecated)
  const ofAll = solverSettings.packages.get('all')
  if (ofAll?.isBuildable === false) {
    const advice = 'name the packages and virtuals that may not be built'
    context.warn(`\`packages:all:buildable: false\` at ${ofAll.buildableAt} forbids nothing, as in Spack: ${advice}`)
  }
  return {
    facts,
    compilers,
    externals: [...configured, ...libcs],
    forRequests: (requests) => {
      const abstract = requests.filter(({ concrete }) => !concrete)
      const namespaces = namespacesOf(abstract)
      const world: World = {
        package: packages(namespaces),
        exists: (name) => recipes.find(fullName(name, namespaces)) !== undefined,
        linkNeeds: (name) => {
          const found = recipes.find(fullName(name, namespaces))
          return found?.index.linkNeeds(found.name)
        },
        ...{ isVirtual, providers, host, compilers, libcs, settings: solverSettings },
        names: () => recipes.names,
        texts: (name) => {
          const found = recipes.find(name)
          return found && recipes.texts(found)
        },
        unknown: (name) => unknownPackage(recipes, name),
        ...{ splices, warn: context.warn },
        reusable: settings.reusesRoots ? reusable : withoutRoots(reusable, requests, facts),
      }
      return withReusable(
        world,
        requests.filter(({ concrete }) => concrete),
      )
    },
  }
}

/** Why there is no package of a name: its recipe may be there and not load. */
function unknownPackage(recipes: RepositoryPath, name: string): SpackError | undefined {
  try {
    recipes.require(name)
    return undefined
  } catch (error) {
    if (error instanceof SpackError) return error
    throw error
  }
}

function byName(specs: readonly Spec[]): Map<string, Spec[]> {
  const found = new Map<string, Spec[]>()
  for (const spec of specs) found.set(spec.name!, [...(found.get(spec.name!) ?? []), spec])
  return found
}

/** Replacements are looked up now, as solving cannot wait; that one is not known matters only where it is needed. */
async function findSplices({ configuration, lookUp }: WorldSources): Promise<ExplicitSplice[]> {
  const splices: ExplicitSplice[] = []
  for (const { replacement: asked, ...entry } of readSplices(configuration)) {
    splices.push({ ...entry, replacement: await outcome(() => lookUp(asked)) })
  }
  return splices
}

/** What some work gave, or a function that throws what it failed with. */
async function outcome<Result>(work: () => Promise<Result>): Promise<() => Result> {
  try {
    const result = await work()
    return () => result
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    return () => {
      throw error
    }
  }
}

// --- recipes ----------------------------------------------------------------------------------------------------------

/** Packages by name; of those for which a namespace is asked, the recipe of that repository. */
function packageReader(recipes: RepositoryPath) {
  const known = new Map<string, Package | undefined>()
  const read = (name: string): Package | undefined => {
    if (!known.has(name)) {
      const found = recipes.find(name)
      known.set(name, found && { namespace: found.repository.namespace, recipe: recipes.recipe(found) })
    }
    return known.get(name)
  }
  return (namespaces: ReadonlyMap<string, string> = new Map()) =>
    (name: string): Package | undefined =>
      read(fullName(name, namespaces))
}

/** The name of a package with the namespace that is asked for, if one is. */
function fullName(name: string, namespaces: ReadonlyMap<string, string>): string {
  const namespace = namespaces.get(name)
  return namespace === undefined ? name : `${namespace}.${name}`
}

function namespacesOf(requests: readonly Spec[]): Map<string, string> {
  const nodes = traverseNodes(requests)
  return new Map(nodes.flatMap(({ name, namespace }) => (name && namespace ? [[name, namespace] as const] : [])))
}

// --- compilers and their C libraries ------------------------------------------------------------------------------------

interface Compiler {
  spec: Spec
  libc: Pick<Libc, 'name' | 'version'> | null
}

/** Externals that are compilers and that link programs, and the C libraries of this machine. */
function configuredCompilers(
  externals: readonly Spec[],
  names: ReadonlySet<string>,
  { recipes, environ, configuration, say }: WorldSources,
): { compilers: Compiler[]; libcs: Libc[] } {
  const world = { environ, cache: compilerCache(configuration) }
  const candidates = externals
    .filter(({ name }) => names.has(name!))
    .map((spec) => ({ spec, package: spec.name!, extraAttributes: attributesOf(spec) }))
  const compilers = candidates.flatMap((candidate): Compiler[] => {
    const programs = compilerPrograms(candidate, recipes)
    if (!programs.c && !programs.cxx) return []
    const { spec } = candidate
    const { libc } = compilerProperties(programs, world)
    if (libc || process.platform !== 'linux') return [{ spec, libc }]
    say(`==> Warning: \`${spec.name}@${spec.versions[0]!.text}\` is not used: it links no program here\n`)
    return []
  })
  return { compilers, libcs: compilerLibcs(candidates, recipes, world) }
}

const attributesOf = (external: Spec) =>
  Object.fromEntries(objectEntries(external.concrete!.external!.extraAttributes)) as Record<string, ConfigValue>

/** C libraries as entries of `packages`, which nobody has to write. */
const libcExternals = (libcs: readonly Libc[], configuration: Configuration): ExternalEntry[] =>
  libcs.map(({ name, version, prefix }) => ({
    ...{ spec: `${name}@=${version}`, prefix, modules: null, extraAttributes: {}, dependencies: [], id: null },
    where: null,
    requiredTarget: requiredTargetOf(configuration, name),
  }))

/** Where only some externals may be used, C libraries still are. */
function withLibcNames(source: ReuseSource, libcs: readonly ExternalEntry[]): ReuseSource {
  return source.include.length ? { ...source, include: [...source.include, ...libcs.map(({ spec }) => spec)] } : source
}

const withOwnLibc = (spec: Spec): Compiler => ({ spec, libc: process.platform === 'linux' ? linkedLibc(spec) : null })

/** By name, version and hash: to compare whole graphs would take longer than to solve. */
function compareCompilers(a: Spec, b: Spec): number {
  const [left, right] = [a, b].map((spec) => comparableVersion(versionOf(spec)).key)
  return (
    compareTexts(a.name!, b.name!) || compareKeys(left!, right!) || compareTexts(a.concrete!.hash, b.concrete!.hash)
  )
}

async function rulesOf(
  compilers: readonly Compiler[],
  { recipes, environ, configuration }: WorldSources,
): Promise<CompilerFacts[]> {
  const distinct = [...new Map(compilers.map((each) => [each.spec.concrete!.hash, each])).values()]
  distinct.sort((a, b) => compareCompilers(a.spec, b.spec))
  const { userCache } = configuration.paths
  const calls = await runtimeCalls(
    distinct.map(({ spec }) => spec),
    recipes,
    { environ, userCache },
  )
  return distinct.map(({ spec, libc }, at) => compilerFacts(spec, calls[at]!, libc))
}

// --- reuse ------------------------------------------------------------------------------------------------------------

async function openPiles(sources: readonly ReuseSource[], world: WorldSources): Promise<PileSource[]> {
  const open = async (source: ReuseSource): Promise<PileSource[]> => {
    switch (source.kind) {
      case 'local':
        return [{ source, pile: await world.store() }]
      case 'buildcache':
        return [{ source, pile: await world.buildCaches() }]
      case 'environment':
        return [{ source, pile: await world.environment(source.path) }]
      case 'external':
        return []
    }
  }
  return (await Promise.all(sources.map(open))).flat()
}

/** An installed compiler, and what it needs to run. */
function withRunDependencies(compiler: Spec): Spec[] {
  const run = traverseNodes([compiler], { root: false, deptypes: deptypeBits.run })
  return [compiler, ...traverseNodes(run, { deptypes: linkRun })]
}
