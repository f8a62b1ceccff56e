// What the kit says about an ELF file, read by code of its own, so that it can judge the code under test: 64 bits,
// least significant byte first.

export interface ElfFacts {
  interp?: string
  rpath?: string
  runpath?: string
  soname?: string
  needed?: string[]
  /** Printable C strings with a slash in them. */
  strings: string[]
}

const singleTags: Readonly<Record<number, 'soname' | 'rpath' | 'runpath'>> = {
  14: 'soname',
  15: 'rpath',
  29: 'runpath',
}

export function elfFacts(data: Buffer): ElfFacts {
  const facts: ElfFacts = { strings: printableStrings(data) }
  const segments = readSegments(data)
  const textAt = (offset: number) => data.toString('utf8', offset, data.indexOf(0, offset))
  const interpreter = segments.find(({ type }) => type === 3)
  if (interpreter) facts.interp = textAt(interpreter.offset)
  const dynamic = segments.find(({ type, size }) => type === 2 && size > 0)
  if (!dynamic) return facts
  const entries: [number, number][] = []
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    const entry: [number, number] = [Number(data.readBigInt64LE(at)), Number(data.readBigUInt64LE(at + 8))]
    if (entry[0] === 0) break
    entries.push(entry)
  }
  const address = entries.find(([tag]) => tag === 5)![1]
  const load = segments.find((one) => one.type === 1 && one.address <= address && address < one.address + one.size)!
  const strings = load.offset + address - load.address
  for (const [tag, value] of entries) {
    const name = singleTags[tag]
    if (name) facts[name] = textAt(strings + value)
    if (tag === 1) facts.needed = [...(facts.needed ?? []), textAt(strings + value)]
  }
  return facts
}

interface Segment {
  type: number
  offset: number
  address: number
  size: number
}

function readSegments(data: Buffer): Segment[] {
  const table = Number(data.readBigUInt64LE(32))
  return Array.from({ length: data.readUInt16LE(56) }, (_, i) => {
    const at = table + 56 * i
    const number = (offset: number) => Number(data.readBigUInt64LE(at + offset))
    return { type: data.readUInt32LE(at), offset: number(8), address: number(16), size: number(32) }
  })
}

const printableStrings = (data: Buffer): string[] => {
  const all = [...data.toString('latin1').matchAll(/([\x20-\x7e]{4,})\0/g)].map((match) => match[1]!)
  return all.filter((text) => text.includes('/'))
}
