// Where the plan of an environment is kept, and whether it still holds: below the environment itself, or, where nobody may
// write there, in the user's cache.

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolders } from '../folders.ts'
import type { Lock } from '../store/lock.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type InstallPlan, openPlan, type PlanSettings, printPlan, type StoredPlan } from './install-plan.ts'
import { inputsHold } from './plan-inputs.ts'

export interface MadePlan {
  plan: InstallPlan
  /** Whether an input changed while the plan was made; then it is used once and not kept. */
  isDoubtful: boolean
}

/** Which plan of an environment is meant: settings of a command line make one of its own. */
export interface PlanKey {
  /** Absolute path. */
  environmentDir: string
  /** Global flags that change settings. */
  flags?: readonly string[]
}

const longestWaitMs = 60_000

/** The file below the folder of an environment. */
export const planFile = (key: PlanKey): string => join(key.environmentDir, '.spack-env', planName(key))

/** Names are as short as a file name must be, however long the flags are. */
function planName({ flags = [] }: PlanKey): string {
  if (flags.length === 0) return 'install-plan'
  const text = encodeURIComponent(flags.join(' '))
  return `install-plan-${text.length < 200 ? text : `${text.slice(0, 180)}${textSum(text)}`}`
}

/** Tells long texts apart well enough: a plan says itself which flags it is for. */
const textSum = (text: string): number =>
  [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 0)

/** The file in the user's cache, for environments that cannot be written to. */
function cachedPlanFile(key: PlanKey, environ: NodeJS.ProcessEnv): string {
  const cache = environ.SPACK_USER_CACHE_PATH || join(environ.HOME ?? '/', '.spack')
  return join(cache, 'install-plans', encodeURIComponent(key.environmentDir), planName(key))
}

const planFiles = (key: PlanKey, environ: NodeJS.ProcessEnv): string[] => [planFile(key), cachedPlanFile(key, environ)]

/** The plan that is kept, if it holds. */
export function storedPlan(key: PlanKey, environ: NodeJS.ProcessEnv): StoredPlan | undefined {
  for (const file of planFiles(key, environ)) {
    const plan = openPlan(file)
    if (!plan) continue
    // Another build of this program may have written other things; that shows in the inputs, which come first.
    if (inputsHold(plan.settings.inputs, environ) && isPlanOf(plan.settings, key)) return plan
    plan.close()
  }
  return undefined
}

const isPlanOf = ({ environmentDir, flags }: PlanSettings, key: PlanKey): boolean =>
  environmentDir === key.environmentDir && flags.join(' ') === (key.flags ?? []).join(' ')

/** The plan that is kept, or a new one. When make starts sixty-four installers, one of them makes it and the others wait. */
export async function currentPlan(
  key: PlanKey,
  environ: NodeJS.ProcessEnv,
  make: () => Promise<MadePlan>,
): Promise<StoredPlan> {
  const stored = storedPlan(key, environ)
  if (stored) return stored
  const lock = await lockPlan(key, environ)
  try {
    return (lock && storedPlan(key, environ)) ?? keepPlan(await make(), environ)
  } finally {
    lock?.release()
  }
}

/** Undefined where nothing can be locked: then everybody makes a plan of their own, which is no harm. */
export async function lockPlan(key: PlanKey, environ: NodeJS.ProcessEnv): Promise<Lock | undefined> {
  const { acquireLock } = await import('../store/lock.ts')
  for (const file of planFiles(key, environ)) {
    const request = {
      file: `${file}.lock`,
      range: { start: 0n, length: 0n },
      mode: 'write',
      what: 'the install plan',
    } as const
    try {
      return await acquireLock(request, { timeoutMs: longestWaitMs })
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
    }
  }
  return undefined
}

/** Keeps a plan where it will be found, and opens it. */
export function keepPlan({ plan, isDoubtful }: MadePlan, environ: NodeJS.ProcessEnv): StoredPlan {
  const bytes = printPlan(plan)
  let problem: unknown
  for (const file of planFiles(plan.settings, environ)) {
    const written = `${file}.${process.pid}`
    try {
      makeFolders(dirname(file))
      writeFileSync(written, bytes)
      const stored = openPlan(written)!
      // The opened file stays readable under whatever name.
      if (isDoubtful) rmSync(written)
      else renameSync(written, file)
      return stored
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error
      problem = error
    }
  }
  throw problem
}
