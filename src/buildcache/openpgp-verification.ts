// OpenPGP.js has the last word on signatures that `signature.ts` does not decide, and on those that lie beside a file.
// Loaded on demand.

import { createMessage, readCleartextMessage, readSignature, type Signature, verify } from 'openpgp'
import { readTrustedFiles } from './key-files.ts'
import { refused, timeProblem, unknownKey, type Verdict } from './signature.ts'
import type { Keyring, TrustedKey } from './trusted-key.ts'

/** The verdict on a clear-signed text: good when at least one signature is, by a trusted key that is not revoked. */
export async function verifyWithOpenpgp(message: string, keyring: Keyring, latestS: number): Promise<Verdict> {
  const signed = await readOr(() => readCleartextMessage({ cleartextMessage: message }))
  if ('kind' in signed) return signed
  const results = await signed.verify(await readTrustedFiles(keyring.folder), new Date(latestS * 1000))
  return await judge(results, signed.getText(), keyring, latestS)
}

/** The verdict on a signature (armoured or not) of `content`. */
export async function verifyDetached(
  content: Buffer,
  signature: Buffer,
  keyring: Keyring,
  latestS: number,
): Promise<Verdict> {
  const text = signature.toString('latin1')
  const isArmoured = text.includes('-----BEGIN PGP SIGNATURE-----')
  const read = await readOr(() =>
    isArmoured
      ? readSignature({ armoredSignature: text })
      : readSignature({ binarySignature: new Uint8Array(signature) }),
  )
  if ('kind' in read) return read
  const { signatures } = await verify({
    message: await createMessage({ binary: new Uint8Array(content) }),
    signature: read,
    verificationKeys: await readTrustedFiles(keyring.folder),
    format: 'binary',
    date: new Date(latestS * 1000),
  })
  return await judge(signatures, '', keyring, latestS)
}

/** What is malformed is a plain Error in OpenPGP.js, and a refusal here. */
async function readOr<Value>(read: () => Promise<Value>): Promise<Value | Verdict> {
  try {
    return await read()
  } catch (error) {
    return refused('bad-signature', `its signature cannot be read: ${messageOf(error)}`)
  }
}

interface Result {
  keyID: { toHex: () => string }
  verified: Promise<boolean>
  signature: Promise<Signature>
}

async function judge(results: readonly Result[], text: string, keyring: Keyring, latestS: number): Promise<Verdict> {
  let verdict: Verdict | undefined
  for (const { keyID, verified, signature } of results) {
    const keyId = keyID.toHex().toUpperCase()
    const rows = keyring.keys.filter((key) => key.keyId === keyId)
    const createdS = ((await signature).packets[0]?.created?.getTime() ?? 0) / 1000
    const problem = rowProblem(rows, keyId, createdS, latestS)
    try {
      await verified
      if (!problem) return { kind: 'good', text, signer: rows[0]! }
      verdict ??= problem
    } catch (error) {
      verdict ??= problem ?? refused('bad-signature', `its signature by key ${keyId} is wrong: ${messageOf(error)}`)
    }
  }
  return verdict ?? refused('bad-signature', 'it has no signature over its text')
}

function rowProblem(
  rows: readonly TrustedKey[],
  keyId: string,
  createdS: number,
  latestS: number,
): Verdict | undefined {
  if (rows.length === 0) return unknownKey(keyId)
  for (const row of rows) {
    const problem = timeProblem(row, createdS, latestS)
    if (problem) return problem
  }
  return undefined
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
