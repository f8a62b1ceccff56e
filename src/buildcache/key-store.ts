// Changes of the keyring: keys are trusted, no longer trusted, made and exported. Uses OpenPGP.js; loaded on demand.

import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { armor, enums, generateKey, type Key, type PrivateKey, readKeys, revokeKey } from 'openpgp'
import { makeFolders } from '../folders.ts'
import { SpackError } from '../ui/error.ts'
import { writeWhole } from '../whole-file.ts'
import { readSecretFiles, readTrustedFiles } from './key-files.ts'
import { userOf } from './key-table.ts'
import { gnupgKeyrings, loadKeyring, secretFolder, trustedFolder } from './keyring.ts'

export interface TrustOutcome {
  key: Key
  change: 'added' | 'updated' | 'unchanged' | 'revoked'
  /** The file also held the secret part, which is now a key to sign with. */
  withSecret: boolean
}

/**
 * Trusts the keys in a file (armoured or not), and learns of revocations. Throws SpackError `no-key` when there is nothing
 * in it that can be used; `source` names it.
 */
export async function trustKeys(folder: string, bytes: Buffer, source: string): Promise<TrustOutcome[]> {
  const outcomes: TrustOutcome[] = []
  for (const block of keyBlocks(bytes)) {
    const keys = await keysOf(block)
    for (const key of keys) outcomes.push(await trustKey(folder, key))
    if (keys.length === 0) outcomes.push(...(await applyRevocation(folder, block, source)))
  }
  if (outcomes.length === 0) throw noKey(source)
  // The table is made now and not by the first of many installers.
  await loadKeyring(folder)
  return outcomes
}

/** The keys in a file, of which nothing is trusted by reading it. */
export async function keysIn(bytes: Buffer): Promise<Key[]> {
  return (await Promise.all(keyBlocks(bytes).map(keysOf))).flat()
}

const noKey = (source: string): SpackError =>
  new SpackError('no-key', `\`${source}\` holds no OpenPGP key`, {
    hint: 'a key is exported by `spack gpg export FILE` or `gpg --export --armor KEY`',
  })

/** The armoured blocks of a text, or the bytes as they are. */
function keyBlocks(bytes: Buffer): (string | Uint8Array)[] {
  const text = bytes.toString('latin1')
  const blocks = text.match(/-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----[\s\S]*?-----END PGP [A-Z ]+-----/g)
  return blocks ?? (text.includes('-----BEGIN') || bytes.length === 0 ? [] : [new Uint8Array(bytes)])
}

/** No keys for whatever cannot be read as such; the caller says that. */
async function keysOf(block: string | Uint8Array): Promise<Key[]> {
  try {
    return typeof block === 'string' ? await readKeys({ armoredKeys: block }) : await readKeys({ binaryKeys: block })
  } catch {
    // Every malformation is a plain Error there.
    return []
  }
}

async function trustKey(folder: string, key: Key): Promise<TrustOutcome> {
  const fingerprint = key.getFingerprint()
  const present = (await readTrustedFiles(folder)).find((trusted) => trusted.getFingerprint() === fingerprint)
  const fresh = key.toPublic()
  const merged = present ? await present.toPublic().update(fresh) : fresh
  const isSame = present !== undefined && Buffer.from(present.write()).equals(Buffer.from(merged.write()))
  if (key.isPrivate()) writeKey(join(folder, secretFolder), key)
  writeKey(join(folder, trustedFolder), merged)
  return { key: merged, change: isSame ? 'unchanged' : present ? 'updated' : 'added', withSecret: key.isPrivate() }
}

/** A revocation certificate has no key in it; it says of a trusted key that it must not be trusted. */
async function applyRevocation(folder: string, block: string | Uint8Array, source: string): Promise<TrustOutcome[]> {
  const revocationCertificate = typeof block === 'string' ? block : armor(enums.armor.publicKey, block)
  for (const key of await readTrustedFiles(folder)) {
    try {
      const revoked = await revokeKey({ key: key.toPublic(), revocationCertificate, format: 'object' })
      writeKey(join(folder, trustedFolder), revoked.publicKey)
      return [{ key: revoked.publicKey, change: 'revoked', withSecret: false }]
    } catch {
      // Not a certificate for this key; each reason is a plain Error there.
    }
  }
  throw noKey(source)
}

function writeKey(folder: string, key: Key): void {
  makeFolders(dirname(folder), 0o700)
  makeFolders(folder, 0o700)
  writeWhole(keyFile(folder, key), key.armor(), { mode: 0o600, flush: true })
}

const keyFile = (folder: string, key: Key): string => join(folder, `${key.getFingerprint().toUpperCase()}.asc`)

/**
 * Forgets keys, named by fingerprint, key id or part of the user. Throws SpackError `unknown-key` for a name that fits none,
 * `key-signs` when there is a secret part and `withSecret` is not set, `gnupg-key` for keys in GnuPG's own file.
 */
export async function untrustKeys(folder: string, names: readonly string[], withSecret: boolean): Promise<Key[]> {
  const trusted = await readTrustedFiles(folder)
  const secret = await readSecretFiles(folder)
  const matching = names.flatMap((name) => matchingKeys([...trusted, ...secret], name, folder))
  const chosen = [...new Map(matching.map((key) => [key.getFingerprint(), key])).values()]
  for (const key of chosen) {
    const signs = secret.some((other) => other.getFingerprint() === key.getFingerprint())
    if (!signs || withSecret) continue
    throw new SpackError('key-signs', `key ${shownId(key)} (${userOf(key)}) is one to sign with`, {
      hint: `to remove its secret part too: \`spack gpg untrust --signing ${shownId(key)}\``,
    })
  }
  for (const key of chosen) {
    rmSync(keyFile(join(folder, trustedFolder), key), { force: true })
    if (withSecret) rmSync(keyFile(join(folder, secretFolder), key), { force: true })
  }
  const left = await readTrustedFiles(folder)
  const kept = chosen.find((key) => left.some((other) => other.getFingerprint() === key.getFingerprint()))
  if (kept) {
    throw new SpackError('gnupg-key', `key ${shownId(kept)} is also in \`${gnupgKeyrings(folder).join('` or `')}\``, {
      hint: `\`gpg --homedir '${folder}' --delete-keys ${kept.getFingerprint().toUpperCase()}\``,
    })
  }
  await loadKeyring(folder)
  return chosen
}

export const shownId = (key: Key): string => key.getKeyID().toHex().toUpperCase()

/** The keys that `name` stands for. Throws SpackError `unknown-key` when there are none. */
export function matchingKeys<AnyKey extends Key>(keys: readonly AnyKey[], name: string, folder: string): AnyKey[] {
  const digits = name.replace(/^0x|\s/gi, '').toLowerCase()
  const isId = /^[0-9a-f]{8,64}$/.test(digits)
  const found = keys.filter((key) => {
    const prints = [key, ...key.subkeys].map((part) => part.getFingerprint())
    if (isId && prints.some((print) => print.endsWith(digits))) return true
    return key.getUserIDs().some((user) => user.toLowerCase().includes(name.toLowerCase()))
  })
  if (found.length > 0) return found
  throw new SpackError('unknown-key', `no key in \`${folder}\` is or belongs to \`${name}\``, {
    hint: '`spack gpg list` and `spack gpg list --signing` show the keys',
  })
}

export interface NewKey {
  name: string
  email: string
  comment: string
  /** Seconds from now; 0 for a key that does not expire. */
  lifeS: number
}

/**
 * Makes an RSA key of 4096 bits without password, trusts it and keeps it to sign with. Takes seconds. Throws SpackError
 * `user-id`.
 */
export async function createKey(folder: string, wanted: NewKey): Promise<PrivateKey> {
  const { name, email, comment, lifeS } = wanted
  const made = generateKey({
    type: 'rsa',
    rsaBits: 4096,
    userIDs: [{ name, email, ...(comment ? { comment } : {}) }],
    subkeys: [],
    keyExpirationTime: lifeS,
    format: 'object',
  })
  const { privateKey } = await made.catch((error: Error) => {
    if (!error.message.includes('Invalid user ID')) throw error
    throw new SpackError('user-id', `\`${name} <${email}>\` cannot be the owner of a key`, {
      hint: 'an address has a domain with a dot: `spack gpg create "My Name" me@example.org`',
      cause: error,
    })
  })
  writeKey(join(folder, secretFolder), privateKey)
  writeKey(join(folder, trustedFolder), privateKey.toPublic())
  await loadKeyring(folder)
  return privateKey
}

/** The keys as one armoured block, as GnuPG exports several keys. */
export function exportedKeys(keys: readonly Key[], secret: boolean): string {
  const packets = Buffer.concat(keys.map((key) => (secret ? key : key.toPublic()).write()))
  return armor(secret ? enums.armor.privateKey : enums.armor.publicKey, new Uint8Array(packets))
}
