// What building specs of an environment from source takes, worked out once by the full program and kept beside the install
// plan: settings of builds, and where each spec's sources come from. Apart from the install plan because it asks recipes,
// which installing binaries never does. A cache like that one: when an input has changed it is made anew.

import type { GuestSettings } from '../recipes/build-protocol.ts'
import type { SourcePlan } from '../stage/source-plan.ts'
import { SpackError } from '../ui/error.ts'
import { readCached, writeCached } from '../whole-file.ts'
import { lockPlan, type PlanKey, planFile } from './plan-file.ts'
import { inputsHold, type PlanInputs } from './plan-inputs.ts'

export interface BuildSettings extends Omit<GuestSettings, 'repository'> {
  /** `config:build_jobs`, at most as many as there are processors. */
  jobs: number
  python: string
  locks: boolean
  dirty: boolean
  /** Put libraries' own paths into them as their names. */
  bind: boolean
  missingLibraries: 'ignore' | 'warn' | 'error'
  host: { os: string; platform: string; target: string; hostname: string }
  repositories: Readonly<Record<string, { root: string; api: string }>>
}

/** The sources of a spec, or why there are none. */
export type PlannedSources =
  | { kind: 'sources'; plan: SourcePlan }
  | { kind: 'refused'; code: string; message: string; hint?: string | undefined; where?: string | undefined }

export interface BuildPlan {
  inputs: PlanInputs
  settings: BuildSettings
  sources: Readonly<Record<string, PlannedSources>>
}

const formatVersion = 1

const buildPlanFile = (key: PlanKey): string => planFile(key).replace(/install-plan([^/]*)$/, 'build-plan$1')

/** The plan that is kept, if it holds and has the spec, or else a new one. */
export async function currentBuildPlan(
  key: PlanKey,
  hash: string,
  environ: NodeJS.ProcessEnv,
  make: () => Promise<BuildPlan>,
): Promise<BuildPlan> {
  const file = buildPlanFile(key)
  const current = (): BuildPlan | undefined => {
    const plan = readPlan(file)
    return plan?.sources[hash] && inputsHold(plan.inputs, environ) ? plan : undefined
  }
  const kept = current()
  if (kept) return kept
  // Of many installers one asks the recipes, and the others wait.
  const lock = await lockPlan(key, environ)
  try {
    const made = current() ?? (await make())
    // An environment that cannot be written to has its plans made each time.
    writeCached(file, { version: formatVersion, ...made })
    return made
  } finally {
    lock?.release()
  }
}

function readPlan(file: string): BuildPlan | undefined {
  const plan = readCached(file) as (BuildPlan & { version: number }) | null | undefined
  return plan?.version === formatVersion ? plan : undefined
}

/** The sources of a spec. Throws SpackError with what stood in the way of planning them. */
export function sourcesOf(plan: BuildPlan, hash: string): SourcePlan {
  const planned = plan.sources[hash]
  if (!planned) throw new Error(`the build plan lacks ${hash}`)
  if (planned.kind === 'sources') return planned.plan
  const { code, message, hint, where } = planned
  throw new SpackError(code, message, { ...(hint ? { hint } : {}), ...(where ? { where } : {}) })
}
