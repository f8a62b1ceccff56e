// Finds the values inside a JSON text without parsing them. A database is read to look at a few of its records and to
// write the others back unchanged, to the last digit of their floats.

export interface Slice {
  /** Offset of the first character. */
  start: number
  /** Offset behind the last. */
  end: number
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const comma = 0x2c
const colon = 0x3a

/** The members of the object that begins at `at`, in order. Throws SyntaxError when it is no whole object. */
export function memberSlices(text: string, at: number): Map<string, Slice> {
  const members = new Map<string, Slice>()
  let i = skipSpace(text, expect(text, skipSpace(text, at), openBrace))
  if (text.charCodeAt(i) === closeBrace) return members
  for (;;) {
    const keyEnd = stringEnd(text, i)
    const key: string = JSON.parse(text.slice(i, keyEnd))
    const start = skipSpace(text, expect(text, skipSpace(text, keyEnd), colon))
    const end = valueEnd(text, start)
    members.set(key, { start, end })
    i = skipSpace(text, end)
    if (text.charCodeAt(i) === closeBrace) return members
    i = skipSpace(text, expect(text, i, comma))
  }
}

/** The elements of the array that begins at `at`, in order. Throws SyntaxError when it is no whole array. */
export function elementSlices(text: string, at: number): Slice[] {
  const elements: Slice[] = []
  let i = skipSpace(text, expect(text, skipSpace(text, at), openBracket))
  if (text.charCodeAt(i) === closeBracket) return elements
  for (;;) {
    const end = valueEnd(text, i)
    elements.push({ start: i, end })
    i = skipSpace(text, end)
    if (text.charCodeAt(i) === closeBracket) return elements
    i = skipSpace(text, expect(text, i, comma))
  }
}

/** An object's text with some members replaced by other JSON texts; members that were not there are added at its end. */
export function replaceMembers(text: string, replacements: ReadonlyMap<string, string>): string {
  const members = memberSlices(text, 0)
  const keys = new Set([...members.keys(), ...replacements.keys()])
  const parts = [...keys].map((key) => {
    const slice = members.get(key)
    return `${JSON.stringify(key)}:${replacements.get(key) ?? text.slice(slice!.start, slice!.end)}`
  })
  return `{${parts.join(',')}}`
}

/** The offset behind the value that begins at `at`. Brackets are counted, not matched: parsing finds the rest. */
export function valueEnd(text: string, at: number): number {
  const first = text.charCodeAt(at)
  if (first === quote) return stringEnd(text, at)
  if (first === openBrace || first === openBracket) return bracketEnd(text, at)
  const scalar = /[^\s,\]}]*/y
  scalar.lastIndex = at
  const length = scalar.exec(text)![0].length
  if (length === 0) throw unexpected(text, at)
  return at + length
}

function bracketEnd(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case quote:
        i = stringEnd(text, i) - 1
        break
      case openBrace:
      case openBracket:
        depth++
        break
      case closeBrace:
      case closeBracket:
        if (--depth === 0) return i + 1
    }
  }
  throw unexpected(text, text.length)
}

function stringEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== quote) throw unexpected(text, at)
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++
    if (escapes % 2 === 0) return end + 1
  }
  throw unexpected(text, text.length)
}

function skipSpace(text: string, at: number): number {
  let i = at
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++
  return i
}

function expect(text: string, at: number, code: number): number {
  if (text.charCodeAt(at) !== code) throw unexpected(text, at)
  return at + 1
}

const unexpected = (text: string, at: number): SyntaxError =>
  new SyntaxError(
    at >= text.length ? `it ends too early, after ${text.length} characters` : `unexpected text at offset ${at}`,
  )
