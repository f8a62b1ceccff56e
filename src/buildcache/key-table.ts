// Trusted key files → rows for `signature.ts`. When a key could sign is not worked out here: OpenPGP.js is asked for each
// moment at which its answer may change. Loaded on demand.

import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { enums, type Key, type SignaturePacket, type Subkey } from 'openpgp'
import { systemErrorCode } from '../ui/error.ts'
import { readTrustedFiles } from './key-files.ts'
import type { KeyKind, TrustedKey } from './trusted-key.ts'

/** The rows of all keys in the folder, each primary key before its subkeys. */
export async function deriveTable(folder: string): Promise<TrustedKey[]> {
  const rows: TrustedKey[] = []
  for (const key of await readTrustedFiles(folder)) rows.push(...(await keyRows(key)))
  return rows
}

/** The rows of one key: itself and its subkeys. */
export async function keyRows(key: Key): Promise<TrustedKey[]> {
  const moments = changingMoments(key)
  const afterAll = new Date((moments.at(-1) ?? 0) * 1000)
  const isPrimaryRevoked = await key.isRevoked(undefined, undefined, afterAll)
  const user = userOf(key)
  const rows: TrustedKey[] = []
  for (const part of [key, ...key.subkeys]) {
    const material = keyMaterial(part)
    rows.push({
      fingerprint: part.getFingerprint().toUpperCase(),
      keyId: part.getKeyID().toHex().toUpperCase(),
      primary: key.getFingerprint().toUpperCase(),
      user,
      algorithm: part.keyPacket.algorithm,
      ...(material ? { material } : {}),
      valid: await validSpans(key, part, moments),
      isRevoked: isPrimaryRevoked || ('bindingSignatures' in part && (await isRevokedSubkey(part, afterAll))),
    })
  }
  return rows
}

/** Name and address of the first user, without line breaks that could forge a message. */
export const userOf = (key: Key): string =>
  (key.getUserIDs()[0] ?? 'no name').replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?')

/** Its types want a certification to look at, but without one it asks whether the subkey itself is revoked. */
export const isRevokedSubkey = (subkey: Subkey, date: Date): Promise<boolean> =>
  subkey.isRevoked(undefined as unknown as SignaturePacket, undefined as unknown as Subkey['keyPacket'], date)

/** Seconds at which something begins or ends, each with the second after it, sorted. */
function changingMoments(key: Key): number[] {
  const found = new Set<number>()
  const add = (date: Date | null, laterS = 0) => {
    const seconds = date ? date.getTime() / 1000 + laterS : Number.NaN
    if (Number.isFinite(seconds)) found.add(seconds).add(seconds + 1)
  }
  const addSignature = (signature: SignaturePacket, keyCreated: Date): void => {
    add(signature.created)
    if (signature.signatureExpirationTime) add(signature.created, signature.signatureExpirationTime)
    if (signature.keyExpirationTime) add(keyCreated, signature.keyExpirationTime)
    if (signature.embeddedSignature) addSignature(signature.embeddedSignature, keyCreated)
  }
  const ownCreated = key.getCreationTime()
  add(ownCreated)
  const direct = (key as { directSignatures?: SignaturePacket[] }).directSignatures ?? []
  for (const signature of [...direct, ...key.revocationSignatures]) addSignature(signature, ownCreated)
  for (const user of key.users) {
    for (const signature of [...user.selfCertifications, ...user.revocationSignatures])
      addSignature(signature, ownCreated)
  }
  for (const subkey of key.subkeys) {
    const created = subkey.getCreationTime()
    add(created)
    for (const signature of [...subkey.bindingSignatures, ...subkey.revocationSignatures])
      addSignature(signature, created)
  }
  return [...found].sort((a, b) => a - b)
}

/** When `part` of `key` could sign: between two moments the answer stays the same. */
async function validSpans(key: Key, part: Key | Subkey, moments: readonly number[]): Promise<TrustedKey['valid']> {
  const spans: { fromS: number; untilS: number | null }[] = []
  for (const [index, fromS] of moments.entries()) {
    if (!(await canSign(key, part, new Date(fromS * 1000)))) continue
    const untilS = moments[index + 1] ?? null
    const last = spans.at(-1)
    if (last?.untilS === fromS) last.untilS = untilS
    else spans.push({ fromS, untilS })
  }
  return spans
}

async function canSign(key: Key, part: Key | Subkey, date: Date): Promise<boolean> {
  try {
    const found = await key.getSigningKey(part.getKeyID(), date)
    return part.getCreationTime() <= date && found.getFingerprint() === part.getFingerprint()
  } catch {
    // Every refusal is an exception there; which one does not matter here.
    return false
  }
}

/** What Node needs to check signatures of the key; undefined for algorithms that are left to OpenPGP.js. */
function keyMaterial(part: Key | Subkey): TrustedKey['material'] {
  const { algorithm, version } = part.keyPacket
  const parameters = part.keyPacket.publicParams as Readonly<Record<'n' | 'e' | 'Q' | 'A', Uint8Array | undefined>>
  const from = (kind: KeyKind, size: number, jwk: JsonWebKey) => (isUsable(jwk) ? { kind, size, jwk } : undefined)
  if (version !== 4) return undefined
  const { n, e, Q, A } = parameters
  if ((algorithm === enums.publicKey.rsaEncryptSign || algorithm === enums.publicKey.rsaSign) && n && e) {
    return from('rsa', n.length, { kty: 'RSA', n: base64url(n), e: base64url(e) })
  }
  if (algorithm === enums.publicKey.eddsaLegacy && Q?.length === 33 && Q[0] === 0x40) {
    return from('ed25519-legacy', 32, { kty: 'OKP', crv: 'Ed25519', x: base64url(Q.subarray(1)) })
  }
  if (algorithm === enums.publicKey.ed25519 && A?.length === 32) {
    return from('ed25519', 64, { kty: 'OKP', crv: 'Ed25519', x: base64url(A) })
  }
  const curve = nistCurves[part.getAlgorithmInfo().curve ?? '']
  if (algorithm === enums.publicKey.ecdsa && curve && Q?.length === 1 + 2 * curve.size && Q[0] === 4) {
    const [x, y] = [Q.subarray(1, 1 + curve.size), Q.subarray(1 + curve.size)]
    return from('ecdsa', curve.size, { kty: 'EC', crv: curve.name, x: base64url(x), y: base64url(y) })
  }
  return undefined
}

/** False for numbers that are no key, for instance a point that is not on its curve. */
function isUsable(key: JsonWebKey): boolean {
  try {
    createPublicKey({ key, format: 'jwk' })
    return true
  } catch (error) {
    if (systemErrorCode(error)) return false
    throw error
  }
}

const nistCurves: Readonly<Record<string, { name: string; size: number }>> = {
  nistP256: { name: 'P-256', size: 32 },
  nistP384: { name: 'P-384', size: 48 },
  nistP521: { name: 'P-521', size: 66 },
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
