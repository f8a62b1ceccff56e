// Which files of a prefix an archive lists for relocation, by content. The list travels in the archive's
// `.spack/binary_distribution`, so its rules are part of the build cache format (conformance `relocation/README.md`).

import { isUtf8 } from 'node:buffer'

export type FileKind = 'binary' | 'text' | 'unknown'

const shortestFileBytes = 8
const elfMagic = Buffer.from('\x7fELF', 'latin1')
/** Mach-O thin (both widths, both byte orders) and universal files. */
const machOMagics = [0xfeedface, 0xcefaedfe, 0xfeedfacf, 0xcffaedfe, 0xcafebabe, 0xbebafeca]

/** What a file is taken for when it is relocated: by its first bytes, else by whether the whole of it reads as text. */
export function fileKind(content: Buffer): FileKind {
  if (content.length < shortestFileBytes) return 'unknown'
  if (content.subarray(0, elfMagic.length).equals(elfMagic)) return 'binary'
  if (machOMagics.includes(content.readUInt32BE(0))) return 'binary'
  if (isUtf8(content)) return 'text'
  return content.some((byte) => byte === 0 || (byte >= 0x7f && byte <= 0x9f)) ? 'unknown' : 'text'
}

/** Word characters and `-`: what may stand between a boundary and a prefix, as the `-L` in `-L/opt/store`. */
const isWordByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x5f ||
  byte === 0x2d
const slash = 0x2f

/** Whether text mentions one of `prefixes` at a place where relocation would rewrite it. */
export function mentionsPrefix(content: Buffer, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => {
    for (let at = content.indexOf(prefix); at >= 0; at = content.indexOf(prefix, at + 1)) {
      let before = at - 1
      while (before >= 0 && isWordByte(content[before]!)) before--
      if (before < 0 || content[before] !== slash) return true
    }
    return false
  })
}

/** Whether an absolute link target begins with one of `prefixes`. */
export const linkMentionsPrefix = (target: string, prefixes: readonly string[]): boolean =>
  target.startsWith('/') && prefixes.some((prefix) => target.startsWith(prefix))
