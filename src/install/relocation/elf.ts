// RPATH, RUNPATH and interpreter of an ELF file. Rewritten in place while the new text is not longer, the rest filled with
// zeros; else the file grows (elf-growth.ts) and, as with `patchelf --force-rpath`, a RUNPATH becomes an RPATH.

import type { ByteSource, Patch } from './byte-source.ts'
import { fits, patchInPlace, rangeInPlace, type StringChange } from './elf-change.ts'
import { type ElfString, readElf } from './elf-file.ts'
import { growElf } from './elf-growth.ts'
import { type PrefixMap, pairAt } from './prefix-map.ts'
import type { Range } from './strings.ts'

export type ElfRelocation =
  | { kind: 'patched'; patches: readonly Patch[] /** Where the new texts stand. */; written: readonly Range[] }
  | { kind: 'refused'; reason: string }

const colon = 0x3a

/** Patches for the interpreter and the RPATH; none for a file that has no such thing, or that is no whole ELF file. */
export function relocateElf(source: ByteSource, map: PrefixMap): ElfRelocation {
  const elf = readElf(source)
  if (!elf) return { kind: 'patched', patches: [], written: [] }
  const path = elf.dynamic && changeOf(elf.dynamic.path.string, (text) => relocatePath(text, map))
  const interpreter = elf.interpreter && changeOf(elf.interpreter, (text) => relocateStart(text, map))
  const changes = [path, interpreter].filter((change) => change !== undefined)
  if (changes.every(fits)) {
    return {
      kind: 'patched',
      patches: changes.map(patchInPlace),
      written: changes.map(rangeInPlace),
    }
  }
  return growElf(source, elf, { path, interpreter })
}

function changeOf(string: ElfString, relocate: (text: Buffer) => Buffer | undefined): StringChange | undefined {
  const text = relocate(string.text)
  return text && { string, text }
}

/** Each part of an RPATH that begins with an old prefix changes, and then empty parts go: they may be padding. */
function relocatePath(path: Buffer, map: PrefixMap): Buffer | undefined {
  const parts = splitPath(path).filter((part) => part.length > 0)
  const changed = parts.map((part) => relocateStart(part, map))
  if (changed.every((part) => part === undefined)) return undefined
  return joinPath(parts.map((part, i) => changed[i] ?? part))
}

function relocateStart(text: Buffer, map: PrefixMap): Buffer | undefined {
  const pair = pairAt(map, text, 0)
  return pair && Buffer.concat([pair.new, text.subarray(pair.old.length)])
}

function splitPath(path: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let at = path.indexOf(colon); at >= 0; at = path.indexOf(colon, start)) {
    parts.push(path.subarray(start, at))
    start = at + 1
  }
  return [...parts, path.subarray(start)]
}

const joinPath = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from([colon]), part])))
