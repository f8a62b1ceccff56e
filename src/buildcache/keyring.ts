// The keys that are trusted: where they lie, and the table that makes checking a signature cheap.
//
//   FOLDER/trusted/FINGERPRINT.asc   one armoured public key each; the truth
//   FOLDER/secret/FINGERPRINT.asc    keys to sign with, not protected by a password, readable for the owner only
//   FOLDER/trusted.json              derived from the former: rows of TrustedKey, with the stamps of what they came from
//
// FOLDER is Spack's: SPACK_GNUPGHOME or opt/spack/gpg below SPACK_ROOT. What GnuPG keeps there is read too.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { systemErrorCode } from '../ui/error.ts'
import { writeWhole } from '../whole-file.ts'
import type { Keyring, TrustedKey } from './trusted-key.ts'

export const trustedFolder = 'trusted'
export const secretFolder = 'secret'
const tableName = 'trusted.json'
const tableVersion = 2

interface KeyTable {
  version: number
  stamp: string
  keys: TrustedKey[]
}

const gnupgNames = ['pubring.kbx', 'pubring.gpg']

/** GnuPG's own files, if any: both are read by gpg when both are there. */
export const gnupgKeyrings = (folder: string): string[] =>
  gnupgNames.map((name) => join(folder, name)).filter((file) => existsSync(file))

/** What the keyring depends on: when one of these changes, comes or goes, so does the keyring. */
export const keyringInputs = (folder: string): string[] => [
  join(folder, trustedFolder),
  ...trustedFiles(folder),
  ...gnupgNames.map((name) => join(folder, name)),
]

/** The trusted keys. The table is made anew (with OpenPGP.js) when a key file was added, changed or removed. */
export async function loadKeyring(folder: string): Promise<Keyring> {
  const stamp = keyringStamp(folder)
  if (stamp === '') return { folder, keys: [] }
  const table = readTable(folder)
  if (table?.version === tableVersion && table.stamp === stamp) return { folder, keys: table.keys }
  const { deriveTable } = await import('./key-table.ts')
  const keys = await deriveTable(folder)
  writeTable(folder, { version: tableVersion, stamp, keys })
  return { folder, keys }
}

/** Sizes and times of all key files; empty when there are none. */
const keyringStamp = (folder: string): string =>
  [...trustedFiles(folder), ...gnupgKeyrings(folder)].map((file) => fileStamp(file)).join('\n')

const trustedFiles = (folder: string): string[] => armouredFiles(join(folder, trustedFolder))

/** The armoured files of keys in a folder, sorted by name. */
export function armouredFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.asc'))
    return names.sort().map((name) => join(folder, name))
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}

function fileStamp(file: string): string {
  const stat = statSync(file, { bigint: true })
  return `${file} ${stat.size} ${stat.mtimeNs} ${stat.ino}`
}

function readTable(folder: string): KeyTable | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, tableName), 'utf8'))
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A store that may not be written to keeps no table; it is then made in memory each time. */
function writeTable(folder: string, table: KeyTable): void {
  try {
    makeFolders(folder, 0o700)
    writeWhole(join(folder, tableName), JSON.stringify(table))
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'EDQUOT'].includes(systemErrorCode(error) ?? '')) throw error
  }
}
