// Who needs whom among the records of a database.

import { dependencyHashes, runtimeDeptypes } from '../spec/node-dependencies.ts'
import type { DagHash, Deptype } from '../spec/spec.ts'
import type { Database, InstallRecord } from './database.ts'

/** What is installed and needs one of `hashes` at run time, directly or not, nearest first; none of `hashes` itself. */
export function installedDependents(database: Database, hashes: Iterable<DagHash>): InstallRecord[] {
  const parents = new Map<DagHash, InstallRecord[]>()
  for (const record of database.records()) {
    for (const child of dependencyHashes(record.node, runtimeDeptypes)) {
      parents.set(child, [...(parents.get(child) ?? []), record])
    }
  }
  const given = [...hashes]
  const visited = new Set(given)
  const dependents: InstallRecord[] = []
  for (const hash of given) {
    for (const parent of parents.get(hash) ?? []) {
      if (visited.has(parent.hash)) continue
      visited.add(parent.hash)
      if (parent.isInstalled) dependents.push(parent)
      // A list that grows while it is walked: breadth first.
      given.push(parent.hash)
    }
  }
  return dependents
}

/** What is installed and cannot be reached from `roots` by `deptypes`, in the order of the database. */
export function unneeded(database: Database, roots: Iterable<DagHash>, deptypes: readonly Deptype[]): InstallRecord[] {
  const needed = new Set(roots)
  for (const hash of needed) {
    const record = database.record(hash)
    for (const child of record ? dependencyHashes(record.node, deptypes) : []) needed.add(child)
  }
  return [...database.records()].filter((record) => record.isInstalled && !needed.has(record.hash))
}

/** Records of `hashes`, each before the records of what it depends on. */
export function dependentsFirst(database: Database, hashes: ReadonlySet<DagHash>): InstallRecord[] {
  const order: InstallRecord[] = []
  const visited = new Set<DagHash>()
  const visit = (hash: DagHash): void => {
    const record = visited.has(hash) ? undefined : database.record(hash)
    visited.add(hash)
    for (const dependency of record?.node.dependencies ?? []) visit(dependency.hash as DagHash)
    if (record && hashes.has(hash)) order.push(record)
  }
  for (const hash of hashes) visit(hash)
  return order.reverse()
}
