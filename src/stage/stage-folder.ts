// The folder of a stage and its lock. Same places and bytes as Spack: one byte of `.lock` in the stages' folder each, at
// the number in the first 63 bits of the SHA-1 of the stage's name.

import { createHash } from 'node:crypto'
import { accessSync, constants, rmSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { makeFolders } from '../folders.ts'
import { acquireLock, type Lock, type LockRequest, noLock, tryLock } from '../store/lock.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import type { SourcePlan } from './source-plan.ts'
import type { StageWorld } from './stage-world.ts'

const usualLockTimeoutMs = 60_000
const lockBits = 63n

/** The first folder for stages that can be used; it is made if need be. Throws SpackError `stage-folder`. */
export function openStageRoot(roots: readonly string[]): string {
  const reasons: string[] = []
  for (const root of roots) {
    try {
      if (!statSync(root, { throwIfNoEntry: false })) makePrivateFolder(root)
      accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK)
      return root
    } catch (error) {
      if (systemErrorCode(error) === undefined || !(error instanceof Error)) throw error
      reasons.push(`  ${root}: ${error.message}`)
    }
  }
  throw new SpackError('stage-folder', 'there is no folder for stages that can be written', {
    detail: reasons.join('\n'),
    hint: 'name one: `spack config add "config:build_stage:[DIR]"`',
  })
}

/** What is made is for its user alone, from the part of the path on that has the user's name. */
function makePrivateFolder(root: string): void {
  makeFolders(dirname(root))
  makeFolders(root, 0o700)
}

/** The path that a stage has or would have. */
export function stagePath(plan: Pick<SourcePlan, 'stageRoots' | 'stageName'>): string {
  const usable = plan.stageRoots.find((root) => canBeUsed(root)) ?? plan.stageRoots[0] ?? '.'
  return stageIn(usable, plan.stageName)
}

/** Names come from templates of the configuration, so they may have several parts. */
export function stageIn(root: string, name: string): string {
  const path = join(root, name)
  if (path !== root && path.startsWith(root.endsWith(sep) ? root : root + sep)) return path
  throw new SpackError('stage-folder', `\`${name}\` is no name of a stage below \`${root}\``, {
    hint: 'see `spack config get config`, `stage_name`',
  })
}

function canBeUsed(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return true
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT' || dirname(path) === path) return false
    return canBeUsed(dirname(path))
  }
}

/** Makes the folder of a stage: readable for the user's group, as in Spack. */
export function makeStageFolder(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat && !stat.isDirectory()) rmSync(path)
  if (!stat?.isDirectory()) makeFolders(path, 0o750)
}

/** Waits for the lock of a stage. Throws SpackError `lock-timeout`. */
export async function lockStage(root: string, name: string, world: StageWorld): Promise<Lock> {
  if (world.useLocks === false) return noLock('write')
  const wait = () =>
    acquireLock(lockRequest(root, name), {
      timeoutMs: world.lockTimeoutMs ?? usualLockTimeoutMs,
      knob: 'config:package_lock_timeout',
      onWait: (notice) => world.warn(notice),
    })
  return tryLockStage(root, name) ?? (await (world.withoutSlot ? world.withoutSlot(wait) : wait()))
}

/** The lock of a stage if it is free, else undefined. */
export const tryLockStage = (root: string, name: string): Lock | undefined => tryLock(lockRequest(root, name))

const lockRequest = (root: string, name: string): LockRequest => ({
  file: join(root, '.lock'),
  range: { start: lockByte(name), length: 1n },
  mode: 'write',
  what: `the stage \`${name}\``,
})

function lockByte(name: string): bigint {
  const start = createHash('sha1').update(name).digest().readBigUInt64BE(0)
  return start >> (64n - lockBits)
}
