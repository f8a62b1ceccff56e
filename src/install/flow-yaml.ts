// The subset of YAML that Spack writes buildinfo files in: one flow mapping on one or several lines. Reading it here takes
// no time; loading a YAML library takes 15 ms, which each installer process would pay. Whatever this reader is not sure
// about, the library decides.

/** Scalars are kept as text: nothing that is read here is a number. */
export type FlowValue = string | FlowValue[] | { [key: string]: FlowValue }

class Unsure extends Error {}

/** Reads a flow mapping or sequence. Throws what the YAML library throws for text that is no YAML. */
export async function parseFlowYaml(text: string): Promise<FlowValue> {
  try {
    return readDocument(text)
  } catch (error) {
    if (!(error instanceof Unsure)) throw error
    const { parse } = await import('yaml')
    // No aliases: a few of them can stand for gigabytes.
    return plainValue(parse(text, { maxAliasCount: 0, schema: 'failsafe' }))
  }
}

function plainValue(value: unknown): FlowValue {
  if (Array.isArray(value)) return value.map(plainValue)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item)]))
  }
  return String(value ?? '')
}

/** For tests: the answer of the own reader, or undefined when it is not sure. */
export function parseFlowYamlAlone(text: string): FlowValue | undefined {
  try {
    return readDocument(text)
  } catch (error) {
    if (error instanceof Unsure) return undefined
    throw error
  }
}

const blanks = /[ \n]*/y
/** A plain scalar that needs no thought: no indicator in front, no `: ` or ` #` in it. */
const plain = /[\w/.+~$=<^(\\-][^\n,[\]{}"'#&*!|>%`?]*/y
const singleQuoted = /'((?:[^'\n]|'')*)'/y
const doubleQuoted = /"((?:[^"\\\n]|\\["\\/])*)"/y
const deepest = 20

function readDocument(text: string): FlowValue {
  let at = 0
  const skipBlanks = () => {
    blanks.lastIndex = at
    blanks.exec(text)
    at = blanks.lastIndex
  }
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at = pattern.lastIndex
    return match ?? undefined
  }
  const expect = (character: string) => {
    if (text[at] !== character) throw new Unsure()
    at++
  }

  const readScalar = (isKey: boolean): string => {
    if (text[at] === "'") return need(take(singleQuoted))[1]!.replaceAll("''", "'")
    if (text[at] === '"') return need(take(doubleQuoted))[1]!.replace(/\\(.)/g, '$1')
    const start = at
    const match = need(take(plain))[0]
    const colon = match.search(/:( |$)/)
    if (isKey && colon >= 0) at = start + colon
    else if (colon >= 0) throw new Unsure()
    const scalar = text.slice(start, at).replace(/ +$/, '')
    if (/^(-$|- |---|\.\.\.)/.test(scalar) || scalar === '' || /:$/.test(scalar)) throw new Unsure()
    return scalar
  }
  const readItems = (close: string, readItem: () => void) => {
    at++
    skipBlanks()
    while (text[at] !== close) {
      readItem()
      skipBlanks()
      if (text[at] === close) break
      expect(',')
      skipBlanks()
    }
    at++
  }
  const readValue = (depth: number): FlowValue => {
    if (depth > deepest) throw new Unsure()
    if (text[at] === '[') {
      const items: FlowValue[] = []
      readItems(']', () => items.push(readValue(depth + 1)))
      return items
    }
    if (text[at] !== '{') return readScalar(false)
    const mapping: { [key: string]: FlowValue } = {}
    readItems('}', () => {
      const key = readScalar(true)
      expect(':')
      if (!/[ \n]/.test(text[at] ?? '') || Object.hasOwn(mapping, key) || key === '__proto__') throw new Unsure()
      skipBlanks()
      mapping[key] = readValue(depth + 1)
    })
    return mapping
  }

  skipBlanks()
  if (text[at] !== '{' && text[at] !== '[') throw new Unsure()
  const value = readValue(0)
  skipBlanks()
  if (at !== text.length) throw new Unsure()
  return value
}

function need<Found>(found: Found | undefined): Found {
  if (found === undefined) throw new Unsure()
  return found
}
