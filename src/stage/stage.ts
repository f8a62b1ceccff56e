// The stage of a spec: fetch → expand → patch, each at most once. Safe to kill at any instant: sources appear under their
// name only when they are whole, and sources that were being patched are unpacked anew.

import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolders } from '../folders.ts'
import type { Lock } from '../store/lock.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { applyPatch } from './apply-patch.ts'
import { cleanGit } from './checkout-git.ts'
import { expand, moveTree } from './expand.ts'
import { type FetchPlace, fetchArchive } from './fetch-archive.ts'
import {
  checkoutFolder,
  fetchCheckout,
  freshCheckout,
  missingSubmodules,
  repositoryName,
  warnOfPacked,
} from './fetch-checkout.ts'
import { placeResource } from './place-resource.ts'
import type { ArchiveSource, PlannedPatch, PlannedResource, Source, SourcePlan } from './source-plan.ts'
import { lockStage, makeStageFolder, openStageRoot, stageIn } from './stage-folder.ts'
import type { StageWorld } from './stage-world.ts'

export interface Stage {
  /** The folder of the stage. */
  path: string
  /** The sources in it: `spack-src`, or the folder of a user who develops them. */
  sourcePath: string
  resources: readonly StagedResource[]
  /** Where the archive is once it was fetched; undefined for checkouts. */
  archiveFile: string | undefined
  isExpanded: () => boolean
  /** Fetches all archives and patches. Throws as `fetchArchive` and `fetchCheckout`. */
  fetch: () => Promise<void>
  /** Unpacks what was fetched, fetching what was not. */
  expand: () => Promise<void>
  /** Applies the patches after expanding, then the recipe's own function. Throws as `applyPatch`, and as the function. */
  patch: (patchFunction?: PatchFunction) => Promise<PatchOutcome>
  /** Sources as they were fetched. */
  restage: () => Promise<void>
  /** Removes the folder; the sources that a user develops stay. */
  remove: () => void
  /** Gives the lock back. */
  release: () => void
}

/** Runs a recipe's own `patch`, and says whether there was anything to run; `later`: somebody else will. */
export type PatchFunction = (() => Promise<boolean>) | 'later'

export type PatchOutcome = 'patched' | 'patched-before' | 'nothing-to-do'

/** Where a resource was unpacked; what has been put in its place is no longer there. */
export interface StagedResource {
  name: string
  path: string
  sourcePath: string
  archiveFile?: string
}

const sourceFolder = 'spack-src'
/** Notes about what was done to sources: Spack's, and that all but the recipe's own function is done. */
const notes = {
  files: '.spackmake_patch_files',
  patched: '.spack_patched',
  nothing: '.spack_no_patches',
  unfinished: '.spack_patch_failed',
}

interface Work {
  plan: SourcePlan
  world: StageWorld
  path: string
  sourcePath: string
  place: FetchPlace
}

/**
 * Opens the stage of a plan, making its folder and taking its lock; `path` is another folder than the usual. Throws SpackError
 * `stage-folder` and `lock-timeout`.
 */
export async function openStage(plan: SourcePlan, world: StageWorld, path?: string): Promise<Stage> {
  const root = path === undefined ? openStageRoot(plan.stageRoots) : undefined
  const folder = path ?? stageIn(root!, plan.stageName)
  const lock = root === undefined ? undefined : await lockStage(root, plan.stageName, world)
  const { name, version, hash } = plan.spec
  const shown = `${name}@${version}${hash ? ` /${hash.slice(0, 7)}` : ''}`
  const sourcePath = plan.source.kind === 'develop' ? plan.source.folder : join(folder, sourceFolder)
  const work: Work = { plan, world, path: folder, sourcePath, place: { folder, cache: plan.cache, shown } }
  try {
    withDisk(work, () => makeStageFolder(folder))
  } catch (error) {
    lock?.release()
    throw error
  }
  return stageOf(work, lock)
}

function stageOf(work: Work, lock: Lock | undefined): Stage {
  const { plan, path, sourcePath } = work
  const { source } = plan
  return {
    path,
    sourcePath,
    resources: plan.resources.map((resource) => stagedResource(work, resource)),
    archiveFile: source.kind === 'archive' ? join(path, source.fileName) : undefined,
    isExpanded: () => existsSync(sourcePath),
    fetch: () => onDisk(work, () => fetchAll(work)),
    expand: () => onDisk(work, () => expandAll(work)),
    patch: (patchFunction) => onDisk(work, () => patchAll(work, patchFunction)),
    restage: () => onDisk(work, () => restage(work)),
    remove: () => withDisk(work, () => rmSync(path, { recursive: true, force: true })),
    release: () => lock?.release(),
  }
}

async function fetchAll(work: Work): Promise<void> {
  const { plan, place, world } = work
  if (!needsFetching(plan.source)) return
  refuse(work)
  await fetchSource(work, plan.source, place)
  for (const resource of plan.resources) await fetchSource(work, resource.source, resourcePlace(work, resource))
  for (const patch of plan.patches) await patchFile(patch, work)
  world.progress?.({ url: '', receivedBytes: 0, sizeBytes: undefined, isOver: true })
}

const needsFetching = (source: Source): boolean => source.kind !== 'none' && source.kind !== 'develop'

function refuse({ plan }: Work): void {
  const [objection] = plan.objections
  if (objection) throw new SpackError(objection.code, objection.message, { hint: objection.hint })
}

async function fetchSource({ world }: Work, source: Source, place: FetchPlace): Promise<void> {
  if (source.kind === 'none' || source.kind === 'develop') return
  makeFolders(place.folder)
  if (source.kind === 'archive') await fetchArchive(source, place, world)
  else await fetchCheckout(source, place, world)
}

const resourceFolder = ({ path }: Work, { name }: PlannedResource): string =>
  join(path, 'resources', name.replace(/[^A-Za-z0-9_+.-]/g, '_').replace(/^\.+/, '_'))

const resourcePlace = (work: Work, resource: PlannedResource): FetchPlace => ({
  folder: resourceFolder(work, resource),
  cache: work.plan.cache,
  shown: `${work.place.shown}, resource \`${resource.name}\``,
})

function stagedResource(work: Work, resource: PlannedResource): StagedResource {
  const path = resourceFolder(work, resource)
  const { name, source } = resource
  const file = source.kind === 'archive' ? { archiveFile: join(path, source.fileName) } : {}
  return { name, path, sourcePath: join(path, sourceFolder), ...file }
}

async function expandAll(work: Work): Promise<void> {
  const { plan, sourcePath, path } = work
  const { source } = plan
  if (source.kind === 'develop') {
    if (existsSync(sourcePath)) return
    throw new SpackError('no-source', `\`${work.place.shown}\` is developed in \`${sourcePath}\`, which is not there`, {
      hint: 'see `spack develop`, or `dev_path` in the manifest',
    })
  }
  if (existsSync(sourcePath)) return
  if (source.kind === 'none') {
    makeFolders(sourcePath)
    return
  }
  await fetchAll(work)
  const container = join(path, 'spack-expanded-archive')
  const top = await expandSource(work, source, work.place, container)
  for (const resource of plan.resources) await expandResource(work, resource, top)
  moveTree(top, container, sourcePath)
}

/** The top of the unpacked tree, somewhere in `container`. */
async function expandSource(
  { world }: Work,
  source: Exclude<Source, { kind: 'none' | 'develop' }>,
  place: FetchPlace,
  container: string,
): Promise<string> {
  if (source.kind === 'archive') return await expand(await fetchArchive(source, place, world), source, container)
  const checkout = await fetchCheckout(source, place, world)
  if (checkout.kind === 'archive') {
    warnOfPacked(source, place, world)
    const tree = await expand(checkout.path, checkout.source, container)
    const missing = source.kind === 'git' ? missingSubmodules(source, tree) : []
    if (missing.length === 0) return tree
    world.say(`The packed checkout lacks ${missing.map((path) => `\`${path}\``).join(', ')}`)
  }
  const fresh = checkout.kind === 'archive' ? await freshCheckout(source, place, world) : checkout
  rmSync(container, { recursive: true, force: true })
  renameSync(fresh.path, container)
  return container
}

async function expandResource(work: Work, resource: PlannedResource, top: string): Promise<void> {
  const place = resourcePlace(work, resource)
  const container = join(place.folder, 'spack-expanded-archive')
  const tree = await expandSource(work, resource.source, place, container)
  const target = join(place.folder, sourceFolder)
  const name = resource.source.kind === 'git' ? repositoryName(resource.source.url) : nameBelow(container, tree)
  moveTree(tree, container, target)
  placeResource(resource, { tree: target, name, sources: top, shown: place.shown })
}

const nameBelow = (container: string, tree: string): string | null =>
  tree === container ? null : tree.slice(container.length + 1)

async function patchAll(work: Work, patchFunction?: PatchFunction): Promise<PatchOutcome> {
  const { plan, sourcePath, world } = work
  const note = (name: keyof typeof notes) => join(sourcePath, notes[name])
  if (plan.source.kind !== 'develop' && existsSync(note('unfinished'))) {
    // Sources in the middle of being patched are neither the one nor the other.
    world.say(`${work.place.shown}: patching was not finished last time; unpacking again`)
    await discardSources(work)
  }
  await expandAll(work)
  if (existsSync(note('patched'))) return 'patched-before'
  if (existsSync(note('nothing'))) return 'nothing-to-do'
  if (plan.patches.length === 0 && !patchFunction) return 'nothing-to-do'
  if (!existsSync(note('files'))) await applyFiles(work, note('unfinished'))
  const { length } = plan.patches
  if (patchFunction === 'later') {
    writeFileSync(note('files'), '')
    rmSync(note('unfinished'), { force: true })
    return length > 0 ? 'patched' : 'nothing-to-do'
  }
  writeFileSync(note('unfinished'), '')
  const hasRun = (await patchFunction?.()) ?? false
  const outcome = hasRun || length > 0 ? 'patched' : 'nothing'
  writeFileSync(note(outcome), '')
  rmSync(note('unfinished'), { force: true })
  rmSync(note('files'), { force: true })
  return outcome === 'patched' ? 'patched' : 'nothing-to-do'
}

/** All texts are there before the first is applied. */
async function applyFiles(work: Work, unfinished: string): Promise<void> {
  const { plan, sourcePath, place, world } = work
  const paths: string[] = []
  for (const patch of plan.patches) paths.push(await patchFile(patch, work))
  if (paths.length > 0) writeFileSync(unfinished, '')
  for (const [index, patch] of plan.patches.entries()) {
    applyPatch(patch, paths[index]!, sourcePath, place.shown)
    world.say(`Applied patch ${patch.shown}`)
  }
}

/** Where the text of a patch is, after fetching and unpacking it if need be. */
async function patchFile({ from, sha256, shown }: PlannedPatch, work: Work): Promise<string> {
  if (from.kind === 'file') return from.path
  const folder = join(work.path, 'patches', sha256)
  const place = { ...work.place, folder, shown: `${work.place.shown}, patch ${shown}` }
  makeFolders(folder)
  const file = await fetchArchive(from.source, place, work.world)
  return from.source.expand ? await onlyFile(file, from.source, folder) : file
}

async function onlyFile(file: string, source: ArchiveSource, folder: string): Promise<string> {
  const tree = await expand(file, source, join(folder, 'expanded'))
  const names = readdirSync(tree)
  if (names.length === 1) return join(tree, names[0]!)
  throw new SpackError('patch-failed', `the archive \`${file}\` of a patch holds ${names.length} files, and not one`)
}

async function restage(work: Work): Promise<void> {
  if (work.plan.source.kind === 'develop') return
  await discardSources(work)
  await expandAll(work)
}

/** A checkout is cleaned and not fetched again: a branch would have moved on, and the network may be gone. */
async function discardSources({ plan, path, sourcePath, place, world }: Work): Promise<void> {
  const checkout = join(path, checkoutFolder)
  if (plan.source.kind === 'git' && existsSync(join(sourcePath, '.git')) && !existsSync(checkout)) {
    await cleanGit(sourcePath, { cwd: path, environ: world.environ, shown: place.shown })
    renameSync(sourcePath, checkout)
  }
  rmSync(sourcePath, { recursive: true, force: true })
}

/** A full disk and missing rights as errors that name the stage. */
function diskError({ path, place }: Work, error: unknown): unknown {
  const code = systemErrorCode(error)
  const options = { cause: error, ...(error instanceof Error ? { detail: `  ${error.message}` } : {}) }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SpackError('disk-full', `\`${place.shown}\` cannot be staged: the disk of \`${path}\` is full`, {
      ...options,
      hint: '`spack clean --stage` removes old stages; `config:build_stage` names folders on other disks',
    })
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new SpackError('stage-unwritable', `\`${place.shown}\` cannot be staged: \`${path}\` may not be written`, {
      ...options,
      hint: 'look at its permissions, or choose another folder: `config:build_stage`',
    })
  }
  return error
}

function withDisk<Result>(work: Work, act: () => Result): Result {
  try {
    return act()
  } catch (error) {
    throw diskError(work, error)
  }
}

async function onDisk<Result>(work: Work, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    throw diskError(work, error)
  }
}
