// Has anything changed in a prefix since it was installed? Compares it with `PREFIX/.spack/install_manifest.json`.
//
// Format: absolute path → {mode, owner, group} and for files {hash, time, size}, for links {dest}; hash is the base32 (upper case)
// of the SHA-1, time is in seconds, mode is `st_mode` whole.
//
// A prefix from a build cache keeps the manifest of the machine where it was built. Spack reports every file of such a
// prefix as added; here the old prefix in the paths is read as the new one, and only what the way through the archive
// keeps is compared: content and target where nothing was relocated, kind, and whether a file is executable.

import { createHash } from 'node:crypto'
import { type BigIntStats, createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { base32 } from '../spec/base32.ts'
import { systemErrorCode } from '../ui/error.ts'
import { buildinfoPath, manifestPath, metadataDir, timesPath } from './prefix-metadata.ts'

export type Fault =
  | 'manifest missing'
  | 'manifest corrupted'
  | 'not owned by any package'
  | 'added'
  | 'deleted'
  | 'owner'
  | 'group'
  | 'mode'
  | 'link'
  | 'size'
  | 'mtime'
  | 'hash'

/** Path → what is wrong with it. */
export type Findings = Map<string, Fault[]>

interface ManifestEntry {
  mode: number
  owner: number
  group: number
  dest?: string
  hash?: string
  time?: number
  size?: number
}

interface Manifest {
  entries: Map<string, ManifestEntry>
  /** Whether it was written for another prefix, or on another machine. */
  isFromCache: boolean
  /** Paths below the prefix whose content or target was rewritten on the way. */
  relocated: ReadonlySet<string>
  /** The inodes of those files: only the first of several names is listed. */
  relocatedInodes: ReadonlySet<bigint>
}

const kindBits = 0o170000
const ownerExecutes = 0o100

/** What differs in a whole prefix, in the order of the walk; deleted files last. Empty: nothing. */
export async function checkPrefix(prefix: string): Promise<Findings> {
  const findings: Findings = new Map()
  const manifest = await readManifest(prefix)
  if (typeof manifest === 'string') return findings.set(prefix, [manifest])
  const expected = new Map(manifest.entries)
  for (const path of [...walk(prefix), prefix]) {
    if (isUnverified(prefix, path, manifest)) {
      expected.delete(path)
      continue
    }
    const faults = await checkEntry(prefix, path, expected.get(path), manifest)
    if (faults.length) findings.set(path, faults)
    expected.delete(path)
  }
  for (const path of expected.keys()) findings.set(path, ['deleted'])
  return findings
}

/** What differs in one file, by the manifest of the prefix that it is in. */
export async function checkFile(file: string): Promise<Findings> {
  const prefix = prefixAround(file)
  if (prefix === undefined) return new Map([[file, ['not owned by any package']]])
  const manifest = await readManifest(prefix)
  if (typeof manifest === 'string') return new Map([[file, [manifest]]])
  const entry = manifest.entries.get(file)
  if (!entry) return new Map([[file, ['not owned by any package']]])
  const faults = await checkEntry(prefix, file, entry, manifest)
  return faults.length ? new Map([[file, faults]]) : new Map()
}

/** The manifest of a prefix, its paths in terms of where the prefix is now; or what is wrong with it. */
async function readManifest(prefix: string): Promise<Manifest | 'manifest missing' | 'manifest corrupted'> {
  let stored: Record<string, ManifestEntry>
  try {
    stored = JSON.parse(readFileSync(join(prefix, manifestPath), 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return 'manifest corrupted'
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return 'manifest missing'
    throw error
  }
  if (typeof stored !== 'object' || stored === null) return 'manifest corrupted'
  // The prefix itself is listed, and no other path is shorter.
  const paths = Object.keys(stored)
  const oldPrefix = paths.reduce(
    (shortest, path) => (path.length < shortest.length ? path : shortest),
    paths[0] ?? prefix,
  )
  const relocated = await relocatedPaths(prefix)
  const entries = paths.map((path) => [join(prefix, relative(oldPrefix, path)), stored[path]!] as const)
  return {
    entries: new Map(entries),
    isFromCache: relocated !== undefined,
    relocated: relocated ?? new Set(),
    relocatedInodes: inodes(prefix, relocated ?? new Set()),
  }
}

function inodes(prefix: string, paths: ReadonlySet<string>): Set<bigint> {
  const stats = [...paths].map((path) => lstatSync(join(prefix, path), { bigint: true, throwIfNoEntry: false }))
  return new Set(stats.flatMap((stat) => (stat ? [stat.ino] : [])))
}

/** What a build cache's archive lists as to be relocated; undefined for a prefix that was built here. */
async function relocatedPaths(prefix: string): Promise<ReadonlySet<string> | undefined> {
  let text: string
  try {
    text = readFileSync(join(prefix, buildinfoPath), 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const { parse } = await import('yaml')
  const buildinfo = parse(text)
  const lists = [buildinfo?.relocate_textfiles, buildinfo?.relocate_binaries, buildinfo?.relocate_links]
  return new Set(lists.flatMap((list) => (Array.isArray(list) ? list.map(String) : [])))
}

function isUnverified(prefix: string, path: string, manifest: Manifest): boolean {
  const below = relative(prefix, path)
  // Times are written anew by each installation, so they are no part of what is verified.
  if (below === manifestPath || below.endsWith(basename(timesPath))) return true
  return manifest.isFromCache && below === buildinfoPath
}

async function checkEntry(
  prefix: string,
  path: string,
  expected: ManifestEntry | undefined,
  manifest: Manifest,
): Promise<Fault[]> {
  if (!expected) return ['added']
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (!stat) return ['deleted']
  if (!manifest.isFromCache) return await compareAll(path, stat, expected)
  return await compareAfterTransport(path, stat, expected, wasRelocated(relative(prefix, path), stat, manifest))
}

/**
 * Binaries in folders of `.spack` (kept tests) are relocated without being listed: there the time tells, which is 0 for
 * what was only unpacked.
 */
function wasRelocated(below: string, stat: BigIntStats, manifest: Manifest): boolean {
  if (manifest.relocated.has(below) || manifest.relocatedInodes.has(stat.ino)) return true
  return /^\.spack\/[^/]+\//.test(below) && stat.mtimeNs !== 0n
}

async function compareAll(path: string, stat: BigIntStats, expected: ManifestEntry): Promise<Fault[]> {
  const faults: Fault[] = []
  if (Number(stat.uid) !== expected.owner) faults.push('owner')
  if (Number(stat.gid) !== expected.group) faults.push('group')
  // Manifests of long ago have the mode of what a link points to.
  if (!stat.isSymbolicLink() && Number(stat.mode) !== expected.mode) return [...faults, 'mode']
  if (stat.isSymbolicLink() && readlinkSync(path) !== expected.dest) return [...faults, 'link']
  if (!stat.isFile()) return faults
  if (Number(stat.size) !== expected.size) faults.push('size')
  if (!isSameTime(Number(stat.mtimeNs) / 1e9, expected.time)) faults.push('mtime')
  if ((await digest(path)) !== expected.hash) faults.push('hash')
  return faults
}

async function compareAfterTransport(
  path: string,
  stat: BigIntStats,
  expected: ManifestEntry,
  isRelocated: boolean,
): Promise<Fault[]> {
  const mode = Number(stat.mode)
  if (stat.isSymbolicLink()) return isRelocated || readlinkSync(path) === expected.dest ? [] : ['link']
  if ((mode & kindBits) !== (expected.mode & kindBits)) return ['mode']
  if (!stat.isFile()) return []
  const faults: Fault[] = (mode & ownerExecutes) === (expected.mode & ownerExecutes) ? [] : ['mode']
  if (isRelocated) return faults
  if (Number(stat.size) !== expected.size) faults.push('size')
  if ((await digest(path)) !== expected.hash) faults.push('hash')
  return faults
}

/** Python's seconds are a float: what is left of the nanoseconds is good to a microsecond. */
const isSameTime = (seconds: number, expected: number | undefined): boolean =>
  expected !== undefined && Math.abs(seconds - expected) < 1e-6

async function digest(path: string): Promise<string> {
  const hash = createHash('sha1')
  await pipeline(createReadStream(path), hash)
  return base32(hash.digest()).toUpperCase()
}

function* walk(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) yield join(folder, entry.name)
  for (const entry of entries) if (entry.isDirectory()) yield* walk(join(folder, entry.name))
}

function prefixAround(file: string): string | undefined {
  for (let folder = join(file, '..'); ; folder = join(folder, '..')) {
    if (lstatSync(join(folder, metadataDir), { throwIfNoEntry: false })?.isDirectory()) return folder
    if (folder === join(folder, '..')) return undefined
  }
}
