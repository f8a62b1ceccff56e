// Which parts of a file can have old prefixes in them, noted while it is written to disk: to read it all again just to find
// that there are none would take as long as writing it. What exactly is old stands at the end of an archive, but every
// prefix of a store begins as that of the package does.

import type { PrefixMap } from './prefix-map.ts'

export interface PrefixTrace {
  /** Whether no prefix of `map` begins in a range of the file. False where nothing is known. */
  isClean: (map: PrefixMap, start: number, end: number) => boolean
}

export interface PrefixTracer extends PrefixTrace {
  /** The next bytes of the file. */
  push: (piece: Buffer) => void
}

const partBytes = 1 << 18

/** A tracer for a file of the package whose prefix in the archive is `prefix` (without slash in front). */
export function tracePrefixes(prefix: string): PrefixTracer {
  const folders = prefix.split('/')
  const start = Buffer.from(`/${folders.slice(0, Math.min(2, folders.length - 1)).join('/')}`)
  const parts = new Set<number>()
  let offset = 0
  let end = Buffer.alloc(0)

  const search = (data: Buffer, dataOffset: number): void => {
    for (let at = data.indexOf(start); at >= 0; ) {
      const part = Math.floor((dataOffset + at) / partBytes)
      parts.add(part)
      // Once is enough for a part.
      at = data.indexOf(start, Math.max(at + 1, (part + 1) * partBytes - dataOffset))
    }
  }
  const push = (piece: Buffer): void => {
    const kept = start.length - 1
    // A prefix may begin in one piece and go on in the next.
    search(Buffer.concat([end, piece.subarray(0, kept)]), offset - end.length)
    search(piece, offset)
    offset += piece.length
    end = Buffer.from(
      piece.length >= kept ? piece.subarray(piece.length - kept) : Buffer.concat([end, piece]).subarray(-kept),
    )
  }
  const isClean = (map: PrefixMap, from: number, to: number): boolean => {
    if (to > offset || start.length < 2) return false
    if (!map.starts.every((other) => other.subarray(0, start.length).equals(start))) return false
    for (let part = Math.floor(from / partBytes); part * partBytes < to; part++) if (parts.has(part)) return false
    return true
  }
  return { push, isClean }
}
