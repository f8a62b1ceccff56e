// Nodes of spec files before format 5, in the form of format 5. The hash of a node stays what it was.
//
//   format  Spack       a node is        a dependency is
//   1       to 0.16     {name: {…}}      name: {hash, type}
//   2, 3    0.17, 0.18  {name, …}        {name, hash or build_hash, type}
//   4       to 0.23     {name, …}        {name, hash, parameters: {deptypes, virtuals}}
//
// The compiler is a member of the node and no dependency; it becomes an annotation. All dependencies are direct ones.

import { SpackError } from '../ui/error.ts'
import { isObject, type JsonObject, objectEntries, objectMember } from './json.ts'
import type { NodeDependency, SpecNode } from './node.ts'

/** Members with a hash of a node; the first that a dependency has is the one by which nodes are found. */
const hashMembers = ['hash', 'full_hash', 'build_hash'] as const

/** Members of a node that are the same in all formats. */
const keptMembers = [
  'version',
  'versions',
  'arch',
  'namespace',
  'parameters',
  'external',
  'concrete',
  'patches',
  'package_hash',
] as const

interface LegacyNode {
  name: string
  data: JsonObject
}

/** The nodes of a file of format 1 to 4. Throws SpackError `specfile-invalid`. */
export function modernNodes(nodes: readonly unknown[], format: number): SpecNode[] {
  const legacy = nodes.map((node) => readLegacyNode(node, format))
  const dagHashes = new Map<string, string>()
  for (const { name, data } of legacy) {
    const hash = memberOf(data, 'hash')
    if (typeof hash !== 'string') throw invalid(`the node \`${name}\` has no hash`)
    for (const member of hashMembers) {
      const other = memberOf(data, member)
      if (typeof other === 'string') dagHashes.set(other, hash)
    }
  }
  return legacy.map((node) => modernNode(node, format, dagHashes))
}

const invalid = (problem: string): SpackError =>
  new SpackError('specfile-invalid', problem, { hint: 'the file is damaged, or no spec file of Spack' })

const memberOf = (value: unknown, name: string): unknown => (isObject(value) ? objectMember(value, name) : undefined)

function readLegacyNode(node: unknown, format: number): LegacyNode {
  const [name, data] = format === 1 && isObject(node) ? (objectEntries(node)[0] ?? []) : [memberOf(node, 'name'), node]
  if (typeof name !== 'string' || !isObject(data)) throw invalid('a node has no name')
  return { name, data }
}

function modernNode({ name, data }: LegacyNode, format: number, dagHashes: ReadonlyMap<string, string>): SpecNode {
  const find = (entry: unknown): string => {
    const hash = hashMembers.map((member) => memberOf(entry, member)).find((value) => typeof value === 'string')
    const found = typeof hash === 'string' ? dagHashes.get(hash) : undefined
    if (found === undefined) throw invalid(`the node \`${name}\` refers to a node that is not there`)
    return found
  }
  const node: Record<string, unknown> = { name }
  for (const member of keptMembers) {
    const value = memberOf(data, member)
    if (value !== undefined) node[member] = value
  }
  const dependencies = dependencyEntries(memberOf(data, 'dependencies'))
  if (dependencies.length) node.dependencies = dependencies.map((entry) => modernDependency(entry, find(entry)))
  const buildSpec = memberOf(data, 'build_spec')
  if (buildSpec) node.build_spec = { name: memberOf(buildSpec, 'name'), hash: find(buildSpec) }
  node.annotations = memberOf(data, 'annotations') ?? legacyAnnotations(data, format)
  node.hash = memberOf(data, 'hash')
  return node as unknown as SpecNode
}

/** Dependencies as objects with a name: a list as it is, the object of format 1 sorted by name. */
function dependencyEntries(value: unknown): object[] {
  if (Array.isArray(value)) return value.filter(isObject)
  if (!isObject(value)) return []
  const entries = objectEntries(value).map(([name, entry]) => ({ ...(entry as object), name }))
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function modernDependency(entry: object, hash: string): NodeDependency {
  const parameters = memberOf(entry, 'parameters')
  return {
    name: String(memberOf(entry, 'name')),
    hash,
    parameters: {
      deptypes: texts(parameters ? memberOf(parameters, 'deptypes') : memberOf(entry, 'type')),
      virtuals: texts(memberOf(parameters, 'virtuals')),
      direct: true,
    },
  }
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

function legacyAnnotations(data: JsonObject, format: number): SpecNode['annotations'] {
  const compiler = memberOf(data, 'compiler')
  const annotations: SpecNode['annotations'] = { original_specfile_version: format }
  if (compiler) annotations.compiler = `${memberOf(compiler, 'name')}@=${memberOf(compiler, 'version')}`
  return annotations
}
