// The stored bytes of an archive → its content. Their digest is checked by whoever delivers them, at their very end, so
// nothing made from the content may be published before that.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGunzip } from 'node:zlib'
import { damaged } from './tar-reader.ts'

export interface StoredArchive {
  /** The bytes from the beginning, at each call. Ends with an error unless they are what they should be. */
  open: () => AsyncIterable<Buffer>
  /** Of the stored bytes, where it is known. */
  sizeBytes?: number
  compression: string
}

/** What deflate makes of one byte at most; an archive that claims to hold more than that is lying. */
export const mostInflation = 1032

/** Of what zlib gives at once: half of it costs a quarter more time, more of it memory. */
const inflatedChunkBytes = 128 << 10

/** V8 lets 32 MB of buffers pile up before it looks for garbage, which an installer's share of memory does not allow. */
const garbageBytes = 8 << 20

/**
 * Feeds the content to `consume`, in pieces that stay valid. Bytes that are not what they should be are the error, whatever
 * else went wrong on the way: faults of `consume`, or of the compression, are thrown when all bytes have come.
 */
export async function readContent(archive: StoredArchive, consume: (piece: Buffer) => void): Promise<void> {
  const sink = openSink(archive.compression, consume)
  let failure: { error: unknown } | undefined
  try {
    for await (const chunk of archive.open()) failure ??= await failureOf(() => sink.write(chunk))
    failure ??= await failureOf(() => sink.end())
  } finally {
    sink.close()
  }
  if (failure) throw failure.error
}

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

function openSink(compression: string, consume: (piece: Buffer) => void): Sink {
  if (compression === 'gzip') return inflater(consume)
  if (compression === 'none') return directSink(consume)
  throw damaged(`it is compressed by \`${compression}\`, which is not known`)
}

function directSink(consume: (piece: Buffer) => void): Sink {
  return { write: async (chunk) => consume(chunk), end: async () => {}, close: () => {} }
}

/** zlib works in a thread of its own while we write files: with a core to spare, an archive takes the longer of both. */
function inflater(consume: (piece: Buffer) => void): Sink {
  const gunzip = createGunzip({ chunkSize: inflatedChunkBytes })
  let consumedBytes = 0
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
      consumedBytes += piece.length
      if (consumedBytes % garbageBytes < piece.length) collectGarbage()
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

let collectYoung: ((options: { type: 'minor' }) => void) | undefined

/** Half a millisecond each time, and one more the first time. */
function collectGarbage(): void {
  if (!collectYoung) {
    setFlagsFromString('--expose-gc')
    collectYoung = runInNewContext('gc') as (options: { type: 'minor' }) => void
  }
  collectYoung({ type: 'minor' })
}
