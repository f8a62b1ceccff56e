// Where and why a text is not the JSON that it should be. `JSON.parse` words its errors differently in each version of
// Node, often without a place, and lets the last of two equal keys win; this slow second look is for error messages only.

export interface JsonFault {
  kind: 'truncated' | 'syntax' | 'duplicate-key'
  /** From 1. */
  line: number
  column: number
  message: string
}

const blank = /[ \t\n\r]*/y
const token =
  /[{}[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** What may come next: a value, a key, the colon after it, or what follows a value. */
type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end'
type Container = { keys: Set<string> } | 'array'

const expectations: Record<Expected, string> = {
  value: 'a value',
  'value-or-end': 'a value or `]`',
  key: 'a key in double quotes',
  'key-or-end': 'a key in double quotes or `}`',
  colon: '`:`',
  'comma-or-end': '`,` or the end of the list or object',
}

/** The first fault of `text` as JSON in which no object has one key twice, or undefined if there is none. */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: Container[] = []
  let expected: Expected = 'value'
  for (let at = skipBlanks(text, 0); ; at = skipBlanks(text, at)) {
    const isDone = open.length === 0 && expected === 'comma-or-end'
    if (at >= text.length) return isDone ? undefined : fault(text, at, 'truncated', 'the text ends too early')
    if (isDone) return fault(text, at, 'syntax', 'something follows the end of the value')
    const word = readToken(text, at)
    const top = open.at(-1)
    const next: Expected | undefined = word === undefined ? undefined : step(word, expected, top)
    if (next === undefined) {
      if (word === undefined && isCutOff(text, at))
        return fault(text, text.length, 'truncated', 'the text ends too early')
      return fault(text, at, 'syntax', `expected ${expectations[expected]}`)
    }
    if (next === 'colon' && typeof top === 'object') {
      const key = JSON.parse(word!) as string
      if (top.keys.has(key)) return fault(text, at, 'duplicate-key', `the key \`${key}\` is there twice`)
      top.keys.add(key)
    }
    if (word === '{') open.push({ keys: new Set() })
    else if (word === '[') open.push('array')
    else if (word === '}' || word === ']') open.pop()
    expected = next
    at += word!.length
  }
}

/** The state after `word`, or undefined if `word` may not stand there. */
function step(word: string, expected: Expected, top: Container | undefined): Expected | undefined {
  if (expected === 'colon') return word === ':' ? 'value' : undefined
  if (expected === 'comma-or-end' && word === ',') return top === 'array' ? 'value' : 'key'
  if (word === '}') return typeof top === 'object' && /end$/.test(expected) ? 'comma-or-end' : undefined
  if (word === ']') return top === 'array' && /end$/.test(expected) ? 'comma-or-end' : undefined
  if (expected === 'key' || expected === 'key-or-end') return word.startsWith('"') ? 'colon' : undefined
  if (expected === 'comma-or-end' || word === ':' || word === ',') return undefined
  return word === '{' ? 'key-or-end' : word === '[' ? 'value-or-end' : 'comma-or-end'
}

function skipBlanks(text: string, at: number): number {
  blank.lastIndex = at
  blank.exec(text)
  return blank.lastIndex
}

function readToken(text: string, at: number): string | undefined {
  token.lastIndex = at
  return token.exec(text)?.[0]
}

/** Whether what starts at `at` could become a token if the text went on: an open string, `tru`, `-`. */
function isCutOff(text: string, at: number): boolean {
  const rest = text.slice(at, at + 8)
  if (rest.startsWith('"')) return /^"(?:[^"\\\u0000-\u001f]|\\.)*\\?$/.test(text.slice(at))
  return at + rest.length === text.length && ['true', 'false', 'null', '-0'].some((word) => word.startsWith(rest))
}

function fault(text: string, at: number, kind: JsonFault['kind'], message: string): JsonFault {
  return { kind, ...positionAt(text, at), message }
}

/** Line and column, both from 1, of an offset. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
