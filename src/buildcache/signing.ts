// Signing files, for `spack gpg sign`. Uses OpenPGP.js; loaded on demand.

import { createCleartextMessage, createMessage, type PrivateKey, sign } from 'openpgp'

/** `bytes` as a clear-signed text. */
export async function signText(bytes: Buffer, signingKeys: PrivateKey): Promise<string> {
  return await sign({ message: await createCleartextMessage({ text: bytes.toString('utf8') }), signingKeys })
}

/** An armoured signature that lies beside what it signs. */
export async function signDetached(bytes: Buffer, signingKeys: PrivateKey): Promise<string> {
  const message = await createMessage({ binary: new Uint8Array(bytes) })
  return await sign({ message, signingKeys, detached: true })
}
