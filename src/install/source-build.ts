// A spec from its sources: stage → patch → phases in the guest → what has to be in `.spack` → published. It is safe to be
// killed at any instant; called with the prefix lock held.

import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openTransport } from '../buildcache/transport.ts'
import { clockMs } from '../clock.ts'
import { type ChildJobs, fatalSignals, type Jobserver, withJobs } from '../depfile/jobserver.ts'
import { type BuildGuest, type GuestOutcome, startBuildGuest } from '../recipes/build-guest.ts'
import type { Built, GuestOptions, JobStage } from '../recipes/build-protocol.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { openStage, type Stage } from '../stage/stage.ts'
import { recordIntent } from '../store/journal.ts'
import { storeFrom } from '../store/store.ts'
import { SpackError } from '../ui/error.ts'
import { buildFailure, stoppedBuild } from './build-failure.ts'
import { finishBuild } from './build-finish.ts'
import { buildJob } from './build-job.ts'
import { logName } from './build-log.ts'
import { type BuildPlan, sourcesOf } from './build-plan.ts'
import { abandonBuild, openBuildPrefix, publishBuild } from './build-prefix.ts'
import type { BuildOptions } from './install-flags.ts'
import type { PlannedSpec, StoredPlan } from './install-plan.ts'
import { joinStyle } from './job-style.ts'
import { readLockedSpec } from './locked-spec.ts'
import { isPublished, type PrefixPlace } from './publish.ts'

export interface BuildWorld {
  environ: NodeJS.ProcessEnv
  note: (line: string) => void
  warn: (line: string) => void
  withoutSlot: <Result>(wait: () => Promise<Result>) => Promise<Result>
  openBuildPlan: (plan: StoredPlan, hash: string, flags: { checksum: boolean }) => Promise<BuildPlan>
  jobserver: () => Promise<Jobserver | null>
}

/** One build and what is at hand for it. */
interface Build {
  plan: StoredPlan
  planned: PlannedSpec
  place: PrefixPlace
  options: BuildOptions
  world: BuildWorld
  buildPlan: BuildPlan
  /** The spec and all that it depends on. */
  specs: ReadonlyMap<DagHash, Spec>
  stage: Stage
}

/**
 * Builds and publishes a spec; gives the seconds that it took. Throws SpackError `build-failed` and `build-stopped`, what
 * fetching and patching throw, and `dependency-missing`.
 */
export async function buildFromSource(
  plan: StoredPlan,
  planned: PlannedSpec,
  place: PrefixPlace,
  options: BuildOptions & { overwrite: boolean },
  world: BuildWorld,
): Promise<number> {
  const startMs = clockMs()
  const buildPlan = await world.openBuildPlan(plan, planned.hash, { checksum: options.checksum })
  const specs = readLockedSpec(plan, planned.hash)
  requireBuildDependencies(plan, specs, planned)
  const { environ, note, warn, withoutSlot } = world
  const transport = openTransport(plan.settings.network, { environ, say: warn })
  const stageWorld = { environ, transport, say: note, warn, useLocks: buildPlan.settings.locks, withoutSlot }
  const stage = await openStage(sourcesOf(buildPlan, planned.hash), stageWorld)
  const build: Build = { plan, planned, place, options, world, buildPlan, specs, stage }
  try {
    await buildInStage(build, options.overwrite, startMs)
    if (!options.keepStage) stage.remove()
  } finally {
    stage.release()
  }
  return (clockMs() - startMs) / 1000
}

async function buildInStage(build: Build, overwrite: boolean, startMs: number): Promise<void> {
  const { place, planned, options, world } = build
  const root = build.specs.get(planned.hash)!
  openBuildPrefix(place, overwrite, planned.permissions.directoryMode)
  try {
    const { built, stageSeconds, log } = await runPhases(build)
    await finishBuild({
      ...{ place, planned, built, log, stageSeconds, startMs, spec: root },
      settings: build.buildPlan.settings,
      warn: world.warn,
    })
    const { hash, name, isExplicit } = planned
    const store = storeFrom(build.plan.settings.store)
    // The intent comes first: a prefix that nobody has heard of would stay out of the database.
    recordIntent(store, { hash, name, prefix: place.prefix, isExplicit, timeSeconds: Date.now() / 1000 })
    publishBuild(place)
  } catch (error) {
    abandonBuild(place, options.keepPrefix)
    throw error
  }
}

async function runPhases(build: Build): Promise<{ built: Built; stageSeconds: number; log: string }> {
  const { stage, options, world, planned } = build
  const startMs = clockMs()
  const log = join(stage.path, logName)
  if (!options.dontRestage) forgetSources(stage)
  const jobserver = await world.jobserver()
  const descriptor = openSync(log, 'w')
  const jobs = jobserver?.forChild(joinStyle(build.specs.get(planned.hash)!), world.environ)
  const guest = startGuest(build, descriptor, jobserver, jobs)
  const stopListening = endWithUs(guest)
  try {
    // Python starts while the sources are unpacked.
    await stage.expand()
    await expectDone(build, guest.ready, log)
    await stage.patch(async () => (await expectDone(build, guest.patch(), log)).ran)
    const stageSeconds = (clockMs() - startMs) / 1000
    const built = await expectDone(build, guest.build(), log)
    world.note(`${planned.name} was built in ${stage.path}`)
    return { built, stageSeconds, log }
  } finally {
    jobs?.release()
    await guest.end()
    stopListening()
    jobserver?.close()
    closeSync(descriptor)
  }
}

/** What a build before this one left in the sources must not become part of this one. */
function forgetSources(stage: Stage): void {
  if (stage.sourcePath.startsWith(`${stage.path}/`)) rmSync(stage.sourcePath, { recursive: true, force: true })
}

function startGuest(build: Build, log: number, jobserver: Jobserver | null, jobs: ChildJobs | undefined): BuildGuest {
  const { world, buildPlan, specs, stage } = build
  const held: ReturnType<Jobserver['tryAcquire']>[] = []
  const take = (most: number): number => {
    if (!jobserver) return most
    for (let count = 0; count < most; count++) {
      const token = jobserver.tryAcquire()
      if (token === null) return count
      held.push(token)
    }
    return most
  }
  const give = (count: number): void => {
    for (const token of held.splice(0, jobserver ? count : 0)) jobserver!.release(token!)
  }
  const environ = jobs?.environ ?? withJobs(world.environ, { kind: 'serial' })
  const job = buildJob({
    ...{ spec: specs.get(build.planned.hash)!, specs: specs.values(), prefixOf: build.plan.prefixOf, environ },
    settings: buildPlan.settings,
    options: guestOptions(build),
    stage: jobStage(stage),
    jobs: {
      count: build.options.jobs ?? buildPlan.settings.jobs,
      fifo: jobserver?.forChild('fifo', {}).environ.MAKEFLAGS ?? '',
    },
  })
  return startBuildGuest(job, {
    python: buildPlan.settings.python,
    cacheDir: buildPlan.settings.cache_dir,
    log,
    jobDescriptors: jobs?.descriptors ?? [],
    slots: { take, give },
    specs,
    ...(build.options.verbose ? { echo: (chunk: Buffer) => void process.stderr.write(chunk) } : {}),
    onPhase: (name) => world.note(`phase \`${name}\``),
  })
}

const jobStage = (stage: Stage): JobStage => ({
  ...{ path: stage.path, source_path: stage.sourcePath, archive_file: stage.archiveFile ?? null },
  resources: stage.resources.map(({ name, path, sourcePath, archiveFile }) => {
    return { name, path, source_path: sourcePath, archive_file: archiveFile ?? null }
  }),
})

const guestOptions = ({ options, planned, buildPlan }: Build): GuestOptions => ({
  tests: options.test === 'all' || (options.test === 'root' && planned.isExplicit),
  dirty: options.dirty ?? buildPlan.settings.dirty,
  until: options.until ?? null,
  stop_before: options.stopBefore ?? null,
  install_source: options.installSource,
})

/** When we are told to end, so is everything that builds. */
function endWithUs(guest: BuildGuest): () => void {
  const end = () => void guest.end()
  for (const signal of fatalSignals) process.on(signal, end)
  return () => {
    for (const signal of fatalSignals) process.off(signal, end)
  }
}

async function expectDone<Done>(build: Build, outcome: Promise<GuestOutcome<Done>>, log: string): Promise<Done> {
  const { planned, stage, options } = build
  const place = { planned, stagePath: stage.path, log, environmentDir: build.plan.settings.environmentDir }
  const ended = await outcome.catch((error: unknown) => {
    throw buildFailure(place, error)
  })
  if (ended.kind === 'done') return ended.value
  if (ended.kind === 'stopped') throw stoppedBuild(place, ended)
  throw buildFailure(place, ended.failure, options.debug)
}

/** Make sees to the order; whoever calls for one spec alone learns what is missing. */
function requireBuildDependencies(plan: StoredPlan, specs: ReadonlyMap<DagHash, Spec>, planned: PlannedSpec): void {
  const direct = specs.get(planned.hash)!.edges.map(({ child }) => child)
  const missing = direct.filter(({ concrete }) => {
    const prefix = plan.prefixOf(concrete!.hash)
    return prefix !== undefined && !isPublished(prefix)
  })
  if (missing.length === 0) return
  const names = missing.map(({ name, concrete }) => `\`${name}/${concrete!.hash.slice(0, 7)}\``).join(', ')
  const { name, version, hash } = planned
  throw new SpackError('dependency-missing', `\`${name}@${version} /${hash.slice(0, 7)}\` needs ${names} to be built`, {
    hint: `install it with what it needs: \`spack -e ${plan.settings.environmentDir} install /${hash.slice(0, 7)}\``,
  })
}
