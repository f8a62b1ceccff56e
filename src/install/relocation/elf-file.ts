// What relocation needs to know of an ELF file: its segments, the interpreter and the RPATH or RUNPATH. Format: System V ABI,
// "Object Files" and "Program Loading and Dynamic Linking". Everything read is checked against the size of the file.

import type { ByteSource } from './byte-source.ts'

export const elfConstants = {
  executable: 2,
  sharedObject: 3,
  loadSegment: 1,
  dynamicSegment: 2,
  interpreterSegment: 3,
  programHeaderSegment: 6,
  readable: 4,
  programSection: 1,
  stringTableSection: 3,
  tagNull: 0,
  tagNeeded: 1,
  tagStringTable: 5,
  tagStringTableSize: 10,
  tagRpath: 15,
  tagRunpath: 29,
} as const

/** Offsets of the members of each structure, by width. */
const layouts = {
  32: {
    wordBytes: 4,
    header: { type: 16, segments: 28, sections: 32, segmentCount: 44, sectionCount: 48, sizeBytes: 52 },
    segment: {
      type: 0,
      offset: 4,
      address: 8,
      physical: 12,
      fileSize: 16,
      memorySize: 20,
      flags: 24,
      align: 28,
      sizeBytes: 32,
    },
    section: { type: 4, address: 12, offset: 16, size: 20, sizeBytes: 40 },
  },
  64: {
    wordBytes: 8,
    header: { type: 16, segments: 32, sections: 40, segmentCount: 56, sectionCount: 60, sizeBytes: 64 },
    segment: {
      type: 0,
      offset: 8,
      address: 16,
      physical: 24,
      fileSize: 32,
      memorySize: 40,
      flags: 4,
      align: 48,
      sizeBytes: 56,
    },
    section: { type: 4, address: 16, offset: 24, size: 32, sizeBytes: 64 },
  },
} as const
export type ElfStructure = (typeof layouts)[32] | (typeof layouts)[64]

/** Width and byte order of a file, with which all its numbers are read and written. */
export interface ElfFormat {
  isLittleEndian: boolean
  structure: ElfStructure
}

export interface Segment {
  type: number
  offset: number
  address: number
  fileSize: number
  memorySize: number
  align: number
}

export interface Section {
  /** Where its header stands in the file. */
  headerOffset: number
  type: number
  offset: number
  size: number
}

/** A string in the file. */
export interface ElfString {
  text: Buffer
  offset: number
}

export interface DynamicEntry {
  offset: number
  tag: number
  value: number
}

export interface DynamicStrings {
  entries: DynamicEntry[]
  /** The table that names, sonames and RPATH are in. */
  table: Section
  /** The entry and the string of the RPATH or RUNPATH. */
  path: { entry: DynamicEntry; string: ElfString }
}

export interface ElfFile {
  format: ElfFormat
  /** Where the program headers stand. */
  segmentsOffset: number
  segments: Segment[]
  sections: Section[]
  interpreter: ElfString | undefined
  /** Only when there is exactly one RPATH or RUNPATH. */
  dynamic: DynamicStrings | undefined
}

/** Thrown for what cannot be read; never leaves `readElf`. */
class MalformedElf extends Error {}

const longestDynamicBytes = 1 << 20

/**
 * Reads an executable or shared library. undefined for anything else and for what is not well-formed: such files have no
 * RPATH that could be rewritten.
 */
export function readElf(source: ByteSource): ElfFile | undefined {
  try {
    return readChecked(source)
  } catch (error) {
    if (error instanceof MalformedElf) return undefined
    throw error
  }
}

function readChecked(source: ByteSource): ElfFile | undefined {
  const format = readFormat(source)
  if (!format) return undefined
  const { header } = format.structure
  const read = numberReader(format, readRange(source, 0, header.sizeBytes))
  const type = read.half(header.type)
  if (type !== elfConstants.executable && type !== elfConstants.sharedObject) return undefined
  const segmentsOffset = read.word(header.segments)
  const segments = readSegments(source, format, segmentsOffset, read.half(header.segmentCount))
  const sections = () => readSections(source, format, read.word(header.sections), read.half(header.sectionCount))
  const dynamic = readDynamic(source, format, segments, sections)
  return {
    ...{ format, segmentsOffset, segments, dynamic },
    sections: dynamic ? sections() : sectionsIfReadable(sections),
    interpreter: readInterpreter(source, segments),
  }
}

/** A file whose section headers are cut off or damaged still runs; only an RPATH cannot be found without them. */
function sectionsIfReadable(sections: () => Section[]): Section[] {
  try {
    return sections()
  } catch (error) {
    if (error instanceof MalformedElf) return []
    throw error
  }
}

function readFormat(source: ByteSource): ElfFormat | undefined {
  if (source.sizeBytes < 16) return undefined
  const ident = source.read(0, 16)
  if (ident.readUInt32BE(0) !== 0x7f454c46) return undefined
  const structure = ident[4] === 1 ? layouts[32] : ident[4] === 2 ? layouts[64] : undefined
  if (!structure || (ident[5] !== 1 && ident[5] !== 2)) return undefined
  return { structure, isLittleEndian: ident[5] === 1 }
}

function readSegments(source: ByteSource, format: ElfFormat, offset: number, count: number): Segment[] {
  const { segment } = format.structure
  const read = numberReader(format, readRange(source, offset, count * segment.sizeBytes))
  return Array.from({ length: count }, (_, i) => {
    const at = i * segment.sizeBytes
    return {
      type: read.int(at + segment.type),
      offset: read.word(at + segment.offset),
      address: read.word(at + segment.address),
      fileSize: read.word(at + segment.fileSize),
      memorySize: read.word(at + segment.memorySize),
      align: read.word(at + segment.align),
    }
  })
}

function readSections(source: ByteSource, format: ElfFormat, offset: number, count: number): Section[] {
  const { section } = format.structure
  const read = numberReader(format, readRange(source, offset, count * section.sizeBytes))
  return Array.from({ length: count }, (_, i) => {
    const at = i * section.sizeBytes
    return {
      headerOffset: offset + at,
      type: read.int(at + section.type),
      offset: read.word(at + section.offset),
      size: read.word(at + section.size),
    }
  })
}

function readInterpreter(source: ByteSource, segments: readonly Segment[]): ElfString | undefined {
  const segment = lastOfType(segments, elfConstants.interpreterSegment)
  if (!segment) return undefined
  return { offset: segment.offset, text: readString(source, segment.offset, segment.offset + segment.fileSize) }
}

function readDynamic(
  source: ByteSource,
  format: ElfFormat,
  segments: readonly Segment[],
  sections: () => Section[],
): DynamicStrings | undefined {
  const segment = lastOfType(segments, elfConstants.dynamicSegment)
  const loads = loadSegments(segments).filter((load) => load.fileSize > 0)
  if (!segment || loads.length === 0) return undefined
  const entries = readDynamicEntries(source, format, segment)
  const paths = entries.filter(({ tag }) => tag === elfConstants.tagRpath || tag === elfConstants.tagRunpath)
  if (paths.length === 0) return undefined
  const tables = entries.filter(({ tag }) => tag === elfConstants.tagStringTable)
  if (paths.length > 1 || tables.length !== 1) throw new MalformedElf()
  const table = findStringTable(tables[0]!.value, loads, sections())
  const offset = table.offset + paths[0]!.value
  const text = readString(source, offset, table.offset + table.size)
  return { entries, table, path: { entry: paths[0]!, string: { offset, text } } }
}

/** The libraries that a file needs, and where it has them looked for; undefined for what is no dynamic ELF file. */
export function readElfNeeds(source: ByteSource): { needed: string[]; path: string | undefined } | undefined {
  try {
    return readNeedsChecked(source)
  } catch (error) {
    if (error instanceof MalformedElf) return undefined
    throw error
  }
}

function readNeedsChecked(source: ByteSource): { needed: string[]; path: string | undefined } | undefined {
  const format = readFormat(source)
  if (!format) return undefined
  const { header } = format.structure
  const read = numberReader(format, readRange(source, 0, header.sizeBytes))
  const segments = readSegments(source, format, read.word(header.segments), read.half(header.segmentCount))
  const segment = lastOfType(segments, elfConstants.dynamicSegment)
  if (!segment) return undefined
  const entries = readDynamicEntries(source, format, segment)
  const strings = entries.find(({ tag }) => tag === elfConstants.tagStringTable)
  if (!strings) return undefined
  const sections = readSections(source, format, read.word(header.sections), read.half(header.sectionCount))
  const table = findStringTable(strings.value, loadSegments(segments), sections)
  const text = ({ value }: DynamicEntry) =>
    readString(source, table.offset + value, table.offset + table.size).toString('latin1')
  const path = entries.find(({ tag }) => tag === elfConstants.tagRunpath || tag === elfConstants.tagRpath)
  return {
    needed: entries.filter(({ tag }) => tag === elfConstants.tagNeeded).map(text),
    path: path && text(path),
  }
}

function readDynamicEntries(source: ByteSource, format: ElfFormat, segment: Segment): DynamicEntry[] {
  const { wordBytes } = format.structure
  const count = Math.floor(Math.min(segment.fileSize, longestDynamicBytes) / (2 * wordBytes))
  const read = numberReader(format, readRange(source, segment.offset, count * 2 * wordBytes))
  const entries: DynamicEntry[] = []
  for (let i = 0; i < count; i++) {
    const at = i * 2 * wordBytes
    // Tags for one processor are beyond what is looked for, and values may be any 64 bits.
    const tag = read.anyWord(at)
    if (tag === elfConstants.tagNull) break
    entries.push({ offset: segment.offset + at, tag, value: read.anyWord(at + wordBytes) })
  }
  return entries
}

/** The section that the dynamic segment names by its address in memory. */
function findStringTable(address: number, loads: readonly Segment[], sections: readonly Section[]): Section {
  const load = loads.findLast((candidate) => candidate.address <= address)
  if (!load) throw new MalformedElf()
  const offset = load.offset - load.address + address
  const table = sections.find(
    (section) => section.type === elfConstants.stringTableSection && section.offset === offset,
  )
  if (!table) throw new MalformedElf()
  return table
}

/** The parts of a file that are mapped, by address. */
export const loadSegments = (segments: readonly Segment[]): Segment[] =>
  segments.filter(({ type }) => type === elfConstants.loadSegment).sort((a, b) => a.address - b.address)

const lastOfType = (segments: readonly Segment[], type: number): Segment | undefined =>
  segments.findLast((segment) => segment.type === type && segment.fileSize > 0)

function readRange(source: ByteSource, offset: number, length: number): Buffer {
  if (offset + length > source.sizeBytes) throw new MalformedElf()
  return Buffer.from(source.read(offset, length))
}

/** The bytes from `offset` up to a zero byte, which must come before `end`. */
function readString(source: ByteSource, offset: number, end: number): Buffer {
  if (offset > end || end > source.sizeBytes) throw new MalformedElf()
  const pieces: Buffer[] = []
  const pieceBytes = 4096
  for (let at = offset; at < end; at += pieceBytes) {
    const data = source.read(at, Math.min(pieceBytes, end - at))
    const zero = data.indexOf(0)
    pieces.push(Buffer.from(zero < 0 ? data : data.subarray(0, zero)))
    if (zero >= 0) return Buffer.concat(pieces)
  }
  throw new MalformedElf()
}

function numberReader({ isLittleEndian, structure }: ElfFormat, data: Buffer) {
  const half = (at: number) => (isLittleEndian ? data.readUInt16LE(at) : data.readUInt16BE(at))
  const int = (at: number) => (isLittleEndian ? data.readUInt32LE(at) : data.readUInt32BE(at))
  const anyWord = (at: number): number => {
    if (structure.wordBytes === 4) return int(at)
    return Number(isLittleEndian ? data.readBigUInt64LE(at) : data.readBigUInt64BE(at))
  }
  const word = (at: number): number => {
    const value = anyWord(at)
    // No file is that long; sums of two such numbers stay exact.
    if (value > Number.MAX_SAFE_INTEGER / 4) throw new MalformedElf()
    return value
  }
  return { half, int, word, anyWord }
}

/** Numbers as they stand in a file. */
export function numberWriter({ isLittleEndian, structure }: ElfFormat) {
  const write = (length: 2 | 4, value: number): Buffer => {
    const bytes = Buffer.alloc(length)
    if (isLittleEndian) bytes.writeUIntLE(value, 0, length)
    else bytes.writeUIntBE(value, 0, length)
    return bytes
  }
  const long = (value: number): Buffer => {
    const bytes = Buffer.alloc(8)
    if (isLittleEndian) bytes.writeBigUInt64LE(BigInt(value))
    else bytes.writeBigUInt64BE(BigInt(value))
    return bytes
  }
  return {
    half: (value: number) => write(2, value),
    int: (value: number) => write(4, value),
    word: (value: number) => (structure.wordBytes === 4 ? write(4, value) : long(value)),
  }
}
