// Tar archives as nobody should write them: every field of a header is free.

export interface RawMember {
  name: string
  /** `0` file, `1` hard link, `2` symbolic link, `5` folder… */
  type?: string
  content?: Buffer | string
  target?: string
  mode?: number
  mtimeSeconds?: number
  /** As the header claims it, when it is not that of the content. */
  claimedBytes?: number
  /** Text of the size field, when it is no octal number. */
  sizeField?: Buffer
}

export function rawMember(member: RawMember): Buffer {
  const content = Buffer.from(member.content ?? '')
  const header = Buffer.alloc(512)
  const octal = (value: number, offset: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1')
  header.write(member.name, 0, 100, 'utf8')
  octal(member.mode ?? (member.type === '5' ? 0o755 : 0o644), 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(Math.min(member.claimedBytes ?? content.length, 0o77777777777), 124, 12)
  member.sizeField?.copy(header, 124)
  octal(member.mtimeSeconds ?? 0, 136, 12)
  header.write(member.type ?? '0', 156, 'latin1')
  header.write(member.target ?? '', 157, 100, 'utf8')
  header.write('ustar\x0000', 257, 'latin1')
  header.fill(' ', 148, 156)
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

/** A header that gives the next member a long name or target. */
export function paxMember(records: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`)
    let length = rest
    while (String(length).length + rest !== length) length = String(length).length + rest
    return `${length} ${key}=${value}\n`
  })
  return rawMember({ name: 'pax', type: 'x', content: lines.join('') })
}

export const rawTar = (members: readonly (RawMember | Buffer)[]): Buffer =>
  Buffer.concat([...members.map((one) => (Buffer.isBuffer(one) ? one : rawMember(one))), Buffer.alloc(1024)])
