// Digests of texts. `node:crypto` takes 4 ms to load, a fiftieth of all that concretizing a spec takes, for functions that Node's
// program gives to addons, too: they are called directly. Where they cannot be had, `node:crypto` is loaded.

import { createHash } from 'node:crypto'
import { findFunction } from './koffi.ts'

type Digest = (data: string | Uint8Array) => Buffer

let [sha1, sha256]: (Digest | undefined)[] = []

/** The digest of data as a whole; of a text, that of its UTF-8. */
export const sha1Of: Digest = (data) => (sha1 ??= digestFunction('sha1', 20))(data)
export const sha256Of: Digest = (data) => (sha256 ??= digestFunction('sha256', 32))(data)

function digestFunction(name: string, sizeBytes: number): Digest {
  const native = findFunction<(data: Uint8Array, lengthBytes: number, digest: Uint8Array) => unknown>(
    `void *${name.toUpperCase()}(const uint8_t *, size_t, _Out_ uint8_t *)`,
  )
  if (!native) return (data) => createHash(name).update(data).digest()
  return (data) => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    const digest = Buffer.alloc(sizeBytes)
    native(bytes, bytes.length, digest)
    return digest
  }
}
