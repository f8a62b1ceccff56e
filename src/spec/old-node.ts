// Nodes of formats 1 to 4 in format 5, as lockfiles, databases and spec files of older versions of Spack have them:
//
//   format  a node is  a dependency is
//   1       {name: {…}}  name: {hash or build_hash, type}
//   2       {name, …}    {name, build_hash, type}
//   3       {name, …}    {name, hash, type}
//   4       {name, …}    {name, hash, parameters: {deptypes, virtuals}}
//
// The hash stays what it was, and the compiler, once a member of the node, becomes an annotation.

import { isRecord } from './json.ts'

/** Members that name a node or a dependency, the one that counts first. Names other than the first are not kept. */
const hashMembers = ['hash', 'package_hash', 'full_hash', 'build_hash'] as const

export interface OldNodeOptions {
  /** Dependencies are marked as direct. Spack marks them when it reads lockfiles, and not in its database. */
  direct?: true
}

/**
 * A node in format 5, of which no more is checked than was needed to find its parts. Undefined when it is no node of that
 * format.
 */
export function currentNode(
  raw: unknown,
  format: number,
  options: OldNodeOptions = {},
): Record<string, unknown> | undefined {
  if (!isRecord(raw)) return undefined
  const [name, data] = format === 1 ? (Object.entries(raw)[0] ?? []) : [raw.name, raw]
  if (typeof name !== 'string' || !isRecord(data)) return undefined
  const { name: _, compiler, dependencies, build_spec, annotations, hash, full_hash, build_hash, ...kept } = data
  const edges = dependencyEntries(dependencies)?.map((entry) => currentDependency(entry, options))
  if (!edges || edges.includes(undefined)) return undefined
  const printed = isRecord(compiler) ? { compiler: `${compiler.name}@=${compiler.version}` } : {}
  return {
    name,
    ...kept,
    ...(edges.length ? { dependencies: edges } : {}),
    ...(isRecord(build_spec) ? { build_spec: { name: build_spec.name, hash: hashOf(build_spec) } } : {}),
    annotations: isRecord(annotations) ? annotations : { original_specfile_version: format, ...printed },
    ...(typeof hash === 'string' ? { hash } : {}),
  }
}

/** Dependencies as records with a name: a list as it is, an object (format 1) sorted by name. */
function dependencyEntries(value: unknown): unknown[] | undefined {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  if (!isRecord(value)) return undefined
  const names = Object.keys(value).sort()
  return names.map((name) => (isRecord(value[name]) ? { ...value[name], name } : undefined))
}

function currentDependency(entry: unknown, { direct }: OldNodeOptions): Record<string, unknown> | undefined {
  if (!isRecord(entry)) return undefined
  const { deptypes, virtuals } = isRecord(entry.parameters) ? entry.parameters : { deptypes: entry.type, virtuals: [] }
  const hash = hashOf(entry)
  if (typeof hash !== 'string') return undefined
  return { name: entry.name, hash, parameters: { deptypes, virtuals: virtuals ?? [], ...(direct ? { direct } : {}) } }
}

const hashOf = (entry: Record<string, unknown>): unknown =>
  entry[hashMembers.find((member) => entry[member] !== undefined) ?? 'hash']
