// buildcache/table: what manifests and old spec files say, whether their signatures hold and their blobs are whole
// (`table.json`). buildcache/index: the index of a cache names the packages of the table, and each is found by its name.

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BinaryPolicy, binaryRequest } from '../../src/buildcache/binary.ts'
import { type Blob, openBlob } from '../../src/buildcache/blob.ts'
import { readCacheIndex } from '../../src/buildcache/cache-index.ts'
import { fetchIndex } from '../../src/buildcache/index-cache.ts'
import { trustKeys } from '../../src/buildcache/key-store.ts'
import { loadKeyring } from '../../src/buildcache/keyring.ts'
import { isRecord, parseObject, readManifest } from '../../src/buildcache/manifest.ts'
import { readMirror } from '../../src/buildcache/mirror.ts'
import { verifySignedText } from '../../src/buildcache/signature.ts'
import { defaultNetwork, openTransport, type Transport } from '../../src/buildcache/transport.ts'
import type { Keyring } from '../../src/buildcache/trusted-key.ts'
import { findBinary } from '../support/find-binary.ts'
import type { Tally } from './tally.ts'

/** A row of the table: a manifest of layout 3, or a spec file of layout 2. */
type Row = { manifest: string } | { spec_file: string; archive: string }

interface World {
  /** Folder of the caches. */
  folder: string
  /** A place to keep what is made on the way. */
  scratch: string
  transport: Transport
  keyring: Keyring
}

export const runTable = (folder: string, tally: Tally): Promise<void> =>
  inWorld(folder, async (world) => {
    for (const [cache, rows] of Object.entries(readTable(folder))) {
      for (const row of rows) {
        const name = 'manifest' in row ? row.manifest : row.spec_file
        const seen = 'manifest' in row ? manifestRow(world, cache, name) : specFileRow(world, cache, row)
        await tally.checkAsync(`${cache}/${name}`, row, () => seen)
      }
    }
  })

export const runIndex = (folder: string, tally: Tally): Promise<void> =>
  inWorld(folder, async (world) => {
    for (const [cache, rows] of Object.entries(readTable(folder))) {
      const names = rows.map((row) => ('manifest' in row ? row.manifest : row.spec_file))
      const hashes = names.flatMap((name) => /-([a-z0-9]{32})\.spec\./.exec(name)?.[1] ?? []).sort()
      await tally.checkAsync(`${cache}: what can be had`, hashes, () => obtainable(world, cache))
    }
  })

const readTable = (folder: string): Record<string, Row[]> =>
  JSON.parse(readFileSync(join(folder, 'buildcache/table.json'), 'utf8'))

async function inWorld(folder: string, body: (world: World) => Promise<void>): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'spackmake-buildcache-'))
  try {
    const key = join(folder, 'buildcache/key.pub')
    await trustKeys(scratch, readFileSync(key), key)
    const transport = openTransport(defaultNetwork, { environ: {} })
    await body({ folder: join(folder, 'buildcache'), scratch, transport, keyring: await loadKeyring(scratch) })
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

async function manifestRow(world: World, cache: string, name: string): Promise<unknown> {
  const base = join(world.folder, cache)
  const { text, signature } = await signedText(world, join(base, name))
  const { version } = parseObject(text)
  const blobs = []
  for (const blob of readManifest(text, base).blobs) {
    const { bytes, start } = await contentOf(world, blob)
    blobs.push({ media_type: blob.mediaType, compression: blob.compression, bytes, starts_with: start })
  }
  return { manifest: name, version, signature, blobs }
}

async function specFileRow(world: World, cache: string, row: { spec_file: string; archive: string }): Promise<unknown> {
  const base = join(world.folder, cache)
  const { text, signature } = await signedText(world, join(base, row.spec_file))
  const { spec, ...beside } = parseObject(text)
  const checksum = beside.binary_cache_checksum as { hash_algorithm: string; hash: string }
  const archive = readFileSync(join(base, row.archive))
  const digest = createHash(checksum.hash_algorithm).update(archive).digest('hex')
  return {
    spec_file: row.spec_file,
    archive: row.archive,
    archive_digest_matches: digest === checksum.hash,
    archive_bytes: archive.length,
    buildcache_layout_version: beside.buildcache_layout_version,
    specfile_version: isRecord(spec) && isRecord(spec._meta) ? spec._meta.version : undefined,
    keys_beside_spec: Object.keys(beside).sort(),
    signature,
  }
}

/** The text under a signature, and what the table says of the signature; null for a text without one. */
async function signedText(world: World, file: string): Promise<{ text: string; signature: unknown }> {
  const message = readFileSync(file, 'utf8')
  if (!message.startsWith('-----BEGIN')) return { text: message, signature: null }
  const verdict = await verifySignedText(message, world.keyring)
  if (verdict.kind === 'refused') return { text: message, signature: verdict.reason }
  const signature = {
    form: 'clear-signed',
    hash_header: message.split('\n')[1],
    key: verdict.signer.primary,
    longest_line: Math.max(...message.split('\n').map((line) => line.length)),
  }
  return { text: verdict.text, signature }
}

async function contentOf(world: World, blob: Blob): Promise<{ bytes: number; start: string }> {
  let bytes = 0
  let start = ''
  for await (const piece of openBlob(world.transport, blob)) {
    if (bytes === 0) start = piece.toString('hex', 0, 4)
    bytes += piece.length
  }
  return { bytes, start }
}

/** The hashes in the index whose binaries are found, acceptable and whole. */
async function obtainable(world: World, cache: string): Promise<string[]> {
  const base = join(world.folder, cache)
  const mirror = readMirror(cache, base, (path) => path)
  const layout = existsSync(join(base, 'v3')) ? 3 : 2
  const settings = { transport: world.transport, folder: join(world.scratch, 'indexes') }
  const index = await fetchIndex({ mirror, layout }, settings)
  if (index.kind === 'absent') return []
  const policy: BinaryPolicy = { transport: world.transport, keyring: world.keyring }
  const hashes: string[] = []
  for (const { node, isInCache } of readCacheIndex(index.text, base)) {
    if (!isInCache) continue
    const answer = await findBinary([mirror], binaryRequest(node), policy)
    if (answer.kind === 'refused') throw new Error(JSON.stringify(answer.refusals))
    for await (const piece of answer.binary.archive.open()) void piece
    hashes.push(node.hash!)
  }
  return hashes.sort()
}
