// Base32 (RFC 4648) in lower case: how Spack spells digests.

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** The text of some bytes, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let [bits, count] = [0, 0]
  for (const byte of bytes) {
    bits = (bits << 8) | byte
    for (count += 8; count >= 5; count -= 5) text += alphabet[(bits >> (count - 5)) & 31]
    bits &= (1 << count) - 1
  }
  return count ? text + alphabet[(bits << (5 - count)) & 31] : text
}
