// Views: prefixes of an environment's packages merged in one tree. The view is made anew in a folder beside its root,
// `._NAME/HASH`, then the root, a symbolic link, is switched to it, then the old folder goes. So a view is whole at
// every instant, and a program that uses it sees the old or the new one.

import { createHash } from 'node:crypto'
import {
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { makeFolders } from '../folders.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { faultInWords } from '../ui/system-fault.ts'
import { buildView, type PlaceFile, placeHardlink, placeSymlink } from './view-build.ts'
import type { ViewDescriptor } from './view-descriptor.ts'
import { newestRuntimes, viewOrder } from './view-packages.ts'
import { clashingPlacements, fromBytes, planView, type ViewConflict, type ViewSource } from './view-plan.ts'

/** What a view is made from. */
export interface ViewContents {
  roots: readonly DagHash[]
  nodes: ReadonlyMap<DagHash, SpecNode>
  /** The prefix of a node that is installed. */
  prefixOf: (hash: DagHash) => string | undefined
  /** Whether the view's `select` and `exclude` let a node in. */
  isSelected: (hash: DagHash) => boolean
  /** The place of a node below the view's root, by the view's projections. */
  placementOf: (hash: DagHash) => string
  /** For a view of copies: how a file is copied into the view that will be found at `root`. */
  copyInto?: (root: string) => PlaceFile
}

export interface ViewOutcome {
  kind: 'unchanged' | 'made'
  packages: number
  /** Labels of packages that are recorded as installed and whose prefix is gone. */
  missing: string[]
}

/** Part of each view's hash: to be changed with the rules by which views are made. */
const rulesVersion = 1

/**
 * Brings a view up to date; does nothing when nothing would change. The caller holds the environment's lock. Throws
 * SpackError `view-clash` (two specs of one package in one place), `view-conflict` (a file where another package has a
 * directory), `view-not-empty` (the place is taken) or `view-write`; the old view then stays as it is.
 */
export function regenerateView(view: ViewDescriptor, contents: ViewContents): ViewOutcome {
  const { sources, missing } = presentSources(viewSources(view, contents))
  const next = join(generationsFolder(view.root), viewHash(view, sources))
  const outcome = { packages: sources.length, missing: missing.map(({ label }) => label) }
  if (onDisk(view, () => isFolder(next) && leadsTo(view.root, next))) return { kind: 'unchanged', ...outcome }
  onDisk(view, () => checkPlace(view.root))
  refuseClashes(view, sources)
  const plan = planView(sources)
  refuseConflicts(view, plan.conflicts)
  const place = { symlink: placeSymlink, hardlink: placeHardlink, copy: contents.copyInto?.(next) }[view.linkType]
  if (!place) throw new Error(`nobody can copy files into ${view.root}`)
  onDisk(view, () => {
    if (!isFolder(next)) makeGeneration(next, (folder) => buildView(plan, folder, view.linkType, place))
    switchRoot(view.root, next)
    removeOtherGenerations(next)
  })
  return { kind: 'made', ...outcome }
}

/** Removes a view: its root link and what it led to. */
export function removeView(root: string): void {
  const target = currentTarget(root)
  if (target === undefined) return
  rmSync(root)
  if (dirname(target) === generationsFolder(root)) rmSync(generationsFolder(root), { recursive: true, force: true })
}

/** The packages of a view, the first to be merged first. */
function viewSources(view: ViewDescriptor, contents: ViewContents): ViewSource[] {
  const { roots, nodes, prefixOf, isSelected, placementOf } = contents
  const isIn = ({ hash }: SpecNode) => isSelected(hash as DagHash) && prefixOf(hash as DagHash) !== undefined
  const packages = newestRuntimes(viewOrder(roots, nodes, view.link).filter(isIn))
  return packages
    .filter((node) => !node.external)
    .map((node) => {
      const hash = node.hash as DagHash
      const label = `${node.name}@=${node.version}/${hash.slice(0, 7)}`
      return { hash, label, name: node.name, prefix: prefixOf(hash)!, placement: placementOf(hash) }
    })
}

/** A prefix that is there; one that was installed again in the same place has another inode. */
interface PresentSource extends ViewSource {
  inode: string
}

function presentSources(sources: readonly ViewSource[]): { sources: PresentSource[]; missing: ViewSource[] } {
  const present: PresentSource[] = []
  const missing: ViewSource[] = []
  for (const source of sources) {
    const stat = statSync(source.prefix, { throwIfNoEntry: false, bigint: true })
    if (stat?.isDirectory()) present.push({ ...source, inode: String(stat.ino) })
    else missing.push(source)
  }
  return { sources: present, missing }
}

const generationsFolder = (root: string): string => join(dirname(root), `._${basename(root)}`)

/** Short on purpose: in a view of copies, strings in binaries have to hold the path of this folder. */
function viewHash({ root, linkType }: ViewDescriptor, sources: readonly PresentSource[]): string {
  const packages = sources.map(({ hash, prefix, placement, inode }) => [hash, prefix, placement, inode])
  // Only copies have the place of the view in them. A folder may be known by several paths.
  const content = [rulesVersion, linkType === 'copy' ? root : '', linkType, packages]
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)
}

/** Where the root leads to, as an absolute path; undefined when it is no link. */
function currentTarget(root: string): string | undefined {
  try {
    return resolve(dirname(root), readlinkSync(root))
  } catch (error) {
    if (['EINVAL', 'ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined
    throw error
  }
}

function leadsTo(root: string, folder: string): boolean {
  const target = currentTarget(root)
  return target !== undefined && isFolder(target) && realpathSync(target) === realpathSync(folder)
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** A link or an empty folder may be replaced by the view, anything else belongs to somebody. */
function checkPlace(root: string): void {
  const stat = lstatSync(root, { throwIfNoEntry: false })
  if (!stat || stat.isSymbolicLink()) return
  const isEmpty = stat.isDirectory() && readdirSync(root).length === 0
  if (isEmpty) return
  const what = stat.isDirectory() ? 'a folder that is not empty' : 'a file'
  throw new SpackError('view-not-empty', `the view \`${root}\` cannot be made: there is ${what}`, {
    hint: 'move it away, or choose another `root` for the view in `spack.yaml`',
  })
}

function refuseClashes(view: ViewDescriptor, sources: readonly ViewSource[]): void {
  const clashes = clashingPlacements(sources)
  if (clashes.length === 0) return
  throw new SpackError(
    'view-clash',
    `the view \`${view.root}\` cannot be made: two specs of one package would be in the same place`,
    {
      detail: clashes.map(([a, b]) => `    ${a.label} and ${b.label}`).join('\n'),
      hint: 'give them places of their own with `projections`, leave one out with `exclude`, set `concretizer:unify:true`, or do without with `view: false`',
    },
  )
}

const shownConflicts = 10

function refuseConflicts(view: ViewDescriptor, conflicts: readonly ViewConflict[]): void {
  if (conflicts.length === 0) return
  const lines = conflicts.slice(0, shownConflicts).map(({ path, first, second }) => {
    const owners = [first, second].map((origin) => `${fromBytes(origin.path)} of ${origin.source.label}`)
    return `    ${fromBytes(path)}:\n        ${owners.join('\n        ')}`
  })
  const more = conflicts.length - shownConflicts
  if (more > 0) lines.push(`    … and ${more} more`)
  throw new SpackError(
    'view-conflict',
    `the view \`${view.root}\` cannot be made: one package has a file or link where another has a folder`,
    {
      detail: lines.join('\n'),
      hint: 'leave one of the packages out with `exclude`, or place it elsewhere with `projections`',
    },
  )
}

/** Builds under another name first: what has its final name is whole. */
function makeGeneration(folder: string, build: (folder: string) => void): void {
  const unfinished = join(dirname(folder), `.new-${hostname()}-${process.pid}`)
  try {
    rmSync(unfinished, { recursive: true, force: true })
    makeFolders(unfinished)
    build(unfinished)
    renameSync(unfinished, folder)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw error
  }
}

function switchRoot(root: string, target: string): void {
  const link = join(dirname(target), `.link-${hostname()}-${process.pid}`)
  rmSync(link, { force: true })
  symlinkSync(target, link)
  if (lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) rmdirSync(root)
  renameSync(link, root)
}

/** Older generations, and what was left by processes that were killed. */
function removeOtherGenerations(current: string): void {
  const folder = dirname(current)
  for (const name of readdirSync(folder)) {
    if (name !== basename(current)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** Gives system errors the name of the view. */
function onDisk<Result>(view: ViewDescriptor, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (!systemErrorCode(cause)) throw cause
    const reason = faultInWords(cause as NodeJS.ErrnoException)
    throw new SpackError('view-write', `the view \`${view.root}\` cannot be written: ${reason}`, { cause })
  }
}
