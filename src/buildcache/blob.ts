// Content by digest: what a blob is said to be, and the checks on what arrives. Bytes are passed on before the digest is
// known, so nothing made from them may be published before the stream has ended without an error.

import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { shownUrl } from './location.ts'
import type { Credentials } from './mirror.ts'
import { notFound, type Transport } from './transport.ts'

export interface Blob {
  url: string
  algorithm: string
  /** Hexadecimal, lower case; of the bytes as they are stored. */
  digest: string
  /** Absent in layout 2, which does not say. */
  sizeBytes?: number
  compression: string
}

/** Digests that are believed, with their length in hexadecimal digits. */
export const digestDigits: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** Errors by which a blob turns out not to be what its manifest says; another mirror may still have the right one. */
export const blobErrorCodes: readonly string[] = ['blob-digest', 'blob-size', 'blob-encoding']

/** The stored bytes of a blob. Throws SpackError `blob-size` or `blob-digest`, the latter at the very end. */
export async function* openBlob(transport: Transport, blob: Blob, credentials?: Credentials): AsyncGenerator<Buffer> {
  const hash = createHash(blob.algorithm)
  let total = 0
  for await (const piece of transport.openStream(blob.url, { credentials, sizeBytes: blob.sizeBytes })) {
    total += piece.length
    if (blob.sizeBytes !== undefined && total > blob.sizeBytes) throw wrongSize(blob, `more than ${blob.sizeBytes}`)
    hash.update(piece)
    yield piece
  }
  checkBlob(blob, total, hash.digest('hex'))
}

/** A small blob as a whole, unpacked. `limitBytes` bounds what is stored and what comes out of it. */
export async function readBlob(
  transport: Transport,
  blob: Blob,
  options: { limitBytes: number; credentials?: Credentials },
): Promise<Buffer> {
  const fetched = await transport.fetchBytes(blob.url, options)
  if (fetched.kind !== 'content') throw notFound(blob.url)
  checkBlob(blob, fetched.bytes.length, createHash(blob.algorithm).update(fetched.bytes).digest('hex'))
  if (blob.compression === 'none') return fetched.bytes
  if (blob.compression !== 'gzip') throw encoding(blob, `is compressed by \`${blob.compression}\`, which is not known`)
  try {
    return gunzipSync(fetched.bytes, { maxOutputLength: options.limitBytes })
  } catch (error) {
    if (systemErrorCode(error) === 'ERR_BUFFER_TOO_LARGE')
      throw encoding(blob, `unpacks to more than ${options.limitBytes} bytes`)
    throw encoding(blob, 'cannot be unpacked')
  }
}

/** Throws when size or digest are not those of `blob`. */
function checkBlob(blob: Blob, sizeBytes: number, digest: string): void {
  if (blob.sizeBytes !== undefined && sizeBytes !== blob.sizeBytes)
    throw wrongSize(blob, `${sizeBytes}, not ${blob.sizeBytes}`)
  if (digest === blob.digest) return
  throw new SpackError(
    'blob-digest',
    `the ${blob.algorithm} of \`${shownUrl(blob.url)}\` is ${digest}, not ${blob.digest}`,
    {
      hint: 'the file was damaged or exchanged after its manifest was written',
    },
  )
}

const wrongSize = (blob: Blob, sizes: string): SpackError =>
  new SpackError('blob-size', `\`${shownUrl(blob.url)}\` has the wrong size: ${sizes} bytes`)

const encoding = (blob: Blob, what: string): SpackError =>
  new SpackError('blob-encoding', `\`${shownUrl(blob.url)}\` ${what}`)
