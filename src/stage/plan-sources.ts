// A concrete spec and its recipe → its source plan.

import type { JsonObject } from '../recipes/json-value.ts'
import type { RecipeVersion } from '../recipes/recipe.ts'
import type { FoundRecipe, Recipes } from '../recipes/recipes.ts'
import { askAboutSources, choosesSubmodules, needsAnswers, type SourceAnswers } from '../recipes/source-answers.ts'
import { candidateUrls } from '../recipes/version-fetch.ts'
import { parseSpec } from '../spec/parser.ts'
import { formatPath } from '../spec/projection.ts'
import { intersects } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { type ConcreteVersion, comparableVersion, parseVersion } from '../spec/version.ts'
import { SpackError } from '../ui/error.ts'
import { planPatches } from './plan-patches.ts'
import { archiveSource, commandSource, type FetchFacts, gitSource } from './recipe-source.ts'
import type { Objection, PlannedResource, Source, SourcePlan } from './source-plan.ts'
import type { StageSettings } from './stage-settings.ts'

/** What is known of the version of a spec. */
interface Subject {
  spec: Spec
  found: FoundRecipe
  version: ConcreteVersion
  declared: RecipeVersion | undefined
  /** `zlib@1.3` */
  shown: string
  settings: StageSettings
  answers: Partial<SourceAnswers>
}

/**
 * The plan of a concrete spec. Throws SpackError `no-recipe`, `no-source` when the recipe does not lead to its sources,
 * `patch-lost` when a patch of the spec is in no recipe any more, and `not-concrete`.
 */
export function planSources(
  spec: Spec,
  recipes: Recipes,
  settings: StageSettings,
  answers: Partial<SourceAnswers> = {},
): SourcePlan {
  const { concrete, name } = spec
  if (!concrete || !name) throw new SpackError('not-concrete', `\`${name ?? ''}\` is not concrete: it has no sources`)
  const subject = subjectOf(spec, recipes.require(name, spec.namespace), settings, answers)
  const { version, shown } = subject
  const source = concrete.external ? ({ kind: 'none' } as const) : planSource(subject)
  return {
    spec: { name, version: version.text, hash: concrete.hash },
    stageRoots: settings.roots,
    stageName: stageName(spec, settings),
    cache: settings.cache,
    source: withInstructions(source, answers),
    resources: concrete.external ? [] : planResources(subject),
    patches: concrete.external ? [] : planPatches(spec, recipes, settings, shown),
    objections: source.kind === 'none' || source.kind === 'develop' ? [] : objections(subject, source),
  }
}

const withInstructions = (source: Source, { instructions }: Partial<SourceAnswers>): Source =>
  source.kind === 'archive' && instructions ? { ...source, instructions } : source

/** As `planSources`, asking the recipe where the index leaves something open. Throws as `askAboutSources`, too. */
export async function planWithRecipe(
  spec: Spec,
  recipes: Recipes,
  settings: StageSettings,
  environ: NodeJS.ProcessEnv,
): Promise<SourcePlan> {
  const found = recipes.require(spec.name!, spec.namespace)
  if (spec.concrete?.external || !needsAnswers(found)) return planSources(spec, recipes, settings)
  return planSources(spec, recipes, settings, await askAboutSources(spec, found, recipes, environ))
}

/** The plan of a version without a spec, as far as there is one: for mirrors of all versions. All its patches are in it. */
function planVersion(
  found: FoundRecipe,
  version: string,
  recipes: Recipes,
  settings: StageSettings,
  answers: Partial<SourceAnswers> = {},
): SourcePlan {
  const { name } = found.recipe
  const spec = parseSpec(`${name}@=${version}`)
  const subject = subjectOf(spec, found, settings, answers)
  return {
    spec: { name, version, hash: '' },
    stageRoots: settings.roots,
    stageName: `spack-stage-${name}-${version}`,
    cache: settings.cache,
    source: planSource(subject),
    resources: planResources(subject),
    patches: planPatches(spec, recipes, settings, subject.shown),
    objections: [],
  }
}

/** As `planVersion`, asking a recipe whose submodules only it can tell. Throws as `askAboutSources`, too. */
export async function planVersionWithRecipe(
  found: FoundRecipe,
  version: string,
  recipes: Recipes,
  settings: StageSettings,
  environ: NodeJS.ProcessEnv,
): Promise<SourcePlan> {
  if (!choosesSubmodules(found)) return planVersion(found, version, recipes, settings)
  const spec = parseSpec(`${found.recipe.name}@=${version}`)
  const { submodules } = await askAboutSources(spec, found, recipes, environ)
  return planVersion(found, version, recipes, settings, { submodules })
}

function subjectOf(spec: Spec, found: FoundRecipe, settings: StageSettings, answers: Partial<SourceAnswers>): Subject {
  const [version] = spec.versions
  if (!version || (version.kind !== 'version' && version.kind !== 'git')) {
    throw new SpackError('not-concrete', `\`${spec.name}\` has no single version: it has no sources`)
  }
  const shown = `${spec.name}@${version.text}`
  return { spec, found, version, declared: declaredVersion(found, version), shown, settings, answers }
}

function declaredVersion({ recipe }: FoundRecipe, version: ConcreteVersion): RecipeVersion | undefined {
  const plain = version.kind === 'git' ? version.as : version
  if (!plain) return undefined
  return (
    recipe.versions.find((each) => each.version === plain.text) ??
    recipe.versions.find((each) => parseVersion(each.version).key === comparableVersion(plain).key)
  )
}

/** The name of a concrete spec's stage: `spack-stage-NAME-VERSION-HASH`, or as `config:stage_name` says. */
export function stageName(spec: Spec, { nameTemplate }: Pick<StageSettings, 'nameTemplate'>): string {
  if (nameTemplate !== null) return formatPath(spec, nameTemplate)
  const [version] = spec.versions as readonly ConcreteVersion[]
  const hash = spec.concrete!.hash
  return `spack-stage-${spec.name}-${version?.text}-${hash}`.replace(/[^A-Za-z0-9_+.-]/g, '_')
}

function planSource(subject: Subject): Source {
  const { spec, found, version, declared } = subject
  const developed = spec.variants.get('dev_path')?.values[0]
  if (typeof developed === 'string') return { kind: 'develop', folder: developed }
  if (found.recipe.has_code === false) return { kind: 'none' }
  const commit = spec.variants.get('commit')?.values[0]
  if (version.kind === 'git' || commit !== undefined) return commitSource(subject, commit)
  const alias = `${spec.name}/${mirrorName(`${spec.name}-${version.text}`)}`
  if (!declared) return undeclaredSource(subject, alias)
  const { given, facts } = versionFacts(subject, declared, alias)
  switch (declared.fetch) {
    case 'none':
      return { kind: 'none' }
    case 'git':
      return gitSource({ ...facts, given: { ...packageGit(found), ...given } }, subject.settings)
    case 'url':
      return archiveSource(facts, subject.settings)
    default:
      return commandSource(
        declared.fetch,
        { ...facts, given: { ...pick(found.recipe.source, [declared.fetch]), ...given } },
        subject.settings,
      )
  }
}

function versionFacts(
  subject: Subject,
  declared: RecipeVersion,
  alias: string,
): { given: JsonObject; facts: FetchFacts } {
  const { recipe } = subject.found
  const { fetch, urls, ...own } = declared
  const given = { ...pick(recipe.source, ['fetch_options']), ...own } as JsonObject
  const { url } = subject.answers
  const ruled = typeof url === 'string' ? [url, ...(urls ?? []).filter((each) => each !== url)] : (urls ?? [])
  const tried = typeof own.url === 'string' ? [own.url] : ruled
  return {
    given,
    facts: {
      given,
      urls: tried,
      alias,
      shown: subject.shown,
      ...listOf(subject),
      dynamic: dynamicFacts(subject, given),
    },
  }
}

/** The page of the recipe that lists its archives. */
function listOf({ found, version }: Subject): Pick<FetchFacts, 'list'> {
  const { list_url, list_depth } = found.recipe.source
  if (typeof list_url !== 'string' || !/^(https?|file):/.test(list_url)) return {}
  return { list: { url: list_url, depth: typeof list_depth === 'number' ? list_depth : 0, version: version.text } }
}

/** What `submodules = some_function` stands for, which only the recipe can tell. */
function dynamicFacts({ answers, shown }: Subject, given: JsonObject): FetchFacts['dynamic'] {
  const { submodules } = given
  const isDynamic = typeof submodules === 'object' && submodules !== null && 'dynamic' in submodules
  if (!isDynamic) return {}
  if (answers.submodules !== undefined) return { submodules: answers.submodules ?? false }
  throw new SpackError('no-source', `only the recipe of \`${shown}\` can tell its submodules, and it was not asked`)
}

const pick = (source: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]!]])))

const packageGit = ({ recipe }: FoundRecipe): JsonObject =>
  pick(recipe.source, ['git', 'submodules', 'git_sparse_paths'])

const mirrorName = (text: string): string => text.replace(/[^A-Za-z0-9_+.-]/g, '_')

/** A version from git: `@git.REF=1.0`, or a spec that names its commit. */
function commitSource(subject: Subject, commitVariant: string | boolean | undefined): Source {
  const { spec, found, version, declared, settings, shown } = subject
  const own = (declared ?? {}) as JsonObject
  const given: Record<string, JsonObject[string]> = {
    ...packageGit(found),
    ...pick(own, ['git', 'submodules', 'git_sparse_paths', 'submodules_delete']),
  }
  const ofVersion = version.kind === 'git' && version.isCommit ? version.ref : undefined
  const commit = commitVariant ?? ofVersion ?? own.commit
  if (commit !== undefined) given.commit = String(commit)
  const reference = own.tag ?? own.branch ?? (version.kind === 'git' && !version.isCommit ? version.ref : undefined)
  if (reference !== undefined) given.tag = reference
  if (commit === undefined) given.no_cache = true
  const alias = `${spec.name}/${mirrorName(`${spec.name}-${version.text}`)}`
  return gitSource({ given, urls: [], alias, shown, dynamic: dynamicFacts(subject, given) }, settings)
}

/** A version that the recipe does not declare: its URLs with the version put in. Nobody knows its digest. */
function undeclaredSource(subject: Subject, alias: string): Source {
  const { found, version, answers, shown, settings } = subject
  const { source, versions } = found.recipe
  const custom = answers.url ?? null
  const own = versions.flatMap((each) => (typeof each.url === 'string' ? [[each.version, each.url] as const] : []))
  const bases = {
    url: typeof source.url === 'string' ? source.url : null,
    urls: Array.isArray(source.urls) ? source.urls.map(String) : [],
    list_url: typeof source.list_url === 'string' ? source.list_url : null,
  }
  const urls = candidateUrls(version.text, { ...(custom === null ? {} : { custom }), bases }, own)
  return archiveSource({ given: pick(source, ['fetch_options']), urls, alias, shown, ...listOf(subject) }, settings)
}

/** Outer destinations first, so that what lies in another resource finds it there. */
function planResources(subject: Subject): PlannedResource[] {
  const { spec, found, version, settings } = subject
  const needed = found.recipe.resources.filter(({ when }) => !when || intersects(spec, parseSpec(String(when))))
  const planned = needed.map((resource): PlannedResource => {
    const { name, when, destination, placement, ...given } = resource
    const shown = `${subject.shown} (resource \`${name}\`)`
    const alias = `${spec.name}/${mirrorName(`${name}-${version.text}`)}`
    const facts = { given, urls: typeof given.url === 'string' ? [given.url] : [], alias, shown }
    return {
      name: String(name),
      source: resourceSource(facts, settings),
      destination: typeof destination === 'string' ? destination : '',
      placement: placementOf(placement),
    }
  })
  return planned.sort((a, b) => a.destination.length - b.destination.length)
}

function resourceSource(facts: FetchFacts, settings: StageSettings): PlannedResource['source'] {
  const { given } = facts
  if (given.git !== undefined) return gitSource(facts, settings)
  const other = (['svn', 'hg', 'cvs', 'go'] as const).find((kind) => given[kind] !== undefined)
  return other ? commandSource(other, facts, settings) : archiveSource(facts, settings)
}

function placementOf(placement: unknown): PlannedResource['placement'] {
  if (typeof placement === 'string' && placement !== '') return { '': placement }
  if (typeof placement !== 'object' || placement === null) return null
  return Object.fromEntries(Object.entries(placement).map(([from, to]) => [from, String(to)]))
}

/** Why the sources of a version are not to be fetched as configured. */
function objections({ declared, version, shown, settings }: Subject, source: Source): Objection[] {
  const found: Objection[] = []
  if (settings.checksum && source.kind === 'archive' && source.digest === null) {
    found.push({
      code: 'no-checksum',
      message: declared
        ? `the recipe of \`${shown}\` has no digest to check its archive by`
        : `\`${shown}\` is no version of its recipe: nobody knows the digest of its archive`,
      hint: `add it to the recipe (\`spack checksum ${shown.replace(/@.*/, '')} ${version.text}\`), or go without: \`--no-checksum\``,
    })
  }
  if (declared?.deprecated === true && !settings.allowDeprecated) {
    found.push({
      code: 'deprecated-version',
      message: `\`${shown}\` is deprecated: its recipe says that it should not be used any more`,
      hint: 'choose another version, or allow it: `spack -c config:deprecated:true …`',
    })
  }
  return found
}
