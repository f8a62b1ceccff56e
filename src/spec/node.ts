// The node dictionary: one node of a DAG as it stands in lockfiles, spec.json, databases and build caches (format 5),
// dependencies by hash. Order of members matters: the DAG hash is taken over this text. Older formats are turned into
// this one by `node-legacy.ts`.

import { SpackError } from '../ui/error.ts'
import { printArch } from './arch.ts'
import { completeFlags } from './flags.ts'
import { computeHash } from './hash.ts'
import { type JsonObject, makeObject, visitMembers } from './json.ts'
import { parseSpec } from './parser.ts'
import { printSpec } from './print.ts'
import {
  type CompilerFlag,
  type Concrete,
  type DagHash,
  type DeptypeMask,
  deptypeBits,
  deptypeNames,
  type Edge,
  type External,
  emptySpec,
  type FlagKind,
  flagKinds,
  groupEdges,
  isFlagKind,
  type Spec,
  setVariant,
  type Variant,
} from './spec.ts'
import { nodeTarget } from './target.ts'
import { compareTexts, sortTexts } from './text-order.ts'
import { traverseNodes } from './traverse.ts'
import { asBool, boolVariant, multiVariant, singleVariant } from './variant-text.ts'
import { parseConcreteVersion } from './version.ts'
import { makeVersionList, parseVersionList, type VersionList, versionListNode } from './version-list.ts'

/** Format of nodes and of the files that hold them. */
export const specfileVersion = 5

export interface NodeDependency {
  name: string
  hash: string
  parameters: { deptypes: readonly string[]; virtuals: readonly string[]; direct?: boolean }
}

export type NodeTarget =
  | string
  | {
      name: string
      vendor: string
      features: readonly string[]
      generation: number
      parents: readonly string[]
      cpupart?: string
    }

export interface SpecNode {
  name: string
  /** One exact version, without `=`. */
  version?: string
  versions?: readonly string[]
  /** Parts are null in abstract nodes only. */
  arch?: { platform: string | null; platform_os: string | null; target: NodeTarget | null }
  /** Formats before 5. */
  compiler?: { name: string; version: string }
  namespace?: string
  /** Variants: booleans, texts, and lists of texts; then compiler flags by kind. */
  parameters?: JsonObject
  /** Names of propagated variants and kinds of flags; of abstract nodes only. */
  propagate?: readonly string[]
  /** Names of variants whose values are not exact; of abstract nodes only. */
  abstract?: readonly string[]
  external?: { path: string | null; module: readonly string[] | null; extra_attributes: JsonObject } | null
  concrete?: boolean
  patches?: readonly string[]
  package_hash?: string
  dependencies?: readonly NodeDependency[]
  build_spec?: { name: string; hash: string }
  annotations?: { original_specfile_version: number; compiler?: string }
  hash?: string
}

/**
 * The specs of nodes that are in format 5 and complete: each hash that they mention is one of theirs, or of those that are
 * known, to which they are added. Throws SpackError `node-invalid` where that is not so, and the errors of versions and
 * variants that cannot be read.
 */
export function readNodes(nodes: Iterable<SpecNode>, known = new Map<DagHash, Spec>()): Map<DagHash, Spec> {
  const read: { node: SpecNode; spec: Spec }[] = []
  const specs = known
  for (const node of nodes) {
    const hash = node.hash as DagHash | undefined
    if (!hash) throw invalid(node, 'has no hash')
    const spec = readNode(node, hash)
    read.push({ node, spec })
    // Formats 2 and 3 have nodes that differ in other hashes only.
    if (!specs.has(hash)) specs.set(hash, spec)
  }
  for (const { node, spec } of read) connect(node, spec, specs)
  return specs
}

const invalid = (node: SpecNode, problem: string): SpackError =>
  new SpackError('node-invalid', `the node \`${node.name}${node.hash ? `/${node.hash}` : ''}\` ${problem}`)

function connect(node: SpecNode, spec: Spec, specs: ReadonlyMap<DagHash, Spec>): void {
  const find = ({ name, hash }: { name: string; hash: string }) => {
    const found = specs.get(hash as DagHash)
    if (!found) throw invalid(node, `refers to \`${name}/${hash}\`, which is not there`)
    return found
  }
  if (node.dependencies) spec.edges = groupEdges(node.dependencies.map((entry) => readEdge(node, entry, find(entry))))
  if (node.build_spec && spec.concrete) spec.concrete.buildSpec = find(node.build_spec)
}

const bitsByName: ReadonlyMap<string, DeptypeMask> = new Map(Object.entries(deptypeBits))

function readEdge(node: SpecNode, { parameters }: NodeDependency, child: Spec): Edge {
  const { deptypes, virtuals, direct = false } = parameters
  let mask: DeptypeMask = 0
  for (const deptype of deptypes) {
    const bit = bitsByName.get(deptype)
    if (bit === undefined) throw invalid(node, `has a dependency of unknown type \`${deptype}\``)
    mask |= bit
  }
  return {
    child,
    deptypes: mask,
    virtuals: virtuals.length > 1 ? sortedDistinct(virtuals) : virtuals,
    direct,
    propagate: false,
    when: null,
  }
}

function sortedDistinct(texts: readonly string[]): readonly string[] {
  const isAscending = texts.every((text, index) => index === 0 || texts[index - 1]! < text)
  return isAscending ? texts : sortTexts(new Set(texts))
}

function readNode(node: SpecNode, hash: DagHash): Spec {
  const spec = emptySpec()
  const { arch } = node
  spec.name = node.name || null
  spec.namespace = node.namespace ?? null
  spec.versions = readVersions(node, spec.versions)
  if (arch) {
    const target = typeof arch.target === 'string' || arch.target === null ? arch.target : arch.target.name
    spec.arch = { platform: arch.platform, os: arch.platform_os, target }
  }
  if (node.parameters) readParameters(node, node.parameters, spec)
  if (node.patches?.length) setVariant(spec, 'patches', multiVariant(node.patches, { isExact: true }))
  if (node.concrete !== false) spec.concrete = readConcrete(node, hash)
  return spec
}

const cacheLimit = 20_000
const exactVersions = new Map<string, VersionList>()

function readVersions({ version, versions }: SpecNode, any: VersionList): VersionList {
  if (version === undefined) return versions ? makeVersionList(versions.flatMap(parseVersionList)) : any
  const known = exactVersions.get(version)
  if (known) return known
  const list = [parseConcreteVersion(version)]
  if (exactVersions.size >= cacheLimit) exactVersions.clear()
  exactVersions.set(version, list)
  return list
}

function readParameters(node: SpecNode, parameters: JsonObject, spec: Spec): void {
  const propagated = node.propagate ?? []
  const flags = new Map<FlagKind, CompilerFlag[]>()
  const emptyKinds: FlagKind[] = []
  visitMembers(parameters, (name, value) => {
    const propagate = propagated.length > 0 && propagated.includes(name)
    if (!isFlagKind(name)) setVariant(spec, name, readVariant(node, name, value, propagate))
    else if (!Array.isArray(value)) throw invalid(node, `has no list of \`${name}\``)
    else if (value.length === 0) emptyKinds.push(name)
    else flags.set(name, readFlags(value, propagate))
  })
  if (emptyKinds.length === flagKinds.length) spec.flags = completeFlags(flags)
  else {
    for (const kind of emptyKinds) flags.set(kind, [])
    spec.flags = flags
  }
}

const readFlags = (flags: readonly unknown[], propagate: boolean): CompilerFlag[] =>
  flags.map((flag) => ({ flag: String(flag), propagate, group: String(flag) }))

function readVariant(node: SpecNode, name: string, value: unknown, propagate: boolean): Variant {
  if (typeof value === 'boolean') return boolVariant(value, propagate)
  if (Array.isArray(value)) {
    return multiVariant(value.map(String), { isExact: !node.abstract?.includes(name), propagate })
  }
  if (typeof value !== 'string' && typeof value !== 'number') throw invalid(node, `has no value of \`${name}\``)
  const word = asBool(String(value))
  return word === undefined ? singleVariant(String(value), propagate) : boolVariant(word, propagate)
}

function readConcrete(node: SpecNode, hash: DagHash): Concrete {
  const { annotations } = node
  return {
    hash,
    packageHash: node.package_hash ?? null,
    external: node.external ? readExternal(node.external) : null,
    patches: node.patches ?? [],
    buildSpec: null,
    originalSpecfileVersion: annotations?.original_specfile_version ?? specfileVersion,
    legacyCompiler: annotations?.compiler ? parseSpec(annotations.compiler) : null,
  }
}

function readExternal({ path, module, extra_attributes }: NonNullable<SpecNode['external']>): External | null {
  if (!path && !module?.length) return null
  return { path, modules: module?.length ? module : null, extraAttributes: extra_attributes ?? {} }
}

/**
 * The node of a spec, with its hash. Dependencies of an abstract spec are mentioned by the hashes that they would have.
 * Throws SpackError `node-incomplete` for an abstract spec with an architecture but no target.
 */
export function writeNode(spec: Spec): SpecNode {
  return new NodeWriter().write(spec)
}

/** The nodes of several specs; quicker than one by one where abstract specs depend on each other. Throws as `writeNode`. */
export function writeNodes(specs: Iterable<Spec>): SpecNode[] {
  const writer = new NodeWriter()
  return Array.from(specs, (spec) => writer.write(spec))
}

/** The hash of a concrete spec, or that of an abstract spec's node. Throws as `writeNode`. */
export function dagHash(spec: Spec): DagHash {
  return spec.concrete ? spec.concrete.hash : new NodeWriter().hashOf(spec)
}

/** Writes nodes; keeps the hashes of abstract ones, which are computed anew else for each that mentions them. */
class NodeWriter {
  private readonly hashes = new Map<Spec, DagHash>()

  hashOf(spec: Spec): DagHash {
    if (this.hashes.has(spec)) return this.knownHash(spec)
    for (const node of traverseNodes([spec], { order: 'post' })) {
      if (!node.concrete && !this.hashes.has(node)) this.hashes.set(node, computeHash(this.describe(node)))
    }
    return this.knownHash(spec)
  }

  write(spec: Spec): SpecNode {
    for (const { child } of spec.edges) if (!child.concrete) this.hashOf(child)
    const node = this.describe(spec)
    node.hash = spec.concrete?.hash ?? computeHash(node)
    return node
  }

  /** Children come first, or else the spec is among its own dependencies. */
  private knownHash(spec: Spec): DagHash {
    const hash = spec.concrete?.hash ?? this.hashes.get(spec)
    if (hash) return hash
    throw new SpackError('node-invalid', `\`${spec.name ?? ''}\` depends on itself`)
  }

  private describe(spec: Spec): SpecNode {
    const { concrete } = spec
    const parameters = [...writeVariants(spec), ...writeFlags(spec)]
    const node: SpecNode = { name: spec.name ?? '', ...versionListNode(spec.versions) }
    if (spec.arch) node.arch = writeArch(spec)
    if (spec.namespace) node.namespace = spec.namespace
    if (parameters.length) node.parameters = makeObject(parameters)
    if (parameters.length && !concrete) {
      node.propagate = propagatedNames(spec)
      node.abstract = sortTexts([...spec.variants].filter(([, { isExact }]) => !isExact).map(([name]) => name))
    }
    if (concrete?.external) node.external = writeExternal(concrete.external)
    if (!concrete) node.concrete = false
    if (concrete?.patches.length) node.patches = concrete.patches
    if (concrete?.packageHash) node.package_hash = concrete.packageHash
    if (spec.edges.length) node.dependencies = this.describeEdges(spec.edges)
    if (concrete?.buildSpec) {
      node.build_spec = { name: concrete.buildSpec.name ?? '', hash: this.knownHash(concrete.buildSpec) }
    }
    node.annotations = { original_specfile_version: concrete?.originalSpecfileVersion ?? specfileVersion }
    if (concrete?.legacyCompiler) node.annotations.compiler = printSpec(concrete.legacyCompiler)
    return node
  }

  private describeEdges(edges: readonly Edge[]): NodeDependency[] {
    const entries = edges.map(
      ({ child, deptypes, virtuals, direct }): NodeDependency => ({
        name: child.name ?? '',
        hash: this.knownHash(child),
        parameters: { deptypes: deptypeNames(deptypes), virtuals, ...(direct ? { direct } : {}) },
      }),
    )
    // Stable: inside a name they stand by deptypes already.
    return entries.sort((a, b) => compareTexts(a.name, b.name))
  }
}

function writeVariants({ variants }: Spec): [string, unknown][] {
  const names = sortTexts(variants.keys())
  return names.map((name) => {
    const { kind, values } = variants.get(name)!
    return [name, kind === 'multi' ? values : values[0]]
  })
}

function writeFlags({ flags }: Spec): [string, unknown][] {
  const kinds = [...flags.keys()].sort()
  return kinds.map((kind) => [kind, flags.get(kind)!.map(({ flag }) => flag)])
}

function propagatedNames({ variants, flags }: Spec): string[] {
  const ofVariants = [...variants].filter(([, { propagate }]) => propagate).map(([name]) => name)
  const ofFlags = [...flags].filter(([, list]) => list.some(({ propagate }) => propagate)).map(([kind]) => kind)
  return sortTexts([...ofVariants, ...ofFlags])
}

/** Spack cannot read an abstract node with a platform or operating system for any target, and never wrote one. */
function writeArch({ name, arch, concrete }: Spec): SpecNode['arch'] {
  const { platform, os, target } = arch!
  if (target === null && !concrete) {
    throw new SpackError(
      'node-incomplete',
      `the node of \`${name ?? ''}\` needs a target beside \`${printArch(arch!)}\``,
    )
  }
  return { platform, platform_os: os, target: target === null ? null : nodeTarget(target) }
}

const writeExternal = ({ path, modules, extraAttributes }: External): SpecNode['external'] => ({
  path,
  module: modules,
  extra_attributes: extraAttributes,
})
