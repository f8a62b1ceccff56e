// After the last spec of an environment: whatever was installed is in the database, and the views show it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockfileName } from '../environment/environment.ts'
import { parseJson } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import type { Database } from '../store/database.ts'
import { journalIsEmpty } from '../store/journal.ts'
import { tryPrefixLock } from '../store/prefix-lock.ts'
import { registerSpec } from '../store/registration.ts'
import { nodeSources, readInstalledNodes } from '../store/spec-file.ts'
import { type Store, storeFrom } from '../store/store.ts'
import { changeDatabase, type OpenDatabase, readDatabase } from '../store/transaction.ts'
import { type Nodes, type StoreWorld, storeWorld } from '../store/world.ts'
import { cleanUpBuild, hasLeftovers } from './build-prefix.ts'
import type { PlannedSpec, StoredPlan } from './install-plan.ts'
import { cleanUp, isPublished, prefixPlace } from './publish.ts'

/** Registers what was installed, then brings the views of the environment up to date. Throws as `regenerateViews`. */
export async function finishInstall(
  plan: StoredPlan,
  talk: { note: (line: string) => void; say: (line: string) => void },
): Promise<void> {
  const open = await recordInstalled(plan, talk.note)
  if (plan.settings.views.length > 0) await updateViews(plan, open, talk.say)
}

async function updateViews(plan: StoredPlan, open: OpenDatabase, say: (line: string) => void): Promise<void> {
  const [{ regenerateViews, viewMessages }, { withEnvironmentLock }, { readLockfile }] = await Promise.all([
    import('../environment/environment-views.ts'),
    import('../environment/environment-lock.ts'),
    import('../environment/lockfile.ts'),
  ])
  const { views, environmentDir } = plan.settings
  const store = storeFrom(plan.settings.store)
  const file = join(environmentDir, lockfileName)
  const lockfile = readLockfile(readFileSync(file, 'utf8'), file)
  const environment = { name: environmentDir, metadataDir: join(environmentDir, '.spack-env') }
  const outcomes = await withEnvironmentLock(environment, store.locks, () =>
    // Variables were replaced when the plan was made.
    regenerateViews(views, { lockfile, store, open, substitute: (text) => text }),
  )
  for (const message of viewMessages(views, outcomes)) say(message)
}

/**
 * Folds the journal and registers what is there and has no record: externals, and prefixes whose intent was lost. Takes no lock
 * when there is nothing to do. Says what in the store cannot be read.
 */
export async function recordInstalled(plan: StoredPlan, note: (line: string) => void): Promise<OpenDatabase> {
  const store = storeFrom(plan.settings.store)
  const specs = plan.specs()
  // Not only when the journal has something: whoever asked for what is installed has folded it.
  for (const spec of specs) clearLeftovers(spec, store)
  const open = await readDatabase(store, plan.prefixOf)
  if (journalIsEmpty(store) && !specs.some((spec) => needsRecord(spec, open.database))) return open
  return await changeDatabase(store, async (database, writable) => {
    for (const problem of writable.folded.problems) note(problem.message)
    const missing = specs.filter((spec) => needsRecord(spec, database))
    const nodes = missing.map(nodesOf).filter((found) => found !== undefined)
    const world = await storeWorld(store, { upstreams: writable.upstreams, nodes, knownPrefix: plan.prefixOf })
    for (const spec of missing) registerPlanned(spec, database, world)
    return writable
  })
}

/** What an installer left that was killed when its package was already whole; nobody else comes by there any more. */
function clearLeftovers(spec: PlannedSpec, store: Store): void {
  if (spec.kind !== 'package') return
  const place = prefixPlace(spec.hash, spec.prefix!)
  if (!hasLeftovers(place) || !isPublished(place.prefix)) return
  const lock = tryPrefixLock(store, spec, 'write')
  if (!lock) return
  try {
    cleanUpBuild(place)
    cleanUp(place)
  } finally {
    lock.release()
  }
}

/** Whether a spec is there and the database does not say so, or does not say that it was asked for. */
function needsRecord(spec: PlannedSpec, database: Database): boolean {
  if (spec.kind === 'upstream') return false
  const record = database.record(spec.hash)
  const isThere = spec.kind === 'external' || isPublished(spec.prefix!)
  return isThere && (!record?.isInstalled || (spec.isExplicit && !record.isExplicit))
}

function registerPlanned(spec: PlannedSpec, database: Database, world: StoreWorld): void {
  const record = database.record(spec.hash)
  if (record?.isInstalled) {
    database.change(spec.hash, { isExplicit: true })
    return
  }
  const nodes = nodesOf(spec)
  // Another spec's prefix: whoever installs this one is told.
  if (!nodes?.has(spec.hash)) return
  const { hash, prefix, isExplicit } = spec
  registerSpec(database, nodes, { hash, prefix, isExplicit, timeSeconds: Date.now() / 1000 }, world.of(nodes))
}

function nodesOf(spec: PlannedSpec): Nodes | undefined {
  if (spec.nodesText !== undefined) return nodeSources(parseJson(spec.nodesText) as SpecNode[])
  const installed = readInstalledNodes(spec.prefix!)
  return installed?.root === spec.hash ? installed.nodes : undefined
}
