// Prefixes in text: every match, of any length.

import { type PrefixMap, prefixFinder } from './prefix-map.ts'

const slash = 0x2f

/** Word characters and `-`, which may stand before a prefix, as in `-L/opt/store`. Indexed by byte. */
const isWordByte = byteClass(/[\w-]/)
/** What a path goes on with; the rest of it is not searched again, so `/a//a` has one match. */
const isPathByte = byteClass(/[\w/-]/)

/**
 * Text with its prefixes replaced, or undefined when there is none in it. A match needs something other than a slash before it
 * and before the word in front of it: `/mnt/opt/store` is not `/opt/store`. Old prefixes must be absolute.
 */
export function relocateText(data: Buffer, map: PrefixMap): Buffer | undefined {
  const find = prefixFinder(map, data)
  const pieces: Buffer[] = []
  let copied = 0
  for (let match = find(0); match; ) {
    const { at, pair } = match
    let end = at + 1
    if (isAtBoundary(data, at)) {
      end = at + pair.old.length
      pieces.push(data.subarray(copied, at), pair.new)
      copied = end
      while (end < data.length && isPathByte[data[end]!]) end++
    }
    match = find(end)
  }
  if (pieces.length === 0) return undefined
  return Buffer.concat([...pieces, data.subarray(copied)])
}

function isAtBoundary(data: Buffer, at: number): boolean {
  let before = at - 1
  while (before >= 0 && isWordByte[data[before]!]) before--
  return before < 0 || data[before] !== slash
}

function byteClass(pattern: RegExp): readonly boolean[] {
  return Array.from({ length: 256 }, (_, byte) => byte < 128 && pattern.test(String.fromCharCode(byte)))
}
