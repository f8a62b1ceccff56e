// Which characters may stand where in a spec: one table, so that a run of characters is found by a loop without
// backtracking. Blanks are those of Python's `str.split`.

/** Bits of the classes that a character may be in. */
export const characterClass = {
  /** `a-zA-Z0-9_`: starts a name. */
  word: 1,
  /** And `-`: names of packages. */
  identifier: 2,
  /** And `.`: names of variants, versions. */
  name: 4,
  /** And `/`: git references and paths. */
  path: 8,
  /** What a value may consist of without quotes. */
  value: 16,
  hex: 32,
  blank: 64,
} as const

const { word, identifier, name, path, value, hex, blank } = characterClass

const members: readonly (readonly [characters: string, classes: number])[] = [
  ['abcdefABCDEF0123456789', word | identifier | name | path | value | hex],
  ['ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_', word | identifier | name | path | value],
  ['-', identifier | name | path | value],
  ['.', name | path | value],
  ['/', path | value],
  ['+*,:=%^~\\', value],
  [
    '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
    blank,
  ],
  ['\u2028\u2029\u202f\u205f\u3000', blank],
]

const table = new Uint8Array(0x10000)
for (const [characters, classes] of members) {
  for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)] = classes
}

/** Whether the character at `at` is in one of the classes; false behind the end. */
export const isAt = (text: string, at: number, classes: number): boolean =>
  at < text.length && (table[text.charCodeAt(at)]! & classes) !== 0

/** The offset behind the run of characters of these classes that starts at `at`. */
export function runEnd(text: string, at: number, classes: number): number {
  let end = at
  while (end < text.length && (table[text.charCodeAt(end)]! & classes) !== 0) end++
  return end
}

/** The name that a constraint starts with; empty when it starts with anything else. */
export const specName = (text: string): string => text.slice(0, runEnd(text, 0, identifier))

/** The words of a text, as Python's `str.split` gives them. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  for (let at = runEnd(text, 0, blank); at < text.length; at = runEnd(text, at, blank)) {
    const start = at
    while (at < text.length && (table[text.charCodeAt(at)]! & blank) === 0) at++
    words.push(text.slice(start, at))
  }
  return words
}
