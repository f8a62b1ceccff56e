// `spack find`: which packages are installed. In an environment: which specs were asked for, and which of its packages are.

import { loadedHashes } from '../environment/loading.ts'
import { lockfileSpecs } from '../environment/locked-specs.ts'
import { paintAs } from '../spec/colour.ts'
import { printJson } from '../spec/json.ts'
import { writeNode } from '../spec/node.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { treeSteps } from '../spec/tree.ts'
import { prefixOf } from '../store/layout.ts'
import type { RecordStatus, StoreQuery } from '../store/query.ts'
import { SpackError } from '../ui/error.ts'
import { type ListingOptions, listSpecs } from '../ui/spec-listing.ts'
import type { Arguments, Command, Flag } from './command.ts'
import { flagList, flagOn, flagText } from './command.ts'
import { parseDate } from './date.ts'
import { type EnvironmentRoots, environmentRoots, listRoots } from './environment-roots.ts'
import { activeSpecs, type EnvironmentSpecs } from './environment-specs.ts'
import { type OpenedStore, openInstalled, specArguments, statusOf } from './installed.ts'
import type { Invocation } from './invocation.ts'

const flags: readonly Flag[] = [
  { name: 'format', kind: 'string', value: 'FORMAT', help: 'output specs with the specified format string' },
  { name: 'hashes', short: 'H', help: 'same as `--format {/hash}`; use with `xargs` or `$()`' },
  { name: 'json', help: 'output specs as machine-readable json records' },
  { name: 'install-status', short: 'I', help: 'show install status of packages' },
  { name: 'specfile-format', help: 'show the specfile format for installed deps' },
  { name: 'deps', short: 'd', help: 'output dependencies along with found specs' },
  { name: 'paths', short: 'p', help: 'show paths to package install directories' },
  { name: 'groups', help: 'display specs in arch/compiler groups (default on)' },
  { name: 'no-groups', help: 'do not group specs by arch/compiler' },
  { name: 'long', short: 'l', help: 'show dependency hashes as well as versions' },
  { name: 'very-long', short: 'L', help: 'show full dependency hashes as well as versions' },
  { name: 'tag', short: 't', kind: 'list', value: 'TAG', help: 'filter a package query by tag' },
  { name: 'namespaces', short: 'N', aliases: ['namespace'], help: 'show fully qualified package names' },
  { name: 'only-roots', short: 'r', help: "don't show full list of installed specs in an environment" },
  { name: 'show-concretized', short: 'c', help: 'show concretized specs in an environment' },
  { name: 'show-configured-externals', help: 'show externals defined in the `packages` section of the configuration' },
  { name: 'show-flags', short: 'f', help: 'show spec compiler flags' },
  { name: 'show-full-compiler', help: 'accepted for compatibility; compilers are always shown in full' },
  { name: 'explicit', short: 'x', help: 'show only specs that were installed explicitly' },
  { name: 'implicit', short: 'X', help: 'show only specs that were installed as dependencies' },
  { name: 'external', short: 'e', help: 'show only specs that are marked as externals' },
  { name: 'unknown', short: 'u', help: 'show only specs Spack does not have a package for' },
  { name: 'missing', short: 'm', help: 'show missing dependencies as well as installed specs' },
  { name: 'variants', short: 'v', help: 'show variants in output (can be long)' },
  { name: 'loaded', help: 'show only packages loaded in the user environment' },
  { name: 'only-missing', short: 'M', help: 'show only missing dependencies' },
  { name: 'only-deprecated', help: 'show only deprecated packages' },
  { name: 'deprecated', help: 'show deprecated packages as well as installed specs' },
  {
    name: 'install-tree',
    kind: 'string',
    value: 'TREE',
    help: "install trees to query: 'all' (default), 'local', 'upstream', upstream name or path",
  },
  { name: 'start-date', kind: 'string', value: 'DATE', help: 'earliest date of installation [YYYY-MM-DD]' },
  { name: 'end-date', kind: 'string', value: 'DATE', help: 'latest date of installation [YYYY-MM-DD]' },
]

/** Flags of which at most one may be given. */
const exclusive: readonly (readonly string[])[] = [
  ['format', 'hashes', 'json'],
  ['explicit', 'implicit'],
  ['show-concretized', 'show-configured-externals'],
  ['only-missing', 'only-deprecated'],
  ['only-missing', 'missing'],
  ['only-missing', 'deprecated'],
  ['only-deprecated', 'missing'],
  ['only-deprecated', 'deprecated'],
]

export const find: Command = {
  name: 'find',
  summary: 'list and search installed packages',
  positional: '[installed_specs ...]',
  flags,
  run: runFind,
}

async function runFind(invocation: Invocation, args: Arguments): Promise<number> {
  checkFlags(args)
  const environment = await activeSpecs(invocation)
  for (const name of ['only-roots', 'show-concretized']) {
    if (!environment && flagOn(args, name)) throw usage(`\`--${name}\` needs an environment`)
  }
  const asked = specArguments(args)
  const opened = await openInstalled(invocation, asked)
  if (flagOn(args, 'show-configured-externals')) return await printConfigured(invocation, args, opened, asked)
  const tags = flagList(args, 'tag')
  const needsRecipes = flagOn(args, 'unknown') || tags.length > 0
  const recipes = needsRecipes ? await (await import('./recipe-filter.ts')).recipeFilter(invocation, tags) : undefined
  const isAsked = (spec: Spec) => !flagOn(args, 'unknown') || recipes!.isUnknown(spec.name!)
  const matching = selectSpecs(invocation, args, { opened, asked, environment, isAsked })
  if (shownSpecs(args, matching).length === 0 && asked.length > 0) {
    throw new SpackError('no-match', `no package matches the query: ${args.positional.join(' ')}`)
  }
  // That a package has no such tag is no error, as in Spack.
  const found = tags.length ? onlySpecs(matching, (spec) => recipes!.isTagged(spec.name!)) : matching
  const shown = shownSpecs(args, found)
  if (flagOn(args, 'json')) {
    printJsonRecords(invocation, found.installed, flagOn(args, 'deps'))
    return 0
  }
  const roots = environment && (await environmentRoots(invocation, environment))
  const options = listingOptions(invocation, args, opened, roots)
  if (environment && roots && options.format === undefined) {
    invocation.print(listRoots(environment, roots, options, statusOf(opened)))
  }
  if (!flagOn(args, 'only-roots')) invocation.print(listSpecs(shown, options))
  if (invocation.stdoutWidth !== undefined && options.groups) printCounts(invocation, args, found, environment)
  return 0
}

async function printConfigured(
  invocation: Invocation,
  args: Arguments,
  opened: OpenedStore,
  asked: readonly Spec[],
): Promise<number> {
  const { withConcretizerWorld } = await import('./concretizer-world.ts')
  const externals = await withConcretizerWorld(invocation, {}, ({ externals: all, facts }) =>
    all.filter((spec) => asked.length === 0 || asked.some((one) => satisfies(spec, one, { facts }))),
  )
  if (flagOn(args, 'json')) printJsonRecords(invocation, externals, flagOn(args, 'deps'))
  else invocation.print(listSpecs(externals, listingOptions(invocation, args, opened, undefined)))
  return 0
}

function checkFlags(args: Arguments): void {
  const isGiven = (name: string) => flagOn(args, name) || flagText(args, name) !== undefined
  for (const names of exclusive) {
    const given = names.filter(isGiven)
    if (given.length > 1) throw usage(`\`--${given[0]}\` and \`--${given[1]}\` exclude each other`)
  }
}

const usage = (message: string): SpackError => new SpackError('usage', message, { exitCode: 2 })

interface FoundSpecs {
  installed: Spec[]
  /** In the environment, and not installed. */
  absent: Spec[]
}

const shownSpecs = (args: Arguments, { installed, absent }: FoundSpecs): Spec[] =>
  flagOn(args, 'show-concretized') ? [...installed, ...absent] : installed

const onlySpecs = ({ installed, absent }: FoundSpecs, isMeant: (spec: Spec) => boolean): FoundSpecs => ({
  installed: installed.filter(isMeant),
  absent: absent.filter(isMeant),
})

interface Selection {
  opened: OpenedStore
  asked: readonly Spec[]
  environment: EnvironmentSpecs | undefined
  /** Of what is installed. */
  isAsked: (spec: Spec) => boolean
}

function selectSpecs(
  invocation: Invocation,
  args: Arguments,
  { opened, asked, environment, isAsked }: Selection,
): FoundSpecs {
  const query = storeQuery(args, environment?.hashes)
  const queries = asked.length ? asked.map((spec) => ({ ...query, spec })) : [query]
  const matches = new Map(
    queries.flatMap((one) => opened.installed.find(one)).map((match) => [match.record.hash, match]),
  )
  const loaded = new Set(loadedHashes(invocation.environ))
  const isWanted = (spec: Spec) =>
    isAsked(spec) &&
    (!flagOn(args, 'external') || spec.concrete?.external !== null) &&
    (!flagOn(args, 'loaded') || loaded.has(spec.concrete!.hash))
  const installed = [...matches.values()].map((match) => match.spec).filter(isWanted)
  return { installed, absent: absentSpecs(opened, asked, environment) }
}

function absentSpecs(opened: OpenedStore, asked: readonly Spec[], environment: EnvironmentSpecs | undefined): Spec[] {
  if (!environment?.lockfile) return []
  const specs = [...lockfileSpecs(environment.lockfile).values()].filter(({ concrete }) =>
    environment.hashes.has(concrete!.hash),
  )
  const isInstalled = (spec: Spec) => opened.installed.locate(spec.concrete!.hash)?.record.isInstalled
  return specs.filter((spec) => {
    if (isInstalled(spec)) return false
    return asked.length === 0 || asked.some((one) => satisfies(spec, one, { facts: opened.facts }))
  })
}

function storeQuery(args: Arguments, hashes: ReadonlySet<DagHash> | undefined): StoreQuery {
  const start = flagText(args, 'start-date')
  const end = flagText(args, 'end-date')
  return {
    hashes,
    statuses: wantedStatuses(args),
    isExplicit: flagOn(args, 'explicit') ? true : flagOn(args, 'implicit') ? false : undefined,
    afterSeconds: start === undefined ? undefined : parseDate(start),
    beforeSeconds: end === undefined ? undefined : parseDate(end),
    tree: flagText(args, 'install-tree'),
  }
}

function wantedStatuses(args: Arguments): RecordStatus[] {
  if (flagOn(args, 'only-missing')) return ['missing']
  if (flagOn(args, 'only-deprecated')) return ['deprecated']
  const more = (['missing', 'deprecated'] as const).filter((status) => flagOn(args, status))
  return ['installed', ...more]
}

function listingOptions(
  invocation: Invocation,
  args: Arguments,
  opened: OpenedStore,
  roots: EnvironmentRoots | undefined,
): ListingOptions {
  const prefix = (spec: Spec): string => {
    const path = spec.concrete?.external?.path ?? opened.installed.locate(spec.concrete!.hash)?.record.path
    return path ?? prefixOf(opened.store, spec) ?? ''
  }
  const colour = invocation.stdoutHasColour
  const format = flagOn(args, 'hashes') ? '{/hash}' : flagText(args, 'format')
  return {
    colour,
    format,
    width: invocation.stdoutWidth,
    namespaces: flagOn(args, 'namespaces'),
    variants: flagOn(args, 'variants'),
    flags: flagOn(args, 'show-flags'),
    hashLength: flagOn(args, 'very-long') ? 32 : flagOn(args, 'long') ? 7 : 0,
    specfileFormat: flagOn(args, 'specfile-format'),
    groups: flagOn(args, 'groups') || (!flagOn(args, 'no-groups') && format === undefined),
    dependencies: flagOn(args, 'deps'),
    prefixOf: flagOn(args, 'paths') ? prefix : undefined,
    status: flagOn(args, 'install-status') || flagOn(args, 'show-concretized') ? statusOf(opened) : undefined,
    decorate: (spec, text) => (colour && roots ? markRoot(spec, text, roots) : text),
    context: { prefixOf: prefix, installRoot: opened.store.root },
  }
}

/** Bold for what was asked for; grey for what was and is no more. */
function markRoot(spec: Spec, text: string, roots: EnvironmentRoots): string {
  const hash = spec.concrete!.hash
  if (roots.removed.has(hash)) return paintAs('K', text)
  return roots.hashes.has(hash) ? paintAs('*', text) : text
}

/** Each node once, in one list, with its hash. */
function printJsonRecords(invocation: Invocation, specs: readonly Spec[], withDependencies: boolean): void {
  const nodes = new Map<DagHash, Spec>()
  for (const spec of specs) {
    const steps = withDependencies ? treeSteps([spec], { depthFirst: true }).map((step) => step.node) : [spec]
    for (const node of steps) nodes.set(node.concrete!.hash, node)
  }
  invocation.print(`${printJson([...nodes.values()].map(writeNode))}\n`)
}

function printCounts(
  invocation: Invocation,
  args: Arguments,
  found: FoundSpecs,
  environment: EnvironmentSpecs | undefined,
): void {
  const count = (specs: readonly Spec[], kind: string) =>
    `${specs.length} ${kind} package${specs.length === 1 ? '' : 's'}`
  const hidden = flagOn(args, 'only-roots') ? ' (not shown)' : ''
  invocation.print(`==> ${count(found.installed, flagOn(args, 'loaded') ? 'loaded' : 'installed')}${hidden}\n`)
  if (!environment) return
  const how = hidden || (flagOn(args, 'show-concretized') ? '' : ' (show with `spack find -c`)')
  invocation.print(`==> ${count(found.absent, 'concretized')} to be installed${how}\n`)
}
