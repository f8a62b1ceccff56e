// Lockfiles before version 6: their nodes in today's form.
//
//   version  nodes are            their keys are   a dependency is
//   1        {name: {…}}          DAG hashes       {name: {hash, type}}
//   2        {name: {…}}          build hashes     {name: {build_hash or hash, type}}
//   3        {name, …}            build hashes     {name, build_hash, type}
//   4        {name, …}            DAG hashes       {name, hash, type}
//   5        {name, …}            DAG hashes       {name, hash, parameters: {deptypes, virtuals}}
//
// Up to 5 the compiler is a member of the node and no dependency. What was needed at all was a direct dependency.

import type { NodeDependency, SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import type { LockfileRoot } from './lockfile.ts'
import { isRecord, type LockfileSource, lockfileFault } from './lockfile-checks.ts'

/** The format of a node in a lockfile of the version that is the index. */
const specfileVersions = [0, 1, 1, 2, 3, 4] as const

/** Members that hold a hash of a dependency, the one that counts first. */
const hashMembers = ['hash', 'package_hash', 'full_hash', 'build_hash'] as const

/** A node of a lockfile of version 1 to 5 in format 5; its dependencies by the keys of that file. Only in part checked. */
export function modernNode(
  raw: unknown,
  key: string,
  version: number,
  source: LockfileSource,
): Record<string, unknown> {
  const fail = () =>
    lockfileFault(source, `the node /${key} is not as lockfiles of format ${version} have it`, `"${key}"`)
  if (!isRecord(raw)) throw fail()
  const [name, data] = version <= 2 ? (Object.entries(raw)[0] ?? []) : [raw.name, raw]
  if (!isRecord(data)) throw fail()
  const { name: _, compiler, dependencies, build_spec, annotations, hash, full_hash, build_hash, ...kept } = data
  const entries = dependencyEntries(dependencies ?? [])
  const modern = entries?.map(modernDependency)
  if (!modern || modern.includes(undefined)) throw fail()
  const reference = isRecord(build_spec) ? { name: build_spec.name, hash: readHash(build_spec) } : undefined
  return {
    name,
    ...kept,
    ...(modern.length ? { dependencies: modern } : {}),
    ...(reference ? { build_spec: reference } : {}),
    annotations: annotations ?? {
      original_specfile_version: specfileVersions[version],
      ...(isRecord(compiler) ? { compiler: `${String(compiler.name)}@=${String(compiler.version)}` } : {}),
    },
    hash: hash ?? key,
  }
}

/** Dependencies as records with a name: a list as it is, an object (version 1 and 2) sorted by name. */
function dependencyEntries(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (!isRecord(value)) return undefined
  const names = Object.keys(value).sort()
  return names.map((name) => (isRecord(value[name]) ? { ...value[name], name } : undefined))
}

function modernDependency(entry: unknown): NodeDependency | undefined {
  if (!isRecord(entry)) return undefined
  const parameters = isRecord(entry.parameters) ? entry.parameters : { deptypes: entry.type, virtuals: [] }
  return {
    name: entry.name,
    hash: readHash(entry),
    parameters: { deptypes: parameters.deptypes, virtuals: parameters.virtuals, direct: true },
  } as NodeDependency
}

const readHash = (entry: Record<string, unknown>): unknown =>
  entry[hashMembers.find((member) => entry[member] !== undefined) ?? 'hash']

/**
 * Nodes by DAG hash instead of the keys of their file. Build hashes were finer than the DAG hashes of the time, so
 * several nodes may have one DAG hash: the one that is met first from the roots stays, as in Spack. What no root needs goes.
 */
export function keyByDagHash(
  roots: readonly LockfileRoot[],
  nodes: ReadonlyMap<DagHash, SpecNode>,
): { roots: LockfileRoot[]; nodes: Map<DagHash, SpecNode> } {
  const dagHash = (key: string): DagHash => (nodes.get(key as DagHash)?.hash ?? key) as DagHash
  const kept = new Map<DagHash, SpecNode>()
  const waiting = roots.map((root): string => root.hash).reverse()
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    const node = nodes.get(key as DagHash)
    if (!node || kept.has(dagHash(key))) continue
    const dependencies = node.dependencies?.map((entry) => ({ ...entry, hash: dagHash(entry.hash) }))
    kept.set(dagHash(key), dependencies ? { ...node, dependencies } : node)
    waiting.push(...(node.dependencies ?? []).map((entry) => entry.hash).reverse())
  }
  return { roots: roots.map((root) => ({ ...root, hash: dagHash(root.hash) })), nodes: kept }
}
