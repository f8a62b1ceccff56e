// What a file is, by its first bytes.

import { closeSync, openSync, readSync } from 'node:fs'

export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd' | 'lzip' | 'lzma' | 'compress'

const blockBytes = 512
const space = 0x20

/** What kinds of files start with. */
const starts: readonly { compression: Compression; bytes: readonly number[] }[] = [
  { compression: 'gzip', bytes: [0x1f, 0x8b] },
  { compression: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
  { compression: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { compression: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { compression: 'lzip', bytes: [0x4c, 0x5a, 0x49, 0x50] },
  { compression: 'lzma', bytes: [0x5d, 0x00, 0x00] },
  { compression: 'compress', bytes: [0x1f, 0x9d] },
]

/** The first bytes of a file, as many as there are. */
export function firstBytes(path: string, count = 512): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(count)
    return bytes.subarray(0, readSync(file, bytes, 0, count, 0))
  } finally {
    closeSync(file)
  }
}

export const compressionOf = (start: Buffer): Compression =>
  starts.find(({ bytes }) => bytes.every((byte, index) => start[index] === byte))?.compression ?? 'none'

export const isZip = (start: Buffer): boolean => /^PK(\x03\x04|\x05\x06|\x07\x08)/.test(start.toString('latin1', 0, 4))

/** Whether what starts with these bytes is a tar archive: its first header says so, or has the right sum. */
export function isTarHeader(start: Buffer): boolean {
  const block = start.subarray(0, blockBytes)
  if (block.length < blockBytes) return false
  if (block.toString('latin1', 257, 262) === 'ustar') return true
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? space : byte), 0)
  const digits = /[0-7]+/.exec(block.toString('latin1', 148, 156))
  return digits !== null && Number.parseInt(digits[0], 8) === sum && sum > 8 * space
}
