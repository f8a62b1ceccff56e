// Writes `PREFIX/.spack/install_manifest.json`; `install-manifest.ts` has the format.

import { createHash } from 'node:crypto'
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { base32 } from '../spec/base32.ts'
import { manifestPath } from './prefix-metadata.ts'

type Entry = Record<string, number | string>

export interface ManifestOptions {
  mode: number
  /** Paths of files that will be renamed to paths of the prefix last of all: they are listed as if they were there. */
  waiting?: Readonly<Record<string, string>>
  /** The prefix that `folder` will become; itself when left out. */
  prefix?: string
}

/** Writes the manifest of a whole package into the folder that it is in. */
export function writeManifest(folder: string, options: ManifestOptions): void {
  const { mode, waiting = {}, prefix = folder } = options
  const entries: Record<string, Entry> = {}
  const buffer = Buffer.allocUnsafe(1 << 18)
  for (const path of walk(folder)) entries[prefix + path.slice(folder.length)] = entryOf(path, buffer)
  for (const [path, file] of Object.entries(waiting)) entries[path] = entryOf(file, buffer)
  entries[prefix] = entryOf(folder, buffer)
  writeFileSync(join(folder, manifestPath), JSON.stringify(entries), { mode })
}

function entryOf(path: string, buffer: Buffer): Entry {
  const stat = lstatSync(path, { bigint: true })
  const entry: Entry = { mode: Number(stat.mode), owner: Number(stat.uid), group: Number(stat.gid) }
  if (stat.isSymbolicLink()) return { ...entry, dest: readlinkSync(path) }
  if (!stat.isFile()) return entry
  // The float that Python makes of it: Spack compares it with its own.
  const time = Number(stat.mtimeNs / 1_000_000_000n) + 1e-9 * Number(stat.mtimeNs % 1_000_000_000n)
  return { ...entry, hash: digest(path, buffer), time, size: Number(stat.size) }
}

function digest(path: string, buffer: Buffer): string {
  const hash = createHash('sha1')
  const descriptor = openSync(path, 'r')
  try {
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, count))
    }
  } finally {
    closeSync(descriptor)
  }
  return base32(hash.digest()).toUpperCase()
}

function* walk(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true })
  for (const entry of entries) yield join(folder, entry.name)
  for (const entry of entries) if (entry.isDirectory()) yield* walk(join(folder, entry.name))
}
