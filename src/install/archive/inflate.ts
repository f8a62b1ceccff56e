// The stored bytes of an archive → its content. Their digest is checked by whoever delivers them, at their very end, so
// nothing made from the content may be published before that.

import { createGunzip, gunzipSync } from 'node:zlib'
import { damaged } from '../../archive/tar-reader.ts'
import { collectYoung, compileSparingly } from '../../engine.ts'
import { type SpackError, systemErrorCode } from '../../ui/error.ts'

export interface StoredArchive {
  /** The bytes from the beginning, at each call. Ends with an error unless they are what they should be. */
  open: () => AsyncIterable<Buffer>
  /** Of the stored bytes, where it is known. */
  sizeBytes?: number
  compression: string
}

/** What deflate makes of one byte at most; an archive that claims to hold more than that is lying. */
export const mostInflation = 1032

/** Of what zlib gives at once. Half of it costs a twentieth more time, and so does more of it, in memory that is touched. */
const inflatedChunkBytes = 256 << 10

const smallArchiveBytes = 3 << 20
const smallContentBytes = 8 << 20
const smallestChunkBytes = 1 << 10

/** After so much content, buffers that nobody needs any more are looked for: memory that was used before is the cheapest. */
const garbageBytes = 2 << 20

/** Takes a piece of the content, which stays valid; `isAll` for one that is the whole content. */
export type Consume = (piece: Buffer, isAll: boolean) => void

/**
 * Feeds the content to `consume`. Bytes that are not what they should be are the error, whatever
 * else went wrong on the way: faults of `consume`, or of the compression, are thrown when all bytes have come.
 */
export async function readContent(archive: StoredArchive, consume: Consume): Promise<void> {
  compileSparingly()
  const sink = openSink(archive, consume)
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

function openSink({ compression, sizeBytes }: StoredArchive, consume: Consume): Sink {
  if (compression === 'gzip') return (sizeBytes ?? 0) > smallArchiveBytes ? inflater(consume) : gzipSink(consume)
  if (compression === 'none') return directSink(consume)
  throw damaged(`it is compressed by \`${compression}\`, which is not known`)
}

function directSink(consume: Consume): Sink {
  return { write: async (chunk) => consume(chunk, false), end: async () => {}, close: () => {} }
}

/** Small archives are unpacked as a whole: threads and a stream would take longer to begin than that takes. */
function gzipSink(consume: Consume): Sink {
  let stream: Sink | undefined
  let waiting: Buffer[] = []
  let waitingBytes = 0
  const startStream = async () => {
    stream = inflater(consume)
    for (const chunk of waiting) await stream.write(chunk)
    waiting = []
  }
  return {
    async write(chunk) {
      if (stream) return await stream.write(chunk)
      waiting.push(chunk)
      waitingBytes += chunk.length
      if (waitingBytes > smallArchiveBytes) await startStream()
    },
    async end() {
      const content = stream ? undefined : inflateSmall(Buffer.concat(waiting))
      if (content) return consume(content, true)
      if (!stream) await startStream()
      await stream!.end()
    },
    close: () => stream?.close(),
  }
}

/** undefined when too much comes out of it to be held in memory. */
function inflateSmall(stored: Buffer): Buffer | undefined {
  const claimedBytes = stored.length < 4 ? 0 : stored.readUInt32LE(stored.length - 4)
  if (claimedBytes > smallContentBytes) return undefined
  try {
    // In one chunk, if the last four bytes tell the truth about the size; else in several.
    const chunkSize = Math.max(claimedBytes + 1, smallestChunkBytes)
    return gunzipSync(stored, { chunkSize, maxOutputLength: smallContentBytes })
  } catch (error) {
    if (systemErrorCode(error) === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw notGzip(error)
  }
}

const notGzip = (cause: unknown): SpackError => damaged('it is not compressed with gzip, or cut off', cause)

/** So many pieces of the stored bytes are handed to zlib at once: one that is worked on, and the next. */
const mostPieces = 2

/**
 * zlib works in a thread of its own while we write files: with a core to spare, an archive takes the longer of both. For
 * that it must have its next piece before we look at what came out of the last: hence the ticks.
 */
function inflater(consume: Consume): Sink {
  const gunzip = createGunzip({ chunkSize: inflatedChunkBytes })
  let isClosed = false
  let consumedBytes = 0
  let waitingPieces = 0
  let fail: (error: unknown) => void = () => {}
  let wake: () => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Somebody waits for it only while writing.
  failed.catch(() => {})
  const ended = new Promise<void>((resolve) => void gunzip.once('end', () => process.nextTick(resolve)))
  const close = (): void => {
    isClosed = true
    gunzip.destroy()
  }
  const take = (piece: Buffer): void => {
    if (isClosed) return
    try {
      consume(piece, false)
      consumedBytes += piece.length
      if (consumedBytes % garbageBytes < piece.length) collectYoung()
    } catch (error) {
      fail(error)
      close()
    }
  }
  gunzip.on('error', (error) => fail(notGzip(error)))
  gunzip.on('data', (piece: Buffer) => process.nextTick(take, piece))
  const taken = (): void => {
    waitingPieces--
    wake()
  }
  return {
    async write(chunk) {
      waitingPieces++
      gunzip.write(chunk, taken)
      if (waitingPieces < mostPieces) return
      await Promise.race([failed, new Promise<void>((resolve) => void (wake = resolve))])
    },
    async end() {
      gunzip.end()
      await Promise.race([failed, ended])
    },
    close,
  }
}
