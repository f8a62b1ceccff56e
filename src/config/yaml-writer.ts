// Configuration tree → YAML text, in the layout of Spack's files: two blanks a level, lists not indented, brackets where
// there were brackets. Every line knows what it says, for `spack config blame`.

import type { ConfigEntry, ConfigNode, ConfigScalar, Mark } from './node.ts'
import { resolvePlain } from './yaml-scalar.ts'

export interface YamlLine {
  text: string
  /** Where what stands last in the line was set; undefined in front of the first such line. */
  mark: Mark | undefined
}

/** Blanks in front of what stands below a key. */
export interface YamlLayout {
  map: number
  list: number
}

export const spackLayout: YamlLayout = { map: 2, list: 0 }

/** The lines of a map or list in block layout; a scalar, or an empty collection, is one line. */
export function yamlLines(node: ConfigNode, layout = spackLayout): YamlLine[] {
  if (node.kind === 'scalar' || isInline(node)) return [{ text: inlineYaml(node), mark: lastMark(node) }]
  return node.kind === 'list' ? listLines(node.items, layout) : mapLines([...node.entries.values()], layout)
}

/** The whole as text, with a final newline. */
export const yamlText = (node: ConfigNode): string =>
  `${yamlLines(node)
    .map(({ text }) => text)
    .join('\n')}\n`

/** Whether a value stands in one line with its key. */
export function isInline(node: ConfigNode): boolean {
  if (node.kind === 'scalar' || (node.isFlow && isShort(node))) return true
  return node.kind === 'list' ? node.items.length === 0 : node.entries.size === 0
}

/** Whether a collection in brackets stays in them: its texts need to fit in one line. */
function isShort(node: ConfigNode): boolean {
  if (node.kind === 'scalar') return typeof node.value !== 'string' || !node.value.includes('\n')
  return node.kind === 'list'
    ? node.items.every(isShort)
    : [...node.entries.values()].every(({ value }) => isShort(value))
}

function mapLines(entries: readonly ConfigEntry[], layout: YamlLayout): YamlLine[] {
  return entries.flatMap((entry) => {
    const key = `${keyYaml(entry)}:`
    if (isInline(entry.value)) return [{ text: `${key} ${inlineYaml(entry.value)}`, mark: lastMark(entry.value) }]
    const inner = yamlLines(entry.value, layout)
    const indent = ' '.repeat(entry.value.kind === 'map' ? layout.map : layout.list)
    return [{ text: key, mark: entry.mark }, ...inner.map(({ text, mark }) => ({ text: indent + text, mark }))]
  })
}

function listLines(items: readonly ConfigNode[], layout: YamlLayout): YamlLine[] {
  return items.flatMap((item) =>
    yamlLines(item, layout).map(({ text, mark }, i) => ({ text: `${i ? '  ' : '- '}${text}`, mark })),
  )
}

/** A node in one line, collections in brackets or braces. */
export function inlineYaml(node: ConfigNode, isInBrackets = false): string {
  switch (node.kind) {
    case 'scalar':
      return scalarYaml(node, isInBrackets)
    case 'list':
      return `[${node.items.map((item) => inlineYaml(item, true)).join(', ')}]`
    case 'map': {
      const pairs = [...node.entries.values()].map(
        (entry) => `${keyYaml(entry, true)}: ${inlineYaml(entry.value, true)}`,
      )
      return `{${pairs.join(', ')}}`
    }
  }
}

/** A key without its colon; one that overrides has a colon of its own. */
export function keyYaml({ key, strategy }: Pick<ConfigEntry, 'key' | 'strategy'>, isInBrackets = false): string {
  const text = textYaml(key, isInBrackets)
  if (strategy !== 'override') return text
  return text === key && !isInBrackets ? `${key}:` : withFinalColon(key)
}

function scalarYaml(node: ConfigScalar, isInBrackets: boolean): string {
  const { value } = node
  if (typeof value === 'string') {
    if (node.isDate) return value
    // The reader takes one colon from the end of a text without `@`.
    return node.hadColon || losesColon(value) ? withFinalColon(value) : textYaml(value, isInBrackets)
  }
  if (node.spelling !== undefined) return node.spelling
  if (typeof value !== 'number' || Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
}

const losesColon = (text: string): boolean => text.endsWith(':') && !text.includes('@')

const withFinalColon = (text: string): string => {
  const quoted = textYaml(`${text}:`)
  return quoted.startsWith("'") || quoted.startsWith('"') ? quoted : `'${quoted}'`
}

/** A text without quotes where it is read back as it is, else in single quotes, else in double ones. */
function textYaml(text: string, isInBrackets = false): string {
  // Nearly all: compiling the patterns below takes longer than the rest of `spack config get`.
  if (/^[a-z$/][\w$/.+-]*$/i.test(text) && !/^(?:true|false|null)$/i.test(text)) return text
  if (/[^\t -~\u0085\u00a0-\ud7ff\ue000-\ufffd\ud800-\udfff]|[\t\u0085\u2028\u2029\ufeff]/.test(text))
    return doubleQuoted(text)
  return isPlain(text, isInBrackets) ? text : `'${text.replaceAll("'", "''")}'`
}

function isPlain(text: string, isInBrackets: boolean): boolean {
  if (text === '' || /^ | $/.test(text) || /^(?:---|\.\.\.)/.test(text)) return false
  if (/^[#,[\]{}&*!|>'"%@`]|^[-?:](?: |$)|: |:$| #/.test(text)) return false
  if (isInBrackets && /^[?:]|[,[\]{}:]/.test(text)) return false
  // What reads as a number, a date or a truth would not come back as text.
  return isText(text, '1.2') && text !== '<<' && text !== '='
}

function isText(text: string, version: '1.2'): boolean {
  try {
    const meaning = resolvePlain(text, version)
    return typeof meaning.value === 'string' && !meaning.isDate
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

const escapes: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '"': '\\"', '\\': '\\\\' }

function doubleQuoted(text: string): string {
  const escaped = (char: string) =>
    escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`
  return `"${text.replace(/[\u0000-\u001f"\\\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)}"`
}

/** The mark of what a line says last. */
function lastMark(node: ConfigNode): Mark {
  const last =
    node.kind === 'list'
      ? node.items.at(-1)
      : node.kind === 'map'
        ? [...node.entries.values()].at(-1)?.value
        : undefined
  return last ? lastMark(last) : node.mark
}
