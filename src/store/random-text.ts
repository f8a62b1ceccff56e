// Text that differs from other such text. It keeps no secret, so `node:crypto`, which takes 2 ms to load, is not needed.

/** Hexadecimal digits. */
export const randomDigits = (count: number): string =>
  Array.from({ length: count }, () => Math.floor(Math.random() * 16).toString(16)).join('')

/** A UUID of version 4. */
export const randomUuid = (): string =>
  `${randomDigits(8)}-${randomDigits(4)}-4${randomDigits(3)}-a${randomDigits(3)}-${randomDigits(12)}`
