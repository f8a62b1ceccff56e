// A blob of a build cache as it comes in: its digest is taken while it is unpacked, and known before anything is published.

import { createHash } from 'node:crypto'
import { createGunzip } from 'node:zlib'
import { SpackError } from '../../ui/error.ts'
import { damaged } from './tar-reader.ts'

export interface Blob {
  /** Starts anew at each call. */
  open: () => AsyncIterable<Buffer>
  algorithm: string
  /** Hexadecimal, of the bytes as stored. */
  digest: string
  /** As the manifest states it, if it does. */
  sizeBytes: number | undefined
  compression: 'gzip' | 'none'
}

/** What deflate can make of one byte at most; an archive that claims to hold more than that is lying. */
export const mostInflation = 1032

/** Of what zlib gives at once: 64 KiB cost a quarter more time, and greater ones gain nothing. */
const inflatedChunkBytes = 128 << 10

/**
 * Feeds the unpacked content to `consume`, in pieces that stay valid. When the blob is not what its digest says, that is
 * the error (`blob-damaged`), whatever else went wrong on the way; a fault of `consume` counts only in a whole blob.
 */
export async function readBlob(blob: Blob, consume: (piece: Buffer) => void): Promise<void> {
  const hash = createHash(blob.algorithm)
  const sink = blob.compression === 'gzip' ? inflater(consume) : directSink(consume)
  let failure: { error: unknown } | undefined
  let sizeBytes = 0
  try {
    for await (const chunk of blob.open()) {
      hash.update(chunk)
      sizeBytes += chunk.length
      if (blob.sizeBytes !== undefined && sizeBytes > blob.sizeBytes) break
      failure ??= await failureOf(() => sink.write(chunk))
    }
    failure ??= await failureOf(() => sink.end())
  } finally {
    sink.close()
  }
  if (blob.sizeBytes !== undefined && sizeBytes !== blob.sizeBytes) {
    const found = sizeBytes > blob.sizeBytes ? 'more' : String(sizeBytes)
    throw blobDamaged(`it should have ${blob.sizeBytes} bytes and has ${found}`)
  }
  const digest = hash.digest('hex')
  if (digest !== blob.digest) throw blobDamaged(`its ${blob.algorithm} is ${digest} and should be ${blob.digest}`)
  if (failure) throw failure.error
}

const blobDamaged = (what: string): SpackError =>
  new SpackError('blob-damaged', `the archive in the build cache is damaged: ${what}`)

async function failureOf(act: () => Promise<void>): Promise<{ error: unknown } | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    return { error }
  }
}

interface Sink {
  write: (chunk: Buffer) => Promise<void>
  end: () => Promise<void>
  close: () => void
}

function directSink(consume: (piece: Buffer) => void): Sink {
  return { write: async (chunk) => consume(chunk), end: async () => {}, close: () => {} }
}

/** zlib works in a thread of its own while we write files: with a core to spare, an archive takes the longer of both. */
function inflater(consume: (piece: Buffer) => void): Sink {
  const gunzip = createGunzip({ chunkSize: inflatedChunkBytes })
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Somebody waits for it only while writing.
  failed.catch(() => {})
  const ended = new Promise<void>((resolve) => void gunzip.once('end', resolve))
  gunzip.on('error', (error) => fail(damaged('it is not compressed with gzip, or cut off', error)))
  gunzip.on('data', (piece: Buffer) => {
    try {
      consume(piece)
    } catch (error) {
      fail(error)
      gunzip.destroy()
    }
  })
  return {
    async write(chunk) {
      if (gunzip.write(chunk)) return
      await Promise.race([failed, new Promise<void>((resolve) => void gunzip.once('drain', resolve))])
    },
    async end() {
      gunzip.end()
      await Promise.race([failed, ended])
    },
    close: () => void gunzip.destroy(),
  }
}
