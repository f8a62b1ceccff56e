// Adding a spec to the database and taking it out, by Spack's rules: what is installed has a record, and so has all that it
// depends on, build dependencies included, installed or not; `refCount` counts the records that depend on one; a record
// that nothing refers to and that is not installed goes.

import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import type { Database, InstallRecord } from './database.ts'

/** A node as it stands in a file: as text, so that it is recorded unchanged, and parsed. */
export interface NodeSource {
  node: SpecNode
  text: string
}

export interface Registration {
  hash: DagHash
  prefix: string | null
  isExplicit: boolean
  timeSeconds: number
}

/** What registering must know of the world around the database. */
export interface RegistrationWorld {
  /** The prefix that a spec of this hash has by the store's projections. */
  prefixOf: (hash: DagHash) => string | null
  /** Whether `prefix` holds this very spec. */
  isPublished: (prefix: string, hash: DagHash) => boolean
  /** Whether another, read-only store has it: then no record is made here. */
  isUpstream: (hash: DagHash) => boolean
}

/**
 * Records that a spec is installed at `registration.prefix`, and what it depends on. `nodes` holds the spec and all that it
 * depends on. A spec that was explicit and installed before stays explicit. Throws SpackError `spec-incomplete` when a
 * node is missing, or depends on itself.
 */
export function registerSpec(
  database: Database,
  nodes: ReadonlyMap<DagHash, NodeSource>,
  registration: Registration,
  world: RegistrationWorld,
): void {
  const { hash, prefix, isExplicit, timeSeconds } = registration
  const known = database.record(hash)
  if (known) {
    const staysExplicit = known.isInstalled && known.isExplicit
    const changes = { isInstalled: true, path: prefix, timeSeconds, isExplicit: isExplicit || staysExplicit }
    database.change(hash, changes)
    return
  }
  requireWhole(nodes, hash)
  // The caller has just looked at this one.
  const isPublished = (path: string, other: DagHash) => other === hash || world.isPublished(path, other)
  addRecord(database, nodes, hash, timeSeconds, { ...world, isPublished })
  database.change(hash, { isInstalled: true, path: prefix, isExplicit })
}

/** Nothing is recorded of a spec whose nodes are not all there. */
function requireWhole(nodes: ReadonlyMap<DagHash, NodeSource>, root: DagHash): void {
  const done = new Set<DagHash>()
  const above = new Set<DagHash>()
  const visit = (hash: DagHash): void => {
    if (done.has(hash)) return
    const source = nodes.get(hash)
    if (!source || above.has(hash)) {
      const what = source ? 'depends on itself' : 'is missing among the nodes of what depends on it'
      throw new SpackError('spec-incomplete', `the spec \`/${hash}\` ${what}`)
    }
    above.add(hash)
    for (const child of childHashes(source.node)) visit(child)
    above.delete(hash)
    done.add(hash)
  }
  visit(root)
}

/**
 * Adds the record of a node after those of its children, as whatever they are found to be. What has no node gets none, and
 * neither has a child that an upstream has.
 */
export function addRecord(
  database: Database,
  nodes: ReadonlyMap<DagHash, NodeSource>,
  hash: DagHash,
  timeSeconds: number,
  world: RegistrationWorld,
  above: Set<DagHash> = new Set(),
): void {
  const source = nodes.get(hash)
  if (!source || database.has(hash) || above.has(hash)) return
  const children = childHashes(source.node)
  above.add(hash)
  for (const child of children) {
    if (!world.isUpstream(child)) addRecord(database, nodes, child, timeSeconds, world, above)
  }
  above.delete(hash)
  const { external } = source.node
  const path = external ? external.path : world.prefixOf(hash)
  const isInstalled = Boolean(external) || (path !== null && world.isPublished(path, hash))
  const fields = { path, isInstalled, timeSeconds, refCount: 0, isExplicit: false, deprecatedFor: null }
  database.insert(hash, source.text, fields)
  for (const child of children) addReferences(database, child, 1)
}

/**
 * Takes an installed spec out: its record goes, and with it those of dependencies that nothing else needs and that are not
 * installed. While other records refer to it, its own stays, as not installed.
 */
export function unregisterSpec(database: Database, hash: DagHash): void {
  const record = database.record(hash)
  if (!record) return
  if (record.refCount > 0) {
    database.change(hash, { isInstalled: false })
    return
  }
  removeRecord(database, hash)
}

function removeRecord(database: Database, hash: DagHash): void {
  const record = database.record(hash)!
  database.delete(hash)
  for (const child of referredHashes(record)) {
    addReferences(database, child, -1)
    const left = database.record(child)
    if (left && left.refCount <= 0 && !left.isInstalled) removeRecord(database, child)
  }
}

/** Counts all references anew. */
export function recount(database: Database): void {
  const counts = new Map<DagHash, number>()
  for (const record of database.records()) {
    for (const child of referredHashes(record)) counts.set(child, (counts.get(child) ?? 0) + 1)
  }
  for (const hash of database.hashes()) database.change(hash, { refCount: counts.get(hash) ?? 0 })
}

/** What a record counts as a reference to: what its spec depends on, and what that is deprecated for. */
const referredHashes = ({ node, deprecatedFor }: InstallRecord): DagHash[] => [
  ...childHashes(node),
  ...(deprecatedFor ? [deprecatedFor] : []),
]

/** The hashes of a node's direct dependencies, by any deptype. */
const childHashes = (node: SpecNode): DagHash[] =>
  (node.dependencies ?? []).map((dependency) => dependency.hash as DagHash)

function addReferences(database: Database, hash: DagHash, count: number): void {
  const record = database.record(hash)
  if (record) database.change(hash, { refCount: record.refCount + count })
}
