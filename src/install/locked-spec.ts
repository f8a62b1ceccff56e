// A spec of the environment whose plan an installer has, whole: the few installations that need it read the lockfile.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockfileName } from '../environment/environment.ts'
import { allNodes, readLockfile } from '../environment/lockfile.ts'
import { readNodes, type SpecNode } from '../spec/node.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import type { StoredPlan } from './install-plan.ts'

/** The spec and all that it depends on, with what spliced ones were built as. */
export function readLockedSpec(plan: StoredPlan, hash: DagHash): Map<DagHash, Spec> {
  const file = join(plan.settings.environmentDir, lockfileName)
  const nodes = allNodes(readLockfile(readFileSync(file, 'utf8'), file))
  const wanted = new Map<string, SpecNode>()
  const collect = (at: string): void => {
    const node = nodes.get(at as DagHash)
    if (!node || wanted.has(at)) return
    wanted.set(at, node)
    for (const dependency of node.dependencies ?? []) collect(dependency.hash)
    if (node.build_spec) collect(node.build_spec.hash)
  }
  collect(hash)
  return readNodes(wanted.values())
}
