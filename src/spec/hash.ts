// The DAG hash of a node: SHA-1, in lower-case base32, of the JSON text of its dictionary. The members stand in the order
// of `hashedMembers` whatever order they were read in; the hashes of its dependencies are among them.

import { sha1Of } from '../digest.ts'
import { base32 } from './base32.ts'
import { isObject, type JsonObject, makeObject, objectEntries, objectMember, printJson } from './json.ts'
import type { NodeDependency, SpecNode } from './node.ts'
import { type DagHash, type DeptypeMask, deptypeBits, deptypeNames, isFlagKind } from './spec.ts'
import { compareTexts, sortTexts } from './text-order.ts'

/** What is hashed of a node, in this order; each member in its own canonical form. */
const hashedMembers: { [Member in keyof SpecNode]?: (value: NonNullable<SpecNode[Member]>) => unknown } = {
  name: (name) => name,
  version: (version) => version,
  versions: (versions) => versions,
  arch: ({ platform, platform_os, target }) => ({ platform, platform_os, target: orderTarget(target) }),
  namespace: (namespace) => namespace,
  parameters: orderParameters,
  propagate: (names) => sortTexts(names),
  abstract: (names) => sortTexts(names),
  external: ({ path, module, extra_attributes }) => ({
    path,
    module: module ?? null,
    extra_attributes: sortMembers(extra_attributes ?? {}),
  }),
  concrete: (isConcrete) => (isConcrete ? undefined : false),
  patches: (patches) => patches,
  package_hash: (hash) => hash,
  dependencies: orderDependencies,
  build_spec: ({ name, hash }) => ({ name, hash }),
  annotations: ({ original_specfile_version, compiler }) => ({ original_specfile_version, compiler }),
}

/** How much of a spliced spec's hash is that of the spec as which it was built: tools look for prefixes of that length. */
const keptOfBuildSpec = 7

/** The hash that a node must have; its own `hash` is not looked at. */
export function computeHash(node: SpecNode): DagHash {
  const digest = base32(sha1Of(hashedText(node)))
  const kept = node.build_spec ? node.build_spec.hash.slice(-keptOfBuildSpec) : ''
  return (digest.slice(0, digest.length - kept.length) + kept) as DagHash
}

/** The text that is hashed. */
export function hashedText(node: SpecNode): string {
  const ordered: Record<string, unknown> = {}
  for (const [member, order] of Object.entries(hashedMembers) as [keyof SpecNode, (value: unknown) => unknown][]) {
    const value = node[member]
    if (value !== undefined && value !== null) ordered[member] = order(value)
  }
  return printJson(ordered)
}

function orderTarget(target: NonNullable<SpecNode['arch']>['target']): unknown {
  if (target === null || typeof target === 'string') return target
  const { name, vendor, features, generation, parents, cpupart } = target
  return { name, vendor, features: sortTexts(features), generation, parents, cpupart }
}

/** Variants by name, then flags by kind. */
function orderParameters(parameters: JsonObject): JsonObject {
  const names = objectEntries(parameters).map(([name]) => name)
  const variants = sortTexts(names.filter((name) => !isFlagKind(name)))
  const flags = names.filter(isFlagKind).sort()
  return makeObject([...variants, ...flags].map((name) => [name, objectMember(parameters, name)]))
}

function orderDependencies(dependencies: readonly NodeDependency[]): unknown[] {
  const ordered = dependencies.map(({ name, hash, parameters: { deptypes, virtuals, direct } }) => {
    const mask = deptypeMask(deptypes)
    const parameters = { deptypes: deptypeNames(mask), virtuals: sortTexts(virtuals), direct: direct || undefined }
    return { mask, entry: { name, hash, parameters } }
  })
  return ordered.sort((a, b) => compareTexts(a.entry.name, b.entry.name) || a.mask - b.mask).map(({ entry }) => entry)
}

function deptypeMask(names: readonly string[]): DeptypeMask {
  return names.reduce((mask, name) => mask | (deptypeBits[name as keyof typeof deptypeBits] ?? 0), 0)
}

/** With the members of all objects in it sorted by name. */
function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  if (!isObject(value)) return value
  const entries = objectEntries(value).map(([name, member]) => [name, sortMembers(member)] as const)
  return makeObject(entries.sort(([a], [b]) => compareTexts(a, b)))
}
