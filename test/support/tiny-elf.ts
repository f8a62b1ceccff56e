// Small ELF files for tests, of both widths and byte orders: one mapped segment, an interpreter, an RPATH, strings.

import { elfConstants } from '../../src/install/relocation/elf-file.ts'

export interface TinyElf {
  bits?: 32 | 64
  isLittleEndian?: boolean
  interpreter?: string
  path?: string
  /** What it needs; `libc.so.6` when absent. */
  library?: string
  pathTag?: 'rpath' | 'runpath'
  /** C strings behind all else. */
  strings?: readonly string[]
  /** Memory behind the file's end, as for variables that begin as zero. */
  extraMemory?: number
}

export function tinyElf(options: TinyElf = {}): Buffer {
  const { bits = 64, isLittleEndian = true, interpreter, path, library = 'libc.so.6', extraMemory = 0 } = options
  const wide = bits === 64
  const number = (length: number, value: number): Buffer => {
    const bytes = Buffer.alloc(length)
    bytes.writeUIntLE(value, 0, Math.min(length, 6))
    return isLittleEndian ? bytes : bytes.reverse()
  }
  const half = (value: number) => number(2, value)
  const int = (value: number) => number(4, value)
  const word = (value: number) => number(wide ? 8 : 4, value)
  const join = (...parts: Buffer[]) => Buffer.concat(parts)
  const zeroEnded = (text: string) => Buffer.from(`${text}\0`, 'latin1')
  const segment = (type: number, flags: number, offset: number, size: number, memory = size) =>
    wide
      ? join(int(type), int(flags), word(offset), word(offset), word(offset), word(size), word(memory), word(4096))
      : join(int(type), word(offset), word(offset), word(offset), word(size), word(memory), int(flags), word(4096))
  const section = (type: number, offset: number, size: number) =>
    join(int(0), int(type), word(0), word(offset), word(offset), word(size), int(0), int(0), word(1), word(0))

  const headerBytes = wide ? 64 : 52
  const segmentBytes = wide ? 56 : 32
  const strings = zeroEnded(`\0${library}\0${path ?? ''}`)
  const interpreterBytes = interpreter === undefined ? Buffer.alloc(0) : zeroEnded(interpreter)
  const segmentCount = 3 + (interpreter === undefined ? 0 : 1)
  const interpreterAt = headerBytes + segmentBytes * segmentCount
  const stringsAt = interpreterAt + interpreterBytes.length
  const dynamicAt = Math.ceil((stringsAt + strings.length) / 8) * 8
  const dynamic = join(
    ...[word(1), word(1), word(5), word(stringsAt), word(10), word(strings.length)],
    ...(path === undefined ? [] : [word(options.pathTag === 'rpath' ? 15 : 29), word(library.length + 2)]),
    ...[word(0), word(0)],
  )
  const extra = join(...(options.strings ?? []).map(zeroEnded))
  const extraAt = dynamicAt + dynamic.length
  const sectionsAt = Math.ceil((extraAt + extra.length) / 8) * 8
  const sections = join(
    section(0, 0, 0),
    section(elfConstants.stringTableSection, stringsAt, strings.length),
    section(elfConstants.programSection, interpreterAt, interpreterBytes.length),
  )
  const size = sectionsAt + sections.length
  const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, isLittleEndian ? 1 : 2, 1, ...Array(9).fill(0)])
  const header = join(
    ...[ident, half(elfConstants.sharedObject), half(62), int(1), word(0), word(headerBytes), word(sectionsAt), int(0)],
    ...[half(headerBytes), half(segmentBytes), half(segmentCount), half(wide ? 64 : 40), half(3), half(0)],
  )
  const segments = join(
    segment(elfConstants.programHeaderSegment, 4, headerBytes, segmentBytes * segmentCount),
    ...(interpreter === undefined
      ? []
      : [segment(elfConstants.interpreterSegment, 4, interpreterAt, interpreterBytes.length)]),
    segment(elfConstants.loadSegment, 5, 0, size, size + extraMemory),
    segment(elfConstants.dynamicSegment, 4, dynamicAt, dynamic.length),
  )
  const parts: [number, Buffer][] = [
    [0, join(header, segments)],
    [interpreterAt, interpreterBytes],
    [stringsAt, strings],
    [dynamicAt, dynamic],
    [extraAt, extra],
    [sectionsAt, sections],
  ]
  const file = Buffer.alloc(size)
  for (const [offset, bytes] of parts) bytes.copy(file, offset)
  return file
}
