// Digests of files on disk.

import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import type { Digest } from './source-plan.ts'

const pieceBytes = 1 << 20

/** The digest of a whole file, hexadecimal. Throws the system's errors. */
export function digestOfFile(path: string, algorithm: Digest['algorithm']): string {
  const hash = createHash(algorithm)
  const file = openSync(path, 'r')
  try {
    const piece = Buffer.allocUnsafe(pieceBytes)
    for (let count = readSync(file, piece); count > 0; count = readSync(file, piece))
      hash.update(piece.subarray(0, count))
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}
