// GnuPG's `pubring.kbx` (its `kbx/keybox-blob.c` describes it): blobs, each with its length, and in those of kind 2 a block
// of OpenPGP packets. Older GnuPG has `pubring.gpg`, which is packets from the first byte.

import { SpackError } from '../ui/error.ts'

const headerKind = 1
const openpgpKind = 2

/** The blocks of packets in a keyring file of GnuPG. Throws SpackError `keyring-broken`. */
export function keyboxKeys(file: string, bytes: Buffer): Buffer[] {
  if (bytes.length === 0) return []
  const isKeybox = bytes.length >= 12 && bytes[4] === headerKind && bytes.toString('latin1', 8, 12) === 'KBXf'
  if (!isKeybox) return [bytes]
  const blocks: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = at + 16 <= bytes.length ? bytes.readUInt32BE(at) : 0
    if (length < 16 || at + length > bytes.length) throw broken(file, at)
    if (bytes[at + 4] === openpgpKind) {
      const [start, size] = [bytes.readUInt32BE(at + 8), bytes.readUInt32BE(at + 12)]
      if (start + size > length) throw broken(file, at)
      blocks.push(bytes.subarray(at + start, at + start + size))
    }
    at += length
  }
  return blocks
}

const broken = (file: string, at: number): SpackError =>
  new SpackError('keyring-broken', `\`${file}\` is no sound keybox: the entry at byte ${at} leads out of the file`)
