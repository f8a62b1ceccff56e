// What holds of a package before anything is chosen: its versions in order of preference, its variants with what each
// value costs, which concrete specs could be reused for it.

import type { RecipeVariant } from '../recipes/recipe.ts'
import { parseSpec } from '../spec/parser.ts'
import type { Spec } from '../spec/spec.ts'
import { asBool } from '../spec/variant-text.ts'
import {
  type ConcreteVersion,
  comparableVersion,
  compareKeys,
  isDevelop,
  isPrerelease,
  parseConcreteVersion,
} from '../spec/version.ts'
import { exactVersion, parseVersionList, satisfiesVersions } from '../spec/version-list.ts'
import { SpackError } from '../ui/error.ts'
import { closestFew } from '../ui/suggestion.ts'
import type { Origin, Package, PackageSettings, World } from './world.ts'

export interface VersionFacts {
  version: ConcreteVersion
  /** Whether a node of this version may be built; otherwise only reused. */
  isBuildable: boolean
  isDeprecated: boolean
}

export interface VariantFacts {
  name: string
  /** Weakest first: of those whose conditions hold the last counts. */
  definitions: readonly VariantDefinition[]
}

export interface VariantDefinition {
  when: string
  kind: RecipeVariant['type']
  defaults: readonly string[]
  /** Keys of values to what each costs when it is not the default, from 1. */
  penalties: ReadonlyMap<string, number>
  /** Values that may only be chosen under a condition. */
  conditions: ReadonlyMap<string, string>
  /** Values that can never be chosen. */
  never: ReadonlySet<string>
  /** By value: the number of its set, when values of different sets exclude each other. */
  sets: ReadonlyMap<string, number>
  /** Accepts values that are not listed. */
  validate: ((value: string) => boolean) | null
  isSticky: boolean
}

export interface PackageFacts {
  name: string
  package: Package
  settings: PackageSettings | undefined
  isBuildable: boolean
  isRuntime: boolean
  isCompiler: boolean
  /** Most preferred first. */
  versions: readonly VersionFacts[]
  variants: ReadonlyMap<string, VariantFacts>
  candidates: readonly Spec[]
}

/** Versions that are possible though no recipe declares them, and why. */
export type ExtraVersions = ReadonlyMap<string, readonly { version: ConcreteVersion; isBuildable: boolean }[]>

/** The key under which a value of a variant is known: booleans and words for them are one. */
export function valueKey(value: string | boolean): string {
  if (typeof value === 'boolean') return String(value)
  const word = asBool(value)
  return word === undefined ? value : String(word)
}

/** The facts of a package; undefined when there is none of that name. */
export function packageFacts(world: World, name: string, extra: ExtraVersions): PackageFacts | undefined {
  const found = world.package(name)
  if (!found) return undefined
  const { recipe } = found
  const settings = world.settings.packages.get(name)
  const tags = ((recipe.tags as string[] | undefined) ?? []).map((tag) => tag.toLowerCase())
  const candidates = world.reusable.of(name)
  return {
    name,
    package: found,
    settings,
    isBuildable: settings?.isBuildable ?? true,
    isRuntime: tags.includes('runtime'),
    isCompiler: tags.includes('compiler'),
    versions: orderVersions(found, settings, candidates, extra.get(name) ?? [], world.settings.allowDeprecated),
    variants: variantFacts(recipe.variants),
    candidates,
  }
}

function orderVersions(
  { recipe }: Package,
  settings: PackageSettings | undefined,
  candidates: readonly Spec[],
  extra: readonly { version: ConcreteVersion; isBuildable: boolean }[],
  allowDeprecated: boolean,
): VersionFacts[] {
  interface Entry extends VersionFacts {
    isPreferred: boolean
  }
  const entries = new Map<string, Entry>()
  const deprecated = new Set<string>()
  const keyOf = (version: ConcreteVersion) => (version.kind === 'git' ? `git ${version.text}` : version.key)
  for (const row of recipe.versions) {
    const version = parseConcreteVersion(row.version)
    if (row.deprecated) {
      deprecated.add(keyOf(version))
      if (!allowDeprecated) continue
    }
    const isDeprecated = row.deprecated === true
    entries.set(keyOf(version), { version, isBuildable: true, isDeprecated, isPreferred: row.preferred === true })
  }
  const add = (version: ConcreteVersion, isBuildable: boolean) => {
    const known = entries.get(keyOf(version))
    if (known) known.isBuildable ||= isBuildable
    else
      entries.set(keyOf(version), {
        version,
        isBuildable,
        isDeprecated: deprecated.has(keyOf(version)),
        isPreferred: false,
      })
  }
  for (const { version, isBuildable } of extra) {
    if (isBuildable && deprecated.has(keyOf(version)) && !allowDeprecated) continue
    add(version, isBuildable)
  }
  for (const spec of candidates) add(exactVersion(spec.versions)!, false)
  const ordered = byPreference([...entries.values()])
  if (!settings?.versions.length) return ordered
  return [...new Set([...preferredVersions(recipe.name, settings.versions, ordered), ...ordered])]
}

/** What `packages:NAME:version` puts first, each range from its highest version down. Throws SpackError `preference`. */
function preferredVersions<V extends VersionFacts>(name: string, asked: readonly Origin[], ordered: readonly V[]): V[] {
  return asked.flatMap((preference) => {
    const list = parseVersionList(preference.text)
    const matches = ordered.filter(({ version }) => satisfiesVersions([version], list))
    // A version from git counts where somebody asks for it.
    if (matches.length === 0 && exactVersion(list)?.kind !== 'git') throw unknownPreference(name, preference, ordered)
    return matches.sort((a, b) => compareKeys(comparableVersion(b.version).key, comparableVersion(a.version).key))
  })
}

function unknownPreference(name: string, { text, where }: Origin, known: readonly VersionFacts[]): SpackError {
  const texts = known.map(({ version }) => version.text)
  const near = closestFew(text, texts)
  return new SpackError(
    'preference',
    `\`packages:${name}:version\` prefers \`${text}\`, and there is no such version`,
    {
      where: where ?? undefined,
      hint: near.length
        ? `did you mean ${near.map((each) => `\`${each}\``).join(', ')}? \`spack info ${name}\` lists what there is`
        : `\`spack info ${name}\` lists what there is; those that are deprecated count with \`--deprecated\` only`,
    },
  )
}

/** Preferred ones first, then released ones, then those with numbers only, then those that are no pre-releases. */
function byPreference<V extends { version: ConcreteVersion; isPreferred: boolean }>(entries: readonly V[]): V[] {
  const ranked = entries.map((entry) => {
    const version = comparableVersion(entry.version)
    const doubts = [!entry.isPreferred, entry.version.kind === 'git', isDevelop(version), isPrerelease(version)]
    return { entry, key: version.key, rank: doubts.reduce((rank, isSo) => rank * 2 + Number(isSo), 0) }
  })
  ranked.sort((a, b) => a.rank - b.rank || compareKeys(b.key, a.key))
  return ranked.map(({ entry }) => entry)
}

function variantFacts(variants: readonly RecipeVariant[]): Map<string, VariantFacts> {
  const byName = new Map<string, { row: RecipeVariant; at: number }[]>()
  for (const [at, row] of variants.entries()) {
    if (row.overridden) continue
    const list = byName.get(row.name)
    if (list) list.push({ row, at })
    else byName.set(row.name, [{ row, at }])
  }
  const facts = new Map<string, VariantFacts>()
  for (const [name, list] of byName) {
    list.sort((a, b) => a.row.precedence - b.row.precedence || a.at - b.at)
    facts.set(name, { name, definitions: list.map(({ row }) => variantDefinition(row)) })
  }
  return facts
}

function variantDefinition(row: RecipeVariant): VariantDefinition {
  const defaults = (row.type === 'multi' ? String(row.default).split(',') : [row.default]).map(valueKey)
  if (row.type === 'multi') defaults.sort()
  const penalties = new Map<string, number>(defaults.map((value, at) => [value, at + 1]))
  const conditions = new Map<string, string>()
  const never = new Set<string>()
  for (const entry of row.values ?? []) {
    const isConditional = typeof entry === 'object'
    const key = valueKey(isConditional ? entry.value : entry)
    if (!penalties.has(key)) penalties.set(key, penalties.size + 1)
    if (!isConditional) continue
    if (entry.when === null || (entry.when as unknown) === false) never.add(key)
    else conditions.set(key, entry.when)
  }
  const sets = new Map<string, number>()
  for (const [number, set] of (row.sets ?? []).entries()) for (const value of set) sets.set(valueKey(value), number)
  return {
    when: row.when,
    kind: row.type,
    defaults,
    penalties,
    conditions,
    never,
    sets,
    validate: row.values === null ? valueValidator(row) : null,
    isSticky: row.sticky === true,
  }
}

const validators: Readonly<Record<string, (value: string) => boolean>> = {
  any: () => true,
  nonempty: (value) => value !== '',
  int: (value) => /^\s*[+-]?\d+\s*$/.test(value),
  'positive-int': (value) => /^\s*\+?\d+\s*$/.test(value) && Number(value) > 0,
  digits: (value) => /^\d+$/.test(value),
  'positive-digits': (value) => /^\d+$/.test(value) && Number(value) > 0,
  'positive-float': (value) => Number(value) > 0,
  'integral-number': (value) => value.trim() !== '' && Number.isInteger(Number(value)),
  'multiple-of-32': (value) => /^\d+$/.test(value) && Number(value) % 32 === 0,
  'first-digit-1-to-6': (value) => /^[1-6]/.test(value),
  'existing-directory': () => true,
}

function valueValidator({ validator = {} }: RecipeVariant): (value: string) => boolean {
  const { kind, values = [], also = [] } = validator as { kind?: string; values?: unknown[]; also?: unknown[] }
  const listed = new Set([...values, ...also].map((value) => valueKey(value as string | boolean)))
  const check = validators[kind ?? 'any']
  return (value) => listed.has(value) || check?.(value) === true
}

const constraints = new Map<string, Spec>()

/** A constraint of a recipe or a setting as a spec, shared by all who ask. Throws SpackError `spec-syntax`. */
export function constraint(text: string): Spec {
  let spec = constraints.get(text)
  if (!spec) {
    spec = parseSpec(text)
    constraints.set(text, spec)
  }
  return spec
}
