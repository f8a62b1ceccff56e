// A listed binary: first its RPATH and interpreter, then the C strings in all of it.

import { type ByteSource, type Patch, patchedSource } from './byte-source.ts'
import { relocateElf } from './elf.ts'
import type { PrefixMap } from './prefix-map.ts'
import { relocateStrings, type StringRefusal } from './strings.ts'

export type Refusal = StringRefusal | { kind: 'elf' | 'mach-o'; reason: string }

export type BinaryRelocation = { kind: 'patched'; patches: readonly Patch[] } | { kind: 'refused'; refusals: Refusal[] }

/** Thin files of both widths and byte orders, then universal ones. */
const machOMagics = [0xfeedface, 0xcefaedfe, 0xfeedfacf, 0xcffaedfe, 0xcafebabe, 0xbebafeca]

/** The patches that relocate a binary, in the order in which they are to be applied; or all that stands against it. */
export function relocateBinary(source: ByteSource, map: PrefixMap): BinaryRelocation {
  if (map.pairs.length === 0) return { kind: 'patched', patches: [] }
  const elf = relocateElf(source, map)
  if (elf.kind === 'refused') return { kind: 'refused', refusals: [{ kind: 'elf', reason: elf.reason }] }
  const strings = relocateStrings(patchedSource(source, elf.patches), map, elf.written)
  const found = elf.patches.length + strings.patches.length + strings.refusals.length > 0
  if (found && isMachO(source)) {
    const reason = 'it is a Mach-O file, whose load commands and signature would have to be made anew'
    return { kind: 'refused', refusals: [{ kind: 'mach-o', reason }] }
  }
  if (strings.refusals.length > 0) return { kind: 'refused', refusals: strings.refusals }
  return { kind: 'patched', patches: [...elf.patches, ...strings.patches] }
}

function isMachO(source: ByteSource): boolean {
  if (source.sizeBytes < 8) return false
  const magic = source.read(0, 8)
  if (!machOMagics.includes(magic.readUInt32BE(0))) return false
  // Java classes begin like universal files; there the second number is a version, here a count.
  if (magic.readUInt32BE(0) === 0xcafebabe) return magic.readUInt32BE(4) < 10
  if (magic.readUInt32BE(0) === 0xbebafeca) return magic.readUInt32LE(4) < 10
  return true
}
