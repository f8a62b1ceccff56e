// JSON as Python reads and writes it, where the text is what gets hashed: floats keep their point (`1.0`), integers all
// their digits, and members their order even when their names are numbers, which JavaScript objects move to the front.

import { SpackError } from '../ui/error.ts'
import { asciiJson, escapeBeyondAscii } from './quoting.ts'

/** Thrown out of `JSON.stringify` where it cannot be used. */
const beyondStringify = new Error('this needs `printJson`')

/** A number that JavaScript would write in another way. */
export class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): never {
    throw beyondStringify
  }
}

/** An object some of whose members have numbers for names. */
class OrderedObject extends Map<string, unknown> {
  toJSON(): never {
    throw beyondStringify
  }
}

export type JsonObject = Readonly<Record<string, unknown>> | OrderedObject

const deepest = 200

const numericName = /"\d+"\s*:/
const numberCandidate = /[[:,]\s*-?(\d+)(\.\d*)?([eE][+-]?\d+)?\s*/g
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d[\d.eE+-]*/g

// What the second pass makes of numbers and of objects that JavaScript would spoil. No name or text of a file can be
// mistaken for them: all names are marked then.
const numberMark = '\u0000number'
const nameMark = '\u0000'

/** The value of a JSON text. Throws SyntaxError as `JSON.parse` does, and SpackError `json-depth` for deep nesting. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!numericName.test(text) && !hasUnusualNumber(text)) return value
  const marked = text.replace(stringOrNumber, (token, colon: string | undefined) => {
    if (colon !== undefined) return `"\\u0000${token.slice(1)}`
    return token.startsWith('"') ? token : markNumber(token)
  })
  return unmark(JSON.parse(marked), 0)
}

/** Whether there is a number, or a part of a text that looks like one, which JavaScript may spell differently. */
function hasUnusualNumber(text: string): boolean {
  const preceded = `:${text}`
  for (const candidate of preceded.matchAll(numberCandidate)) {
    const [all, digits, fraction, exponent] = candidate as unknown as [string, string, string?, string?]
    if (fraction === undefined && exponent === undefined && digits.length < 16) continue
    const next = preceded.charAt(candidate.index + all.length)
    if (next === '' || ',]}'.includes(next)) return true
  }
  return false
}

function markNumber(token: string): string {
  const number = readNumber(token)
  return typeof number === 'number' ? token : `{"\\u0000number":"${number.text}"}`
}

/** What Python makes of a number's text. */
export function readNumber(token: string): number | NumberText {
  const written = pythonNumber(token)
  return String(Number(token)) === written ? Number(token) : new NumberText(written)
}

/** The spelling of a number after Python has read it: integers stay, floats become the shortest that is equal. */
function pythonNumber(token: string): string {
  if (!/[.eE]/.test(token)) return token === '-0' ? '0' : token
  const value = Number(token)
  if (Object.is(value, -0)) return '-0.0'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  const [mantissa, exponentText] = value.toExponential().split('e') as [string, string]
  const exponent = Number(exponentText)
  if (value === 0 || (exponent >= -4 && exponent < 16)) {
    const text = exponent < 0 ? value.toFixed(mantissa.replace(/[-.]/g, '').length - 1 - exponent) : String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function unmark(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  checkDepth(depth)
  if (Array.isArray(value)) return value.map((item) => unmark(item, depth + 1))
  const entries = Object.entries(value)
  const [first] = entries
  if (first?.[0] === numberMark && typeof first[1] === 'string') return new NumberText(first[1])
  return makeObject(entries.map(([name, member]) => [name.slice(nameMark.length), unmark(member, depth + 1)]))
}

/** Throws SpackError `json-depth` where a value is nested too deeply to be walked by recursion. */
export function checkDepth(depth: number): void {
  if (depth > deepest) throw new SpackError('json-depth', `a value is nested more than ${deepest} levels deep`)
}

/** An object with members in this order. */
export function makeObject(entries: readonly (readonly [string, unknown])[]): JsonObject {
  const isNumeric = (name: string) => name !== '' && !/\D/.test(name)
  return entries.some(([name]) => isNumeric(name)) ? new OrderedObject(entries) : Object.fromEntries(entries)
}

/** The members of an object in their order. */
export const objectEntries = (object: JsonObject): (readonly [string, unknown])[] =>
  object instanceof OrderedObject ? [...object] : Object.entries(object)

/** Calls `visit` for each member in order; quicker than `objectEntries` where there are very many. */
export function visitMembers(object: JsonObject, visit: (name: string, value: unknown) => void): void {
  if (object instanceof OrderedObject) for (const [name, value] of object) visit(name, value)
  else for (const name in object) visit(name, object[name])
}

/** The value of a member; undefined when there is no object or no such member. */
export function objectMember(object: JsonObject | undefined, name: string): unknown {
  if (object instanceof OrderedObject) return object.get(name)
  return object && Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined
}

/** Whether a value of `JSON.parse` is an object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a value of `parseJson` is an object. */
export const isObject = (value: unknown): value is JsonObject => isRecord(value) && !(value instanceof NumberText)

/** JSON in one line without blanks, in nothing but printable ASCII. Throws SpackError `json-depth` for deep nesting. */
export function printJson(value: unknown): string {
  try {
    return escapeBeyondAscii(JSON.stringify(value))
  } catch (error) {
    if (error !== beyondStringify) throw error
    return print(value, 0)
  }
}

const plainText = /^[ !#-[\]-~]*$/

function print(value: unknown, depth: number): string {
  if (typeof value === 'string') return plainText.test(value) ? `"${value}"` : asciiJson(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof NumberText) return value.text
  checkDepth(depth)
  if (Array.isArray(value)) return `[${value.map((item) => print(item, depth + 1)).join(',')}]`
  const parts: string[] = []
  for (const [name, member] of objectEntries(value as JsonObject)) {
    if (member !== undefined) parts.push(`${print(name, 0)}:${print(member, depth + 1)}`)
  }
  return `{${parts.join(',')}}`
}
