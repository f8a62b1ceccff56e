// One spec: external → written down; there already → nothing; in a build cache → fetched, verified, unpacked, relocated,
// published, written down; otherwise → built from source (source-build.ts). It is safe to be killed at any instant, and to run beside any number of others.

import { rmSync } from 'node:fs'
import { damaged } from '../archive/tar-reader.ts'
import { type BinaryPolicy, noBinary, type Refusal, tryBinaries } from '../buildcache/binary.ts'
import { openTransport } from '../buildcache/transport.ts'
import type { SpecNode } from '../spec/node.ts'
import { recordIntent } from '../store/journal.ts'
import type { Lock } from '../store/lock.ts'
import { acquirePrefixLock, tryPrefixLock } from '../store/prefix-lock.ts'
import { timesPath } from '../store/prefix-metadata.ts'
import { type Store, storeFrom } from '../store/store.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import type { StoredArchive } from './archive/inflate.ts'
import { readArchive } from './archive/read-archive.ts'
import { relocateTree, useSbang } from './archive/relocate-tree.ts'
import type { Tree } from './archive/tree.ts'
import { writeTree } from './archive/write-tree.ts'
import { cleanUpBuild } from './build-prefix.ts'
import { readBuildinfo, relocationMap } from './buildinfo.ts'
import type { BuildOptions } from './install-flags.ts'
import type { PlannedSpec, StoredPlan } from './install-plan.ts'
import { installTimes, stopwatch } from './install-times.ts'
import { cleanUp, isInstalled, isPublished, openStaging, type PrefixPlace, prefixPlace, publish } from './publish.ts'
import { relocationError } from './relocation/refusal.ts'
import { placeSbang, sbangPath } from './sbang.ts'
import type { BuildWorld } from './source-build.ts'

export type CachePolicy = 'auto' | 'only' | 'never'

export interface InstallOptions {
  cachePolicy: CachePolicy
  /** Overrides what the mirrors say. */
  checkSignatures?: boolean
  overwrite: boolean
  build?: BuildOptions
}

/** The world outside: environment variables, what is said on the way, and how to wait without keeping others from working. */
export interface InstallWorld {
  environ: NodeJS.ProcessEnv
  /** One line about what is going on, for those who want to know, and for the log of a failure. */
  note: (line: string) => void
  /** As `note`, for what everybody should know. */
  warn: (line: string) => void
  /** Waits while the job slot is lent to others. */
  withoutSlot: <Result>(wait: () => Promise<Result>) => Promise<Result>
  /** What builds from source need in addition; without it there are binaries only. */
  building?: Pick<BuildWorld, 'openBuildPlan' | 'jobserver'>
}

export type InstallOutcome =
  | { kind: 'external' | 'upstream' | 'present' }
  | { kind: 'cached'; mirror: string; seconds: number }
  | { kind: 'built' | 'spliced'; seconds: number }

/** What is at hand for one spec. */
interface Job {
  plan: StoredPlan
  store: Store
  spec: PlannedSpec
  options: InstallOptions
  world: InstallWorld
}

/**
 * Installs a spec of a plan. Throws SpackError: `needs-source-build`, `build-spec-missing`, `relocation-refused`,
 * `archive-refused`, `archive-damaged`, `dependency-missing`, `prefix-taken`, `prefix-occupied`, `disk-full`, `store-unwritable`.
 */
export async function installSpec(
  plan: StoredPlan,
  spec: PlannedSpec,
  options: InstallOptions,
  world: InstallWorld,
): Promise<InstallOutcome> {
  const job: Job = { plan, store: storeFrom(plan.settings.store), spec, options, world }
  if (spec.kind === 'upstream') return { kind: 'upstream' }
  return await withStoreErrors(job, async () => {
    if (spec.kind === 'external') return await registerExternal(job)
    return await installPackage(job, prefixPlace(spec.hash, spec.prefix!))
  })
}

async function registerExternal({ store, spec }: Job): Promise<InstallOutcome> {
  const { parseJson } = await import('../spec/json.ts')
  const { hash, name, prefix, isExplicit, nodesText } = spec
  const nodes = parseJson(nodesText!) as SpecNode[]
  recordIntent(store, { hash, name, prefix, isExplicit, timeSeconds: Date.now() / 1000, nodes })
  return { kind: 'external' }
}

async function installPackage(job: Job, place: PrefixPlace): Promise<InstallOutcome> {
  const { spec, options } = job
  const isThere = () => !options.overwrite && isInstalled(spec.hash, spec.name, place.prefix)
  if (isThere()) return { kind: 'present' }
  const lock = await lockPrefix(job)
  try {
    cleanUpBuild(place)
    cleanUp(place)
    // Somebody else may have done it while we waited.
    if (isThere()) return { kind: 'present' }
    // With `--overwrite` the prefix may still be another's, which must not be overwritten.
    isInstalled(spec.hash, spec.name, place.prefix)
    requireDependencies(job)
    return await installFromCache(job, place)
  } finally {
    lock.release()
  }
}

async function lockPrefix({ store, spec, world }: Job): Promise<Lock> {
  return (
    tryPrefixLock(store, spec, 'write') ??
    (await world.withoutSlot(() => acquirePrefixLock(store, spec, 'write', (notice) => world.warn(notice))))
  )
}

/** Make sees to the order; whoever calls for one spec alone learns what is missing before anything is unpacked. */
function requireDependencies({ plan, spec }: Job): void {
  const missing = spec.needs.filter((hash) => {
    const prefix = plan.prefixOf(hash)
    return prefix !== undefined && !isPublished(prefix)
  })
  if (missing.length === 0) return
  const names = missing.map((hash) => `\`${plan.spec(hash)?.name ?? ''}/${hash.slice(0, 7)}\``)
  throw new SpackError('dependency-missing', `${shown(spec)} needs ${names.join(', ')}, not installed yet`, {
    hint: `install it with what it needs: \`spack -e ${plan.settings.environmentDir} install /${spec.hash.slice(0, 7)}\``,
  })
}

const shown = ({ name, version, hash }: PlannedSpec): string => `\`${name}@${version} /${hash.slice(0, 7)}\``

async function installFromCache(job: Job, place: PrefixPlace): Promise<InstallOutcome> {
  const { plan, spec, options, world } = job
  if (options.cachePolicy === 'never') return await withoutCache(job, place)
  const { mirrors, network, keyring } = plan.settings
  const policy: BinaryPolicy = {
    transport: openTransport(network, { environ: world.environ, say: world.warn }),
    keyring,
    userChecksPackage: true,
    ...(options.checkSignatures === undefined ? {} : { checkSignatures: options.checkSignatures }),
  }
  const watch = stopwatch()
  const answer = await tryBinaries(mirrors, spec.request!, policy, async (binary) => {
    watch.lap('search')
    world.note(`found in the mirror \`${binary.mirror.name}\`: ${binary.archive.url}`)
    await unpackAndPublish(job, place, binary.archive, watch)
    return binary.mirror.name
  })
  if (answer.kind === 'refused') return await withoutBinary(job, place, answer.refusals)
  for (const { mirror, problem, reason } of answer.refusals) {
    // That something is missing is no news, and of a silent server the transport tells once.
    if (problem !== 'missing' && problem !== 'unreachable')
      world.warn(`mirror \`${mirror}\` was passed over: ${reason}`)
  }
  return { kind: 'cached', mirror: answer.value, seconds: watch.total() }
}

async function unpackAndPublish(
  job: Job,
  place: PrefixPlace,
  stored: StoredArchive,
  watch: ReturnType<typeof stopwatch>,
): Promise<void> {
  const { plan, spec, store, world } = job
  openStaging(place)
  try {
    const archive = await readArchive(stored, {
      folder: place.staging,
      permissions: spec.permissions,
      checkSpec: (text) => requireSpec(spec, text),
    })
    watch.lap('extract')
    const buildinfo = await readBuildinfo(archive.buildinfo.toString())
    const sbang = sbangPath(store.unpaddedRoot)
    const { replacements = {}, kept = [] } = spec.builtAs ?? {}
    const prefixOf = (hash: string) => replacements[hash] ?? plan.prefixOf(hash)
    const map = relocationMap(buildinfo, { root: store.root, sbang, prefixOf })
    const refusals = relocateTree(archive.tree, place.staging, buildinfo, map)
    if (refusals.length > 0) throw relocationError(shown(spec), store.root, refusals)
    useSbang(archive.tree, place.staging, sbang)
    watch.lap('relocate')
    placeSbang(sbang)
    addTimes(archive.tree, installTimes(spec, watch))
    if (spec.builtAs) await (await import('./spliced.ts')).writeSpliced(plan, spec, archive.tree, place)
    else writeTree(archive.tree, place.staging, spec.permissions)
    for (const { name, prefix } of kept)
      world.warn(
        `${spec.name}: paths in \`${prefix}\` stay as they are, where the external \`${name}\` was that is replaced`,
      )
    const { hash, name, isExplicit } = spec
    // The intent comes first: a prefix that nobody has heard of would stay out of the database.
    recordIntent(store, { hash, name, prefix: place.prefix, isExplicit, timeSeconds: Date.now() / 1000 })
    publish(place, job.options.overwrite)
  } catch (error) {
    rmSync(place.staging, { recursive: true, force: true })
    throw error
  }
}

/** The signature is over the digest of an archive, not over the name that it was found by. */
function requireSpec(spec: PlannedSpec, text: string): void {
  const root = rootOf(text)
  const { name, hash } = spec.builtAs ? spec.request! : spec
  if (root.hash === hash && root.name === name) return
  const found = `\`${root.name ?? '?'}/${String(root.hash ?? '?').slice(0, 7)}\``
  throw new SpackError('wrong-package', `the archive that was found for ${shown(spec)} holds ${found}`, {
    hint: 'nothing was installed; somebody has put another package in its place in this mirror',
  })
}

function rootOf(text: string): Partial<SpecNode> {
  try {
    const root = JSON.parse(text)?.spec?.nodes?.[0]
    if (typeof root === 'object' && root !== null) return root
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw damaged('its `.spack/spec.json` is no spec file')
}

function addTimes(tree: Tree, text: string): void {
  const content = Buffer.from(text)
  tree.set(timesPath, { kind: 'file', path: timesPath, mode: 0o644, mtimeSeconds: 0, content, isChanged: true })
}

const needsSourceBuild = (job: Job, reason: string): SpackError =>
  new SpackError('needs-source-build', `${shown(job.spec)} cannot be installed: ${reason}`, {
    hint: 'push a binary of it to a mirror with Spack, or declare it as an external',
  })

const withoutCache = (job: Job, place: PrefixPlace): Promise<InstallOutcome> =>
  job.spec.builtAs ? spliceInstalled(job, place, []) : build(job, place)

/** Makes a spliced spec of its build spec, where that is installed in this store. */
async function spliceInstalled(job: Job, place: PrefixPlace, refusals: readonly Refusal[]): Promise<InstallOutcome> {
  const { plan, store, spec, world } = job
  const watch = stopwatch()
  const { missingBuildSpec, withPackedBuildSpec } = await import('./spliced.ts')
  const isThere = await withPackedBuildSpec(store, { spec, place }, world, async (stored) => {
    watch.lap('search')
    await unpackAndPublish(job, place, stored, watch)
  })
  if (!isThere) throw missingBuildSpec(plan, spec, refusals)
  return { kind: 'spliced', seconds: watch.total() }
}

/** Builds the spec, unless only a binary will do. What speaks against binaries that are there must be said. */
async function withoutBinary(job: Job, place: PrefixPlace, refusals: readonly Refusal[]): Promise<InstallOutcome> {
  if (job.spec.builtAs) return await spliceInstalled(job, place, refusals)
  if (job.options.cachePolicy === 'only' || !job.world.building) throw noBinary(job.spec.request!, refusals)
  for (const { mirror, problem, reason } of refusals) {
    if (problem !== 'missing' && problem !== 'unreachable')
      job.world.warn(`the binary in the mirror \`${mirror}\` is not used: ${reason}`)
  }
  try {
    return await build(job, place)
  } catch (error) {
    if (!(error instanceof SpackError) || error.code.startsWith('build-')) throw error
    // Nothing could be built either: then the mirrors are of interest.
    const { message, code, hint, where, detail } = error
    const both = [detail, noBinary(job.spec.request!, refusals).detail].filter(Boolean).join('\n')
    throw new SpackError(code, `there is no binary of ${shown(job.spec)}, and it cannot be built: ${message}`, {
      ...{ cause: error, detail: both },
      ...(hint ? { hint } : {}),
      ...(where ? { where } : {}),
    })
  }
}

async function build(job: Job, place: PrefixPlace): Promise<InstallOutcome> {
  const { plan, spec, options, world } = job
  if (!options.build || !world.building) throw needsSourceBuild(job, 'only binaries are to be installed')
  const { buildFromSource } = await import('./source-build.ts')
  const wanted = { ...options.build, overwrite: options.overwrite }
  return { kind: 'built', seconds: await buildFromSource(plan, spec, place, wanted, { ...world, ...world.building }) }
}

/** Faults of the disk as errors that name the store. */
async function withStoreErrors<Result>({ store, spec }: Job, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    const code = systemErrorCode(error)
    const options = { cause: error, detail: error instanceof Error ? `  ${error.message}` : undefined }
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new SpackError(
        'disk-full',
        `${shown(spec)} cannot be installed: the disk of the store \`${store.root}\` is full`,
        {
          ...options,
          hint: '`spack gc` removes what nothing needs any more; then run make again',
        },
      )
    }
    if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
      throw new SpackError(
        'store-unwritable',
        `${shown(spec)} cannot be installed: you may not write to the store \`${store.root}\``,
        {
          ...options,
          hint: 'look at its permissions, or use a store of your own (`config:install_tree:root`)',
        },
      )
    }
    throw error
  }
}
