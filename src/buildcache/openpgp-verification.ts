// OpenPGP.js has the last word on signatures that `signature.ts` does not decide, and on those that lie beside a file.
// Loaded on demand.

import {
  createMessage,
  readCleartextMessage,
  readSignature,
  type Signature,
  type SignaturePacket,
  verify,
} from 'openpgp'
import { readTrustedFiles } from './key-files.ts'
import { refused, timeProblem, unknownKey, type Verdict } from './signature.ts'
import type { Keyring, TrustedKey } from './trusted-key.ts'

/** The verdict on a clear-signed text: good when at least one signature is, by a trusted key that is not revoked. */
export async function verifyWithOpenpgp(text: string, keyring: Keyring): Promise<Verdict> {
  const message = await readOr(() => readCleartextMessage({ cleartextMessage: text }))
  if ('kind' in message) return message
  const verificationKeys = await readTrustedFiles(keyring.folder)
  const { signatures } = await verify({ message, verificationKeys, date: atAnyTime })
  return await judge(signatures, message.getText(), keyring)
}

/** The verdict on a signature (armoured or not) of `content`. */
export async function verifyDetached(content: Buffer, bytes: Buffer, keyring: Keyring): Promise<Verdict> {
  const text = bytes.toString('latin1')
  const isArmoured = text.includes('-----BEGIN PGP SIGNATURE-----')
  const signature = await readOr(() =>
    isArmoured ? readSignature({ armoredSignature: text }) : readSignature({ binarySignature: new Uint8Array(bytes) }),
  )
  if ('kind' in signature) return signature
  const message = await createMessage({ binary: new Uint8Array(content) })
  const verificationKeys = await readTrustedFiles(keyring.folder)
  const { signatures } = await verify({ message, signature, verificationKeys, format: 'binary', date: atAnyTime })
  return await judge(signatures, '', keyring)
}

/** OpenPGP.js then neither refuses dates to come nor looks at the expiry of signatures, which `judge` does. */
const atAnyTime = null

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

async function judge(results: readonly Result[], text: string, keyring: Keyring): Promise<Verdict> {
  let verdict: Verdict | undefined
  for (const { keyID, verified, signature } of results) {
    const keyId = keyID.toHex().toUpperCase()
    const rows = keyring.keys.filter((key) => key.keyId === keyId)
    const problem = rowProblem(rows, keyId, (await signature).packets[0])
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
  packet: SignaturePacket | undefined,
): Verdict | undefined {
  const created = packet?.created
  if (rows.length === 0 || !packet || !created) return unknownKey(keyId)
  for (const row of rows) {
    const problem = timeProblem(row, created.getTime() / 1000)
    if (problem) return problem
  }
  const isExpired = packet.isExpired(new Date(Math.max(Date.now(), created.getTime())))
  return isExpired ? refused('bad-signature', `its signature by key ${keyId} has expired`) : undefined
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
