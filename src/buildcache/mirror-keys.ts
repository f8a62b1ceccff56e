// The public keys that a build cache offers. They are only offered: who trusts them decides that by a command.

import { SpackError } from '../ui/error.ts'
import { readBlob } from './blob.ts'
import { below } from './location.ts'
import { blobOf, isRecord, keyManifestUrl, manifestLimitBytes, parseObject, readManifest, within } from './manifest.ts'
import type { Mirror } from './mirror.ts'
import { notFound, type Transport } from './transport.ts'

export interface OfferedKey {
  /** Upper case; what the list says, not yet checked against the key. */
  fingerprint: string
  url: string
  bytes: Buffer
}

/** A key with many certifications is long, but not that long. */
const keyLimitBytes = 4 << 20
const maxKeys = 1000

/** All keys in all layouts of a mirror. Throws SpackErrors of the transport, `manifest-broken` and those of blobs. */
export async function offeredKeys(mirror: Mirror, transport: Transport): Promise<OfferedKey[]> {
  const keys = new Map<string, OfferedKey>()
  for (const layout of mirror.layouts) {
    const found = layout === 3 ? await keysV3(mirror, transport) : await keysV2(mirror, transport)
    for (const key of found) if (!keys.has(key.fingerprint)) keys.set(key.fingerprint, key)
  }
  return [...keys.values()]
}

async function keysV3(mirror: Mirror, transport: Transport): Promise<OfferedKey[]> {
  const base = mirror.fetchUrl
  const blobAt = async (name: string, kind: 'key' | 'keyIndex') => {
    const url = keyManifestUrl(base, name)
    const bytes = await fetchBytes(mirror, transport, url, manifestLimitBytes)
    if (!bytes) return undefined
    const blob = within(url, () => blobOf(readManifest(bytes.toString('utf8'), base), kind))
    const options = { limitBytes: keyLimitBytes, credentials: mirror.credentials }
    return { url: blob.url, bytes: await readBlob(transport, blob, options) }
  }
  const list = await blobAt('keys', 'keyIndex')
  if (!list) return []
  const keys: OfferedKey[] = []
  for (const fingerprint of within(list.url, () => fingerprintsOf(list.bytes))) {
    const key = await blobAt(`${fingerprint}.key`, 'key')
    if (!key) throw notFound(keyManifestUrl(base, `${fingerprint}.key`))
    keys.push({ fingerprint, ...key })
  }
  return keys
}

async function keysV2(mirror: Mirror, transport: Transport): Promise<OfferedKey[]> {
  const listUrl = below(mirror.fetchUrl, 'build_cache/_pgp/index.json')
  const list = await fetchBytes(mirror, transport, listUrl, manifestLimitBytes)
  if (!list) return []
  const keys: OfferedKey[] = []
  for (const fingerprint of within(listUrl, () => fingerprintsOf(list))) {
    const url = below(mirror.fetchUrl, 'build_cache/_pgp', `${fingerprint}.pub`)
    const bytes = await fetchBytes(mirror, transport, url, keyLimitBytes)
    if (!bytes) throw notFound(url)
    keys.push({ fingerprint, url, bytes })
  }
  return keys
}

/** `{"keys": {FINGERPRINT: {}, …}}`; fingerprints become parts of paths, so nothing but digits is let through. */
function fingerprintsOf(bytes: Buffer): string[] {
  const { keys } = parseObject(bytes.toString('utf8'))
  const fingerprints = isRecord(keys) ? Object.keys(keys) : []
  const isSound = isRecord(keys) && fingerprints.length <= maxKeys
  if (isSound && fingerprints.every((text) => /^[0-9A-Fa-f]{16,64}$/.test(text))) return fingerprints
  throw new SpackError('manifest-broken', 'it is no list of keys')
}

async function fetchBytes(
  mirror: Mirror,
  transport: Transport,
  url: string,
  limitBytes: number,
): Promise<Buffer | undefined> {
  const fetched = await transport.fetchBytes(url, { limitBytes, credentials: mirror.credentials })
  return fetched.kind === 'content' ? fetched.bytes : undefined
}
