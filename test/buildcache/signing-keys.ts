// Keys of many kinds for tests, made anew each time, and texts signed by them: at any date, with any digest, also by keys
// that should not sign any more.

import {
  config as defaults,
  enums,
  generateKey,
  type PrivateKey,
  revokeKey,
  type SecretKeyPacket,
  type SecretSubkeyPacket,
  SignaturePacket,
} from 'openpgp'

const aYearAgo = new Date(Math.floor(Date.now() / 1000 - 365 * 86400) * 1000)

export type KeyOptions = Omit<Parameters<typeof generateKey>[0], 'userIDs' | 'format'>

/** A key without subkeys unless `options` names some. It is a year old, so that it can have signed before now. */
export async function makeKey(name: string, options: Partial<KeyOptions> = {}): Promise<PrivateKey> {
  const userIDs = [{ name, email: `${name.replaceAll(' ', '.')}@example.org` }]
  const all = {
    type: 'ecc',
    curve: 'ed25519Legacy',
    subkeys: [],
    date: aYearAgo,
    ...options,
    userIDs,
    format: 'object',
  }
  return (await generateKey(all as Parameters<typeof generateKey>[0] & { format: 'object' })).privateKey
}

export async function revoke(key: PrivateKey, flag: enums.reasonForRevocation): Promise<PrivateKey> {
  const revoked = await revokeKey({ key, reasonForRevocation: { flag, string: '' }, format: 'object' })
  return revoked.privateKey
}

export type Signer = SecretKeyPacket | SecretSubkeyPacket

export interface SignOptions {
  hash?: enums.hash
  date?: Date
  /** Seconds after which the signature expires. */
  lifeS?: number
}

const hashNames: Readonly<Record<number, string>> = { 8: 'SHA256', 9: 'SHA384', 10: 'SHA512' }

/** `text` clear-signed by each of `signers`, as GnuPG writes it. */
export async function clearSign(text: string, signers: Signer | Signer[], options: SignOptions = {}): Promise<string> {
  const { hash = enums.hash.sha512, date = new Date() } = options
  const lines = text.split('\n').map((line) => line.replace(/[ \t\r]+$/, ''))
  const packets: Buffer[] = []
  for (const signer of [signers].flat())
    packets.push(await signaturePacket(lines.join('\r\n'), signer, { hash, date, lifeS: options.lifeS }))
  const armoured = Buffer.concat(packets)
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n')
  const escaped = text.split('\n').map((line) => (line.startsWith('-') ? `- ${line}` : line))
  return [
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: ${hashNames[hash]}\n`,
    ...escaped,
    `-----BEGIN PGP SIGNATURE-----\n\n${armoured}\n-----END PGP SIGNATURE-----\n`,
  ].join('\n')
}

async function signaturePacket(text: string, signer: Signer, options: SignOptions): Promise<Buffer> {
  const { hash = enums.hash.sha512, date, lifeS } = options
  const packet = new SignaturePacket()
  packet.signatureType = enums.signature.text
  packet.publicKeyAlgorithm = signer.algorithm
  packet.hashAlgorithm = hash
  if (lifeS !== undefined) {
    packet.signatureExpirationTime = lifeS
    packet.signatureNeverExpires = false
  }
  const data = { getBytes: () => new TextEncoder().encode(text) }
  const sign = packet.sign as unknown as (...words: unknown[]) => Promise<void>
  await sign.call(packet, signer, data, date, false, defaults)
  const body = Buffer.from((packet as unknown as { write: () => Uint8Array }).write())
  const header = Buffer.from([0x89, 0, 0])
  header.writeUInt16BE(body.length, 1)
  return Buffer.concat([header, body])
}
