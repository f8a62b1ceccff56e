// Clear-signed manifests: is this text signed by a key that we trust? Ordinary signatures are checked here with Node's own
// cryptography, because loading OpenPGP.js takes 60 ms and there is a process for each spec; everything unusual, and
// everything that fails here for reasons of form or arithmetic, is decided by OpenPGP.js. What is accepted here is accepted
// there (tested with many kinds of keys and messages), except that nothing by a revoked key is ever accepted.

import { createHash, createPublicKey, verify } from 'node:crypto'
import { isSignedText, splitSignedText } from './armour.ts'
import { padded, readIntegers, readSignaturePacket, type SignaturePacket } from './signature-packet.ts'
import { couldSign, type KeyMaterial, type Keyring, type TrustedKey } from './trusted-key.ts'

export type SignatureProblem = 'not-signed' | 'unknown-key' | 'revoked-key' | 'expired-key' | 'bad-signature'

export type Verdict =
  | { kind: 'good' /** What was signed, without the signature. */; text: string; signer: TrustedKey }
  | { kind: 'refused'; problem: SignatureProblem; reason: string; hint?: string }

/** Checks a clear-signed text. */
export async function verifySignedText(message: string, keyring: Keyring): Promise<Verdict> {
  if (!isSignedText(message)) return refused('not-signed', 'it is not signed')
  const verdict = verifyOrdinary(message, keyring.keys)
  if (verdict) return verdict
  const { verifyWithOpenpgp } = await import('./openpgp-verification.ts')
  return verifyWithOpenpgp(message, keyring)
}

/** The verdict on an ordinary message, or undefined when OpenPGP.js has to decide. */
export function verifyOrdinary(message: string, keys: readonly TrustedKey[]): Verdict | undefined {
  const signed = splitSignedText(message)
  const packet = signed && readSignaturePacket(signed.packets)
  if (!packet || hashNames[packet.hashAlgorithm] !== signed.hash) return undefined
  const keyId = packet.keyId.toUpperCase()
  const [key, ...more] = keys.filter((candidate) => candidate.keyId === keyId)
  if (!key) return unknownKey(packet.fingerprint?.toUpperCase() ?? keyId)
  if (more.length) return undefined
  const untimely = timeProblem(key, packet.createdS)
  if (untimely) return untimely
  if (packet.fingerprint && packet.fingerprint.toUpperCase() !== key.fingerprint) return undefined
  return isGood(signed.text, packet, key, signed.hash) ? { kind: 'good', text: signed.text, signer: key } : undefined
}

const hashNames: Readonly<Record<number, string>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' }

/** The signature says how its integers are stored; the digest is taken over the text with CRLF between lines. */
function isGood(text: string, packet: SignaturePacket, key: TrustedKey, hash: string): boolean {
  const { material } = key
  if (!material || packet.publicKeyAlgorithm !== key.algorithm) return false
  const data = Buffer.concat([Buffer.from(text.replaceAll('\n', '\r\n')), packet.hashedTail])
  const digest = createHash(hash).update(data).digest()
  if (!digest.subarray(0, 2).equals(packet.digestStart)) return false
  const signature = signatureBytes(packet.material, material)
  if (!signature) return false
  const publicKey = createPublicKey({ key: material.jwk, format: 'jwk' })
  // EdDSA signs the digest as its message; the others take the digest themselves.
  if (material.kind === 'ed25519' || material.kind === 'ed25519-legacy')
    return verify(null, digest, publicKey, signature)
  return verify(hash, data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
}

function signatureBytes(stored: Buffer, material: KeyMaterial): Buffer | undefined {
  if (material.kind === 'ed25519') return stored.length === material.size ? stored : undefined
  const integers = readIntegers(stored, material.kind === 'rsa' ? 1 : 2)
  const parts = integers?.map((integer) => padded(integer, material.size))
  return parts?.every((part) => part !== undefined) ? Buffer.concat(parts) : undefined
}

/**
 * Why a signature of `createdS` by `key` is not to be believed, if so. That it may bear a date that is still to come on this
 * machine is no reason: clocks of compute nodes are wrong more often than those of signers, and it would prove nothing.
 */
export function timeProblem(key: TrustedKey, createdS: number): Verdict | undefined {
  if (key.isRevoked) return refused('revoked-key', `it is signed by key ${key.keyId} (${key.user}), which is revoked`)
  if (couldSign(key, createdS)) return undefined
  const end = key.valid.findLast(({ untilS }) => untilS !== null && untilS <= createdS)?.untilS
  const why = end ? `expired at ${dateText(end)}` : 'could not sign at that time'
  return refused('expired-key', `it is signed at ${dateText(createdS)} by key ${key.keyId} (${key.user}), which ${why}`)
}

const dateText = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

/** `id` is a fingerprint, or what the signature says instead. */
export const unknownKey = (id: string): Verdict =>
  refused(
    'unknown-key',
    `it is signed by key ${id}, which is not trusted`,
    'if you trust its owner: `spack buildcache keys --install --trust`, or `spack gpg trust FILE`',
  )

export const refused = (problem: SignatureProblem, reason: string, hint?: string): Verdict => ({
  kind: 'refused',
  problem,
  reason,
  ...(hint ? { hint } : {}),
})
