// OpenPGP.js has the last word on signatures that `signature.ts` does not decide. Loaded on demand.

import { readCleartextMessage } from 'openpgp'
import { readTrustedFiles } from './key-files.ts'
import { refused, timeProblem, unknownKey, type Verdict } from './signature.ts'
import type { Keyring, TrustedKey } from './trusted-key.ts'

/** Good when at least one signature is, by a trusted key that is not revoked. */
export async function verifyWithOpenpgp(message: string, keyring: Keyring, latestS: number): Promise<Verdict> {
  const verificationKeys = await readTrustedFiles(keyring.folder)
  let signed: Awaited<ReturnType<typeof readCleartextMessage>>
  try {
    signed = await readCleartextMessage({ cleartextMessage: message })
  } catch (error) {
    return refused('bad-signature', `its signature cannot be read: ${messageOf(error)}`)
  }
  const results = await signed.verify(verificationKeys, new Date(latestS * 1000))
  let verdict: Verdict | undefined
  for (const { keyID, verified, signature } of results) {
    const keyId = keyID.toHex().toUpperCase()
    const rows = keyring.keys.filter((key) => key.keyId === keyId)
    const createdS = ((await signature).packets[0]?.created?.getTime() ?? 0) / 1000
    const problem = rowProblem(rows, keyId, createdS, latestS)
    try {
      await verified
      if (!problem) return { kind: 'good', text: signed.getText(), signer: rows[0]! }
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
