// What the configuration says about concretizing, as plain values: the sections `packages` and `concretizer`.

import type { Configuration } from '../config/configuration.ts'
import { type ConfigMap, type ConfigNode, type ConfigValue, plainValue } from '../config/node.ts'
import type { JsonObject } from '../spec/json.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import type { Toolchains } from '../spec/toolchain.ts'
import { SpackError } from '../ui/error.ts'
import type { ExternalEntry } from './externals.ts'
import { constraint } from './package-facts.ts'
import type { Origin, PackageSettings, PreferenceEntry, RequirementEntry, Settings } from './world.ts'

/** Knows which names are virtual, and who provides them. */
export interface Virtuals {
  isVirtual: (name: string) => boolean
  providers: (virtual: string) => readonly string[]
}

interface Names extends Virtuals {
  toolchains: Toolchains
}

/** How specs of a package are read. */
interface Reading {
  mustBeNamed: boolean
  toolchains: Toolchains
}
const plain: Reading = { mustBeNamed: false, toolchains: {} }

const empty: ConfigMap = { kind: 'map', entries: new Map(), mark: { file: '', line: 0 } }
const asMap = (node: ConfigNode | undefined): ConfigMap => (node?.kind === 'map' ? node : empty)
const member = (node: ConfigNode | undefined, key: string): ConfigNode | undefined =>
  asMap(node).entries.get(key)?.value
const itemsOf = (node: ConfigNode | undefined): readonly ConfigNode[] =>
  node === undefined ? [] : node.kind === 'list' ? node.items : [node]
const textOf = (node: ConfigNode): string => (node.kind === 'scalar' ? (node.spelling ?? String(node.value)) : '')
const textsOf = (node: ConfigNode | undefined): string[] => itemsOf(node).map(textOf)

function originOf(node: ConfigNode, text: string): Origin {
  const { file, line } = node.mark
  return { text, where: line > 0 ? `${file}:${line}` : file || null }
}

/** Reads the settings. Throws SpackError `spec-syntax` with file and line for specs in them that cannot be read. */
export function readSettings(configuration: Configuration, virtuals: Virtuals, allowDeprecated?: boolean): Settings {
  const packages = asMap(configuration.sectionNode('packages'))
  const concretizer = configuration.sectionNode('concretizer')
  const all = packages.entries.get('all')?.value
  const names = { ...virtuals, toolchains: configuration.section('toolchains') as Toolchains }
  const settings = new Map<string, PackageSettings>()
  for (const [name, { value }] of packages.entries) settings.set(name, packageSettings(name, value, names))
  for (const { name, buildableAt } of notBuildableByVirtual(packages, virtuals)) {
    const known = settings.get(name) ?? packageSettings(name, empty, names)
    settings.set(name, { ...known, isBuildable: false, buildableAt })
  }
  const maxDupes = asMap(member(member(concretizer, 'duplicates'), 'max_dupes'))
  const strategy = textsOf(member(member(concretizer, 'duplicates'), 'strategy'))[0] ?? 'none'
  const mixing = member(concretizer, 'compiler_mixing')
  const targets = member(concretizer, 'targets')
  return {
    packages: settings,
    providers: new Map([...asMap(member(all, 'providers')).entries].map(([name, { value }]) => [name, textsOf(value)])),
    targets: textsOf(member(all, 'target')),
    duplicates: {
      strategy: strategy as Settings['duplicates']['strategy'],
      maxDupes: new Map(
        [...maxDupes.entries]
          .filter(([name]) => name !== 'default')
          .map(([name, { value }]) => [name, Number(textOf(value))]),
      ),
      defaultMaxDupes: Number(textsOf(maxDupes.entries.get('default')?.value)[0] ?? 2),
    },
    granularity: textsOf(member(targets, 'granularity'))[0] === 'generic' ? 'generic' : 'microarchitectures',
    isHostCompatible: booleanAt(targets, 'host_compatible') ?? true,
    compilerMixing: mixing?.kind === 'list' ? textsOf(mixing) : (booleanAt(concretizer, 'compiler_mixing') ?? true),
    allowDeprecated: allowDeprecated ?? configuration.get('config:deprecated') === true,
  }
}

function booleanAt(node: ConfigNode | undefined, key: string): boolean | undefined {
  const value = member(node, key)
  return value?.kind === 'scalar' && typeof value.value === 'boolean' ? value.value : undefined
}

/** `packages:mpi:buildable: false` is about all providers of `mpi`. */
function notBuildableByVirtual(
  packages: ConfigMap,
  { isVirtual, providers }: Virtuals,
): { name: string; buildableAt: string | null }[] {
  return [...packages.entries].flatMap(([virtual, { value }]) => {
    if (!isVirtual(virtual) || booleanAt(value, 'buildable') !== false) return []
    return providers(virtual).map((name) => ({ name, buildableAt: placeOf(member(value, 'buildable')) }))
  })
}

const placeOf = (node: ConfigNode | undefined): string | null => (node ? originOf(node, '').where : null)

function packageSettings(name: string, node: ConfigNode, { isVirtual, toolchains }: Names): PackageSettings {
  const reading = { mustBeNamed: isVirtual(name), toolchains }
  const variants = member(node, 'variants')
  return {
    isBuildable: booleanAt(node, 'buildable') ?? true,
    buildableAt: placeOf(member(node, 'buildable')),
    versions: itemsOf(member(node, 'version')).map((item) => originOf(item, textOf(item).replace(/^=/, ''))),
    variants: textsOf(variants).join(' '),
    require: itemsOf(member(node, 'require')).flatMap((item) => requirement(item, reading)),
    prefer: itemsOf(member(node, 'prefer')).map((item) => preference(item, reading)),
    conflict: itemsOf(member(node, 'conflict')).map((item) => preference(item, reading)),
  }
}

/** Reads a spec of the settings to tell where it is wrong, and what its toolchains stand for. */
function checked(node: ConfigNode, text: string, { mustBeNamed, toolchains }: Reading = plain): string {
  const { where } = originOf(node, text)
  try {
    const whole = withToolchains(text, toolchains)
    const spec = constraint(whole)
    if (!mustBeNamed || spec.name) return whole
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    throw new SpackError(error.code, error.message, {
      where: where ?? undefined,
      detail: error.detail,
      hint: error.hint,
      cause: error,
    })
  }
  const only = parseSpec(text).edges.map(({ child }) => child.name)
  throw new SpackError('requirement-anonymous', `\`${text}\` names no package, and for a virtual it must`, {
    where: where ?? undefined,
    hint: only.length === 1 ? `did you mean \`${only[0]}\`?` : 'start with the name of a provider',
  })
}

/** A text with what its toolchains stand for in place of their names. */
function withToolchains(text: string, toolchains: Toolchains): string {
  if (!Object.keys(toolchains).some((name) => text.includes(`%${name}`))) return text
  return printSpec(parseSpec(text, { toolchains }))
}

function requirement(node: ConfigNode, reading: Reading): RequirementEntry[] {
  if (node.kind !== 'map') {
    const text = checked(node, textOf(node), reading)
    return [{ policy: 'one_of', specs: [text], when: '', message: null, origin: originOf(node, `require: ${text}`) }]
  }
  return (['spec', 'one_of', 'any_of'] as const).flatMap((key): RequirementEntry[] => {
    const value = member(node, key)
    if (!value) return []
    const specs = itemsOf(value).map((item) => checked(item, textOf(item), reading))
    return [
      {
        policy: key === 'any_of' ? 'any_of' : 'one_of',
        specs,
        when: conditionAt(node),
        message: textsOf(member(node, 'message'))[0] ?? null,
        origin: originOf(node, `require: ${key === 'spec' ? specs[0] : `${key} [${specs.join(', ')}]`}`),
      },
    ]
  })
}

function conditionAt(node: ConfigNode): string {
  const when = member(node, 'when')
  return when ? checked(when, textOf(when)) : ''
}

function preference(node: ConfigNode, reading: Reading): PreferenceEntry {
  const specNode = node.kind === 'map' ? member(node, 'spec')! : node
  const spec = checked(specNode, textOf(specNode), reading)
  const message = node.kind === 'map' ? (textsOf(member(node, 'message'))[0] ?? null) : null
  return { spec, when: node.kind === 'map' ? conditionAt(node) : '', message, origin: originOf(node, spec) }
}

/** An entry of `concretizer:splice:explicit` as it is written. */
export interface SpliceEntry {
  target: Spec
  /** With a hash. */
  replacement: Spec
  isTransitive: boolean
  origin: Origin
}

/** The entries of `concretizer:splice:explicit`. Throws SpackError `splice` for a replacement without a hash. */
export function readSplices(configuration: Configuration): SpliceEntry[] {
  const list = itemsOf(member(member(configuration.sectionNode('concretizer'), 'splice'), 'explicit'))
  return list.map((entry) => {
    const [targetNode, replacementNode] = [member(entry, 'target')!, member(entry, 'replacement')!]
    const text = textOf(replacementNode)
    const replacement = constraint(checked(replacementNode, text))
    const origin = originOf(replacementNode, `replacement: ${text}`)
    if (!replacement.abstractHash) {
      throw new SpackError('splice', `the replacement \`${text}\` has no hash, and a splice needs one`, {
        where: origin.where ?? undefined,
        hint: 'write it with its hash, as `spack find -l` or `spack buildcache list -l` shows it: `NAME/HASH`',
      })
    }
    const target = constraint(checked(targetNode, textOf(targetNode)))
    return { target, replacement, isTransitive: booleanAt(entry, 'transitive') ?? false, origin }
  })
}

/** The entries of `packages:*:externals`, those of virtuals under the names of their providers. */
export function readExternals(configuration: Configuration): ExternalEntry[] {
  const packages = asMap(configuration.sectionNode('packages'))
  const requiredByAll = requiredTarget(packages.entries.get('all')?.value)
  return [...packages.entries].flatMap(([, { value }]) => {
    const required = requiredTarget(value) ?? requiredByAll
    return itemsOf(member(value, 'externals')).map((item): ExternalEntry => {
      const entry = plainValue(item) as { [key: string]: ConfigValue }
      return {
        spec: textsOf(member(item, 'spec'))[0] ?? '',
        prefix: typeof entry.prefix === 'string' ? entry.prefix : null,
        modules: Array.isArray(entry.modules) ? entry.modules.map(String) : null,
        extraAttributes: (entry.extra_attributes ?? {}) as JsonObject,
        requiredTarget: required,
        dependencies: (entry.dependencies ?? []) as unknown as ExternalEntry['dependencies'],
        id: typeof entry.id === 'string' ? entry.id : null,
        where: originOf(item, '').where,
      }
    })
  })
}

/** The target that the requirements of a package, or those of all, start with. */
export function requiredTargetOf(configuration: Configuration, name: string): string | null {
  const packages = asMap(configuration.sectionNode('packages'))
  return requiredTarget(packages.entries.get(name)?.value) ?? requiredTarget(packages.entries.get('all')?.value)
}

/** The target that the requirements of a package start with, if there is just one. */
function requiredTarget(node: ConfigNode | undefined): string | null {
  const texts = itemsOf(member(node, 'require'))
    .filter(({ kind }) => kind === 'scalar')
    .map(textOf)
  const targets = texts.flatMap((text) => /^target=([^\s:]+)/.exec(text)?.[1] ?? [])
  return targets.length === 1 ? targets[0]! : null
}
