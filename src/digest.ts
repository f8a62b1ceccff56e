// Digests of texts. `node:crypto` takes 4 ms to load, a fiftieth of all that concretizing a spec takes, for functions that Node's
// program gives to addons, too: they are called directly. Where they cannot be had, `node:crypto` is loaded.

import { createHash } from 'node:crypto'
import { loadKoffi } from './koffi.ts'

const sizesBytes = { sha1: 20, sha256: 32 } as const

type DigestName = keyof typeof sizesBytes

type DigestFunction = (data: Uint8Array, lengthBytes: number, digest: Uint8Array) => unknown

const found: Partial<Record<DigestName, DigestFunction | null>> = {}

/** The digest of data as a whole; of a text, that of its UTF-8. */
export const sha1Of = (data: string | Uint8Array): Buffer => digestOf('sha1', data)
export const sha256Of = (data: string | Uint8Array): Buffer => digestOf('sha256', data)

function digestOf(name: DigestName, data: string | Uint8Array): Buffer {
  const native = (found[name] ??= findFunction(name))
  if (!native) return createHash(name).update(data).digest()
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  const digest = Buffer.alloc(sizesBytes[name])
  native(bytes, bytes.length, digest)
  return digest
}

function findFunction(name: DigestName): DigestFunction | null {
  try {
    const library = loadKoffi().koffi?.load(null)
    const symbol = name.toUpperCase()
    return library
      ? (library.func(`void *${symbol}(const uint8_t *, size_t, _Out_ uint8_t *)`) as DigestFunction)
      : null
  } catch {
    // Another build of Node, which keeps its functions to itself.
    return null
  }
}
