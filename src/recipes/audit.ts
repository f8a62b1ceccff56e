// Checks of recipes that their facts can answer: what is declared, and does it fit what others declare.

import { parseSpec } from '../spec/parser.ts'
import type { Spec, Variant } from '../spec/spec.ts'
import { parseVersion } from '../spec/version.ts'
import { intersectsVersions } from '../spec/version-list.ts'
import type { Recipe, RecipeTexts } from './recipe.ts'
import type { RepositoryPath } from './repository-path.ts'
import { versionUrls } from './versions.ts'

export interface Issue {
  package: string
  /** What is wrong. */
  summary: string
  /** What to do, or where it is seen. */
  detail?: string
}

export interface Audited {
  name: string
  recipe: Recipe
  texts: RecipeTexts
  path: RepositoryPath
  /** Recipes that others name, each read once. */
  known: (name: string) => Recipe | undefined
}

type Check = (audited: Audited) => readonly string[]

export interface AuditGroup {
  name: string
  title: string
  checks: readonly { title: string; check: Check }[]
}

/** In the order of Spack, whose names they have. */
export const auditGroups: readonly AuditGroup[] = [
  {
    name: 'PKG-DIRECTIVES',
    title: 'Sanity checks on specs used in directives',
    checks: [
      { title: 'Patches fetched from GitHub and GitLab have stable sha256 hashes', check: unstablePatches },
      { title: 'No directive has an unknown or wrong variant of its package', check: wrongOwnVariants },
      {
        title: 'Dependencies exist, have the variants that are asked for, and are not nested',
        check: wrongDependencies,
      },
      { title: 'Variant defaults are allowed values', check: wrongDefaults },
      { title: 'All variants have a description', check: undescribedVariants },
      { title: 'Known versions satisfy the constraints on dependencies', check: unknownVersions },
      { title: 'Conditions do not name a package', check: namedConditions },
    ],
  },
  {
    name: 'PKG-PROPERTIES',
    title: 'Sanity checks on properties a package should maintain',
    checks: [
      { title: 'Stand-alone tests are not called at build time', check: testsInBuilds },
      { title: 'Names of packages are in small letters', check: wrongNames },
      { title: 'All versions can be fetched', check: unfetchableVersions },
      { title: 'The package has a description without FIXME', check: undescribed },
      { title: 'No version has an MD5 checksum', check: weakDigests },
    ],
  },
]

/** All issues that a group finds in packages. */
export function audit(group: AuditGroup, path: RepositoryPath, names: readonly string[]): Issue[] {
  const recipes = new Map<string, Recipe | undefined>()
  const known = (name: string): Recipe | undefined => {
    if (!recipes.has(name)) {
      const found = path.find(name)
      recipes.set(name, found && path.recipe(found))
    }
    return recipes.get(name)
  }
  return names.flatMap((name) => {
    const found = path.require(name)
    const audited: Audited = { name, recipe: path.recipe(found), texts: path.texts(found), path, known }
    return group.checks.flatMap(({ check }) =>
      check(audited).map((summary) => ({ package: name, summary, detail: `in ${found.file}` })),
    )
  })
}

/** Texts of specs come thousands of times. */
const parsed = new Map<string, Spec>()

function specOf(text: string): Spec {
  const known = parsed.get(text)
  if (known) return known
  const spec = parseSpec(text || '@:')
  parsed.set(text, spec)
  return spec
}

const stablePatch = (url: string): string | undefined => {
  if (
    /^https?:\/\/(?:patch-diff\.)?github(?:usercontent)?\.com\/.+\/.+\/pull\/\d+\/commits\/[a-f0-9]+\.(?:patch|diff)/i.test(
      url,
    )
  ) {
    return 'patches of commits of pull requests change: use the URL of the commit, with `?full_index=1`'
  }
  const isGithub =
    /^https?:\/\/(?:patch-diff\.)?github(?:usercontent)?\.com\/.+\/.+\/(?:commit|pull)\/[a-f0-9]+\.(?:patch|diff)/i
  if (isGithub.test(url) && !url.endsWith('?full_index=1')) return 'the URL must end with `?full_index=1`'
  const isGitlab = /^https?:\/\/(?:.+)?gitlab(?:.+)\/-\/(?:commit|merge_requests)\/[a-f0-9]+\.(?:patch|diff)/i
  return isGitlab.test(url) && !url.endsWith('.diff') ? 'the URL must end with `.diff`' : undefined
}

function unstablePatches({ recipe }: Audited): string[] {
  const all = [...recipe.patches, ...recipe.dependencies.flatMap(({ patches }) => patches ?? [])]
  return all.flatMap(({ url }) => {
    const problem = url === undefined ? undefined : stablePatch(url)
    return problem ? [`patch URL in package ${recipe.name}: ${url}: ${problem}`] : []
  })
}

/** Variants that every package has, or that stand for something else. */
const impliedVariants = new Set(['commit', 'dev_path', 'patches', 'namespace', 'build_system'])

/** What is wrong with the variants that a spec asks of a package. */
function variantTroubles(recipe: Recipe, spec: Spec): string[] {
  return [...spec.variants].flatMap(([name, variant]) => {
    const definitions = recipe.variants.filter((each) => each.name === name)
    if (definitions.length === 0) {
      return impliedVariants.has(name) ? [] : [`variant ${name} does not exist in ${recipe.name}`]
    }
    const wrong = variant.values.filter((value) => !definitions.some((each) => isAllowed(each, value, variant)))
    return wrong.map((value) => `${recipe.name} has no value ${value} of variant ${name}`)
  })
}

function isAllowed(definition: Recipe['variants'][number], value: string | boolean, variant: Variant): boolean {
  if (definition.values === null || value === '*') return true
  if (variant.kind === 'bool' && definition.type !== 'bool' && !definition.values.includes(value)) return false
  return definition.values.some((each) => String(typeof each === 'object' ? each.value : each) === String(value))
}

function wrongOwnVariants({ recipe }: Audited): string[] {
  const conditions: [directive: string, text: string][] = [
    ...recipe.conflicts.flatMap(({ spec, when }): [string, string][] => [
      ['conflicts', specOf(spec).name === null ? spec : ''],
      ['conflicts', when],
    ]),
    ...recipe.dependencies.map(({ when }): [string, string] => ['depends_on', when]),
    ...recipe.provides.map(({ when }): [string, string] => ['provides', when]),
    ...recipe.patches.map(({ when }): [string, string] => ['patch', when]),
    ...recipe.resources.map(({ when }): [string, string] => ['resource', String(when ?? '')]),
    ...recipe.variants.map(({ when }): [string, string] => ['variant', when]),
  ]
  const found = conditions.flatMap(([directive, text]) =>
    variantTroubles(recipe, specOf(text)).map((trouble) => `wrong variant in "${directive}" directive: ${trouble}`),
  )
  return [...new Set(found)]
}

function wrongDependencies({ recipe, path, known }: Audited): string[] {
  return recipe.dependencies.flatMap(({ spec: text, when }) => {
    const spec = specOf(text)
    const name = spec.name!
    const nested = spec.edges.filter(({ direct }) => !direct)
    const found = nested.map(({ child }) => `${name} in "depends_on" has a dependency of its own, ${child.name}`)
    if (path.isVirtual(name)) {
      return spec.variants.size ? [...found, `virtual dependency cannot have variants: ${text}`] : found
    }
    const dependency = known(name)
    if (!dependency) return [...found, `unknown package '${name}' in 'depends_on' directive`]
    const troubles = variantTroubles(dependency, spec)
    const where = when ? ` (when ${when})` : ''
    return [...found, ...troubles.map((trouble) => `wrong variant used for dependency ${text}${where}: ${trouble}`)]
  })
}

function wrongDefaults({ recipe }: Audited): string[] {
  return recipe.variants.flatMap(({ name, default: given, values, type }) => {
    if (values === null) return []
    const allowed = new Set(values.map((value) => String(typeof value === 'object' ? value.value : value)))
    const words = type === 'multi' ? String(given).split(',') : [String(given)]
    const wrong = words.filter((word) => !allowed.has(type === 'bool' ? word.toLowerCase() : word))
    return wrong.map((word) => `the default ${word} of variant ${name} is none of its values`)
  })
}

function undescribedVariants({ recipe, texts }: Audited): string[] {
  return recipe.variants.flatMap(({ name }, index) =>
    texts.variants?.[index]?.trim() ? [] : [`the variant ${name} has no description`],
  )
}

function unknownVersions({ recipe, path, known }: Audited): string[] {
  return recipe.dependencies.flatMap(({ spec: text }) => {
    const spec = specOf(text)
    const dependency = path.isVirtual(spec.name!) ? undefined : known(spec.name!)
    // Compilers declare versions of their runtimes when they are concretized, and some packages are only ever found.
    if ((dependency?.tags as string[] | undefined)?.includes('runtime')) return []
    if (dependency?.detect && dependency.versions.length === 0) return []
    if (
      !dependency ||
      dependency.versions.some(({ version }) => intersectsVersions([parseVersion(version)], spec.versions))
    ) {
      return []
    }
    return [`dependency on ${text} cannot be satisfied by known versions of ${spec.name}`]
  })
}

function namedConditions({ recipe }: Audited): string[] {
  const lists = {
    dependencies: recipe.dependencies,
    patches: recipe.patches,
    provides: recipe.provides,
    variants: recipe.variants,
  }
  return Object.entries(lists).flatMap(([directive, entries]) =>
    entries.flatMap(({ when }) => {
      const name = when ? specOf(when).name : null
      return name !== null && name !== recipe.name ? [`the condition ${when} of ${directive} names a package`] : []
    }),
  )
}

function testsInBuilds({ texts }: Audited): string[] {
  const names = texts.tests?.build ?? []
  return names
    .filter((name) => name.startsWith('test_'))
    .map((name) => `the stand-alone test ${name} is called by builds`)
}

function wrongNames({ name }: Audited): string[] {
  return /^[a-z0-9-]+$/.test(name) ? [] : [`${name} is no name of a package`]
}

function unfetchableVersions({ recipe }: Audited): string[] {
  return recipe.versions
    .filter(
      (version) => version.fetch === 'url' && versionUrls(version).length === 0 && recipe.manual_download !== true,
    )
    .map(({ version }) => `nothing tells where version ${version} is fetched from`)
}

function undescribed({ texts }: Audited): string[] {
  if (!texts.description?.trim()) return ['the package has no description']
  return /fixme/i.test(texts.description) ? ['the description of the package has a FIXME'] : []
}

/** Archives that users bring by themselves have what their vendors publish. */
function weakDigests({ recipe }: Audited): string[] {
  if (recipe.manual_download === true) return []
  return recipe.versions
    .filter(({ md5, checksum }) => md5 !== undefined || String(checksum ?? '').length === 32)
    .map(({ version }) => `version ${version} has an MD5 checksum`)
}
