// The OpenPGP signature packet (RFC 9580, section 5.2), as far as signatures on build caches use it: version 4 over a text.
// Whatever else there is makes `readSignaturePacket` return undefined, and OpenPGP.js decides.

export interface SignaturePacket {
  /** Last 16 digits of the fingerprint, lower case. */
  keyId: string
  /** Present when the packet says it; lower case. */
  fingerprint: string | undefined
  publicKeyAlgorithm: number
  hashAlgorithm: number
  /** Seconds since 1970. */
  createdS: number
  /** What is hashed after the text. */
  hashedTail: Buffer
  /** First two bytes of the digest. */
  digestStart: Buffer
  /** The algorithm's numbers, as they stand. */
  material: Buffer
}

const textSignature = 0x01
/** Subpackets by number that may stand in the hashed area: they are read below, or say nothing about validity. */
const creationTime = 2
const issuerKeyId = 16
const issuerFingerprint = 33
const harmless = [
  20, // notation, unless critical
  28, // user id of the signer
]

/** Reads the only packet in `bytes`. */
export function readSignaturePacket(bytes: Buffer): SignaturePacket | undefined {
  const body = onlyPacket(bytes)
  if (!body || body.length < 12 || body[0] !== 4 || body[1] !== textSignature) return undefined
  const hashedLength = body.readUInt16BE(4)
  const unhashedAt = 6 + hashedLength
  if (unhashedAt + 2 > body.length) return undefined
  const unhashedLength = body.readUInt16BE(unhashedAt)
  const digestAt = unhashedAt + 2 + unhashedLength
  if (digestAt + 2 > body.length) return undefined
  const hashed = subpackets(body.subarray(6, unhashedAt))
  const unhashed = subpackets(body.subarray(unhashedAt + 2, digestAt))
  const named = hashed && unhashed && readSubpackets(hashed, unhashed)
  if (!named) return undefined
  return {
    ...named,
    publicKeyAlgorithm: body[2]!,
    hashAlgorithm: body[3]!,
    hashedTail: Buffer.concat([body.subarray(0, unhashedAt), Buffer.from([4, 0xff]), uint32(unhashedAt)]),
    digestStart: body.subarray(digestAt, digestAt + 2),
    material: body.subarray(digestAt + 2),
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** The content of a signature packet that fills `bytes` exactly; both header formats, but no partial lengths. */
function onlyPacket(bytes: Buffer): Buffer | undefined {
  const tag = bytes[0] ?? 0
  if ((tag & 0xc0) === 0xc0) {
    const length = (tag & 0x3f) === 2 ? readLength(bytes, 1) : undefined
    return length && length.end === bytes.length ? bytes.subarray(length.start, length.end) : undefined
  }
  const sizeOfLength = [1, 2, 4][tag & 3]
  if ((tag & 0xfc) !== 0x88 || !sizeOfLength || bytes.length < 1 + sizeOfLength) return undefined
  const start = 1 + sizeOfLength
  return start + bytes.readUIntBE(1, sizeOfLength) === bytes.length ? bytes.subarray(start) : undefined
}

/** A length of one, two or five octets at `at`, as bounds of what follows; undefined when it leads out of `bytes`. */
function readLength(bytes: Buffer, at: number): { start: number; end: number } | undefined {
  const first = bytes[at]
  if (first === undefined || (first >= 224 && first < 255)) return undefined
  const size = first < 192 ? 1 : first < 224 ? 2 : 5
  const start = at + size
  if (start > bytes.length) return undefined
  const length =
    size === 1 ? first : size === 2 ? ((first - 192) << 8) + bytes[at + 1]! + 192 : bytes.readUInt32BE(at + 1)
  return start + length <= bytes.length ? { start, end: start + length } : undefined
}

interface Subpacket {
  type: number
  isCritical: boolean
  content: Buffer
}

function subpackets(bytes: Buffer): Subpacket[] | undefined {
  const found: Subpacket[] = []
  for (let at = 0; at < bytes.length; ) {
    // 224 to 254 are plain two-octet lengths here, partial ones in packets; neither program writes them.
    const bounds = readLength(bytes, at)
    if (!bounds || bounds.start === bounds.end) return undefined
    const type = bytes[bounds.start]!
    found.push({ type: type & 0x7f, isCritical: type >= 0x80, content: bytes.subarray(bounds.start + 1, bounds.end) })
    at = bounds.end
  }
  return found
}

/** Who signed and when, provided that everything is said once and nothing else could change the meaning. */
function readSubpackets(
  hashed: readonly Subpacket[],
  unhashed: readonly Subpacket[],
): Pick<SignaturePacket, 'keyId' | 'fingerprint' | 'createdS'> | undefined {
  const isKnown = ({ type, isCritical }: Subpacket) =>
    [creationTime, issuerKeyId, issuerFingerprint].includes(type) || (harmless.includes(type) && !isCritical)
  const isIssuer = ({ type }: Subpacket) => type === issuerKeyId || type === issuerFingerprint
  if (!hashed.every(isKnown) || !unhashed.every(isIssuer)) return undefined
  const all = [...hashed, ...unhashed]
  const only = (type: number) => {
    const contents = all.filter((subpacket) => subpacket.type === type).map((subpacket) => subpacket.content)
    return contents.length > 1 ? null : contents[0]
  }
  const [time, id, issuer] = [only(creationTime), only(issuerKeyId), only(issuerFingerprint)]
  if (time?.length !== 4 || id === null || issuer === null) return undefined
  if ((id && id.length !== 8) || (issuer && (issuer.length !== 21 || issuer[0] !== 4))) return undefined
  const fingerprint = issuer?.subarray(1).toString('hex')
  const keyId = id?.toString('hex') ?? fingerprint?.slice(-16)
  if (!keyId || (fingerprint && !fingerprint.endsWith(keyId))) return undefined
  return { keyId, fingerprint, createdS: time.readUInt32BE(0) }
}

/** Reads `count` multiprecision integers that fill `material` exactly, each without its length. */
export function readIntegers(material: Buffer, count: number): Buffer[] | undefined {
  const integers: Buffer[] = []
  let at = 0
  while (integers.length < count && at + 2 <= material.length) {
    const bytes = Math.ceil(material.readUInt16BE(at) / 8)
    integers.push(material.subarray(at + 2, at + 2 + bytes))
    at += 2 + bytes
  }
  return integers.length === count && at === material.length ? integers : undefined
}

/** `integer` with zeros in front to fill `size` bytes; undefined when it is larger. */
export function padded(integer: Buffer, size: number): Buffer | undefined {
  if (integer.length > size) return undefined
  return Buffer.concat([Buffer.alloc(size - integer.length), integer])
}
