// The files of a keyring: `FINGERPRINT.asc` for each trusted key and for each key to sign with, and, read only, the keys
// that GnuPG keeps in the same folder, so that what Spack trusts is trusted here. Uses OpenPGP.js; loaded on demand.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Key, type PrivateKey, readKeys, readPrivateKeys } from 'openpgp'
import { SpackError } from '../ui/error.ts'
import { keyboxKeys } from './keybox.ts'
import { armouredFiles, gnupgKeyrings, secretFolder, trustedFolder } from './keyring.ts'

/** All trusted keys, each once. Throws SpackError `keyring-broken` for a file that holds no key. */
export async function readTrustedFiles(folder: string): Promise<Key[]> {
  const merged = new Map<string, Key>()
  const add = async (key: Key) => {
    const fingerprint = key.getFingerprint()
    const present = merged.get(fingerprint)
    merged.set(fingerprint, present ? await present.update(key) : key)
  }
  for (const file of armouredFiles(join(folder, trustedFolder))) {
    for (const key of await readOr(file, () => readKeys({ armoredKeys: readFileSync(file, 'utf8') }))) await add(key)
  }
  for (const file of gnupgKeyrings(folder)) {
    const blocks = keyboxKeys(file, readFileSync(file))
    for (const binaryKeys of blocks)
      for (const key of await readOr(file, () => readKeys({ binaryKeys }))) await add(key)
  }
  return [...merged.values()]
}

/** The keys to sign with. Throws as `readTrustedFiles`. */
export async function readSecretFiles(folder: string): Promise<PrivateKey[]> {
  const keys: PrivateKey[] = []
  for (const file of armouredFiles(join(folder, secretFolder))) {
    keys.push(...(await readOr(file, () => readPrivateKeys({ armoredKeys: readFileSync(file, 'utf8') }))))
  }
  return keys
}

async function readOr<Value>(file: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SpackError('keyring-broken', `\`${file}\` holds no usable key: ${why}`, {
      hint: 'remove the file and trust the key again (`spack gpg trust FILE`)',
      cause,
    })
  }
}
