// Room for a longer RPATH or interpreter in an ELF file. What grows moves to a new segment at the end of the file, which is
// mapped behind all others; so do the program headers, of which there is one more:
//
//     old file | hole up to where memory ends | string table and new RPATH | interpreter | program headers
//
// Offset and address of the new segment differ by as much as those of the first one. That matters: kernels before 5.18 tell
// a program by this difference where its program headers are, and the dynamic linker finds itself and the program by them.

import type { ByteSource, Patch } from './byte-source.ts'
import type { ElfRelocation } from './elf.ts'
import { fits, patchInPlace, rangeInPlace, type StringChange } from './elf-change.ts'
import { type DynamicStrings, type ElfFile, elfConstants, loadSegments, numberWriter } from './elf-file.ts'
import type { Range } from './strings.ts'

export interface ElfChanges {
  path: StringChange | undefined
  interpreter: StringChange | undefined
}

interface Place {
  offset: number
  address: number
}

/** The new segment while it is filled. */
interface NewSegment extends Place {
  align: number
  pieces: Buffer[]
  sizeBytes: number
}

/** What is collected on the way: patches of the old parts, and where the new texts stand. */
interface Growth {
  segment: NewSegment
  patches: Patch[]
  written: Range[]
}

const smallestPageBytes = 4096
/** The largest page of any machine that Linux runs on; greater alignments are about huge pages, and would cost space. */
const largestPageBytes = 65536
/** A hole takes no space on disk, but a careless copy of the file fills it. */
const largestHoleBytes = 256 << 20
/** One more is kept for a count that stands elsewhere (PN_XNUM). */
const mostSegments = 0xfffe

/** Patches that give the file its new RPATH and interpreter when at least one of them does not fit in place. */
export function growElf(source: ByteSource, elf: ElfFile, changes: ElfChanges): ElfRelocation {
  const segment = placeSegment(source, elf)
  if ('reason' in segment) return { kind: 'refused', reason: segment.reason }
  const growth: Growth = { segment, patches: [], written: [] }
  if (changes.path) movePath(source, elf, changes.path, growth)
  const interpreter = changes.interpreter && moveInterpreter(elf, changes.interpreter, growth)
  moveSegmentTable(source, elf, interpreter, growth)
  if (segment.address + segment.sizeBytes > 2 ** (8 * elf.format.structure.wordBytes))
    return refused('its addresses are used up')
  growth.patches.push({ offset: segment.offset, bytes: Buffer.concat(segment.pieces) })
  return { kind: 'patched', patches: growth.patches, written: growth.written }
}

const refused = (reason: string) => ({ kind: 'refused' as const, reason })

function placeSegment(source: ByteSource, elf: ElfFile): NewSegment | { reason: string } {
  const loads = loadSegments(elf.segments)
  const first = loads[0]
  if (!first) return refused('no part of it is mapped')
  if (elf.segments.length >= mostSegments) return refused('it has too many segments')
  const aligns = loads.map((load) => load.align).filter((align) => align > 0 && Number.isInteger(Math.log2(align)))
  const align = Math.min(largestPageBytes, Math.max(smallestPageBytes, ...aligns))
  const base = first.address - first.offset
  if (base < 0 || base % align !== 0) return refused('its first segment is mapped in an unusual way')
  const memoryEnd = Math.max(...loads.map((load) => load.address + load.memorySize))
  const offset = Math.ceil(Math.max(source.sizeBytes, memoryEnd - base) / align) * align
  if (offset - source.sizeBytes > largestHoleBytes)
    return refused('it uses so much memory that there is no room behind it')
  return { offset, address: offset + base, align, pieces: [], sizeBytes: 0 }
}

/** Adds a piece to the new segment and says where it will be. */
function append(segment: NewSegment, bytes: Buffer, align = 1): Place {
  const padding = (align - (segment.sizeBytes % align)) % align
  const at = segment.sizeBytes + padding
  segment.pieces.push(Buffer.alloc(padding), bytes)
  segment.sizeBytes = at + bytes.length
  return { offset: segment.offset + at, address: segment.address + at }
}

const terminated = (text: Buffer): Buffer => Buffer.concat([text, Buffer.alloc(1)])

function writeInPlace(change: StringChange, growth: Growth): void {
  growth.patches.push(patchInPlace(change))
  growth.written.push(rangeInPlace(change))
}

/** Zeros where a string was that has moved, so that the file mentions the old prefix no more. */
const erased = ({ string }: StringChange): Patch => ({ offset: string.offset, bytes: Buffer.alloc(string.text.length) })

/** Writes the RPATH, in place if it fits; else a copy of the whole string table gets it at its end. */
function movePath(source: ByteSource, elf: ElfFile, change: StringChange, growth: Growth): void {
  const dynamic = elf.dynamic!
  const write = numberWriter(elf.format)
  growth.patches.push({ offset: dynamic.path.entry.offset, bytes: write.word(elfConstants.tagRpath) })
  if (fits(change)) {
    writeInPlace(change, growth)
    return
  }
  const { table } = dynamic
  const copy = Buffer.from(source.read(table.offset, table.size))
  copy.fill(0, change.string.offset - table.offset, change.string.offset - table.offset + change.string.text.length)
  const place = append(growth.segment, Buffer.concat([copy, terminated(change.text)]))
  const sizeBytes = table.size + change.text.length + 1
  growth.written.push({ start: place.offset + table.size, end: place.offset + sizeBytes - 1 })
  growth.patches.push(erased(change), ...sectionPatches(elf, table.headerOffset, place, sizeBytes))
  growth.patches.push(...dynamicPatches(elf, dynamic, { table: place, sizeBytes, pathOffset: table.size }))
}

function dynamicPatches(
  elf: ElfFile,
  dynamic: DynamicStrings,
  moved: { table: Place; sizeBytes: number; pathOffset: number },
): Patch[] {
  const { format } = elf
  const write = numberWriter(format)
  const setValue = (tag: number, value: number): Patch[] =>
    dynamic.entries
      .filter((entry) => entry.tag === tag)
      .map((entry) => ({ offset: entry.offset + format.structure.wordBytes, bytes: write.word(value) }))
  return [
    ...setValue(elfConstants.tagStringTable, moved.table.address),
    ...setValue(elfConstants.tagStringTableSize, moved.sizeBytes),
    ...setValue(dynamic.path.entry.tag, moved.pathOffset),
  ]
}

/** Writes the interpreter. The place that its program header must name, when it has moved. */
function moveInterpreter(
  elf: ElfFile,
  change: StringChange,
  growth: Growth,
): (Place & { sizeBytes: number }) | undefined {
  if (fits(change)) {
    writeInPlace(change, growth)
    return undefined
  }
  const sizeBytes = change.text.length + 1
  const place = append(growth.segment, terminated(change.text))
  growth.written.push({ start: place.offset, end: place.offset + change.text.length })
  growth.patches.push(erased(change))
  const section = elf.sections.find(
    ({ type, offset }) => type === elfConstants.programSection && offset === change.string.offset,
  )
  if (section) growth.patches.push(...sectionPatches(elf, section.headerOffset, place, sizeBytes))
  return { ...place, sizeBytes }
}

function sectionPatches(elf: ElfFile, headerOffset: number, place: Place, sizeBytes: number): Patch[] {
  const { section } = elf.format.structure
  const write = numberWriter(elf.format)
  return [
    { offset: headerOffset + section.address, bytes: write.word(place.address) },
    { offset: headerOffset + section.offset, bytes: write.word(place.offset) },
    { offset: headerOffset + section.size, bytes: write.word(sizeBytes) },
  ]
}

/** Moves the program headers behind all else in the new segment, and adds the new segment's own behind the last mapped one. */
function moveSegmentTable(
  source: ByteSource,
  elf: ElfFile,
  interpreter: (Place & { sizeBytes: number }) | undefined,
  growth: Growth,
): void {
  const { segment: layout, header } = elf.format.structure
  const write = numberWriter(elf.format)
  const raw = Buffer.from(source.read(elf.segmentsOffset, elf.segments.length * layout.sizeBytes))
  const headers = elf.segments.map((_, i) => raw.subarray(i * layout.sizeBytes, (i + 1) * layout.sizeBytes))
  const own = Buffer.alloc(layout.sizeBytes)
  const lastLoad = elf.segments.findLastIndex(({ type }) => type === elfConstants.loadSegment)
  const table = [...headers.slice(0, lastLoad + 1), own, ...headers.slice(lastLoad + 1)]
  const tableBytes = table.length * layout.sizeBytes
  // Room first, content later: the headers state the size of the segment that they are in.
  const room = Buffer.alloc(tableBytes)
  const place = append(growth.segment, room, elf.format.structure.wordBytes)

  const setPlace = (bytes: Buffer, at: Place, sizeBytes: number) => {
    write.word(at.offset).copy(bytes, layout.offset)
    write.word(at.address).copy(bytes, layout.address)
    write.word(at.address).copy(bytes, layout.physical)
    write.word(sizeBytes).copy(bytes, layout.fileSize)
    write.word(sizeBytes).copy(bytes, layout.memorySize)
  }
  elf.segments.forEach(({ type }, i) => {
    if (type === elfConstants.interpreterSegment && interpreter)
      setPlace(headers[i]!, interpreter, interpreter.sizeBytes)
    if (type === elfConstants.programHeaderSegment) setPlace(headers[i]!, place, tableBytes)
  })
  write.int(elfConstants.loadSegment).copy(own, layout.type)
  write.int(elfConstants.readable).copy(own, layout.flags)
  write.word(growth.segment.align).copy(own, layout.align)
  setPlace(own, growth.segment, growth.segment.sizeBytes)
  Buffer.concat(table).copy(room)
  growth.patches.push(
    { offset: header.segments, bytes: write.word(place.offset) },
    { offset: header.segmentCount, bytes: write.half(table.length) },
  )
}
