// A prefix → the archive of a build cache: a reproducible tar.gz whose last member, `.spack/binary_distribution`, says
// which files must be relocated. Format: conformance `buildcache/README.md`, "Archive"; the same as Spack's
// `application/vnd.spack.install.v2.tar+gzip`.

import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { constants, createGzip } from 'node:zlib'
import { type TarMember, tarEnd, tarMember } from '../archive/tar-writer.ts'
import { buildinfoPath, metadataDir } from '../store/prefix-metadata.ts'
import { SpackError } from '../ui/error.ts'
import { fileKind, linkMentionsPrefix, mentionsPrefix } from './relocation-listing.ts'

export interface PackOptions {
  /** The prefix to pack, absolute. */
  prefix: string
  storeRoot: string
  /** Where the tool itself lies; an old prefix that relocation also knows. */
  spackPrefix: string
  sbangPath: string
  /** Prefixes by DAG hash: the package itself, its link dependencies and direct run dependencies; no externals. */
  hashToPrefix: ReadonlyMap<string, string>
  /** The file to write. */
  archive: string
}

export interface PackedArchive {
  /** Of the compressed bytes. */
  sizeBytes: number
  sha256: string
}

interface Listing {
  relocate_binaries: string[]
  relocate_links: string[]
  relocate_textfiles: string[]
}

/** Packs a prefix. Throws SpackError `pack-unsupported` for a prefix that is not absolute; system errors pass through. */
export async function packPrefix(options: PackOptions): Promise<PackedArchive> {
  if (!options.prefix.startsWith('/')) {
    throw new SpackError('pack-unsupported', `cannot pack \`${options.prefix}\`: a prefix is an absolute path`)
  }
  const listing: Listing = { relocate_binaries: [], relocate_links: [], relocate_textfiles: [] }
  const prefixes = [...new Set([...options.hashToPrefix.values(), options.sbangPath, options.storeRoot])]
  const sink = archiveSink(options.archive)
  try {
    for (const member of prefixMembers(options.prefix, prefixes, listing)) await sink.write(tarMember(member))
    const content = Buffer.from(buildinfoText(options, listing))
    const name = `${options.prefix.slice(1)}/${buildinfoPath}`
    await sink.write([...tarMember({ kind: 'file', name, mode: 0o644, content }), tarEnd()])
    return await sink.end()
  } finally {
    sink.close()
  }
}

/** Members in the archive's order: parents, then each folder with its files by name, then its subfolders. */
function* prefixMembers(prefix: string, prefixes: readonly string[], listing: Listing): Generator<TarMember> {
  const parts = prefix.slice(1).split('/')
  for (let n = 1; n < parts.length; n++) {
    yield { kind: 'directory', name: parts.slice(0, n).join('/'), mode: 0o755 }
  }
  const firstNames = new Map<string, string>()
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    yield { kind: 'directory', name: join(prefix, folder).slice(1), mode: 0o755 }
    const entries = readdirSync(join(prefix, folder), { withFileTypes: true })
    // By code unit, as the format's other writer sorts; not by locale.
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      if (entry.isSymbolicLink()) yield linkMember(prefix, path, prefixes, listing)
      else if (entry.isFile() && path !== buildinfoPath) yield fileMember(prefix, path, prefixes, listing, firstNames)
    }
    const below = entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => (folder ? `${folder}/${entry.name}` : entry.name))
    folders.push(...below.reverse())
  }
}

function linkMember(prefix: string, path: string, prefixes: readonly string[], listing: Listing): TarMember {
  const target = readlinkSync(join(prefix, path))
  if (linkMentionsPrefix(target, prefixes)) listing.relocate_links.push(path)
  return { kind: 'symlink', name: join(prefix, path).slice(1), target, mode: 0o755 }
}

function fileMember(
  prefix: string,
  path: string,
  prefixes: readonly string[],
  listing: Listing,
  firstNames: Map<string, string>,
): TarMember {
  const name = join(prefix, path).slice(1)
  const stat = lstatSync(join(prefix, path))
  const mode = stat.mode & 0o100 ? 0o755 : 0o644
  if (stat.nlink > 1) {
    const inode = `${stat.dev}:${stat.ino}`
    const first = firstNames.get(inode)
    if (first !== undefined) return { kind: 'hardlink', name, target: first, mode }
    firstNames.set(inode, name)
  }
  const content = readFileSync(join(prefix, path))
  if (!path.startsWith(`${metadataDir}/`)) listFile(path, content, prefixes, listing)
  return { kind: 'file', name, mode, content }
}

function listFile(path: string, content: Buffer, prefixes: readonly string[], listing: Listing): void {
  const kind = fileKind(content)
  if (kind === 'binary') listing.relocate_binaries.push(path)
  else if (kind === 'text' && mentionsPrefix(content, prefixes)) listing.relocate_textfiles.push(path)
}

/** The buildinfo as JSON, which every YAML reader reads. */
function buildinfoText(options: PackOptions, listing: Listing): string {
  const prefix = `${options.storeRoot}/`
  return JSON.stringify({
    sbang_install_path: options.sbangPath,
    buildpath: options.storeRoot,
    spackprefix: options.spackPrefix,
    relative_prefix: options.prefix.startsWith(prefix) ? options.prefix.slice(prefix.length) : options.prefix,
    hardlinks_deduped: true,
    hash_to_prefix: Object.fromEntries(options.hashToPrefix),
    ...listing,
  })
}

/** Compresses into a file and takes the digest of what is written. Node's gzip header has no name and time 0. */
function archiveSink(path: string) {
  const descriptor = openSync(path, 'w', 0o644)
  const gzip = createGzip({ level: constants.Z_DEFAULT_COMPRESSION })
  const digest = createHash('sha256')
  let sizeBytes = 0
  let isOpen = true
  const finished = new Promise<void>((resolve, reject) => gzip.once('end', resolve).once('error', reject))
  gzip.on('data', (chunk: Buffer) => {
    digest.update(chunk)
    writeFileSync(descriptor, chunk)
    sizeBytes += chunk.length
  })
  return {
    async write(blocks: readonly Buffer[]): Promise<void> {
      for (const block of blocks) {
        if (!gzip.write(block)) await new Promise<void>((resolve) => gzip.once('drain', () => resolve()))
      }
    },
    async end(): Promise<PackedArchive> {
      gzip.end()
      await finished
      fsyncSync(descriptor)
      return { sizeBytes, sha256: digest.digest('hex') }
    },
    close(): void {
      if (isOpen) closeSync(descriptor)
      isOpen = false
    },
  }
}
