// Prefixes in the C strings of binaries. A file must keep its offsets, so a string may become shorter and never longer:
// the new prefix gets slashes in front, or the string is cut. The trap: compilers let strings share their ends, so the last
// seven bytes of a string must stay where they are, unless at least that many can be left behind it.

import type { ByteSource, Patch } from './byte-source.ts'
import { type PrefixMap, type PrefixPair, prefixFinder } from './prefix-map.ts'

/** How many bytes at the end of a string another string may share. */
const sharedEndBytes = 7
const windowBytes = 1 << 20
const slash = 0x2f

/** Why a prefix cannot be replaced at a place. */
export interface StringRefusal {
  kind: 'cannot-grow' | 'cannot-shrink'
  offset: number
  pair: PrefixPair
  /** Length in bytes of a replacement that would do, however it ends. */
  fittingBytes: number
}

export interface StringRelocation {
  patches: Patch[]
  refusals: StringRefusal[]
}

export interface Range {
  start: number
  end: number
}

/** Where a prefix stands in a string. `tail`: what follows up to the zero byte, if that is near; else undefined. */
interface Occurrence {
  pair: PrefixPair
  tail: Buffer | undefined
}

/**
 * Patches for every old prefix in `source`, wherever it is, except in the ranges of `skip`. With any refusal the patches
 * are not to be applied; all refusals are listed, so that one can say what would fit them all.
 */
export function relocateStrings(source: ByteSource, map: PrefixMap, skip: readonly Range[] = []): StringRelocation {
  const result: StringRelocation = { patches: [], refusals: [] }
  if (map.pairs.length === 0) return result
  const overlap = map.longestBytes + sharedEndBytes + 1
  let next = 0
  for (let start = 0; start < source.sizeBytes; ) {
    const end = Math.min(source.sizeBytes, start + windowBytes + overlap)
    // A match that begins behind the limit may not be whole in this window; the next one sees it.
    const limit = end === source.sizeBytes ? end : start + windowBytes
    if (source.isClean?.(start, end)) {
      start = Math.max(limit, next)
      continue
    }
    const data = source.read(start, end - start)
    const find = prefixFinder(map, data)
    for (let match = find(Math.max(0, next - start)); match && start + match.at < limit; match = find(next - start)) {
      const offset = start + match.at
      const skipped = skip.find((range) => offset >= range.start && offset < range.end)
      const occurrence = { pair: match.pair, tail: stringTail(data, match.at + match.pair.old.length) }
      next = skipped ? skipped.end : replaceAt(offset, occurrence, result)
    }
    start = Math.max(limit, next)
  }
  return result
}

/** Records the replacement of one occurrence, or its refusal, and gives the offset to go on from. */
function replaceAt(offset: number, occurrence: Occurrence, result: StringRelocation): number {
  const { pair, tail } = occurrence
  const bytes = replacement(occurrence)
  if (bytes) result.patches.push({ offset, bytes })
  else {
    const kind = pair.new.length > pair.old.length ? 'cannot-grow' : 'cannot-shrink'
    result.refusals.push({ kind, offset, pair, fittingBytes: fittingLength(occurrence) })
  }
  return offset + pair.old.length + (tail ? tail.length + 1 : 0)
}

function replacement({ pair, tail }: Occurrence): Buffer | undefined {
  const shorterBytes = pair.old.length - pair.new.length
  if (shorterBytes < 0) return undefined
  if (!tail || sharedEnd(pair.old, tail).equals(sharedEnd(pair.new, tail))) {
    return Buffer.concat([Buffer.alloc(shorterBytes, slash), pair.new])
  }
  if (shorterBytes > sharedEndBytes) return Buffer.concat([pair.new, tail, Buffer.alloc(1)])
  return undefined
}

/** The end of a prefix that belongs to the last seven bytes of the string. */
const sharedEnd = (prefix: Buffer, tail: Buffer): Buffer =>
  tail.length >= sharedEndBytes ? Buffer.alloc(0) : prefix.subarray(-(sharedEndBytes - tail.length))

function fittingLength({ pair, tail }: Occurrence): number {
  const endsAlike = !tail || sharedEnd(pair.old, tail).equals(sharedEnd(pair.new, tail))
  return endsAlike ? pair.old.length : pair.old.length - sharedEndBytes - 1
}

function stringTail(data: Buffer, from: number): Buffer | undefined {
  const end = data.subarray(from, from + sharedEndBytes + 1).indexOf(0)
  return end < 0 ? undefined : data.subarray(from, from + end)
}
