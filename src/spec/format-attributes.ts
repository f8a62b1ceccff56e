// What a format string can select: for each kind of value its members and how it is printed. Values that Spack prints
// as Python writes them (booleans, lists) are printed like that.

import { SpackError } from '../ui/error.ts'
import { haveSameWhen } from './compare.ts'
import { formatSpec, shortFormat } from './format.ts'
import { findCompiler, formatCompilers } from './format-compilers.ts'
import { printFlags, printSpec, printVariants } from './print.ts'
import { type Arch, deptypeNames, type Spec, type Variant } from './spec.ts'
import { knownTarget, type Target } from './target.ts'
import { isOneTarget } from './target-range.ts'
import { reachableNodes, walkEdges } from './traverse-edges.ts'
import { specTree } from './tree.ts'
import { printVariant } from './variant-text.ts'
import {
  type ConcreteVersion,
  comparableVersion,
  dashed,
  dotted,
  dottedNumeric,
  joined,
  underscored,
  upTo,
} from './version.ts'
import { exactVersion, printVersionList, type VersionList } from './version-list.ts'

/** What attributes may need besides the spec. */
export interface AttributeContext {
  /** Where a concrete spec is or would be installed: `{prefix}`. */
  prefixOf?: (spec: Spec) => string
  /** `{spack_root}` and `{spack_install}`. */
  spackRoot?: string
  installRoot?: string
  /** What is formatted, where attributes of a dependency are asked for. */
  root?: Spec
}

export type AttributeValue =
  | { kind: 'spec'; spec: Spec }
  | { kind: 'text'; text: string }
  /** Ends the path: what is printed without its sigil, as of something that is missing. */
  | { kind: 'none'; text: string }
  | { kind: 'version'; version: ConcreteVersion }
  | { kind: 'versions'; versions: VersionList }
  | { kind: 'variants'; spec: Spec }
  | { kind: 'variant'; name: string; variant: Variant }
  | { kind: 'arch'; arch: Arch }
  | { kind: 'target'; name: string }
  | { kind: 'compiler'; spec: Spec }
  | { kind: 'path'; path: string }

type Kind = AttributeValue['kind']
type ValueOf<K extends Kind> = Extract<AttributeValue, { kind: K }>

/** A member's value; null: not set; undefined: there is none of that name. */
type Found = AttributeValue | null | undefined
type Members<K extends Kind> = Readonly<Record<string, (value: ValueOf<K>, context: AttributeContext) => Found>>

const versionValue = (version: ConcreteVersion | null): Found => version && { kind: 'version', version }
const text = (value: string | null): Found => (value === null ? null : { kind: 'text', text: value })
const bool = (value: boolean): Found => text(pythonText(value))

const specMembers: Members<'spec'> = {
  name: ({ spec }) => text(spec.name ?? ''),
  namespace: ({ spec }) => text(spec.namespace),
  namespace_if_anonymous: ({ spec }) => text(spec.name ? null : spec.namespace),
  fullname: ({ spec }) => text(spec.namespace ? `${spec.namespace}.${spec.name ?? ''}` : (spec.name ?? '')),
  version: ({ spec }) => versionOf(spec),
  versions: ({ spec }) => ({ kind: 'versions', versions: spec.versions }),
  variants: ({ spec }) => ({ kind: 'variants', spec }),
  compiler_flags: ({ spec }) => text(printFlags(spec.flags)),
  compiler: ({ spec }) => compilerOf(spec),
  compilers: ({ spec }) => text(formatCompilers(spec)),
  arch: ({ spec }) => spec.arch && { kind: 'arch', arch: spec.arch },
  architecture: ({ spec }) => spec.arch && { kind: 'arch', arch: spec.arch },
  platform: ({ spec }, context) => archMember(spec, 'platform', context),
  os: ({ spec }, context) => archMember(spec, 'os', context),
  target: ({ spec }, context) => archMember(spec, 'target', context),
  abstract_hash: ({ spec }) => text(spec.abstractHash),
  anonymous: ({ spec }) => bool(!spec.name),
  concrete: ({ spec }) => bool(spec.concrete !== null),
  external: ({ spec }) => bool(isExternal(spec)),
  external_path: ({ spec }) => text(spec.concrete?.external?.path ?? null),
  external_modules: ({ spec }) => modulesOf(spec),
  is_develop: ({ spec }) => bool(spec.variants.has('dev_path')),
  spliced: ({ spec }) => bool(reachableNodes(spec).some(({ concrete }) => concrete?.buildSpec)),
  build_spec: ({ spec }) => ({ kind: 'spec', spec: spec.concrete?.buildSpec ?? spec }),
  specfile_version: ({ spec }) => ({ kind: 'none', text: `v${specfileVersion(spec)}` }),
  annotations: ({ spec }) => text(describeAnnotations(spec)),
  edge_attributes: ({ spec }, { root }) => text(root ? edgeAttributes(root, spec) : ''),
  short_spec: ({ spec }, context) => text(formatSpec(spec, shortFormat, { ...context, colour: false })),
  long_spec: ({ spec }, context) => text(longForm(spec, context)),
  prefix: ({ spec }, context) => ({ kind: 'path', path: prefixOf(spec, context) }),
  spack_root: (_, { spackRoot }) => text(required('spack_root', spackRoot)),
  spack_install: (_, { installRoot }) => text(required('spack_install', installRoot)),
}

const versionMembers: Members<'version'> = {
  dotted: ({ version }) => ({ kind: 'version', version: dotted(comparableVersion(version)) }),
  dashed: ({ version }) => ({ kind: 'version', version: dashed(comparableVersion(version)) }),
  underscored: ({ version }) => ({ kind: 'version', version: underscored(comparableVersion(version)) }),
  joined: ({ version }) => ({ kind: 'version', version: joined(comparableVersion(version)) }),
  string: ({ version }) => plainText(version, () => version.text),
  dotted_numeric_string: ({ version }) => plainText(version, () => dottedNumeric(comparableVersion(version))),
  up_to_1: ({ version }) => cut(version, 1),
  up_to_2: ({ version }) => cut(version, 2),
  up_to_3: ({ version }) => cut(version, 3),
  ref: ({ version }) => (version.kind === 'git' ? text(version.ref) : undefined),
  commit_sha: ({ version }) => (version.kind === 'git' ? text(version.isCommit ? version.ref : null) : undefined),
  is_commit: ({ version }) => (version.kind === 'git' ? bool(version.isCommit) : undefined),
  has_git_prefix: ({ version }) => (version.kind === 'git' ? bool(version.hasPrefix) : undefined),
  std_version: ({ version }) => (version.kind === 'git' ? versionValue(version.as) : undefined),
  ref_version: ({ version }) =>
    version.kind === 'git' ? { kind: 'version', version: comparableVersion(version) } : undefined,
}

const versionsMembers: Members<'versions'> = {
  concrete: ({ versions }) => versionValue(exactVersion(versions)),
}

const variantMembers: Members<'variant'> = {
  name: ({ name }) => text(name),
  value: ({ variant }) => text(variant.kind === 'multi' ? pythonTuple(variant.values) : pythonText(variant.values[0]!)),
  values: ({ variant }) => text(pythonTuple(variant.values)),
  propagate: ({ variant }) => bool(variant.propagate),
  concrete: ({ variant }) => bool(variant.isExact),
}

const archMembers: Members<'arch'> = {
  platform: ({ arch }) => text(arch.platform),
  os: ({ arch }) => text(arch.os),
  target: ({ arch }) => (arch.target === null ? null : { kind: 'target', name: arch.target }),
  concrete: ({ arch }) => (arch.platform && arch.os && arch.target ? bool(isOneTarget(arch.target)) : null),
}

const targetMembers: Members<'target'> = {
  name: ({ name }) => text(name),
  vendor: ({ name }) => text(knownTarget(name)?.vendor ?? 'generic'),
  family: (value) => targetNamed(value, (target) => target.family),
  generic: (value) => targetNamed(value, (target) => target.generic),
  generation: ({ name }) => text(String(knownTarget(name)?.generation ?? 0)),
  cpu_part: ({ name }) => text(knownTarget(name)?.cpupart ?? ''),
}

const compilerMembers: Members<'compiler'> = {
  name: ({ spec }) => text(spec.name),
  version: ({ spec }) => versionOf(spec),
  versions: ({ spec }) => ({ kind: 'versions', versions: spec.versions }),
  spec: ({ spec }) => ({ kind: 'spec', spec }),
  display_str: ({ spec }) => text(`${spec.name ?? ''}${atVersion(spec)}`),
}

const noMembers = {}

const members: { readonly [K in Kind]: Members<K> } = {
  spec: specMembers,
  text: noMembers,
  none: noMembers,
  version: versionMembers,
  versions: versionsMembers,
  variants: noMembers,
  variant: variantMembers,
  arch: archMembers,
  target: targetMembers,
  compiler: compilerMembers,
  path: noMembers,
}

/** A member of a value; null when it is not set, undefined when the value has no such member. */
export function member<K extends Kind>(value: ValueOf<K>, name: string, context: AttributeContext): Found {
  const any: AttributeValue = value
  if (any.kind === 'variants') {
    const variant = any.spec.variants.get(name)
    return variant && { kind: 'variant', name, variant }
  }
  if (any.kind === 'path') return { kind: 'path', path: `${any.path}/${name}` }
  const table: Members<K> = members[value.kind as K]
  return Object.hasOwn(table, name) ? table[name]!(value, context) : undefined
}

/** The text of a value, which may be empty. */
export function printValue(value: AttributeValue): string {
  switch (value.kind) {
    case 'spec':
    case 'compiler':
      return printSpec(value.spec)
    case 'text':
    case 'none':
      return value.text
    case 'version':
      return value.version.text
    case 'versions':
      return printVersionList(value.versions)
    case 'variants':
      return printVariants(value.spec.variants)
    case 'variant':
      return printVariant(value.name, value.variant)
    case 'arch':
      return [value.arch.platform, value.arch.os, value.arch.target].map((part) => part ?? 'None').join('-')
    case 'target':
      return value.name
    case 'path':
      return value.path
  }
}

/** The exact version; where there is none, all that are allowed. */
function versionOf({ versions }: Spec): Found {
  return versionValue(exactVersion(versions)) ?? { kind: 'versions', versions }
}

function atVersion(spec: Spec): string {
  const found = versionOf(spec)
  const printed = found ? printValue(found) : ''
  return printed === ':' ? '' : `@${printed}`
}

/** Released versions only: a git version has no text of its own. */
const plainText = (version: ConcreteVersion, form: () => string): Found =>
  version.kind === 'version' ? text(form()) : undefined

const cut = (version: ConcreteVersion, count: number): Found =>
  version.kind === 'version' ? { kind: 'version', version: upTo(version, count) } : undefined

function compilerOf(spec: Spec): Found {
  const compiler = findCompiler(spec)
  return compiler ? { kind: 'compiler', spec: compiler } : { kind: 'none', text: 'none' }
}

/** A part of an architecture that must be there itself. */
function archMember({ arch }: Spec, name: keyof Arch, context: AttributeContext): Found {
  return arch ? member({ kind: 'arch', arch }, name, context) : undefined
}

function targetNamed({ name }: ValueOf<'target'>, pick: (target: Target) => string): Found {
  const target = knownTarget(name)
  return { kind: 'target', name: target ? pick(target) : name }
}

function isExternal({ concrete }: Spec): boolean {
  return Boolean(concrete?.external && (concrete.external.path || concrete.external.modules?.length))
}

function modulesOf({ concrete }: Spec): Found {
  const modules = concrete?.external?.modules
  return modules ? text(`[${modules.map(pythonQuoted).join(', ')}]`) : null
}

const specfileVersion = ({ concrete }: Spec): number => concrete?.originalSpecfileVersion ?? 5

function describeAnnotations(spec: Spec): string {
  const compiler = spec.concrete?.legacyCompiler
  const described = `SpecAnnotations().with_spec_format(${specfileVersion(spec)})`
  return compiler ? `${described}.with_compiler(${printSpec(compiler)})` : described
}

/** A concrete spec as a tree, another as it can be read back. */
function longForm(spec: Spec, context: AttributeContext): string {
  return spec.concrete
    ? specTree([spec], { ...context, colour: false })
        .map((line) => `${line}\n`)
        .join('')
    : printSpec(spec)
}

function prefixOf(spec: Spec, context: AttributeContext): string {
  const externalPath = spec.concrete?.external?.path
  if (externalPath) return externalPath
  if (!spec.concrete) throw new SpackError('format-string', `\`${spec.name ?? ''}\` is not concrete and has no prefix`)
  return required('prefix', context.prefixOf)(spec)
}

function required<Value>(attribute: string, value: Value | undefined): Value {
  if (value !== undefined) return value
  throw new SpackError('format-string', `\`{${attribute}}\` is not known here`)
}

/** What the edges to a node say together: `[when='+x' deptypes=build,link virtuals=mpi]`. */
function edgeAttributes(root: Spec, node: Spec): string {
  const steps = walkEdges([root], { order: 'pre', cover: 'edges' })
  const edges = steps.flatMap((step) => (step.edge && step.node === node ? [step.edge] : []))
  const deptypes = edges.reduce((mask, edge) => mask | edge.deptypes, 0)
  const virtuals = [...new Set(edges.flatMap((edge) => edge.virtuals))].sort()
  const whens = edges.filter(
    (edge, index) => edge.when && edges.findIndex((other) => haveSameWhen(edge, other)) === index,
  )
  const parts = [
    whens.length ? `when='${whens.map(({ when }) => printSpec(when!)).join(',')}'` : '',
    deptypes && !edges.every(({ direct }) => direct) ? `deptypes=${deptypeNames(deptypes).join(',')}` : '',
    virtuals.length ? `virtuals=${virtuals.join(',')}` : '',
  ]
  const joinedParts = parts.filter(Boolean).join(' ')
  return joinedParts && `[${joinedParts}]`
}

const pythonText = (value: string | boolean): string => (typeof value === 'string' ? value : value ? 'True' : 'False')

function pythonTuple(values: readonly (string | boolean)[]): string {
  const items = values.map((value) => (typeof value === 'string' ? pythonQuoted(value) : pythonText(value)))
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`
}

const pythonQuoted = (value: string): string => {
  const escaped = value.replaceAll('\\', '\\\\')
  if (value.includes("'") && !value.includes('"')) return `"${escaped}"`
  return `'${escaped.replaceAll("'", "\\'")}'`
}
