// What commands about sources have in common: the flags, the plans of specs, and their stages.

import type { Transport } from '../buildcache/transport.ts'
import { openRecipes, type Recipes } from '../recipes/recipes.ts'
import type { Spec } from '../spec/spec.ts'
import { planWithRecipe } from '../stage/plan-sources.ts'
import type { SourcePlan } from '../stage/source-plan.ts'
import { openStage, type Stage } from '../stage/stage.ts'
import { type StageSettings, stageSettings } from '../stage/stage-settings.ts'
import type { StageWorld } from '../stage/stage-world.ts'
import type { Arguments, Flag } from './command.ts'
import { flagOn } from './command.ts'
import { configuration } from './configured.ts'
import { downloadProgress } from './download-progress.ts'
import type { Invocation } from './invocation.ts'
import { configuredMirrors, invocationTransport } from './mirrors.ts'

export const checksumFlag: Flag = {
  name: 'no-checksum',
  short: 'n',
  help: 'do not use checksums to verify downloaded files (unsafe)',
}

/** What a command about sources works with; to be closed. */
export interface SourceWork {
  settings: StageSettings
  recipes: Recipes
  transport: Transport
  world: StageWorld
  plan: (spec: Spec) => Promise<SourcePlan>
  /** Opens the stage of a plan; to be released. */
  open: (plan: SourcePlan, path?: string) => Promise<Stage>
  close: () => void
}

/** What the configuration says about sources. */
export async function sourceSettings(invocation: Invocation): Promise<StageSettings> {
  const settled = await configuration(invocation)
  return stageSettings(settled, configuredMirrors(settled))
}

/** Reads configuration and recipes. Throws as `openRecipes`. */
export async function openSourceWork(invocation: Invocation, args: Arguments): Promise<SourceWork> {
  const settled = await configuration(invocation)
  const base = await sourceSettings(invocation)
  const settings: StageSettings = {
    ...base,
    checksum: base.checksum && !flagOn(args, 'no-checksum'),
    allowDeprecated: base.allowDeprecated || flagOn(args, 'deprecated'),
  }
  const lockSeconds = settled.get('config:package_lock_timeout')
  const { environ, say } = invocation
  const recipes = await openRecipes(settled, { environ, say })
  const transport = await invocationTransport(invocation)
  const world: StageWorld = {
    environ,
    transport,
    say: (line) => say(`==> ${line}\n`),
    warn: (line) => say(`==> Warning: ${line}\n`),
    progress: downloadProgress(invocation),
    verifyTls: settled.get('config:verify_ssl') !== false,
    useLocks: settled.get('config:locks') !== false,
    ...(typeof lockSeconds === 'number' ? { lockTimeoutMs: lockSeconds * 1000 } : {}),
  }
  return {
    settings,
    recipes,
    transport,
    world,
    plan: (spec) => planWithRecipe(spec, recipes, settings, environ),
    open: (plan, path) => openStage(plan, world, path),
    close: recipes.close,
  }
}

/** Does something with the stage of a spec while its lock is held. */
export async function inStage<Result>(
  work: SourceWork,
  spec: Spec,
  act: (stage: Stage) => Promise<Result>,
  path?: string,
): Promise<Result> {
  const stage = await work.open(await work.plan(spec), path)
  try {
    return await act(stage)
  } finally {
    stage.release()
  }
}
