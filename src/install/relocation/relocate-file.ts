// Relocation of files on disk, in place: inode, mode and hard links stay. After a refusal nothing has been written to the
// refused file; after an error the file is in no defined state, and its whole prefix is to be removed.

import { closeSync, fstatSync, ftruncateSync, openSync, type PathLike } from 'node:fs'
import { type BinaryRelocation, type Refusal, relocateBinary } from './binary.ts'
import type { ByteSource } from './byte-source.ts'
import type { PrefixMap } from './prefix-map.ts'
import type { PrefixTrace } from './prefix-trace.ts'
import { filePieces, linePieces, readAll, rewriteFile, writeAll } from './rewrite-file.ts'
import { longestFirstLineBytes, throughSbang } from './sbang.ts'
import { relocateText } from './text.ts'

const windowBytes = 1 << 20
/** Longer texts are not read as a whole. */
const wholeTextBytes = 4 << 20

export interface FileRelocation {
  isChanged: boolean
  refusals: readonly Refusal[]
}

/** Relocates a listed binary. Reads it in pieces, so that its size does not matter, and those only where `trace` asks for it. */
export function relocateBinaryFile(path: PathLike, map: PrefixMap, trace?: PrefixTrace): FileRelocation {
  return withFile(path, (descriptor) => {
    const relocation: BinaryRelocation = relocateBinary(fileSource(descriptor, map, trace), map)
    if (relocation.kind === 'refused') return { isChanged: false, refusals: relocation.refusals }
    for (const patch of relocation.patches) writeAll(descriptor, patch.bytes, patch.offset)
    return { isChanged: relocation.patches.length > 0, refusals: [] }
  })
}

/** Relocates a text file. Tells whether there was anything to do. */
export function relocateTextFile(path: string, map: PrefixMap, trace?: PrefixTrace): boolean {
  return withFile(path, (descriptor) => {
    const { size } = fstatSync(descriptor)
    if (trace?.isClean(map, 0, size)) return false
    if (size > wholeTextBytes) return relocateLongText(path, descriptor, map)
    const data = Buffer.allocUnsafe(size)
    readAll(descriptor, data, 0)
    const relocated = relocateText(data, map)
    if (!relocated) return false
    writeAll(descriptor, relocated, 0)
    ftruncateSync(descriptor, relocated.length)
    return true
  })
}

/** No prefix goes on after the end of a line, so each line can be relocated by itself. */
function relocateLongText(path: string, descriptor: number, map: PrefixMap): boolean {
  let isChanged = false
  const relocateLines = function* () {
    for (const lines of linePieces(descriptor)) {
      const relocated = relocateText(lines, map)
      isChanged ||= relocated !== undefined
      yield relocated ?? lines
    }
  }
  rewriteFile(path, descriptor, relocateLines(), () => isChanged)
  return isChanged
}

/** Gives a script whose first line is too long one that calls `sbang`. Tells whether it did. */
export function throughSbangFile(path: string, sbang: string): boolean {
  return withFile(path, (descriptor) => {
    const head = Buffer.allocUnsafe(Math.min(fstatSync(descriptor).size, longestFirstLineBytes))
    readAll(descriptor, head, 0)
    const script = throughSbang(head, sbang)
    if (!script) return false
    const pieces = function* () {
      yield script
      yield* filePieces(descriptor, head.length)
    }
    rewriteFile(path, descriptor, pieces())
    return true
  })
}

function withFile<Result>(path: PathLike, use: (descriptor: number) => Result): Result {
  const descriptor = openSync(path, 'r+')
  try {
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function fileSource(descriptor: number, map: PrefixMap, trace: PrefixTrace | undefined): ByteSource {
  const sizeBytes = fstatSync(descriptor).size
  let window = Buffer.alloc(0)
  const read = (offset: number, length: number) => {
    if (window.length < length) window = Buffer.allocUnsafe(Math.max(length, Math.min(sizeBytes, windowBytes)))
    const data = window.subarray(0, length)
    readAll(descriptor, data, offset)
    return data
  }
  return { sizeBytes, read, isClean: (start, end) => trace?.isClean(map, start, end) === true }
}
