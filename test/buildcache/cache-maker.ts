// Small build caches for tests, whose parts may be replaced by hostile ones.

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { BinaryRequest } from '../../src/buildcache/binary.ts'
import { clearSign, type Signer } from './signing-keys.ts'

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export const zlib: BinaryRequest = { name: 'zlib', version: '1.3.1', hash: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }
export const other: BinaryRequest = { name: 'zlib', version: '1.2.0', hash: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' }
export const archiveBytes = gzipSync(Buffer.from('the archive '.repeat(1000)))

export interface Entry {
  contentLength: unknown
  mediaType: unknown
  compression: unknown
  checksumAlgorithm: unknown
  checksum: unknown
}

export const specText = (spec: BinaryRequest): string =>
  JSON.stringify({ spec: { _meta: { version: 5 }, nodes: [{ ...spec }] }, buildcache_layout_version: 2 })

export function write(folder: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

/** Stores a blob and returns its entry in a manifest. */
export function putBlob(folder: string, bytes: Buffer, mediaType: string, compression = 'gzip'): Entry {
  const checksum = sha256(bytes)
  write(folder, `blobs/sha256/${checksum.slice(0, 2)}/${checksum}`, bytes)
  return { contentLength: bytes.length, mediaType, compression, checksumAlgorithm: 'sha256', checksum }
}

/** The entries of a whole package: its archive and its spec. */
export const putPackage = (folder: string, spec: BinaryRequest): [Entry, Entry] => [
  putBlob(folder, archiveBytes, 'application/vnd.spack.install.v2.tar+gzip'),
  putBlob(folder, gzipSync(specText(spec)), 'application/vnd.spack.spec.v5+json'),
]

export const manifestText = (data: unknown): string => JSON.stringify({ version: 3, data }, null, 0)

export const manifestPath = ({ name, version, hash }: BinaryRequest): string =>
  `v3/manifests/spec/${name}/${name}-${version}-${hash}.spec.manifest.json`

/** A cache of layout 3 with one package; `text` replaces what is (signed and) written as its manifest. */
export async function makeCache(
  folder: string,
  spec: BinaryRequest,
  options: { signer?: Signer; text?: string; data?: unknown } = {},
): Promise<void> {
  const text = options.text ?? manifestText(options.data ?? putPackage(folder, spec))
  write(folder, manifestPath(spec), options.signer ? await clearSign(text, options.signer) : text)
}
