// A tar archive, read as its bytes come in. Formats: POSIX.1-2001 (ustar and pax headers) and GNU's long names. An own reader
// because each installer process starts anew, archives are hostile until checked, and memory is counted: data goes on in
// the pieces that it came in. Binaries must be as our own writer and Spack's make them; sources are read leniently.

import { SpackError } from '../ui/error.ts'

export interface TarMember {
  kind: 'file' | 'directory' | 'symlink' | 'hardlink'
  /** As in the archive. */
  name: string
  /** Of links, else empty. */
  target: string
  mode: number
  sizeBytes: number
  mtimeSeconds: number
}

export interface TarSink {
  begin: (member: TarMember) => void
  /** A part of the content of the file that was begun; only valid during the call, unless copied. */
  data: (piece: Buffer) => void
  end: () => void
}

/** How archives are read that others made, of which no signature speaks. */
export interface TarReading {
  /**
   * Names and targets are the bytes of the archive, one a character (latin1), in whatever encoding; members that are no
   * file, folder or link are passed over; times before 1970 count as 0; sums of signed bytes are right.
   */
  isLenient?: boolean
}

export interface TarReader {
  push: (chunk: Buffer) => void
  /** To be called when no more comes. Throws when the archive stops in the middle. */
  finish: () => void
}

/** What pax and GNU headers say of the member that follows. */
type Extension = Partial<Record<'name' | 'target' | 'sizeBytes' | 'mtimeSeconds', string>>

const blockBytes = 512
const space = 0x20
const digit0 = 0x30
const digit7 = 0x37
const zeroBlock = Buffer.alloc(blockBytes)
/** More than any path may have; a header that claims more is an attack on memory. */
const longestExtensionBytes = 1 << 20

const kinds: Readonly<Record<string, TarMember['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
  // Contiguous files, which nobody has written for long.
  '7': 'file',
}
const specialKinds: Readonly<Record<string, string>> = {
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a named pipe',
  S: 'a sparse file',
}
const paxKeys: Readonly<Record<string, keyof Extension>> = {
  path: 'name',
  linkpath: 'target',
  size: 'sizeBytes',
  mtime: 'mtimeSeconds',
}

/** Throws SpackError `archive-damaged` for what is no tar archive, `archive-refused` for members that are no file, folder or link. */
export function tarReader(sink: TarSink, { isLenient = false }: TarReading = {}): TarReader {
  const text = isLenient ? readBytes : readText
  let state: 'header' | 'content' | 'extension' | 'skipped' | 'done' = 'header'
  let partial = Buffer.alloc(0)
  let extension: Extension = {}
  /** Of the content or extension that is being read. */
  let remainingBytes = 0
  let paddingBytes = 0
  let extensionType = ''
  let pieces: Buffer[] = []

  const startBody = (sizeBytes: number, next: 'content' | 'extension' | 'skipped') => {
    state = next
    remainingBytes = sizeBytes
    paddingBytes = (blockBytes - (sizeBytes % blockBytes)) % blockBytes
  }

  const readHeader = (block: Buffer): void => {
    if (block[0] === 0 && block.equals(zeroBlock)) {
      state = 'done'
      return
    }
    checkSum(block, isLenient)
    const type = String.fromCharCode(block[156]!)
    if ('xgLK'.includes(type)) {
      const sizeBytes = readNumber(block, 124, 12, 'size')
      if (sizeBytes > longestExtensionBytes) throw damaged(`a header of ${sizeBytes} bytes`)
      extensionType = type
      startBody(sizeBytes, 'extension')
      return
    }
    const given = extension
    extension = {}
    if (isLenient && !kinds[type] && type !== 'S') {
      startBody(readNumber(block, 124, 12, 'size'), 'skipped')
      return
    }
    const member = readMember(block, type, given, text, isLenient)
    sink.begin(member)
    startBody(member.sizeBytes, 'content')
  }

  const endBody = (): void => {
    if (state === 'content') sink.end()
    else if (state === 'extension') {
      // Nearly always a header lies in one piece.
      readExtension(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
      pieces = []
    }
    state = 'header'
  }

  const readExtension = (content: Buffer): void => {
    // Defaults for all members (`g`) carry nothing that concerns us; each member states its own.
    if (extensionType === 'x') Object.assign(extension, readPax(content, text))
    if (extensionType === 'L') extension.name = text(content, 0, content.length)
    if (extensionType === 'K') extension.target = text(content, 0, content.length)
  }

  /** Consumes what it can of `chunk` from `at` on and gives the position behind it. */
  const step = (chunk: Buffer, at: number): number => {
    if (remainingBytes > 0) {
      const piece = chunk.subarray(at, at + remainingBytes)
      if (state === 'content') sink.data(piece)
      else if (state === 'extension') pieces.push(piece)
      remainingBytes -= piece.length
      return at + piece.length
    }
    const skipped = Math.min(paddingBytes, chunk.length - at)
    paddingBytes -= skipped
    return at + skipped
  }

  const isInBody = () => state === 'content' || state === 'extension' || state === 'skipped'
  const isBodyOver = () => isInBody() && remainingBytes === 0 && paddingBytes === 0

  const push = (chunk: Buffer): void => {
    for (let at = 0; state !== 'done'; ) {
      if (state === 'header') {
        const missing = blockBytes - partial.length
        if (chunk.length - at < missing) {
          partial = Buffer.concat([partial, chunk.subarray(at)])
          return
        }
        const rest = chunk.subarray(at, at + missing)
        const block = partial.length > 0 ? Buffer.concat([partial, rest]) : rest
        partial = Buffer.alloc(0)
        at += missing
        readHeader(block)
      } else {
        at = step(chunk, at)
      }
      if (isBodyOver()) endBody()
      else if (at === chunk.length) return
    }
  }

  const finish = (): void => {
    if (isInBody() || partial.length > 0) throw damaged('it ends in the middle of a member')
  }
  return { push, finish }
}

function readMember(
  block: Buffer,
  type: string,
  extension: Extension,
  text: typeof readText,
  isLenient: boolean,
): TarMember {
  const name = extension.name ?? readName(block, text)
  const kind = kinds[type]
  if (!kind) throw refused(name, `is ${specialKinds[type] ?? `of the unknown type ${JSON.stringify(type)}`}`)
  const isLink = kind === 'symlink' || kind === 'hardlink'
  const { sizeBytes, mtimeSeconds } = extension
  return {
    kind,
    name,
    target: isLink ? (extension.target ?? text(block, 157, 100)) : '',
    mode: readNumber(block, 100, 8, 'mode') & 0o7777,
    // Some writers give links the size of what they link to; no content follows.
    sizeBytes:
      kind !== 'file' ? 0 : sizeBytes === undefined ? readNumber(block, 124, 12, 'size') : paxNumber(sizeBytes, 'size'),
    mtimeSeconds: isLenient ? orZero(() => readTime(block, mtimeSeconds)) : readTime(block, mtimeSeconds),
  }
}

const readTime = (block: Buffer, pax: string | undefined): number =>
  pax === undefined ? readNumber(block, 136, 12, 'time') : paxNumber(pax, 'time')

function orZero(read: () => number): number {
  try {
    return read()
  } catch (error) {
    if (error instanceof SpackError) return 0
    throw error
  }
}

/** The name in a header itself; ustar divides long ones in two. */
function readName(block: Buffer, text: typeof readText): string {
  const name = text(block, 0, 100)
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0'
  const start = isUstar && block[345] !== 0 ? text(block, 345, 155) : ''
  return start ? `${start}/${name}` : name
}

/** The sum of a header's bytes, its own field counted as spaces. Summed four at a time: there are thousands of headers. */
function checkSum(block: Buffer, isLenient: boolean): void {
  block.copy(headerBytes)
  headerBytes.fill(space, 148, 156)
  let sums = 0
  // Two sums of 16 bits each, which 256 bytes of at most 255 do not exceed.
  for (let i = 0; i < headerWords.length; i++) {
    const word = headerWords[i]!
    sums += (word & 0xff00ff) + ((word >>> 8) & 0xff00ff)
  }
  const given = readNumber(block, 148, 8, 'checksum')
  if ((sums & 0xffff) + (sums >>> 16) === given || (isLenient && signedSum(headerBytes) === given)) return
  throw damaged('a header has a wrong checksum')
}

/** Some old writers took bytes for signed numbers. */
const signedSum = (bytes: Buffer): number => bytes.reduce((sum, byte) => sum + (byte < 128 ? byte : byte - 256), 0)

const headerBytes = Buffer.alloc(blockBytes)
const headerWords = new Uint32Array(headerBytes.buffer, headerBytes.byteOffset, blockBytes / 4)

/** Octal digits, or, with the first bit set, a number to the base 256 (GNU). Called four times a member, so without regular expressions. */
function readNumber(block: Buffer, offset: number, length: number, what: string): number {
  const end = offset + length
  if (block[offset]! & 0x80) {
    if (block[offset] !== 0x80) throw damaged(`a negative ${what}`)
    return checkedNumber(Number(BigInt(`0x${block.toString('hex', offset + 1, end)}`)), what)
  }
  let at = offset
  while (at < end && block[at] === space) at++
  let value = 0
  for (; at < end && block[at]! >= digit0 && block[at]! <= digit7; at++) value = value * 8 + block[at]! - digit0
  for (; at < end; at++) if (block[at] !== space && block[at] !== 0) throw damaged(`a ${what} that is no number`)
  return value
}

function paxNumber(text: string, what: string): number {
  if (!/^\d+(\.\d*)?$/.test(text)) throw damaged(`a ${what} that is no number`)
  return checkedNumber(Math.floor(Number(text)), what)
}

function checkedNumber(value: number, what: string): number {
  if (!Number.isSafeInteger(value)) throw damaged(`an absurd ${what}`)
  return value
}

/** `LENGTH KEY=VALUE\n`, again and again. */
function readPax(content: Buffer, decode: typeof readText): Extension {
  const extension: Extension = {}
  const text = content.toString('latin1')
  for (let at = 0; at < text.length; ) {
    const blank = text.indexOf(' ', at)
    const equals = text.indexOf('=', blank)
    const length = Number(text.slice(at, blank))
    const end = at + length
    if (blank < 0 || equals < 0 || !Number.isInteger(length) || equals >= end || text[end - 1] !== '\n') {
      throw damaged('a bad pax header')
    }
    const key = text.slice(blank + 1, equals)
    if (key.startsWith('GNU.sparse.')) throw damaged('a sparse file')
    const known = Object.hasOwn(paxKeys, key) ? paxKeys[key] : undefined
    if (known) extension[known] = decode(content, equals + 1, end - equals - 2)
    at = end
  }
  return extension
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text up to the first zero byte. */
function readText(block: Buffer, offset: number, length: number): string {
  const zero = block.indexOf(0, offset)
  const end = zero >= 0 && zero < offset + length ? zero : offset + length
  const text = block.toString('latin1', offset, end)
  // Nearly all names are ASCII, and the decoder takes longer than all else that is done with a name.
  if (!/[^\0-\x7f]/.test(text)) return text
  try {
    return utf8.decode(block.subarray(offset, end))
  } catch (cause) {
    throw new SpackError('archive-refused', `the name ${JSON.stringify(text)} in the archive is not UTF-8`, { cause })
  }
}

/** As `readText`, a character for each byte. */
function readBytes(block: Buffer, offset: number, length: number): string {
  const zero = block.indexOf(0, offset)
  return block.toString('latin1', offset, zero >= 0 && zero < offset + length ? zero : offset + length)
}

/** What makes an archive useless: it is not what its writer made. */
export const damaged = (what: string, cause?: unknown): SpackError =>
  new SpackError('archive-damaged', `the archive cannot be read: ${what}`, { cause })

/** What makes an archive dangerous: a member that no package has. */
export const refused = (name: string, why: string): SpackError =>
  new SpackError('archive-refused', `the archive is refused: its member ${JSON.stringify(name)} ${why}`, {
    hint: 'nothing was installed; whoever signed this archive should look at it',
  })
