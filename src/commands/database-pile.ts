// Databases, of a store or in the index of a build cache, as piles of specs of which few are looked at: a record is found by
// the beginning of its text, and parsed when it is asked for.

import type { SpecPile } from '../concretize/spec-pile.ts'
import type { DagHash } from '../spec/spec.ts'
import type { Database, InstallRecord } from '../store/database.ts'

export interface DatabasePile extends SpecPile {
  hashes: () => DagHash[]
}

/** Records, and what can be told of them without parsing. */
export interface PileRecords {
  database: Database
  names?: ReadonlyMap<DagHash, string>
  systems?: readonly string[]
}

/** A pile that offers the records of which `isOffered` holds in one of the databases; the first that has one counts. */
export function databasePile(
  sources: readonly PileRecords[],
  isOffered: (record: InstallRecord) => boolean,
): DatabasePile {
  const byName = new Map<string, Set<DagHash>>()
  for (const { database, names } of sources) {
    for (const hash of database.hashes()) {
      const name = names?.get(hash) ?? database.nameOf(hash)
      const known = byName.get(name)
      if (known) known.add(hash)
      else byName.set(name, new Set([hash]))
    }
  }
  const records = (hash: DagHash) => sources.flatMap(({ database }) => database.record(hash) ?? [])
  const offered = (hash: DagHash) => records(hash).find(isOffered)
  return {
    hashes: () => [...byName.values()].flatMap((hashes) => [...hashes]),
    named: (name) => [...(byName.get(name) ?? [])].filter((hash) => offered(hash)),
    node: (hash) => (offered(hash) ?? records(hash)[0])?.node,
    systems: () => new Set(sources.flatMap(({ database, systems }) => systems ?? systemsIn(database))),
    isOfManifest: (hash) => offered(hash)?.origin === 'external-db',
  }
}

const systemsIn = (database: Database): string[] =>
  database.hashes().flatMap((hash) => /"platform_os":"([^"]*)"/.exec(database.recordText(hash))?.slice(1, 2) ?? [])
