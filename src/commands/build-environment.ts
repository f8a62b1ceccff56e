// The environment in which a spec is built, made as a build makes it, but without building.

import { buildJob } from '../install/build-job.ts'
import { startBuildGuest } from '../recipes/build-guest.ts'
import type { BuildEnvironment, BuildNode } from '../recipes/build-protocol.ts'
import { openRecipes } from '../recipes/recipes.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { planSources } from '../stage/plan-sources.ts'
import { stagePath } from '../stage/stage-folder.ts'
import { stageSettings } from '../stage/stage-settings.ts'
import { openStore, prefixOf } from '../store/layout.ts'
import { SpackError } from '../ui/error.ts'
import { buildSettings } from './build-planning.ts'
import { configuration } from './configured.ts'
import { openInstalled } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { configuredMirrors } from './mirrors.ts'

/** Not by its name: what is a socket cannot be opened. */
const stderrDescriptor = 2

/**
 * Throws SpackError `build-environment` with what the recipe has against it, and what reading configuration and recipes throw.
 * What recipes print goes to standard error.
 */
export async function buildEnvironment(
  invocation: Invocation,
  spec: Spec,
  options: { dirty: boolean },
): Promise<BuildEnvironment> {
  const settled = await configuration(invocation)
  const { environ, say } = invocation
  const store = openStore(settled)
  const stages = stageSettings(settled, configuredMirrors(settled))
  const recipes = await openRecipes(settled, { environ, say })
  const { installed } = await openInstalled(invocation)
  try {
    const settings = buildSettings(settled, store, recipes, stages, environ)
    const path = stagePath(planSources(spec, recipes, stages))
    const specs = new Map(Array.from(traverseNodes([spec]), (each) => [each.concrete!.hash, each] as const))
    const job = buildJob({
      ...{ spec, specs: specs.values(), settings, environ },
      prefixOf: (hash) =>
        installed.locate(hash as never)?.record.path ?? prefixOf(store, specs.get(hash as never)!) ?? undefined,
      options: {
        tests: false,
        dirty: options.dirty || settings.dirty,
        until: null,
        stop_before: null,
        install_source: false,
      },
      stage: { path, source_path: `${path}/spack-src`, archive_file: null, resources: [] },
      jobs: { count: settings.jobs, fifo: '' },
    })
    const guest = startBuildGuest(job, {
      ...{ python: settings.python, cacheDir: settings.cache_dir, log: stderrDescriptor, specs },
      ...{ jobDescriptors: [], slots: { take: (most) => most, give: () => undefined }, onPhase: () => undefined },
    })
    try {
      const ready = await guest.ready
      const outcome = ready.kind === 'done' ? await guest.environment() : ready
      if (outcome.kind === 'done') return outcome.value as BuildEnvironment
      throw notMade(spec, outcome, job.nodes)
    } finally {
      await guest.end()
    }
  } finally {
    recipes.close()
  }
}

function notMade(
  spec: Spec,
  outcome: Awaited<ReturnType<typeof startBuildGuest>['ready']>,
  nodes: readonly BuildNode[],
): SpackError {
  const failure = outcome.kind === 'failed' ? outcome.failure : undefined
  const message = `the environment in which \`${spec.name}\` is built cannot be made: ${failure?.message ?? outcome.kind}`
  const hash = spec.concrete!.hash
  const isMissing = nodes.some((node) => !node.installed && node.hash !== hash)
  return new SpackError('build-environment', message, {
    ...(failure?.where ? { where: failure.where } : {}),
    ...(failure?.detail ? { detail: failure.detail } : {}),
    hint: isMissing
      ? `install what it depends on first: \`spack install --only dependencies /${hash.slice(0, 7)}\``
      : 'look at that line of the recipe, and at what `spack spec` says of the packages that it names',
  })
}
