// Concretizing an environment for good: its lockfile is replaced in one step, after everything went well.

import { writeAtomically } from '../config/edit.ts'
import type { Environment } from '../environment/environment.ts'
import { withEnvironmentLock } from '../environment/environment-lock.ts'
import { writeLockfile } from '../environment/lockfile.ts'
import { lockfileChanges } from '../environment/lockfile-changes.ts'
import { describeChanges } from '../environment/lockfile-changes-text.ts'
import { openStore } from '../store/configured-store.ts'
import type { Arguments } from './command.ts'
import { configurationOf } from './configured.ts'
import { type EnvironmentPlan, type PlanOptions, planLockfile } from './environment-plan.ts'
import type { Invocation } from './invocation.ts'
import { specTrees } from './spec-trees.ts'

/** Concretizes and writes the lockfile, unless it would stay the same. Throws as `planLockfile` and `writeAtomically`. */
export async function concretizeAndLock(
  invocation: Invocation,
  environment: Environment,
  options: PlanOptions,
): Promise<EnvironmentPlan> {
  const { locks } = openStore(await configurationOf(invocation, environment))
  return await withEnvironmentLock(environment, locks, async () => {
    const plan = await planLockfile(invocation, environment, options)
    // Also without roots: rules of make are about this file.
    writeAtomically(environment.lockFile, writeLockfile(plan.lockfile))
    return plan
  })
}

/** Prints what was concretized, and how the lockfile changed if there was one. */
export async function printPlan(
  invocation: Invocation,
  args: Arguments,
  { before, fresh, lockfile }: EnvironmentPlan,
): Promise<void> {
  const specs = [...new Set(fresh.map(({ concrete }) => concrete))]
  if (specs.length) {
    invocation.print(`==> Concretized ${specs.length} spec${specs.length === 1 ? '' : 's'}:\n`)
    const shown: Arguments = { ...args, flags: { ...args.flags, long: true } }
    invocation.print(await specTrees(invocation, shown, specs))
  }
  if (!before && !specs.length) invocation.print('==> No new specs to concretize\n')
  if (!before) return
  const changes = describeChanges(lockfileChanges(before, lockfile))
  invocation.print(
    changes.length ? `==> Changes: ${changes.join('\n')}\n` : '==> The lockfile says the same as before\n',
  )
}
