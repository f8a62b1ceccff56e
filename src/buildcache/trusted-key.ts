// What is known about a key that signs: enough to check its signatures without an OpenPGP implementation. Rows are made by
// OpenPGP.js when keys are trusted (`key-table.ts`) and are plain values, which may travel in an install plan.

import type { JsonWebKey } from 'node:crypto'

/** The numbers of OpenPGP's algorithms (RFC 9580, section 9.1) that are checked by Node itself. */
export type KeyKind = 'rsa' | 'ecdsa' | 'ed25519-legacy' | 'ed25519'

export interface KeyMaterial {
  kind: KeyKind
  /** Bytes of each integer in a signature; 64 for both together where they are not integers. */
  size: number
  /** The public numbers as a JSON Web Key, which Node reads in half the time that it takes for DER. */
  jwk: JsonWebKey
}

export interface TrustedKey {
  /** Of the key that signs, which may be a subkey; upper case, as people write it. */
  fingerprint: string
  /** Last 16 digits of `fingerprint`. */
  keyId: string
  /** Fingerprint of the key that it belongs to; the same for a primary key. */
  primary: string
  user: string
  algorithm: number
  /** Absent for keys that only OpenPGP.js can use. */
  material?: KeyMaterial
  /** Seconds since 1970 between which a signature may have been made: from, and before when (null: for ever). */
  valid: readonly { fromS: number; untilS: number | null }[]
  isRevoked: boolean
}

/** The keys whose signatures are believed. */
export interface Keyring {
  /** Where they lie, for messages and for OpenPGP.js. */
  folder: string
  keys: readonly TrustedKey[]
}

/** Whether `key` could sign at a time (seconds since 1970). */
export const couldSign = (key: TrustedKey, atS: number): boolean =>
  key.valid.some(({ fromS, untilS }) => fromS <= atS && (untilS === null || atS < untilS))
