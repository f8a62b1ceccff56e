// The outer form of signed texts: ASCII armour and the cleartext signature framework (RFC 9580, sections 6 and 7). Only the
// plain form that GnuPG and OpenPGP.js write is read here; whatever is unusual is left to OpenPGP.js.

const signedTextStart = '-----BEGIN PGP SIGNED MESSAGE-----'
const signatureStart = '-----BEGIN PGP SIGNATURE-----'
const signatureEnd = '-----END PGP SIGNATURE-----'

export const isSignedText = (text: string): boolean => text.startsWith(signedTextStart)

export interface SignedText {
  /** What was signed, with `\n` between lines and nothing of the framework left. */
  text: string
  /** Lower case, for instance `sha512`. */
  hash: string
  /** The packets of the signature. */
  packets: Buffer
}

/**
 * Takes a clear-signed text apart, or returns undefined when anything in it is out of the ordinary: other headers, text
 * after the end, bytes that are not ASCII, lone carriage returns, lines that should have been dash-escaped.
 */
export function splitSignedText(message: string): SignedText | undefined {
  if (/[^\t\r\n\x20-\x7e]/.test(message) || /\r(?!\n)/.test(message)) return undefined
  const lines = message.split('\n').map((line) => line.replace(/[ \t\r]+$/, ''))
  const hash = /^Hash: ([A-Z0-9]+)$/.exec(lines[1] ?? '')?.[1]
  if (lines[0] !== signedTextStart || !hash || lines[2] !== '') return undefined
  const text: string[] = []
  let at = 3
  for (; lines[at]?.startsWith('- ') || !lines[at]?.startsWith('-'); at++) {
    const line = lines[at]
    if (line === undefined) return undefined
    text.push(line.startsWith('- ') ? line.slice(2) : line)
  }
  const packets = armoured(lines.slice(at))
  return packets && { text: text.join('\n'), hash: hash.toLowerCase(), packets }
}

/** The bytes of an armoured signature without headers that ends with the text. The optional checksum is not needed. */
function armoured(lines: readonly string[]): Buffer | undefined {
  const end = lines.indexOf(signatureEnd)
  if (lines[0] !== signatureStart || lines[1] !== '' || end < 0 || lines.slice(end + 1).some(Boolean)) return undefined
  const checksum = /^=[A-Za-z0-9+/]{4}$/.test(lines[end - 1] ?? '') ? 1 : 0
  const body = lines.slice(2, end - checksum)
  const joined = body.join('')
  if (body.some((line) => line === '') || joined.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(joined)) {
    return undefined
  }
  return Buffer.from(joined, 'base64')
}

/** The text inside a clear-signed message whose signature nobody asked for. */
export function splitUnchecked(message: string): string {
  const start = message.search(/\r?\n[ \t]*\r?\n/)
  const end = message.indexOf(`\n${signatureStart}`)
  const lines = message.slice(start, end < 0 ? undefined : end).split('\n')
  return lines.map((line) => line.replace(/^- /, '')).join('\n')
}
