// Concrete specs that are data: nodes with their edges, whose hashes are computed.

import { computeHash } from '../../src/spec/hash.ts'
import { readNodes, type SpecNode } from '../../src/spec/node.ts'
import { type DagHash, type Deptype, deptypeBits, type Spec } from '../../src/spec/spec.ts'

/**
 * What each `name@version` needs, dependencies before dependents; two of one name and version differ in what is behind a `#`.
 * Edges are words: `hwloc@2:bl` for build and link (`r` run, `t` test), `mpich@4:l=mpi` for a virtual.
 */
export type SmallDag = Readonly<Record<string, string>>

/** The specs of a DAG by their names in it. */
export function smallDag(dag: SmallDag): Record<string, Spec> {
  const nodes = new Map<string, SpecNode>()
  for (const [key, edges] of Object.entries(dag)) nodes.set(key, hashed(nodeOf(key, edges, nodes)))
  const specs = readNodes([...nodes.values()])
  return Object.fromEntries([...nodes].map(([key, { hash }]) => [key, specs.get(hash as DagHash)!]))
}

const hashed = (node: SpecNode): SpecNode => ({ ...node, hash: computeHash(node) })

function nodeOf(key: string, edges: string, nodes: ReadonlyMap<string, SpecNode>): SpecNode {
  const [name, version] = key.split(/[@#]/) as [string, string]
  return {
    ...{
      name,
      version,
      namespace: 'builtin',
      package_hash: `recipe of ${key}`,
      parameters: { build_system: 'generic' },
    },
    arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
    dependencies: (edges.match(/\S+/g) ?? []).map((edge) => {
      const [, child, types, virtuals] = /^(.*):([a-z]+)(?:=(.*))?$/.exec(edge)!
      const { name: childName, hash } = nodes.get(child!)!
      const parameters = { deptypes: deptypesOf(types!), virtuals: virtuals?.split(',') ?? [] }
      return { name: childName, hash: hash!, parameters }
    }),
    annotations: { original_specfile_version: 5 },
  }
}

const deptypesOf = (types: string): Deptype[] =>
  (Object.keys(deptypeBits) as Deptype[]).filter((name) => types.includes(name[0]!))
