// Writes POSIX tar members byte by byte, reproducibly: owner 0, time 0. Layout: POSIX.1-1988 ustar headers with pax
// extended headers (POSIX.1-2001) for names, link targets and sizes that do not fit.

const blockSizeBytes = 512
const nameFieldBytes = 100
const largestOctalSize = 0o77777777777

export type TarMember =
  | { kind: 'directory'; name: string; mode: number }
  | { kind: 'file'; name: string; mode: number; content: Uint8Array }
  | { kind: 'symlink'; name: string; target: string; mode: number }
  | { kind: 'hardlink'; name: string; target: string; mode: number }

const typeFlags: Readonly<Record<TarMember['kind'], string>> = {
  directory: '5',
  file: '0',
  symlink: '2',
  hardlink: '1',
}

/** Header, content and padding of one member. Names are written as they are given: what is safe is the caller's to know. */
export function tarMember(member: TarMember): Buffer[] {
  const size = member.kind === 'file' ? member.content.length : 0
  const target = member.kind === 'symlink' || member.kind === 'hardlink' ? member.target : ''
  const name = member.kind === 'directory' ? `${member.name.replace(/\/+$/, '')}/` : member.name
  const header = { name, target, size, mode: member.mode, typeFlag: typeFlags[member.kind] }
  const blocks = [...paxHeader(header), ustarHeader(header)]
  return member.kind === 'file' ? [...blocks, ...padded(member.content)] : blocks
}

/** The two empty blocks that end an archive. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * blockSizeBytes)

interface Header {
  name: string
  target: string
  size: number
  mode: number
  typeFlag: string
}

function ustarHeader(header: Header): Buffer {
  const block = Buffer.alloc(blockSizeBytes)
  const octal = (value: number, offset: number, length: number) =>
    block.write(
      `${Math.min(value, largestOctalSize)
        .toString(8)
        .padStart(length - 1, '0')}\0`,
      offset,
      'latin1',
    )
  Buffer.from(header.name).copy(block, 0, 0, nameFieldBytes)
  octal(header.mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(header.size, 124, 12)
  octal(0, 136, 12)
  block.fill(' ', 148, 156)
  block.write(header.typeFlag, 156, 'latin1')
  Buffer.from(header.target).copy(block, 157, 0, nameFieldBytes)
  block.write('ustar\0' + '00', 257, 'latin1')
  const checksum = block.reduce((sum, byte) => sum + byte, 0)
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

/** An extended header for what the ustar fields cannot hold, or nothing. */
function paxHeader(header: Header): Buffer[] {
  const needsPax = (text: string) => Buffer.byteLength(text) > nameFieldBytes || /[^\x20-\x7e]/.test(text)
  const records = [
    ...(needsPax(header.name) ? [paxRecord('path', header.name)] : []),
    ...(needsPax(header.target) ? [paxRecord('linkpath', header.target)] : []),
    ...(header.size > largestOctalSize ? [paxRecord('size', String(header.size))] : []),
  ]
  if (!records.length) return []
  const content = Buffer.concat(records)
  return [
    ustarHeader({ name: '././@PaxHeader', target: '', size: content.length, mode: 0, typeFlag: 'x' }),
    ...padded(content),
  ]
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  length = rest + String(length).length
  return Buffer.from(`${length} ${key}=${value}\n`)
}

function padded(content: Uint8Array): Buffer[] {
  const tail = (blockSizeBytes - (content.length % blockSizeBytes)) % blockSizeBytes
  return [Buffer.from(content.buffer, content.byteOffset, content.length), Buffer.alloc(tail)]
}
