// Nodes of specs that older versions of Spack installed, in the form in which today's database has them (src/spec/old-node.ts).
//
//   spec file  database
//   1          5
//   2, 3       6
//   4          7
//   5          8

import { isRecord, printJson } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import { currentNode } from '../spec/old-node.ts'
import type { DagHash } from '../spec/spec.ts'
import { Database, databaseVersion } from './database.ts'
import { replaceMembers } from './json-slices.ts'

/** Versions of the database and the format of the nodes in them. */
const nodeFormats: Readonly<Record<string, number>> = { 5: 1, 6: 3, 7: 4 }

/** The nodes of the text of a spec file of format 1 to 4. Throws SyntaxError when it is none. */
export function convertSpecFile(text: string): SpecNode[] {
  const spec = member(JSON.parse(text), 'spec')
  const format = isRecord(spec) ? Number(member(spec._meta, 'version')) : 1
  const nodes = isRecord(spec) ? spec.nodes : spec
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
  const node = format === 5 ? raw : currentNode(raw, format)
  if (!isRecord(node) || typeof node.name !== 'string') throw new SyntaxError(`a node is not of format ${format}`)
  return node as unknown as SpecNode
}

const member = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined)
