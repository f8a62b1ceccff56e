// Great files that change their length, a piece at a time: the new content is made in a file beside the old one, which then
// takes it over. So inode and hard links stay, and memory does not grow with the file.

import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import type { ByteSource } from './byte-source.ts'

const windowBytes = 1 << 20
const newline = 0x0a

/** Replaces the content of an open file by what `pieces` gives; nothing is written back when `isChanged` says so at the end. */
export function rewriteFile(
  path: string,
  descriptor: number,
  pieces: Iterable<Buffer>,
  isChanged: () => boolean = () => true,
): void {
  const copy = `${path}.rewritten`
  const written = openSync(copy, 'wx+', 0o600)
  try {
    unlinkSync(copy)
    let length = 0
    for (const piece of pieces) {
      writeAll(written, piece, length)
      length += piece.length
    }
    if (!isChanged()) return
    let offset = 0
    for (const piece of filePieces(written)) {
      writeAll(descriptor, piece, offset)
      offset += piece.length
    }
    ftruncateSync(descriptor, length)
  } finally {
    closeSync(written)
  }
}

/** The content of a file from `start` on, in pieces that are overwritten by the next. */
export function* filePieces(descriptor: number, start = 0): Generator<Buffer> {
  const window = Buffer.allocUnsafe(windowBytes)
  const { size } = fstatSync(descriptor)
  for (let offset = start; offset < size; offset += windowBytes) {
    const piece = window.subarray(0, Math.min(windowBytes, size - offset))
    readAll(descriptor, piece, offset)
    yield piece
  }
}

/** The same in whole lines, as many as fit; a line longer than that comes whole as well. */
export function* linePieces(descriptor: number): Generator<Buffer> {
  let rest = Buffer.alloc(0)
  for (const piece of filePieces(descriptor)) {
    const end = piece.lastIndexOf(newline) + 1
    if (end > 0) yield Buffer.concat([rest, piece.subarray(0, end)])
    rest = Buffer.concat([end > 0 ? Buffer.alloc(0) : rest, piece.subarray(end)])
  }
  if (rest.length > 0) yield rest
}

/** Fills a buffer from a place in a file. */
export function readAll(descriptor: number, into: Buffer, offset: number): void {
  for (let done = 0; done < into.length; ) {
    const count = readSync(descriptor, into, done, into.length - done, offset + done)
    if (count === 0) throw new Error(`a file became shorter while it was relocated (${offset + done} bytes left of it)`)
    done += count
  }
}

/** An open file as relocation sees it. */
export function fileSource(descriptor: number): ByteSource {
  const read = (offset: number, length: number) => {
    const data = Buffer.allocUnsafe(length)
    readAll(descriptor, data, offset)
    return data
  }
  return { sizeBytes: fstatSync(descriptor).size, read }
}

/** One call may write less than all, on a full disk for instance. */
export function writeAll(descriptor: number, bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done)
  }
}
