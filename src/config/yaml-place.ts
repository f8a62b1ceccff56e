// Where things stand in a YAML text: the ends of values, entries and items, by the `yaml` package's source tokens.

import { type CST, isMap, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

export type MapEntry = Pair<Node, Node | null>
export type Collection = YAMLMap<Node, Node | null> | YAMLSeq<Node>
/** A value, or a map of one entry without braces inside of brackets. */
export type Item = Node | MapEntry

export interface Source {
  text: string
  /** What its lines end in. */
  newline: string
}

export const sourceOf = (text: string): Source => ({ text, newline: /\r?\n/.exec(text)?.[0] ?? '\n' })

export const lineStart = ({ text }: Source, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1

/** The end of a line, in front of what ends it. */
export function lineEnd({ text }: Source, offset: number): number {
  const at = text.indexOf('\n', offset)
  if (at < 0) return text.length
  return text[at - 1] === '\r' && at > offset ? at - 1 : at
}

/** The beginning of the next line, or the end of the text. */
export function nextLine({ text }: Source, offset: number): number {
  const at = text.indexOf('\n', offset)
  return at < 0 ? text.length : at + 1
}

export const columnOf = (source: Source, offset: number): number => offset - lineStart(source, offset)

/** Whether nothing but blanks stands in front of an offset in its line. */
export const beginsLine = (source: Source, offset: number): boolean =>
  /^[ \t]*$/.test(source.text.slice(lineStart(source, offset), offset))

/** The end of what a node says: behind its last word or bracket, in front of comments and empty lines that follow. */
export function contentEnd(source: Source, node: Node): number {
  if ((isMap(node) || isSeq(node)) && !node.flow) {
    const last = node.items.at(-1) as Item | undefined
    return last ? itemEnd(source, last) : node.range![0]
  }
  const end = node.range![1]
  const isBlockText = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
  if (!isBlockText || source.text[end - 1] !== '\n') return end
  return source.text[end - 2] === '\r' ? end - 2 : end - 1
}

export function itemEnd(source: Source, item: Item): number {
  if (!isPair(item)) return contentEnd(source, item)
  const { key, value } = item as MapEntry
  if (value && !isEmptyText(value)) return contentEnd(source, value)
  return Math.max(contentEnd(source, key), separatorEnd(item as MapEntry) ?? 0, propertiesEnd(item as MapEntry))
}

/** A value of which nothing is written: `key:` with nothing behind it. */
export const isEmptyText = (node: Node): boolean => isScalar(node) && node.range![0] === node.range![1]

/** Behind the colon of an entry; undefined when it has none (`{a, b}`). */
export function separatorEnd(entry: MapEntry): number | undefined {
  const colon = collectionItem(entry)?.sep?.find((token) => token.type === 'map-value-ind')
  return colon && colon.offset + colon.source.length
}

/** Behind the anchor and the tag of an entry's value. */
function propertiesEnd(entry: MapEntry): number {
  const tokens = collectionItem(entry)?.sep ?? []
  const properties = tokens.filter((token) => token.type === 'anchor' || token.type === 'tag')
  return Math.max(0, ...properties.map((token) => token.offset + token.source.length))
}

const collectionItem = (entry: MapEntry): CST.CollectionItem | undefined => entry.srcToken

/** The beginning of an entry or item, with its dash, question mark, anchor or tag. */
export function itemStart(collection: Collection, index: number): number {
  const item = collection.items[index] as Item
  const token = collection.srcToken as CST.BlockMap | CST.BlockSequence | CST.FlowCollection | undefined
  const source = isPair(item) ? (item as MapEntry).srcToken : token?.items[index]
  const marks = (source?.start ?? []).filter(({ type }) => startMarks.has(type))
  const own = isPair(item) ? (item as MapEntry).key.range![0] : item.range![0]
  return Math.min(own, ...marks.map(({ offset }) => offset))
}

const startMarks: ReadonlySet<string> = new Set(['seq-item-ind', 'explicit-key-ind', 'anchor', 'tag'])

/** The beginning of an entry's value, with its anchor or tag. */
export function valueStart(entry: MapEntry): number {
  const properties = (entry.srcToken?.sep ?? []).filter(({ type }) => type === 'anchor' || type === 'tag')
  return Math.min(entry.value!.range![0], ...properties.map(({ offset }) => offset))
}
