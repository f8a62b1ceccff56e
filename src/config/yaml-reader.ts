// YAML text → configuration tree, with the line of every value and key. Loads the `yaml` package: imported on demand.
//
// Keys that end in a second colon (`packages::`) override weaker scopes. YAML has no such thing: the key is read with the
// colon in it, and a quoted key or value that ends in one loses it likewise, unless it holds an `@` (`'zlib@1.2:'`).

import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml'
import type { ConfigEntry, ConfigMap, ConfigNode, ConfigScalar, Mark } from './node.ts'
import { parseYaml } from './yaml-parse.ts'
import { resolvePlain, type YamlVersion } from './yaml-scalar.ts'

interface Reading {
  file: string
  version: YamlVersion
  lines: LineCounter
  /** Of the text. */
  length: number
  document: Document
  /** Anchored nodes: an alias gives the same tree, not a copy. */
  anchored: Map<Node, ConfigNode>
  /** Nodes that are being read, to refuse an alias to what it stands in. */
  open: Set<Node>
}

/**
 * Reads one YAML document; undefined when it is empty. Throws SpackError `yaml-syntax` with file, line and column.
 */
export function readYaml(text: string, file: string): ConfigNode | undefined {
  const { document, lines, fail } = parseYaml(text, file)
  if (!document?.contents) return undefined
  const version = versionOf(document)
  const reading: Reading = { file, version, lines, length: text.length, document, anchored: new Map(), open: new Set() }
  try {
    const node = readNode(document.contents, reading)
    if (reading.anchored.size && expandedSize(node, new Map()) > expansionLimit) {
      throw new Fault(`its aliases stand for more than ${expansionLimit} values`, 0)
    }
    return node.kind === 'scalar' && node.value === null ? undefined : node
  } catch (problem) {
    if (problem instanceof Fault) return fail(problem.message, problem.offset)
    throw problem
  }
}

/** Aliases of aliases can stand for more than any memory holds. */
const expansionLimit = 1_000_000

function expandedSize(node: ConfigNode, sizes: Map<ConfigNode, number>): number {
  if (node.kind === 'scalar') return 1
  const known = sizes.get(node)
  if (known !== undefined) return known
  const members = node.kind === 'list' ? node.items : [...node.entries.values()].map(({ value }) => value)
  const size = members.reduce((sum, member) => sum + expandedSize(member, sizes), 1)
  sizes.set(node, size)
  return size
}

export const versionOf = (document: Document): YamlVersion =>
  document.directives?.yaml.version === '1.1' ? '1.1' : '1.2'

class Fault extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

function readNode(node: Node, reading: Reading): ConfigNode {
  if (isAlias(node)) {
    const target = node.resolve(reading.document)
    if (!target) throw new Fault(`the alias \`*${node.source}\` names nothing that stands before it`, node.range![0])
    if (reading.open.has(target))
      throw new Fault(`the alias \`*${node.source}\` stands inside of what it names`, node.range![0])
    return reading.anchored.get(target) ?? readNode(target, reading)
  }
  reading.open.add(node)
  const made = isScalar(node) ? readScalar(node, reading) : readCollection(node, reading)
  reading.open.delete(node)
  if ('anchor' in node && node.anchor) reading.anchored.set(node, made)
  return made
}

function readCollection(node: Node, reading: Reading): ConfigNode {
  const mark = markOf(node, reading)
  if (isSeq(node)) {
    const items = node.items.map((item) =>
      isPairNode(item) ? readMap([item], mark, reading) : readNode(item as Node, reading),
    )
    return { kind: 'list', items, mark, ...(node.flow ? { isFlow: true } : {}) }
  }
  if (!isMap(node)) throw new Fault('a value is missing', node.range?.[0] ?? 0)
  return { ...readMap(node.items as Pair<Node, Node | null>[], mark, reading), ...(node.flow ? { isFlow: true } : {}) }
}

const isPairNode = (item: unknown): item is Pair<Node, Node | null> =>
  typeof item === 'object' && item !== null && 'key' in item && !('items' in item)

function readMap(pairs: readonly Pair<Node, Node | null>[], mark: Mark, reading: Reading): ConfigMap {
  const map: ConfigMap = { kind: 'map', entries: new Map(), mark }
  const merged: ConfigEntry[] = []
  for (const { key, value } of pairs) {
    const keyNode = key && isAlias(key) ? key.resolve(reading.document) : key
    const offset = key?.range?.[0] ?? 0
    if (keyNode && !isScalar(keyNode)) throw new Fault('a key must be a word, not a list or a map', offset)
    const keyMark = { file: reading.file, line: reading.lines.linePos(offset).line }
    const content = value ? readNode(value, reading) : { kind: 'scalar' as const, value: null, mark: keyMark }
    if (keyNode?.value === '<<' && keyNode.type === 'PLAIN') {
      merged.push(...mergedEntries(content, offset))
      continue
    }
    const name = readKey(keyNode, reading.version)
    const twin = map.entries.get(name.value)
    if (twin)
      throw new Fault(
        `the key \`${name.value}\` stands here for the second time, first in line ${twin.mark.line}`,
        offset,
      )
    const strategy = name.hadColon ? 'override' : 'merge'
    map.entries.set(name.value, { key: name.value, strategy, mark: keyMark, value: content })
  }
  for (const entry of merged) if (!map.entries.has(entry.key)) map.entries.set(entry.key, entry)
  return map
}

/** What `<<:` brings in: a map, or maps of which the earlier wins. */
function mergedEntries(content: ConfigNode, offset: number): ConfigEntry[] {
  const maps = content.kind === 'list' ? content.items : [content]
  return maps.flatMap((map) => {
    if (map.kind !== 'map') throw new Fault('`<<:` needs a map or a list of maps', offset)
    return [...map.entries.values()]
  })
}

type ScalarNode = Extract<Node, { type?: unknown; source?: unknown }> & { value: unknown; type?: string }

/** The name of a key, and whether it ended in a colon. */
export function readKey(node: ScalarNode | null | undefined, version: YamlVersion): { value: string; hadColon?: true } {
  const text = typeof node?.value === 'string' ? node.value : ''
  const meaning = node && node.type !== 'PLAIN' ? { value: text } : resolvePlain(text, version)
  if (typeof meaning.value !== 'string' || ('isDate' in meaning && meaning.isDate))
    return { value: keyText(meaning.value) }
  return withoutColon(text)
}

/** A key that is no text in YAML is used by its usual spelling: `1.50: x` is the key `1.5`. */
const keyText = (value: ConfigScalar['value']): string => (value === null ? 'null' : String(value))

const withoutColon = (text: string): { value: string; hadColon?: true } =>
  text.endsWith(':') && !text.includes('@') ? { value: text.slice(0, -1), hadColon: true } : { value: text }

function readScalar(node: ScalarNode, reading: Reading): ConfigScalar {
  const mark = markOf(node, reading)
  const text = scalarText(node, reading)
  const isPlain = node.type === 'PLAIN' || node.type === undefined
  const isText = !isPlain || node.tag === 'tag:yaml.org,2002:str'
  if (isText && !asNumber.has(node.tag ?? '')) return { kind: 'scalar', ...withoutColon(text), mark }
  try {
    const meaning = resolvePlain(text, reading.version)
    if (typeof meaning.value === 'string' && !meaning.isDate) return { kind: 'scalar', ...withoutColon(text), mark }
    return { kind: 'scalar', ...meaning, mark }
  } catch (error) {
    if (error instanceof RangeError) throw new Fault(error.message, node.range![0])
    throw error
  }
}

function scalarText(node: ScalarNode, { lines, length }: Reading): string {
  const text = typeof node.value === 'string' ? node.value : ''
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
  // A block at the end of a file without a final newline has none either.
  const isCut = isBlock && node.range![1] === length && lines.lineStarts.at(-1) !== length
  return isCut ? text.replace(/\n$/, '') : text
}

/** Tags that make a quoted scalar what it would be without quotes. */
const asNumber: ReadonlySet<string> = new Set(
  ['int', 'float', 'bool', 'null', 'timestamp'].map((name) => `tag:yaml.org,2002:${name}`),
)

const markOf = (node: Node, reading: Reading): Mark => ({
  file: reading.file,
  line: reading.lines.linePos(node.range?.[0] ?? 0).line,
})
