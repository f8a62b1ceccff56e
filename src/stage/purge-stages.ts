// Removing stages that nobody works in.

import { readdirSync, rmSync } from 'node:fs'
import { type Lock, noLock } from '../store/lock.ts'
import { stageIn, tryLockStage } from './stage-folder.ts'
import type { StageWorld } from './stage-world.ts'

const prefix = 'spack-stage-'

type PurgeWorld = Pick<StageWorld, 'warn' | 'useLocks'>

/** Removes all stages in a folder of stages; those that somebody works in stay, and are named. */
export function purgeStages(root: string, world: PurgeWorld): void {
  for (const name of readdirSync(root)) if (name.startsWith(prefix)) removeStage(root, name, world)
}

/** Removes one stage, unless somebody works in it. */
export function removeStage(root: string, name: string, world: PurgeWorld): void {
  const path = stageIn(root, name)
  const lock: Lock | undefined = world.useLocks === false ? noLock('write') : tryLockStage(root, name)
  if (!lock) {
    world.warn(`\`${path}\` stays: a process works in it`)
    return
  }
  try {
    rmSync(path, { recursive: true, force: true })
  } finally {
    lock.release()
  }
}
