// Where the plan of an environment is kept, and whether it still holds: below the environment itself, or, where nobody may
// write there, in the user's cache.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { systemErrorCode } from '../ui/error.ts'
import { type InstallPlan, openPlan, printPlan, type StoredPlan } from './install-plan.ts'
import { inputsHold } from './plan-inputs.ts'

export interface MadePlan {
  plan: InstallPlan
  /** Whether an input changed while the plan was made; then it is used once and not kept. */
  isDoubtful: boolean
}

const planName = 'install-plan'

/** The file below the folder of an environment. */
export const planFile = (environmentDir: string): string => join(environmentDir, '.spack-env', planName)

/** The file in the user's cache, for environments that cannot be written to. */
function cachedPlanFile(environmentDir: string, environ: NodeJS.ProcessEnv): string {
  const cache = environ.SPACK_USER_CACHE_PATH || join(environ.HOME ?? '/', '.spack')
  return join(cache, 'install-plans', encodeURIComponent(environmentDir))
}

/** The plan that is kept for an environment, if it holds. `word` is a folder. */
export function storedPlan(word: string, environ: NodeJS.ProcessEnv): StoredPlan | undefined {
  const dir = resolve(word)
  for (const file of [planFile(dir), cachedPlanFile(dir, environ)]) {
    const plan = openPlan(file)
    if (!plan) continue
    if (plan.settings.environmentDir === dir && inputsHold(plan.settings.inputs, environ)) return plan
    plan.close()
  }
  return undefined
}

/** Keeps a plan where it will be found, and opens it. */
export function keepPlan({ plan, isDoubtful }: MadePlan, environ: NodeJS.ProcessEnv): StoredPlan {
  const { environmentDir } = plan.settings
  const places = [planFile(environmentDir), cachedPlanFile(environmentDir, environ)]
  const bytes = printPlan(plan)
  let problem: unknown
  for (const file of places) {
    const written = `${file}.${process.pid}`
    try {
      mkdirSync(dirname(file), { recursive: true })
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
