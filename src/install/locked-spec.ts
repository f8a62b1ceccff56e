// A spec of the environment whose plan an installer has, whole: the few installations that need it read the lockfile.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockfileName } from '../environment/environment.ts'
import { allNodes, readLockfile } from '../environment/lockfile.ts'
import { nodesBelow } from '../environment/lockfile-roots.ts'
import { readNodes } from '../spec/node.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import type { StoredPlan } from './install-plan.ts'

/** The spec and all that it depends on, with what spliced ones were built as. */
export function readLockedSpec(plan: StoredPlan, hash: DagHash): Map<DagHash, Spec> {
  const file = join(plan.settings.environmentDir, lockfileName)
  const nodes = allNodes(readLockfile(readFileSync(file, 'utf8'), file))
  return readNodes(nodesBelow(nodes, hash))
}
