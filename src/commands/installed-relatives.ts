// `spack dependencies -i`, `spack dependents -i`: relatives of an installed spec that are installed themselves.

import { formatSpec } from '../spec/format.ts'
import { dependencyHashes } from '../spec/node-dependencies.ts'
import type { DagHash, Deptype, Spec } from '../spec/spec.ts'
import type { Database } from '../store/database.ts'
import { listSpecs } from '../ui/spec-listing.ts'
import { type Arguments, flagOn } from './command.ts'
import { activeSpecs } from './environment-specs.ts'
import { briefListing, findOne, openInstalled } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { oneSpec } from './recipes.ts'

export async function listRelatives(
  invocation: Invocation,
  args: Arguments,
  direction: 'dependencies' | 'dependents',
  deptypes: readonly Deptype[],
): Promise<number> {
  const asked = oneSpec(args, `spack ${direction}`)
  const environment = await activeSpecs(invocation)
  const { installed, open } = await openInstalled(invocation, [asked])
  const { spec, record } = findOne(installed, asked, { hashes: environment?.hashes })
  if (invocation.stdoutWidth !== undefined) {
    const name = direction === 'dependencies' ? 'Dependencies' : 'Dependents'
    const text = formatSpec(spec, '{name}{@version}{/hash:7}{%compiler}', { colour: invocation.stdoutHasColour })
    invocation.print(`==> ${name} of ${text}\n`)
  }
  const next = direction === 'dependencies' ? childrenIn(open.database, deptypes) : parentsIn(open.database, deptypes)
  const specs = [...reach(record.hash, next, flagOn(args, 'transitive'))].flatMap((hash): Spec[] => {
    const found = installed.find({ hashes: new Set([hash]) })
    return found.map((each) => each.spec)
  })
  const listing = { ...briefListing(invocation), indent: 0 }
  invocation.print(specs.length ? listSpecs(specs, listing) : `No ${direction}\n`)
  return 0
}

type Neighbours = (hash: DagHash) => readonly DagHash[]

const childrenIn =
  (database: Database, deptypes: readonly Deptype[]): Neighbours =>
  (hash) => {
    const record = database.record(hash)
    return record ? dependencyHashes(record.node, deptypes) : []
  }

function parentsIn(database: Database, deptypes: readonly Deptype[]): Neighbours {
  const parents = new Map<DagHash, DagHash[]>()
  for (const record of database.records()) {
    for (const child of dependencyHashes(record.node, deptypes))
      parents.set(child, [...(parents.get(child) ?? []), record.hash])
  }
  return (hash) => parents.get(hash) ?? []
}

/** What is reached from a spec, without itself. */
function reach(start: DagHash, next: Neighbours, transitive: boolean): Set<DagHash> {
  const found = new Set(next(start))
  for (const hash of transitive ? found : []) for (const each of next(hash)) found.add(each)
  found.delete(start)
  return found
}
