// Why a node of an answer is as it is: its version, the values of its variants that are not the defaults, its target, and
// who provides it. Each with who asks for it, or what speaks against what would come first.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { printVariant } from '../spec/variant-text.ts'
import { exactVersion, isAnyVersion, satisfiesVersions, type VersionList } from '../spec/version-list.ts'
import { directivesFor, nodeText } from './chains.ts'
import { enumerate, enumerateFew, quote, type Statement, says, whenText, youAskFor } from './explanation.ts'
import { placeOfExternal } from './externals.ts'
import { type Knowledge, nodesOf } from './knowledge.ts'
import { constraint, type PackageFacts, type VariantDefinition, valueKey } from './package-facts.ts'
import type { PackageSettings } from './world.ts'

/** One choice and why it was made. */
export interface Choice {
  kind: 'version' | 'variant' | 'target' | 'provider' | 'reuse'
  /** What was chosen: `version 3.31.6`, `~mpi`, `target=icelake`. */
  what: string
  reasons: readonly Statement[]
  /** The best that would have come first and that nothing said here excludes: a constraint. */
  open: string | null
}

export interface Context {
  /** The root whose graph it is in. */
  root: Spec
  node: Spec
  knowledge: Knowledge
  facts: SpecFacts
}

/** Who says what of the package of a node: requests, settings, and recipes of what depends on it. */
interface Saying {
  spec: Spec
  statement: Statement
}

/** All that can be told of a node without another search; of variants that have their defaults only those named. */
export function choicesOf(context: Context, named: ReadonlySet<string> = new Set()): Choice[] {
  const { node, knowledge } = context
  const reuse = reuseOf(node)
  if (reuse) return [reuse]
  const facts = knowledge.facts(node.name!)
  if (!facts) return []
  const sayings = sayingsOn(context)
  return [
    versionChoice(context, facts, sayings),
    ...variantChoices(context, facts, sayings, named),
    targetChoice(context, sayings),
  ]
}

function reuseOf(node: Spec): Choice | undefined {
  const { external } = node.concrete!
  if (!external) return undefined
  const place = placeOfExternal(node)
  const text = `it is declared as an external${external.path ? ` in \`${external.path}\`` : ''}, and what is there already comes before what must be built`
  return {
    kind: 'reuse',
    what: `the external ${quote(nodeText(node))}`,
    reasons: [says('setting', text, place)],
    open: null,
  }
}

// --- who says what --------------------------------------------------------------------------------------------------------

function sayingsOn(context: Context): Saying[] {
  const { node, knowledge } = context
  const name = node.name!
  const requests = knowledge.requests
    .filter(({ spec }) => !spec.concrete)
    .flatMap(({ spec, origin }) =>
      [...nodesOf(spec)]
        .filter((each) => each.name === name)
        .map((each) => ({ spec: each.spec, statement: youAskFor(origin) })),
    )
  return [...requests, ...settingSayings(context), ...parentSayings(context), ...ownSayings(context)]
}

function settingSayings({ node, knowledge, facts }: Context): Saying[] {
  const { packages } = knowledge.world.settings
  const name = node.name!
  const of = (settings: PackageSettings | undefined, key: string): Saying[] =>
    (settings?.require ?? [])
      .filter(({ when, specs }) => specs.length === 1 && (when === '' || satisfies(node, constraint(when), { facts })))
      .map(({ specs, origin }) => ({
        spec: constraint(specs[0]!),
        statement: says('setting', `\`packages:${key}:require\` asks for ${quote(specs[0]!)}`, origin.where),
      }))
  const own = packages.get(name)
  return own?.require.length ? of(own, name) : of(packages.get('all'), 'all')
}

/** What the recipes of its parents ask of it. */
function parentSayings({ root, node, knowledge, facts }: Context): Saying[] {
  return traverseNodes([root], { order: 'breadth' }).flatMap((parent) => {
    const edge = parent.edges.find(({ child }) => child === node)
    if (!edge || parent.concrete?.external) return []
    return directivesFor(parent, edge, knowledge.world, facts).map(({ spec, when }) => {
      const asked = constraint(spec)
      const isVirtual = knowledge.world.isVirtual(asked.name!)
      return {
        spec: isVirtual ? constraint('') : asked,
        statement: says('recipe', `${quote(parent.name!)} depends on ${quote(spec)}${whenText(when)}`),
      }
    })
  })
}

/** What its own recipe requires. */
function ownSayings({ node, knowledge, facts }: Context): Saying[] {
  const rows = knowledge.world.package(node.name!)?.recipe.requires ?? []
  return rows
    .filter(({ specs, when }) => specs.length === 1 && (when === '' || satisfies(node, constraint(when), { facts })))
    .map(({ specs, when }) => ({
      spec: constraint(specs[0]!),
      statement: says('recipe', `${quote(node.name!)} requires ${quote(specs[0]!)}${whenText(when)}`),
    }))
}

// --- versions -----------------------------------------------------------------------------------------------------------

/** Versions that are named of those that something leaves out. */
const listedVersions = 4

function versionChoice(context: Context, facts: PackageFacts, sayings: readonly Saying[]): Choice {
  const { node } = context
  const chosen = exactVersion(node.versions)!
  const place = facts.versions.findIndex(({ version }) => version.text === chosen.text)
  const better = facts.versions.slice(0, Math.max(0, place)).map(({ version }) => version)
  const what = `version ${chosen.text}`
  if (!better.length) return { kind: 'version', what, reasons: [firstVersion(facts, chosen.text)], open: null }
  const groups = new Map<string, { statement: Statement; texts: string[] }>()
  const open: string[] = []
  for (const version of better) {
    const statement = excluder(context, [version], sayings)
    if (!statement) {
      open.push(version.text)
      continue
    }
    const group = groups.get(statement.text) ?? { statement, texts: [] }
    group.texts.push(version.text)
    groups.set(statement.text, group)
  }
  const reasons = [...groups.values()].map(({ statement, texts }) => ({
    ...statement,
    text: `${statement.text}, which leaves out ${enumerateFew(texts, listedVersions)}`,
  }))
  return { kind: 'version', what, reasons, open: open.length ? `@=${open[0]}` : null }
}

function firstVersion({ name, package: { recipe }, settings }: PackageFacts, text: string): Statement {
  if (settings?.versions.length) return says('setting', `it comes first in \`packages:${name}:version\``)
  const row = recipe.versions.find(({ version }) => version === text)
  if (row?.preferred) return says('recipe', `the recipe of ${quote(name)} marks it as preferred`)
  return says('recipe', 'it is the newest that its recipe offers')
}

/** The first that speaks against versions of a node. */
function excluder(context: Context, versions: VersionList, sayings: readonly Saying[]): Statement | undefined {
  const { node, knowledge, facts } = context
  const against = sayings.find(
    ({ spec }) => !isAnyVersion(spec.versions) && !satisfiesVersions(versions, spec.versions),
  )
  if (against) return against.statement
  const supposed: Spec = { ...node, versions, concrete: null }
  const holds = (text: string) => text === '' || satisfies(supposed, constraint(text), { facts })
  const conflicts = knowledge.world.package(node.name!)?.recipe.conflicts ?? []
  const row = conflicts.find(({ spec, when }) => holds(spec) && holds(when))
  if (!row) return undefined
  return says('recipe', `${quote(node.name!)} conflicts with ${quote(row.spec)}${whenText(row.when)}`)
}

// --- variants and targets -------------------------------------------------------------------------------------------------

/** Variants that are not as their recipe has them by default, and those that are named. */
function variantChoices(
  { node, knowledge }: Context,
  facts: PackageFacts,
  sayings: readonly Saying[],
  named: ReadonlySet<string>,
): Choice[] {
  return [...node.variants].flatMap(([name, variant]): Choice[] => {
    const definitions = facts.variants.get(name)?.definitions
    if (!definitions) return []
    const values = variant.values.map(valueKey).sort()
    const isDefault = definitions.some(({ defaults }) => [...defaults].sort().join() === values.join())
    if (isDefault && !named.has(name)) return []
    const saying = sayings.find(({ spec }) => {
      const asked = spec.variants.get(name)?.values.map(valueKey)
      return asked?.length && asked.every((value) => values.includes(value))
    })?.statement
    const reason =
      saying ??
      preferredBy(knowledge, node.name!, name) ??
      (isDefault ? says('recipe', `it is the default of ${quote(node.name!)}`) : undefined)
    const what = printVariant(name, variant)
    return [
      { kind: 'variant', what, reasons: reason ? [reason] : [], open: reason ? null : defaultText(name, definitions) },
    ]
  })
}

function defaultText(name: string, definitions: readonly VariantDefinition[]): string {
  const standard = definitions.at(-1)!.defaults.join(',')
  return standard === 'true' ? `+${name}` : standard === 'false' ? `~${name}` : `${name}=${standard}`
}

function preferredBy({ world }: Knowledge, name: string, variant: string): Statement | undefined {
  const { packages } = world.settings
  for (const key of [name, 'all']) {
    const text = packages.get(key)?.variants
    if (text && constraint(text).variants.has(variant))
      return says('setting', `\`packages:${key}:variants\` prefers ${quote(text)}`)
  }
  return undefined
}

function targetChoice({ node, knowledge }: Context, sayings: readonly Saying[]): Choice {
  const target = node.arch?.target ?? ''
  const what = `target=${target}`
  const asked = sayings
    .filter(({ spec }) => spec.arch?.target && spec.arch.target !== '*')
    .map(({ statement }) => statement)
  if (asked.length) return { kind: 'target', what, reasons: asked, open: null }
  const best = knowledge.targets()[0]
  if (best === target) {
    const text = 'it is the best that this machine runs and its compilers know'
    return { kind: 'target', what, reasons: [says('fact', text)], open: null }
  }
  return { kind: 'target', what, reasons: [], open: best ? `target=${best}` : null }
}

// --- providers ------------------------------------------------------------------------------------------------------------

/** Why a package provides a virtual. */
export function providerChoice(virtual: string, provider: Spec, knowledge: Knowledge): Choice {
  const { settings, providers } = knowledge.world
  const what = `${virtual} from ${nodeText(provider)}`
  const name = provider.name!
  const mentioned = knowledge.requests.find(
    ({ spec }) => !spec.concrete && [...nodesOf(spec)].some((each) => each.name === name),
  )
  const make = (statement: Statement): Choice => ({ kind: 'provider', what, reasons: [statement], open: null })
  if (mentioned) return make(youAskFor(mentioned.origin))
  const required = settings.packages
    .get(virtual)
    ?.require.find(({ specs }) => specs.some((text) => constraint(text).name === name))
  if (required)
    return make(
      says(
        'setting',
        `\`packages:${virtual}:require\` asks for ${enumerate(required.specs.map(quote), 'or')}`,
        required.origin.where,
      ),
    )
  const order = settings.providers.get(virtual) ?? []
  const at = order.findIndex((text) => constraint(text).name === name)
  if (at === 0) return make(says('setting', `${quote(name)} comes first in \`packages:all:providers:${virtual}\``))
  if (at > 0) return { kind: 'provider', what, reasons: [], open: order[0]! }
  const others = providers(virtual).filter((each) => each !== name)
  if (!others.length) return make(says('fact', `nothing else provides ${quote(virtual)}`))
  return { kind: 'provider', what, reasons: [], open: null }
}
