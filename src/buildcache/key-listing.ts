// Keys as GnuPG prints them. Uses OpenPGP.js; loaded on demand.

import type { Key, SignaturePacket, Subkey } from 'openpgp'
import { isRevokedSubkey, userOf } from './key-table.ts'

/** A text with all keys, under a heading; nothing when there are no keys. */
export async function describeKeys(
  keys: readonly Key[],
  options: { title: string; secret?: boolean },
): Promise<string> {
  if (keys.length === 0) return ''
  const lines = [options.title, '-'.repeat(options.title.length)]
  for (const key of keys) lines.push(...(await describeKey(key, options.secret ?? false)), '')
  return `${lines.join('\n')}\n`
}

async function describeKey(key: Key, secret: boolean): Promise<string[]> {
  const revoked = await key.isRevoked()
  const self = key.users.flatMap((user) => user.selfCertifications).at(-1)
  const expires = await key.getExpirationTime()
  const lines = [
    partLine(secret ? 'sec' : 'pub', key, self, revoked ? 'revoked' : lifeText(expires)),
    `      ${key.getFingerprint().toUpperCase()}`,
    `uid   ${userOf(key)}`,
  ]
  for (const subkey of key.subkeys) {
    const subkeyRevoked = await isRevokedSubkey(subkey, new Date())
    const life = subkeyRevoked ? 'revoked' : lifeText(await subkey.getExpirationTime())
    lines.push(partLine(secret ? 'ssb' : 'sub', subkey, subkey.bindingSignatures.at(-1), life))
  }
  return lines
}

function partLine(label: string, part: Key | Subkey, signature: SignaturePacket | undefined, life: string): string {
  const created = dateText(part.getCreationTime())
  return [`${label}  `, algorithmText(part), created, usageText(signature), life && `[${life}]`]
    .filter(Boolean)
    .join(' ')
}

function algorithmText(part: Key | Subkey): string {
  const { algorithm, bits, curve } = part.getAlgorithmInfo()
  return bits ? `${algorithm.replace(/(EncryptSign|Sign|Encrypt)$/, '')}${bits}` : (curve ?? algorithm)
}

/** What the key may be used for, in GnuPG's letters and order: sign, certify, encrypt, authenticate. */
function usageText(signature: SignaturePacket | undefined): string {
  const flags = signature?.keyFlags?.[0] ?? 0
  const letters = [flags & 2 ? 'S' : '', flags & 1 ? 'C' : '', flags & 12 ? 'E' : '', flags & 32 ? 'A' : ''].join('')
  return letters && `[${letters}]`
}

function lifeText(expires: Date | number | null): string {
  if (!(expires instanceof Date)) return expires === null ? 'not usable' : ''
  return `${expires.getTime() < Date.now() ? 'expired' : 'expires'}: ${dateText(expires)}`
}

const dateText = (date: Date): string => date.toISOString().slice(0, 10)
