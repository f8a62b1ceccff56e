// `spack compiler list` and `spack compiler info`: compilers of the configuration, of the store, and of build caches.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { detectHost } from '../config/host.ts'
import type { ConfigValue } from '../config/node.ts'
import { entriesOf } from '../detection/compiler-properties.ts'
import { compilerNames, configuredCompilers, oldCompilers } from '../detection/compilers.ts'
import { recipeOf } from '../detection/tagged-packages.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { colourize, paintAs } from '../spec/colour.ts'
import { compareSpecs } from '../spec/compare.ts'
import { defaultFormat, formatSpec } from '../spec/format.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { knownTarget } from '../spec/target.ts'
import { type InstallStatus, installMarks, specTree } from '../spec/tree.ts'
import { prefixOf } from '../store/layout.ts'
import { columns, visibleLength } from '../ui/columns.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, flagOn, flagText } from './command.ts'
import { configuration } from './configured.ts'
import { openInstalled } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { withRecipes } from './recipes.ts'

/** A compiler, wherever it is known from. */
interface KnownCompiler {
  node: Spec
  status: InstallStatus
  prefix: string | null
  /** Programs by language. */
  programs: Readonly<Record<string, string | undefined>>
  modules: readonly string[]
  attributes: { readonly [key: string]: ConfigValue }
}

export function listCompilers(invocation: Invocation, args: Arguments): Promise<number> {
  return withRecipes(invocation, async (recipes) => {
    const known = await allCompilers(invocation, recipes, args)
    if (known.length === 0) {
      const hint = flagText(args, 'scope') === undefined ? '. Run `spack compiler find` to autodetect compilers' : ''
      if (invocation.stdoutWidth !== undefined) invocation.print(`==> No compilers available${hint}\n`)
      return 0
    }
    invocation.print('==> Available compilers\n')
    const groups = groupByPlace(known)
    invocation.print(groups.map((group) => groupText(invocation, group)).join('\n'))
    return 0
  })
}

/** By name, operating system and family of the target. */
function groupByPlace(known: readonly KnownCompiler[]): (readonly [key: string, members: KnownCompiler[]])[] {
  const groups = new Map<string, KnownCompiler[]>()
  for (const each of known) {
    const { name, arch } = each.node
    const host = detectHost()
    const target = arch?.target ?? host.target
    const key = `${name} ${arch?.os ?? host.os}-${knownTarget(target)?.family ?? target}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

function groupText(invocation: Invocation, [key, members]: readonly [string, KnownCompiler[]]): string {
  const { stdoutHasColour: colour, stdoutWidth: width } = invocation
  const [name, place] = key.split(' ') as [string, string]
  const label = `${colour ? paintAs('g', name) : name} ${place}`
  const dashes = Math.min(64, (width ?? 80) - 2) - 3 - visibleLength(label)
  const texts = members.map(
    ({ node, status }) =>
      colourize(installMarks[status], colour) + formatSpec(node, '{name}{@version}', { colour: false }),
  )
  const rows = columns([...new Set(texts)].sort().reverse(), { width })
  return `-- ${label} ${'-'.repeat(Math.max(0, dashes))}\n${rows.map((row) => `${row}\n`).join('')}`
}

export function showCompilers(invocation: Invocation, args: Arguments): Promise<number> {
  return withRecipes(invocation, async (recipes) => {
    const [word, ...others] = [...args.positional, ...args.rest]
    if (word === undefined || others.length > 0) {
      throw new SpackError('usage', 'name one compiler, for instance `gcc@12`', { exitCode: 2 })
    }
    const known = await allCompilers(invocation, recipes, args)
    const wanted = parseSpec(word)
    const matches = known.filter(({ node }) => satisfies(node, wanted))
    if (matches.length === 0) {
      throw new SpackError('no-compiler', `no compilers match spec \`${printSpec(wanted)}\``, {
        hint: 'see `spack compiler list`; `spack compiler find` looks for more',
      })
    }
    const isExternal = ({ status }: KnownCompiler) => Number(status !== 'external')
    matches.sort((a, b) => isExternal(a) - isExternal(b) || compareSpecs(a.node, b.node))
    for (const each of matches) invocation.print(description(each, invocation.stdoutHasColour))
    return 0
  })
}

function description({ node, status, prefix, programs, modules, attributes }: KnownCompiler, colour: boolean): string {
  const tree = specTree([node], { colour, recurseDependencies: false, format: defaultFormat, status: () => status })
  return [
    ...tree,
    '',
    `  prefix: ${prefix ?? 'None'}`,
    '  compilers:',
    ...['c', 'cxx', 'fortran'].map((language) => `    ${shownNames[language]}: ${programs[language] ?? 'None'}`),
    ...section(
      '  flags:',
      entriesOf(attributes.flags).map(([flag, value]) => `    ${flag} = ${value}`),
    ),
    ...section(
      '\tenvironment:\n\t    set:',
      entriesOf(entryOf(attributes.environment, 'set')).map(([key, value]) => `\t        ${key} = ${value}`),
    ),
    ...section(
      '  extra rpaths:',
      listOf(attributes.extra_rpaths).map((path) => `    ${path}`),
    ),
    ...section(
      '  modules: ',
      modules.map((module) => `    ${module}`),
    ),
    '',
    '',
  ].join('\n')
}

const shownNames: Readonly<Record<string, string>> = { c: 'cc', cxx: 'cxx', fortran: 'fortran' }

const section = (title: string, lines: readonly string[]): string[] => (lines.length > 0 ? [title, ...lines] : [])

const entryOf = (value: ConfigValue | undefined, key: string): ConfigValue | undefined =>
  entriesOf(value).find(([name]) => name === key)?.[1]

const listOf = (value: ConfigValue | undefined): readonly ConfigValue[] => (Array.isArray(value) ? value : [])

async function allCompilers(
  invocation: Invocation,
  recipes: RepositoryPath,
  args: Arguments,
): Promise<KnownCompiler[]> {
  const made = await configuration(invocation)
  const name = flagText(args, 'scope')
  const old = oldCompilers(made)
  if (old) invocation.say(`==> Warning: ${old.where}: ${old.message}; ${old.hint}\n`)
  const configured = configuredCompilers(made, recipes, name === undefined ? undefined : made.scope(name))
  return [
    ...configured.map(({ node, prefix, modules, extraAttributes }): KnownCompiler => {
      const programs = Object.fromEntries(
        entriesOf(extraAttributes.compilers).map(([key, path]) => [key, String(path)]),
      )
      return { node, status: 'external', prefix, programs, modules, attributes: extraAttributes }
    }),
    ...(await installedCompilers(invocation, recipes)),
    ...(flagOn(args, 'remote') ? await cachedCompilers(invocation, recipes) : []),
  ]
}

async function installedCompilers(invocation: Invocation, recipes: RepositoryPath): Promise<KnownCompiler[]> {
  const { store, installed } = await openInstalled(invocation)
  const names = new Set(compilerNames(recipes))
  const stored = installed.find({}).filter(({ spec }) => names.has(spec.name ?? '') && !spec.concrete?.external)
  return stored.map(({ spec, record, upstream }) => {
    const prefix = record.path ?? prefixOf(store, spec)
    const programs = programsBelow(prefix, recipes, spec.name ?? '')
    const status = upstream === undefined ? 'installed' : 'upstream'
    return { node: spec, status, prefix, programs, modules: [], attributes: {} }
  })
}

/** The programs of a compiler in the store: those of the names that its recipe gives them. */
function programsBelow(
  prefix: string | null,
  recipes: RepositoryPath,
  name: string,
): Record<string, string | undefined> {
  const facts = recipeOf(recipes, name)?.compiler as Readonly<Record<string, unknown>> | undefined
  const find = (language: string) => {
    const names = facts?.[`${language}_names`]
    const paths = Array.isArray(names) && prefix !== null ? names.map((each) => join(prefix, 'bin', String(each))) : []
    return paths.find((path) => existsSync(path))
  }
  return Object.fromEntries(['c', 'cxx', 'fortran'].map((language) => [language, find(language)]))
}

async function cachedCompilers(invocation: Invocation, recipes: RepositoryPath): Promise<KnownCompiler[]> {
  const { cachedSpecs } = await import('./buildcache-list.ts')
  const names = new Set(compilerNames(recipes))
  const specs = (await cachedSpecs(invocation)).filter(
    ({ name, concrete }) => names.has(name ?? '') && !concrete?.external,
  )
  return specs.map((node) => ({ node, status: 'absent', prefix: null, programs: {}, modules: [], attributes: {} }))
}
