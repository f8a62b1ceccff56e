// `spack gpg`: the keys that are trusted, and those to sign with.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Key, PrivateKey } from 'openpgp'
import type { Verdict } from '../buildcache/signature.ts'
import type { Keyring } from '../buildcache/trusted-key.ts'
import { spackPaths } from '../config/paths.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { refusalReason } from '../ui/system-fault.ts'
import type { Command } from './command.ts'
import { flagOn, flagText } from './command.ts'
import type { Invocation } from './invocation.ts'
import { exactWords, missingWord } from './words.ts'

const list: Command = {
  name: 'list',
  summary: 'list keys available in the keyring',
  flags: [
    { name: 'trusted', help: 'list trusted keys (always done)' },
    { name: 'signing', help: 'list keys which may be used for signing' },
  ],
  run: async (invocation, args) => {
    const { describeKeys } = await import('../buildcache/key-listing.ts')
    const { readSecretFiles, readTrustedFiles } = await import('../buildcache/key-files.ts')
    const folder = gpgFolder(invocation)
    invocation.print(await describeKeys(await readTrustedFiles(folder), { title: `trusted keys in ${folder}` }))
    if (!flagOn(args, 'signing')) return 0
    const title = `keys to sign with in ${folder}`
    invocation.print(await describeKeys(await readSecretFiles(folder), { title, secret: true }))
    return 0
  },
}

const trust: Command = {
  name: 'trust',
  summary: 'add a key to the keyring',
  positional: 'keyfile',
  run: async (invocation, args) => {
    const [file] = exactWords(args, 'spack gpg trust', 'keyfile')
    await trustFile(invocation, resolve(invocation.cwd, file!), file!)
    return 0
  },
}

async function trustFile(invocation: Invocation, path: string, shown: string): Promise<void> {
  const { shownId, trustKeys } = await import('../buildcache/key-store.ts')
  const { userOf } = await import('../buildcache/key-table.ts')
  for (const { key, change, withSecret } of await trustKeys(gpgFolder(invocation), readOr(path), shown)) {
    const what = withSecret ? `${changeWords[change]}, and can be signed with` : changeWords[change]
    invocation.say(`==> key ${shownId(key)} (${userOf(key)}) ${what}\n`)
  }
}

const changeWords = {
  added: 'is now trusted',
  updated: 'was trusted and is brought up to date',
  unchanged: 'is trusted already',
  revoked: 'is revoked and no longer trusted',
}

const untrust: Command = {
  name: 'untrust',
  summary: 'remove a key from the keyring',
  positional: 'keys [keys ...]',
  flags: [{ name: 'signing', help: 'allow untrusting signing keys' }],
  run: async (invocation, args) => {
    const { shownId, untrustKeys } = await import('../buildcache/key-store.ts')
    const { userOf } = await import('../buildcache/key-table.ts')
    if (args.positional.length === 0) throw missingWord('keys', 'spack gpg untrust')
    const keys = await untrustKeys(gpgFolder(invocation), args.positional, flagOn(args, 'signing'))
    for (const key of keys) invocation.say(`==> key ${shownId(key)} (${userOf(key)}) is no longer trusted\n`)
    return 0
  },
}

const init: Command = {
  name: 'init',
  summary: 'add the default keys to the keyring',
  flags: [{ name: 'from', kind: 'string', value: 'DIR', help: 'a folder with files *.key (default: var/spack/gpg)' }],
  run: async (invocation, args) => {
    const given = flagText(args, 'from')
    const folder = given ? resolve(invocation.cwd, given) : join(spackPaths(invocation.environ).root, 'var/spack/gpg')
    const files = keyFilesBelow(folder, given !== undefined)
    for (const file of files) await trustFile(invocation, file, file)
    if (files.length === 0) invocation.say(`==> there are no keys in \`${folder}\`\n`)
    return 0
  },
}

function keyFilesBelow(folder: string, isGiven: boolean): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return names
      .filter((name) => name.endsWith('.key'))
      .sort()
      .map((name) => join(folder, name))
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' && !isGiven) return []
    throw unreadable(folder, error)
  }
}

const create: Command = {
  name: 'create',
  summary: 'create a new key',
  positional: 'name email',
  flags: [
    { name: 'comment', kind: 'string', value: 'COMMENT', help: 'a description for the intended use of the key' },
    {
      name: 'expires',
      kind: 'string',
      value: 'EXPIRATION',
      help: 'when the key should expire: 30 (days), 8w, 6m, 2y, a date; 0 for never',
    },
    { name: 'export', kind: 'string', value: 'DEST', help: 'export the public key to a file' },
    { name: 'export-secret', kind: 'string', value: 'DEST', help: 'export the private key to a file' },
  ],
  run: async (invocation, args) => {
    const [name, email] = exactWords(args, 'spack gpg create', 'name', 'email')
    const { createKey, shownId } = await import('../buildcache/key-store.ts')
    const { lifeSeconds } = await import('../buildcache/key-life.ts')
    const key = await createKey(gpgFolder(invocation), {
      name: name!,
      email: email!,
      comment: flagText(args, 'comment') ?? 'GPG created for Spack',
      lifeS: lifeSeconds(flagText(args, 'expires') ?? '0', Date.now()),
    })
    invocation.say(`==> made key ${shownId(key)} (${key.getUserIDs()[0]}), which is trusted and can be signed with\n`)
    const [publicFile, secretFile] = [flagText(args, 'export'), flagText(args, 'export-secret')]
    if (publicFile) await exportTo(invocation, publicFile, [key], false)
    if (secretFile) await exportTo(invocation, secretFile, [key], true)
    return 0
  },
}

const exportCommand: Command = {
  name: 'export',
  summary: 'export a gpg key, optionally including secret key',
  positional: 'location [keys ...]',
  flags: [{ name: 'secret', help: 'export secret keys' }],
  run: async (invocation, args) => {
    const [location, ...names] = args.positional
    if (!location) throw missingWord('location', 'spack gpg export')
    const secret = flagOn(args, 'secret')
    await exportTo(invocation, location, await keysToExport(gpgFolder(invocation), names, secret), secret)
    return 0
  },
}

/** Those that are named; without names those to sign with, or else all that are trusted. */
async function keysToExport(folder: string, names: readonly string[], secret: boolean): Promise<Key[]> {
  const { readSecretFiles, readTrustedFiles } = await import('../buildcache/key-files.ts')
  const { matchingKeys } = await import('../buildcache/key-store.ts')
  const signing = await readSecretFiles(folder)
  if (names.length === 0 && (secret || signing.length > 0)) return signing
  const among = secret ? signing : await readTrustedFiles(folder)
  return names.length === 0 ? among : [...new Set(names.flatMap((name) => matchingKeys(among, name, folder)))]
}

async function exportTo(
  invocation: Invocation,
  location: string,
  keys: readonly Key[],
  secret: boolean,
): Promise<void> {
  const { exportedKeys } = await import('../buildcache/key-store.ts')
  if (keys.length === 0) {
    throw new SpackError('no-key', `there is no key to export in \`${gpgFolder(invocation)}\``, {
      hint: 'make one: `spack gpg create NAME EMAIL`',
    })
  }
  // A secret is readable for its owner only, and never written over another file.
  const options = secret ? { mode: 0o600, flag: 'wx' } : {}
  writeOr(resolve(invocation.cwd, location), exportedKeys(keys, secret), options)
}

const sign: Command = {
  name: 'sign',
  summary: 'sign a file',
  positional: 'file',
  flags: [
    { name: 'output', kind: 'string', value: 'DEST', help: 'where to write the signature (default: FILE.asc)' },
    { name: 'key', kind: 'string', value: 'KEY', help: 'the key to use for signing' },
    { name: 'clearsign', help: 'if specified, create a clearsign signature' },
  ],
  run: async (invocation, args) => {
    const [file] = exactWords(args, 'spack gpg sign', 'file')
    const { signDetached, signText } = await import('../buildcache/signing.ts')
    const key = await signingKey(gpgFolder(invocation), flagText(args, 'key'))
    const bytes = readOr(resolve(invocation.cwd, file!))
    const signed = flagOn(args, 'clearsign') ? await signText(bytes, key) : await signDetached(bytes, key)
    writeOr(resolve(invocation.cwd, flagText(args, 'output') ?? `${file}.asc`), signed, { flag: 'wx' })
    return 0
  },
}

async function signingKey(folder: string, name: string | undefined): Promise<PrivateKey> {
  const { readSecretFiles } = await import('../buildcache/key-files.ts')
  const { matchingKeys, shownId } = await import('../buildcache/key-store.ts')
  const all = await readSecretFiles(folder)
  const [key, ...more] = name === undefined ? all : matchingKeys(all, name, folder)
  if (key && more.length === 0) return key
  const message = key ? 'there is more than one key to sign with' : `there is no key to sign with in \`${folder}\``
  const hint = key
    ? `choose one: --key ${[key, ...more].map(shownId).join(', --key ')}`
    : 'make one: `spack gpg create NAME EMAIL`, or trust a file with a secret key'
  throw new SpackError('no-key', message, { hint })
}

const verify: Command = {
  name: 'verify',
  summary: 'verify a signed file',
  positional: 'file [signature]',
  description:
    'verify a signed file: with a signature beside it (default: FILE.asc), or as a clear-signed text when there is none',
  run: async (invocation, args) => {
    const [file, given] = args.positional
    if (!file) throw missingWord('file', 'spack gpg verify')
    const { loadKeyring } = await import('../buildcache/keyring.ts')
    const { isSignedText } = await import('../buildcache/armour.ts')
    const { verifySignedText } = await import('../buildcache/signature.ts')
    const keyring = await loadKeyring(gpgFolder(invocation))
    const content = readOr(resolve(invocation.cwd, file))
    const text = content.toString('utf8')
    const verdict =
      given === undefined && isSignedText(text)
        ? await verifySignedText(text, keyring)
        : await verifyBeside(invocation, content, given ?? `${file}.asc`, keyring)
    if (verdict.kind === 'refused') {
      throw new SpackError('bad-signature', `\`${file}\` cannot be trusted: ${verdict.reason}`, { hint: verdict.hint })
    }
    invocation.say(`==> \`${file}\` is signed by key ${verdict.signer.keyId} (${verdict.signer.user})\n`)
    return 0
  },
}

async function verifyBeside(
  invocation: Invocation,
  content: Buffer,
  signature: string,
  keyring: Keyring,
): Promise<Verdict> {
  const { verifyDetached } = await import('../buildcache/openpgp-verification.ts')
  return verifyDetached(content, readOr(resolve(invocation.cwd, signature)), keyring)
}

const publish: Command = {
  name: 'publish',
  summary: 'not available: build caches are only read so far',
  takesAnything: true,
  run: () => {
    throw new SpackError('not-available', '`spack gpg publish` is not available: build caches are only read so far', {
      hint: '`spack gpg export FILE` writes a key to a file',
    })
  },
}

export const gpg: Command = {
  name: 'gpg',
  summary: 'handle GPG actions for spack',
  subcommands: [verify, trust, untrust, sign, create, list, init, exportCommand, publish],
}

const gpgFolder = (invocation: Invocation): string => spackPaths(invocation.environ).gpgHome

function readOr(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function writeOr(path: string, text: string, options: { mode?: number; flag?: string }): void {
  try {
    writeFileSync(path, text, options)
  } catch (error) {
    if (!systemErrorCode(error)) throw error
    throw new SpackError('file-write', `cannot write \`${path}\`: ${reasonOf(error)}`, { cause: error })
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (!systemErrorCode(error)) return error
  return new SpackError('file-read', `cannot read \`${path}\`: ${reasonOf(error)}`, { cause: error })
}

const reasonOf = (error: unknown): string => refusalReason(systemErrorCode(error)) ?? (error as Error).message
