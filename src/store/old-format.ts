// Nodes of specs that older versions of Spack installed, in the form in which today's database has them: the hash stays
// what it was, and the compiler, once a member of the node, becomes an annotation.
//
//   spec file  database  nodes are     a dependency is
//   1          5         {name: {…}}   name: {hash, type}
//   2, 3       6         {name, …}     {name, hash, type}
//   4          7         {name, …}     {name, hash, parameters: {deptypes, virtuals}}
//   5          8         {name, …}     the same; the compiler is a dependency

import { printJson } from '../spec/json.ts'
import type { NodeDependency, SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { Database, databaseVersion } from './database.ts'
import { replaceMembers } from './json-slices.ts'

/** Versions of the database and the format of the nodes in them. */
const nodeFormats: Readonly<Record<string, number>> = { 5: 1, 6: 3, 7: 4 }

/** The nodes of the text of a spec file of format 1 to 4. Throws SyntaxError when it is none. */
export function convertSpecFile(text: string): SpecNode[] {
  const spec = member(JSON.parse(text), 'spec')
  const format = isObject(spec) ? Number(member(spec._meta, 'version')) : 1
  const nodes = isObject(spec) ? spec.nodes : spec
  if (!Array.isArray(nodes)) throw new SyntaxError('it has no list of nodes')
  if (!(format >= 1 && format <= 5)) throw new SyntaxError(`its format ${format} is not known`)
  return nodes.map((node) => convertNode(node, format))
}

/** A database of version 5, 6 or 7 with its records as version 8 has them; one of version 8 as it is. */
export function inCurrentFormat(database: Database): Database {
  const format = nodeFormats[database.version]
  if (format === undefined || database.version === databaseVersion) return database
  const texts = database.hashes().map((hash): [DagHash, string] => {
    const raw = JSON.parse(database.nodeText(hash))
    const node = { ...convertNode(raw, format), hash }
    return [hash, replaceMembers(database.recordText(hash), new Map([['spec', printJson(node)]]))]
  })
  return new Database(database.file, database.version, texts)
}

/** One node in format 5. Its hash is the DAG hash; of other hashes that old files have nothing is kept. */
function convertNode(raw: unknown, format: number): SpecNode {
  const [name, data] = format === 1 && isObject(raw) ? (Object.entries(raw)[0] ?? []) : [member(raw, 'name'), raw]
  if (typeof name !== 'string' || !isObject(data)) throw new SyntaxError('a node has no name')
  if (format === 5) return data as unknown as SpecNode
  const { name: _, compiler, dependencies, annotations, hash, build_hash, full_hash, ...kept } = data
  const converted = dependencyEntries(dependencies).map(convertDependency)
  return {
    name,
    ...kept,
    ...(converted.length ? { dependencies: converted } : {}),
    annotations: isObject(annotations) ? annotations : legacyAnnotations(format, compiler),
    ...(typeof hash === 'string' ? { hash } : {}),
  } as SpecNode
}

function legacyAnnotations(format: number, compiler: unknown): SpecNode['annotations'] {
  const printed = isObject(compiler) ? { compiler: `${compiler.name}@=${compiler.version}` } : {}
  return { original_specfile_version: format, ...printed }
}

function dependencyEntries(dependencies: unknown): Record<string, unknown>[] {
  if (Array.isArray(dependencies)) return dependencies.filter(isObject)
  if (!isObject(dependencies)) return []
  const names = Object.keys(dependencies).sort()
  return names.map((name) => ({ ...(dependencies[name] as object), name }))
}

function convertDependency(entry: Record<string, unknown>): NodeDependency {
  const parameters = isObject(entry.parameters) ? entry.parameters : { deptypes: entry.type, virtuals: [] }
  const { deptypes, virtuals } = parameters
  // Before format 4 a dependency was found by one of several hashes; the first that is there is the DAG hash.
  const hash = entry.hash ?? entry.full_hash ?? entry.build_hash
  if (typeof hash !== 'string') throw new SyntaxError(`the dependency \`${entry.name}\` has no hash`)
  return { name: String(entry.name), hash, parameters: { deptypes, virtuals: virtuals ?? [] } as never }
}

const member = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
