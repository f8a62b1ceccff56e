// Signing files, for `spack gpg sign`, and manifests of a build cache. Uses OpenPGP.js; loaded on demand.

import { createCleartextMessage, createMessage, type PrivateKey, sign } from 'openpgp'
import type { SigningKey } from './publish.ts'

/** `bytes` as a clear-signed text. */
export async function signText(bytes: Buffer, signingKeys: PrivateKey): Promise<string> {
  return await sign({ message: await createCleartextMessage({ text: bytes.toString('utf8') }), signingKeys })
}

/** An armoured signature that lies beside what it signs. */
export async function signDetached(bytes: Buffer, signingKeys: PrivateKey): Promise<string> {
  const message = await createMessage({ binary: new Uint8Array(bytes) })
  return await sign({ message, signingKeys, detached: true })
}

/** A key as whoever writes a build cache needs it. */
export const cacheKey = (key: PrivateKey): SigningKey => ({
  fingerprint: key.getFingerprint().toUpperCase(),
  armoredPublicKey: key.toPublic().armor(),
  sign: (text) => signText(Buffer.from(text), key),
})
