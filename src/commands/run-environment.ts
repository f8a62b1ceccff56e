// Asks the recipes of installed packages, in a Python process, what has to change so that the packages can be run.

import { lockfileSpecs } from '../environment/locked-specs.ts'
import { buildJob } from '../install/build-job.ts'
import { startBuildGuest } from '../recipes/build-guest.ts'
import type { RunEnvironment } from '../recipes/build-protocol.ts'
import type { Repository } from '../recipes/repository.ts'
import type { DagHash } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { stageSettings } from '../stage/stage-settings.ts'
import { SpackError } from '../ui/error.ts'
import { buildSettings } from './build-planning.ts'
import type { Invocation } from './invocation.ts'
import { configuredMirrors } from './mirrors.ts'
import type { Runnable } from './run-changes.ts'

/** What recipes print goes to standard error. Throws SpackError `run-environment` with what a recipe has against it. */
export async function askRecipes(
  { environ }: Invocation,
  { configuration, store, lockfile, prefixOf }: Runnable,
  roots: readonly DagHash[],
  repositories: readonly Repository[],
): Promise<RunEnvironment> {
  const stages = stageSettings(configuration, configuredMirrors(configuration))
  const settings = buildSettings(configuration, store, { repositories }, stages, environ)
  const locked = lockfileSpecs(lockfile)
  const chosen = roots.map((hash) => locked.get(hash)!)
  const specs = new Map(Array.from(traverseNodes(chosen), (each) => [each.concrete!.hash, each] as const))
  const job = buildJob({
    ...{ spec: chosen[0]!, specs: specs.values(), settings, environ },
    prefixOf: (hash) => prefixOf(hash as DagHash),
    options: { tests: false, dirty: true, until: null, stop_before: null, install_source: false },
    stage: { path: '', source_path: '', archive_file: null, resources: [] },
    jobs: { count: settings.jobs, fifo: '' },
  })
  const guest = startBuildGuest(
    { ...job, run: roots },
    {
      ...{ python: settings.python, cacheDir: settings.cache_dir, log: 2, specs },
      ...{ jobDescriptors: [], slots: { take: (most) => most, give: () => undefined }, onPhase: () => undefined },
    },
  )
  try {
    const ready = await guest.ready
    const outcome = ready.kind === 'done' ? await guest.runEnvironment() : ready
    if (outcome.kind === 'done') return outcome.value
    const { message, where } = outcome.kind === 'failed' ? outcome.failure : { message: outcome.phase, where: null }
    throw new SpackError('run-environment', `variables that recipes set are not set: ${message}`, {
      ...(where ? { where } : {}),
      hint: 'see the recipe: `spack edit NAME`; `--without-view` activates without what packages set',
    })
  } finally {
    await guest.end()
  }
}
