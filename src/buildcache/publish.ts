// Writes a build cache in layout v3 into a local folder: blobs by digest, signed spec manifests, the index and the key.
// Format: conformance `buildcache/README.md`, "Layout v3".

import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { makeFolders } from '../folders.ts'
import type { SpecNode } from '../spec/node.ts'
import { writeWhole } from '../whole-file.ts'
import { blobUrl, indexManifestUrl, keyManifestUrl, specManifestUrl } from './manifest.ts'
import type { PackedArchive } from './pack.ts'

const mediaTypes = {
  archive: 'application/vnd.spack.install.v2.tar+gzip',
  spec: 'application/vnd.spack.spec.v5+json',
  index: 'application/vnd.spack.db.v8+json',
  key: 'application/pgp-keys',
  keyIndex: 'application/vnd.spack.keyindex.v1+json',
} as const

interface Blob {
  contentLength: number
  mediaType: string
  compression: 'gzip' | 'none'
  checksumAlgorithm: 'sha256'
  checksum: string
}

export interface SigningKey {
  /** 40 upper-case hex digits. */
  fingerprint: string
  armoredPublicKey: string
  /** A clear-signed message of the text. */
  sign: (text: string) => Promise<string>
}

export interface CachedPackage {
  /** The node of the package, then every node below it; each with its `hash`. */
  nodes: readonly SpecNode[]
  archivePath: string
  archive: PackedArchive
}

/**
 * Writes packages into the cache at `root`, an absolute path, all in one go: manifests last, so that a reader never sees half
 * a package.
 */
export async function publishPackages(
  root: string,
  packages: readonly CachedPackage[],
  key: SigningKey | undefined,
): Promise<void> {
  put(join(root, 'v3/layout.json'), '{"signing": "gpg"}')
  for (const entry of packages) await publishPackage(root, entry, key)
  const index = writeBlob(root, Buffer.from(indexText(packages)), mediaTypes.index)
  put(indexManifestUrl(root), manifestText([index]))
  if (key) publishKey(root, key)
}

async function publishPackage(root: string, entry: CachedPackage, key: SigningKey | undefined): Promise<void> {
  const archive: Blob = {
    contentLength: entry.archive.sizeBytes,
    mediaType: mediaTypes.archive,
    compression: 'gzip',
    checksumAlgorithm: 'sha256',
    checksum: entry.archive.sha256,
  }
  const path = blobUrl(root, 'sha256', archive.checksum)
  makeFolders(dirname(path))
  if (!existsSync(path)) {
    const fresh = `${path}.${process.pid}`
    copyFileSync(entry.archivePath, fresh)
    renameSync(fresh, path)
  }
  const spec = { spec: { _meta: { version: 5 }, nodes: entry.nodes }, buildcache_layout_version: 2 }
  const specBlob = writeBlob(root, gzipSync(JSON.stringify(spec)), mediaTypes.spec, 'gzip')
  const text = manifestText([archive, specBlob])
  const { name, version, hash } = entry.nodes[0]!
  put(specManifestUrl(root, { name, version: version!, hash: hash! }), key ? await key.sign(text) : text)
}

function publishKey(root: string, key: SigningKey): void {
  const blob = writeBlob(root, Buffer.from(key.armoredPublicKey), mediaTypes.key)
  put(keyManifestUrl(root, `${key.fingerprint}.key`), manifestText([blob]))
  const keys = JSON.stringify({ keys: { [key.fingerprint]: {} } })
  put(keyManifestUrl(root, 'keys'), manifestText([writeBlob(root, Buffer.from(keys), mediaTypes.keyIndex)]))
}

/** A database in which what is in the cache has `in_buildcache`; other nodes that it depends on have records too. */
function indexText(packages: readonly CachedPackage[]): string {
  const cached = new Set(packages.map((entry) => entry.nodes[0]!.hash!))
  const nodes = new Map(packages.flatMap((entry) => entry.nodes).map((node) => [node.hash!, node]))
  const refCounts = new Map<string, number>()
  for (const node of nodes.values()) {
    for (const dependency of node.dependencies ?? []) {
      refCounts.set(dependency.hash, (refCounts.get(dependency.hash) ?? 0) + 1)
    }
  }
  const installs = [...nodes].map(([hash, spec]) => {
    const record = { spec, ref_count: refCounts.get(hash) ?? 0, in_buildcache: cached.has(hash) }
    return [hash, record] as const
  })
  return JSON.stringify({ database: { version: '8', installs: Object.fromEntries(installs) } })
}

/** JSON with newlines and no indent: a clear signature would cut lines of 20,000 characters. */
function manifestText(data: readonly Blob[]): string {
  const indented = JSON.stringify({ version: 3, data }, null, 1)
  return indented.replace(/^ +/gm, '').replace(/^("(?:[^"\\]|\\.)*"): /gm, '$1:')
}

function writeBlob(root: string, content: Buffer, mediaType: string, compression: Blob['compression'] = 'none'): Blob {
  const checksum = createHash('sha256').update(content).digest('hex')
  put(blobUrl(root, 'sha256', checksum), content)
  return { contentLength: content.length, mediaType, compression, checksumAlgorithm: 'sha256', checksum }
}

/** Several may push to a mirror at the same time. */
function put(path: string, content: string | Buffer): void {
  makeFolders(dirname(path))
  writeWhole(path, content)
}
