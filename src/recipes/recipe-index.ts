// The index of a repository: brought up to date on opening, then read package by package.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { sha256Of } from '../digest.ts'
import { guestFolder } from '../program.ts'
import { specName } from '../spec/characters.ts'
import type { SpackError } from '../ui/error.ts'
import { willBeCurrent } from './background-stamps.ts'
import type { Declarations, LoadFailure, ReadFile } from './declaration.ts'
import { recipeFacts } from './facts.ts'
import { stampOf as fileStamp } from './file-stamps.ts'
import { loadingDigest } from './guest-digest.ts'
import { guestHost, loadRecipes } from './guest-process.ts'
import type { AddLines, Drafted } from './index-draft.ts'
import { type Glance, hasPlace, indexIn, makeGlance, placeAt, readGlance, writeGlance } from './index-glance.ts'
import { linkNeedsOf, linksOf, readLinks, writeLinks } from './index-links.ts'
import { isCurrent, writeStamps } from './index-stamps.ts'
import {
  type DetectionPatterns,
  type IndexedFile,
  type IndexedPackage,
  type IndexTable,
  openSegments,
  type Place,
  readTable,
  segmentEnds,
  tableFormat,
  withoutLost,
} from './index-table.ts'
import type { PackageNeeds, Recipe, RecipeTexts } from './recipe.ts'
import { packageFolders, packageName, type Repository } from './repository.ts'

export interface IndexOptions {
  /** The user's cache: the index lies below it in `recipes`. */
  userCache: string
  /** Repositories from which recipes may import, this one included. */
  importable: readonly Repository[]
  environ: NodeJS.ProcessEnv
  /** How long one recipe may take to load; a minute when absent. */
  timeoutMs?: number
  /** Told when there is so much to be loaded that the user will wonder. */
  say?: (text: string) => void
  /** Whether it may still turn out, by `isCurrent`, that an index is not up to date: it is looked at meanwhile. */
  isConfirmedLater?: boolean
}

export interface RecipeIndex {
  repository: Repository
  /** Whether it was up to date when it was opened. */
  isCurrent: () => boolean
  /** Names of all packages that could be loaded, sorted. */
  names: readonly string[]
  failures: readonly { name: string; message: string; where: string | null }[]
  /** What is wrong with packages that can be used all the same. */
  warnings: readonly { name: string; message: string; where: string }[]
  /** Names of the virtuals that packages of this repository provide. */
  virtuals: ReadonlySet<string>
  /** Names of the packages that provide virtuals, or stand for one. */
  providers: readonly string[]
  /** Names of the packages that may provide a virtual, sorted. */
  providersOf: (virtual: string) => readonly string[]
  has: (name: string) => boolean
  /** The tags of a package, as it writes them. */
  tags: (name: string) => readonly string[]
  /** Names of the packages that have tags. */
  tagged: () => readonly string[]
  /** How an installation of a package outside of the store is found; such packages are tagged `detectable`. */
  detection: (name: string) => DetectionPatterns | undefined
  /** The facts of a package as one line of JSON, without the marks of virtuals; undefined when there is none. */
  line: (name: string) => string | undefined
  /** The facts of a package; dependencies on virtuals are marked by `isVirtual`, which knows all repositories. */
  recipe: (name: string, isVirtual: (name: string) => boolean) => Recipe | undefined
  /** By name alone what a package may link to or run, and what it requires in any case, without reading its facts. */
  linkNeeds: (name: string) => PackageNeeds | undefined
  /** A digest of all files that the facts of a compiler were made from; undefined for other packages. */
  digest: (name: string) => string | undefined
  /** What a package says to people; undefined when there is none. */
  texts: (name: string) => RecipeTexts | undefined
  close: () => void
}

const limits = { timeoutMs: 60_000, manyRecipes: 500, manyUnsaved: 250 }

/** Opens the index of a repository, loading what changed since it was last opened. Throws SpackError `no-python`. */
export async function openIndex(repository: Repository, options: IndexOptions): Promise<RecipeIndex> {
  const folder = join(options.userCache, 'recipes', indexKey(repository, options.importable))
  const known = readGlance(folder)
  const open = (glance: Glance, current = () => true) => reader(repository, folder, glance, current)
  if (known && options.isConfirmedLater) return open(known, willBeCurrent(folder, repository))
  if (known && isCurrent(folder, repository)) return open(known)
  const old = usableTable(folder)
  const changes = old ? findChanges(repository, old) : null
  const table = old && changes === null ? old : await update(repository, folder, old, changes, options)
  const glance = makeGlance(folder, table)
  writeGlance(folder, glance)
  writeLinks(folder, table)
  writeStamps(folder, repository.root, table)
  return open(glance)
}

/** The table in a folder, without packages whose segments were lost or cut off: those are loaded again. */
function usableTable(folder: string): IndexTable | null {
  const table = readTable(folder)
  if (!table) return null
  const ends = segmentEnds(table)
  const isLost = table.segments.map((segment, index) => stampOf(join(folder, segment)).sizeBytes < ends[index]!)
  return isLost.includes(true) ? { ...withoutLost(table, isLost), packagesChangedMs: unsure } : table
}

function reader(repository: Repository, folder: string, glance: Glance, current: () => boolean): RecipeIndex {
  const segments = openSegments(folder, glance.segments)
  const all = glance.names === '' ? [] : glance.names.split('\n')
  const [virtuals, tags, detect, digests] = [glance.virtuals, glance.tags, glance.detect, glance.digests].map(
    (rows) => new Map<string, unknown>(rows),
  ) as [
    Map<string, readonly string[]>,
    Map<string, readonly string[]>,
    Map<string, DetectionPatterns>,
    Map<string, string>,
  ]
  /** Its place among all, of a package that could be loaded. */
  const indexOf = (name: string): number | undefined => {
    const index = indexIn(all, name)
    return index !== undefined && hasPlace(glance, index) ? index : undefined
  }
  const placeOf = (name: string): Place | undefined => {
    const index = indexOf(name)
    return index === undefined ? undefined : placeAt(glance, index)
  }
  const line = (name: string): string | undefined => {
    const place = placeOf(name)
    return place && segments.facts(place)
  }
  let names: readonly string[] | undefined
  let links: ReturnType<typeof readLinks>
  let providers: ReadonlyMap<string, readonly string[]> | undefined
  return {
    repository,
    isCurrent: current,
    get names() {
      names ??= all.filter((_, index) => hasPlace(glance, index))
      return names
    },
    failures: glance.failures,
    warnings: glance.warnings.flatMap(({ name, folder, messages }) =>
      messages.map((message) => ({ name, message, where: recipeFile(repository, folder) })),
    ),
    virtuals: new Set([...virtuals.values()].flat()),
    providers: [...virtuals.keys()],
    providersOf: (virtual) => (providers ??= providersByVirtual(virtuals)).get(virtual) ?? [],
    has: (name) => indexOf(name) !== undefined,
    tags: (name) => tags.get(name) ?? [],
    tagged: () => [...tags.keys()],
    detection: (name) => detect.get(name),
    line,
    digest: (name) => digests.get(name),
    texts: (name) => {
      const place = placeOf(name)
      return place && (JSON.parse(segments.texts(place)) as RecipeTexts)
    },
    recipe: (name, isVirtual) => {
      const text = line(name)
      return text === undefined ? undefined : markVirtuals(JSON.parse(text) as Recipe, isVirtual)
    },
    linkNeeds: (name) => {
      const index = indexOf(name)
      if (index === undefined) return undefined
      if (links === undefined)
        links = readLinks(folder, glance.table) ?? (() => linksOf(JSON.parse(line(name)!) as Recipe))
      return linkNeedsOf(links(index, name))
    },
    close: segments.close,
  }
}

/** Names of the packages that may provide each virtual, but for one that only stands for it. */
function providersByVirtual(virtuals: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const providers = new Map<string, string[]>()
  for (const [name, provided] of virtuals) {
    for (const virtual of provided) {
      if (virtual === name) continue
      const known = providers.get(virtual)
      if (known) known.push(name)
      else providers.set(virtual, [name])
    }
  }
  return providers
}

/** Marks the dependencies on virtuals of a recipe that was just read. */
function markVirtuals(recipe: Recipe, isVirtual: (name: string) => boolean): Recipe {
  for (const dependency of recipe.dependencies) {
    const { spec } = dependency
    if (isVirtual(specName(spec))) dependency.virtual = true
  }
  return recipe
}

/** What facts depend on besides the recipes: our code, the guest's that loads, the machine, other repositories. */
function indexKey(repository: Repository, importable: readonly Repository[]): string {
  const around = importable.map(({ namespace, root }) => `${namespace}\0${root}\0`).join('')
  const here = `${tableFormat}\0${process.platform}\0${process.arch}\0${repository.root}\0`
  const digest = sha256Of(`${here}${around}${loadingDigest(guestFolder())}`)
  return `${repository.namespace}-${digest.toString('hex').slice(0, 16)}`
}

/** A time of change that nothing has. */
const unsure = -2

interface Stamp {
  changedMs: number
  sizeBytes: number
}

function stampOf(path: string): Stamp {
  const [changedMs, sizeBytes] = fileStamp(path)
  return { changedMs, sizeBytes }
}

interface Changes {
  /** Folders of packages that must be loaded. */
  folders: readonly string[]
  /** Folders of packages that are no more. */
  gone: ReadonlySet<string>
  emptyFolders: readonly string[]
  packagesChangedMs: number
  /** The files as they are, with the digests of those whose content is the same. */
  files: readonly IndexedFile[]
}

/** What changed since the table was made; null when nothing did. */
function findChanges(repository: Repository, table: IndexTable): Changes | null {
  let touched = false
  const changed = new Set<number>()
  const files = table.files.map((file, index) => {
    const stamp = stampOf(resolve(repository.root, file.path))
    if (stamp.changedMs === file.changedMs && stamp.sizeBytes === file.sizeBytes) return file
    touched = true
    const sha256 = stamp.changedMs < 0 ? null : digest(readFileSync(resolve(repository.root, file.path)))
    if (sha256 !== file.sha256) changed.add(index)
    return { path: file.path, ...stamp, sha256 }
  })
  const packagesChangedMs = stampOf(repository.packages).changedMs
  const filled = table.emptyFolders.some((folder) => stampOf(recipeFile(repository, folder)).changedMs >= 0)
  const relisted = packagesChangedMs !== table.packagesChangedMs || filled
  if (!touched && !relisted) return null
  const listed = relisted ? listRecipes(repository) : null
  const present = listed && new Set(listed.folders)
  const isGone = (entry: IndexedPackage) =>
    present ? !present.has(entry.folder) : files[entry.files[0] ?? -1]?.changedMs === -1
  const gone = new Set(table.packages.filter(isGone).map(({ folder }) => folder))
  const known = new Set(table.packages.map(({ folder }) => folder))
  const stale = table.packages.filter(
    (entry) => !gone.has(entry.folder) && entry.files.some((each) => changed.has(each)),
  )
  const fresh = (listed?.folders ?? []).filter((folder) => !known.has(folder))
  return {
    folders: [...stale.map(({ folder }) => folder), ...fresh],
    gone,
    emptyFolders: listed?.emptyFolders ?? table.emptyFolders,
    packagesChangedMs,
    files,
  }
}

const digest = (content: Buffer): string => sha256Of(content).toString('hex')

const recipeFile = (repository: Repository, folder: string): string => join(repository.packages, folder, 'package.py')

function listRecipes(repository: Repository): { folders: string[]; emptyFolders: string[] } {
  const lists = { folders: [] as string[], emptyFolders: [] as string[] }
  for (const folder of packageFolders(repository)) {
    const isEmpty = stampOf(recipeFile(repository, folder)).changedMs < 0
    lists[isEmpty ? 'emptyFolders' : 'folders'].push(folder)
  }
  return lists
}

/** Loads what changed and writes the new table; from time to time what there is so far, for when it is killed. */
async function update(
  repository: Repository,
  folder: string,
  old: IndexTable | null,
  changes: Changes | null,
  options: IndexOptions,
): Promise<IndexTable> {
  const packagesChangedMs = changes?.packagesChangedMs ?? stampOf(repository.packages).changedMs
  const listed = changes ?? listRecipes(repository)
  const loading = new Set(listed.folders)
  const kept = (old?.packages ?? []).filter(
    (entry) => changes && !changes.gone.has(entry.folder) && !loading.has(entry.folder),
  )
  const files = new FileList(repository.root, changes?.files ?? [])
  if (loading.size >= limits.manyRecipes) {
    options.say?.(`loading ${loading.size} recipes of \`${repository.namespace}\` …\n`)
  }
  const { indexDraft } = await import('./index-draft.ts')
  const draft = indexDraft(folder, old, kept)
  const tableOf = ({ packages, segments }: Drafted, isWhole: boolean): IndexTable => {
    const { emptyFolders } = listed
    const ofFolder = { packagesChangedMs: isWhole ? packagesChangedMs : unsure, emptyFolders }
    return files.compact({ format: tableFormat, ...ofFolder, segments, packages })
  }
  let unsaved = 0
  try {
    await loadRecipes(repository.namespace, [...loading], guestOptions(options), (each) => {
      draft.add(indexPackage(repository, each, files, draft.addLines))
      unsaved += 1
      if (unsaved < limits.manyUnsaved) return
      unsaved = 0
      draft.save((drafted) => tableOf(drafted, false))
    })
    return draft.finish((drafted) => tableOf(drafted, true))
  } finally {
    draft.close()
  }
}

function guestOptions({ importable, environ, timeoutMs }: IndexOptions) {
  return {
    repositories: Object.fromEntries(importable.map(({ namespace, root }) => [namespace, root])),
    host: guestHost(),
    count: availableParallelism(),
    python: environ.SPACK_PYTHON || 'python3',
    timeoutMs: timeoutMs ?? limits.timeoutMs,
  }
}

function indexPackage(
  repository: Repository,
  loaded: Declarations | LoadFailure,
  files: FileList,
  addLines: AddLines,
): IndexedPackage {
  const [ownFile] = loaded.files
  const folder = 'failed' in loaded ? loaded.failed : folderOf(repository, ownFile![0])
  const own: ReadFile = [recipeFile(repository, folder), null]
  const entry = {
    name: packageName(folder),
    folder,
    files: files.add(ownFile?.[0] === own[0] ? loaded.files : [own, ...loaded.files]),
  }
  if ('failed' in loaded) return { ...entry, failure: { message: loaded.message, where: loaded.where ?? own[0] } }
  let described: { facts: Recipe; texts: RecipeTexts }
  try {
    described = recipeFacts(loaded)
  } catch (error) {
    if (!isSpackError(error)) throw error
    return { ...entry, failure: { message: error.message, where: error.where ?? own[0] } }
  }
  const { facts, texts } = described
  const provided = facts.provides.map(({ spec }) => specName(spec))
  const virtuals = [...new Set(facts.virtual ? [facts.name, ...provided] : provided)]
  const tags = facts.tags as readonly string[]
  const detect = facts.detect as DetectionPatterns | undefined
  const warnings = Object.entries(texts.url_failures ?? {}).map(
    ([version, message]) => `its rule for URLs fails for version ${version}: ${message}`,
  )
  return {
    ...entry,
    place: addLines(JSON.stringify(facts), JSON.stringify(texts)),
    ...(virtuals.length ? { virtuals } : {}),
    ...(tags.length ? { tags } : {}),
    ...(warnings.length ? { warnings } : {}),
    ...(detect ? { detect } : {}),
    ...linksOf(facts),
  }
}

const isSpackError = (error: unknown): error is SpackError => error instanceof Error && error.name === 'SpackError'

const folderOf = (repository: Repository, file: string): string => relative(repository.packages, file).split('/')[0]!

const clockToleranceMs = 50

/** The files of an index, each once. */
class FileList {
  private readonly root: string
  private readonly files: IndexedFile[]
  private readonly indices: Map<string, number>
  private readonly startedMs = Date.now()

  constructor(root: string, files: readonly IndexedFile[]) {
    this.root = root
    this.files = [...files]
    this.indices = new Map(files.map(({ path }, index) => [path, index]))
  }

  /** Indices of files that were just read. */
  add(read: readonly ReadFile[]): number[] {
    return read.map(([path, sha256]) => {
      const below = relative(this.root, path)
      const short = below.startsWith('..') || isAbsolute(below) ? path : below
      const known = this.indices.get(short)
      if (known !== undefined && (this.files[known]?.sha256 === sha256 || sha256 === null)) return known
      const index = known ?? this.files.length
      const stamp = stampOf(path)
      // What changed since may have been read before or after the change: such a stamp fits nothing, so that the
      // content is compared next time.
      if (stamp.changedMs >= this.startedMs - clockToleranceMs) stamp.changedMs = unsure
      this.files[index] = { path: short, ...stamp, sha256 }
      this.indices.set(short, index)
      return index
    })
  }

  /** The table with those files that packages still name. */
  compact(table: Omit<IndexTable, 'files'>): IndexTable {
    const renumbered = new Map<number, number>()
    const files: IndexedFile[] = []
    const packages = table.packages.map((entry) => ({
      ...entry,
      files: entry.files.map((index) => {
        const known = renumbered.get(index)
        if (known !== undefined) return known
        renumbered.set(index, files.length)
        return files.push(this.files[index]!) - 1
      }),
    }))
    return { ...table, files, packages }
  }
}
