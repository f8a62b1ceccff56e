// New environments: from nothing, a manifest, a lockfile or another environment. All that will be written is decided and
// checked first; the manifest, which makes a folder an environment, is written last.

import { cpSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import { writeAtomically } from '../config/edit.ts'
import { type ConfigMap, type ConfigNode, makeNode, plainValue } from '../config/node.ts'
import type { YamlDocument } from '../config/yaml-document.ts'
import { makeFolders } from '../folders.ts'
import { SpackError } from '../ui/error.ts'
import { type Environment, environmentAt, isEnvironmentDir, lockfileName, manifestName } from './environment.ts'
import { type Lockfile, type LockfileRoot, readLockfile, writeLockfile } from './lockfile.ts'
import { lockIncluded, readUserSpecs } from './manifest.ts'

export interface CreateOptions {
  /** Absolute path of a manifest, a lockfile (`.lock` or `.json`) or an environment's folder. */
  from?: string
  /** A path of the view, or false for none; undefined as the manifest has it. */
  view?: string | false
  /** Leave relative paths of `develop`, `repos` and `mirrors` as they are. */
  keepRelative: boolean
  /** Absolute paths of concretized environments to take over. */
  includeConcrete: readonly string[]
}

/** What creating needs of the program around it. */
export interface CreateWorld {
  environ: NodeJS.ProcessEnv
  environmentsRoot: string
  /** `concretizer:unify` of new manifests. */
  unify: boolean
  /** The configuration with an environment's manifest as a scope. */
  configurationOf: (environment: Environment) => Promise<Configuration>
}

/**
 * Makes an environment in `dir`. Throws SpackError `environment-exists`, `environment-source`, `include-concrete`, and
 * what is wrong with the manifest or lockfile that it is made from; nothing is written then.
 */
export async function createEnvironment(dir: string, options: CreateOptions, world: CreateWorld): Promise<Environment> {
  const environment = environmentAt(dir, world.environmentsRoot)
  refuseExisting(environment)
  const source = readSource(options.from)
  const manifest = await newManifest(source, options, world)
  const locked = includeLocked(source, options.includeConcrete)
  if (source?.kind !== 'lockfile' && source) await checkSource(source, world)
  makeFolders(dir)
  for (const { from, to } of filesToCopy(source, manifest, dir))
    cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  if (locked !== undefined) writeAtomically(environment.lockFile, locked)
  writeAtomically(environment.manifestFile, manifest.text)
  return environment
}

/** The manifest of an environment that is made from nothing. */
const defaultManifest = (
  unify: boolean,
): string => `# A Spack environment: the specs that are wanted, and settings that hold for them.
spack:
  # add package specs to the list
  specs: []
  view: true
  concretizer:
    unify: ${unify}
`

function refuseExisting({ dir, manifestFile, lockFile }: Environment): void {
  const found = [manifestFile, lockFile].find((file) => existsSync(file))
  if (found) {
    throw new SpackError('environment-exists', `there is an environment already: \`${found}\``, {
      hint: 'choose another name or folder, or remove that one first',
    })
  }
  const stat = statSync(dir, { throwIfNoEntry: false })
  if (!stat || stat.isDirectory()) return
  throw new SpackError('environment-exists', `\`${dir}\` is there and not a folder`, { hint: 'choose another folder' })
}

type Source =
  | { kind: 'manifest'; file: string; text: string }
  | { kind: 'lockfile'; file: string; text: string; lockfile: Lockfile }
  | { kind: 'environment'; file: string; text: string; lock: string | undefined }

function readSource(from: string | undefined): Source | undefined {
  if (from === undefined) return undefined
  const stat = statSync(from, { throwIfNoEntry: false })
  if (!stat) throw notASource(`there is no file or environment \`${from}\``)
  if (stat.isDirectory()) {
    const file = join(from, manifestName)
    if (!isEnvironmentDir(from)) throw notASource(`\`${from}\` is no environment: it has no \`${manifestName}\``)
    const lockFile = join(from, lockfileName)
    const lock = existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : undefined
    if (lock !== undefined) readLockfile(lock, lockFile)
    return { kind: 'environment', file, text: readFileSync(file, 'utf8'), lock }
  }
  const text = readFileSync(from, 'utf8')
  if (!['.lock', '.json'].includes(extname(from))) return { kind: 'manifest', file: from, text }
  return { kind: 'lockfile', file: from, text, lockfile: readLockfile(text, from) }
}

const notASource = (message: string): SpackError =>
  new SpackError('environment-source', message, {
    hint: 'name a manifest, a lockfile (`.lock` or `.json`), or an environment by its name or folder',
  })

/** Reads what a manifest asks for, where it stands, so that its errors come before anything is written. */
async function checkSource({ file }: Source, world: CreateWorld): Promise<void> {
  const environment = { ...environmentAt(dirname(file), world.environmentsRoot), manifestFile: file }
  await readUserSpecs(environment, await world.configurationOf(environment), world)
}

async function newManifest(
  source: Source | undefined,
  options: CreateOptions,
  world: CreateWorld,
): Promise<YamlDocument> {
  const { openYaml } = await import('../config/yaml-document.ts')
  const isOwn = source === undefined || source.kind === 'lockfile'
  const file = isOwn ? manifestName : source.file
  const document = openYaml(isOwn ? defaultManifest(world.unify) : source.text, file)
  const put = (key: string, value: Parameters<typeof makeNode>[0]) =>
    document.set(['spack', key], makeNode(value, { file, line: 0 }))
  if (source?.kind === 'lockfile') put('specs', specTexts(source.lockfile.roots))
  if (options.view !== undefined) put('view', options.view)
  if (options.includeConcrete.length) put('include_concrete', [...options.includeConcrete])
  if (source && !options.keepRelative) await makePathsAbsolute(document, source, world)
  return document
}

const specTexts = (roots: readonly LockfileRoot[]): string[] => [...new Set(roots.map(({ spec }) => spec))]

/** Paths that were meant from the folder of the old manifest, unless they stay within an environment that is copied whole. */
async function makePathsAbsolute(document: YamlDocument, source: Source, world: CreateWorld): Promise<void> {
  const folder = dirname(source.file)
  const places = [
    ...membersOf(document.get(['spack', 'develop'])).map((name) => ['spack', 'develop', name, 'path']),
    ...membersOf(document.get(['spack', 'repos'])).map((name) => ['spack', 'repos', name]),
    ...membersOf(document.get(['spack', 'mirrors'])).flatMap((name) =>
      urlsOfMirror.map((below) => ['spack', 'mirrors', name, ...below]),
    ),
  ]
  if (!places.length) return
  const configuration = await world.configurationOf({
    ...environmentAt(folder, world.environmentsRoot),
    manifestFile: source.file,
  })
  for (const place of places) {
    const node = document.get(place)
    if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value.startsWith('file://')) continue
    const path = configuration.substitute(node.value, folder)
    const isCopied = source.kind === 'environment' && path.startsWith(`${folder}/`)
    if (path !== node.value && !isCopied) document.set(place, { ...node, value: path })
  }
}

/** Where in the entry of a mirror there may be a URL or path. */
const urlsOfMirror: readonly (readonly string[])[] = [
  [],
  ['url'],
  ...['fetch', 'push'].flatMap((way) => [[way], [way, 'url']]),
]

const membersOf = (node: ConfigNode | undefined): string[] => (node?.kind === 'map' ? [...node.entries.keys()] : [])

/** The text of the new lockfile, or undefined when there is to be none. */
function includeLocked(source: Source | undefined, includeConcrete: readonly string[]): string | undefined {
  const text = source?.kind === 'lockfile' ? source.text : source?.kind === 'environment' ? source.lock : undefined
  if (includeConcrete.length === 0) return text
  const own = text === undefined ? undefined : readLockfile(text, source!.file)
  return writeLockfile({
    roots: own?.roots ?? [],
    nodes: own?.nodes ?? new Map(),
    includeConcrete: lockIncluded(includeConcrete),
  })
}

interface Copy {
  from: string
  to: string
}

/** Of an environment everything but what it keeps for itself; of a manifest what it includes from its own folder. */
function filesToCopy(source: Source | undefined, manifest: YamlDocument, dir: string): Copy[] {
  if (!source || source.kind === 'lockfile') return []
  const folder = dirname(source.file)
  if (source.kind === 'environment') {
    const left = new Set([manifestName, lockfileName, '.spack-env'])
    const names = readdirSync(folder).filter((name) => !left.has(name) && !isOfView(join(folder, name)))
    return names.map((name) => ({ from: join(folder, name), to: join(dir, name) }))
  }
  return includedPaths(manifest)
    .map((path) => ({ from: resolve(folder, path), to: resolve(dir, path) }))
    .filter(({ from, to }) => existsSync(from) && !existsSync(to) && !relative(dir, to).startsWith('..'))
}

/** The folder that a view is made in, or the link that leads there. */
const isOfView = (path: string): boolean =>
  basename(path).startsWith('._') || (lstatSync(path).isSymbolicLink() && readlinkSync(path).includes('/._'))

function includedPaths(manifest: YamlDocument): string[] {
  const list = manifest.get(['spack', 'include'])
  const items = list?.kind === 'list' ? list.items : []
  const texts = items.map((item) => plainValue(item.kind === 'map' ? pathOf(item) : item))
  return texts.filter((text): text is string => typeof text === 'string' && !isAbsolute(text) && !/[$~:]/.test(text))
}

const pathOf = (item: ConfigMap): ConfigNode =>
  item.entries.get('path')?.value ?? { kind: 'scalar', value: null, mark: item.mark }
