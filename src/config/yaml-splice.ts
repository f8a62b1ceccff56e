// One change to a YAML text, made by replacing as few characters as will do. Every function takes the text as it is and
// gives the text as it becomes; lines that a change does not concern stay as they are, byte by byte.

import { isMap, isPair, type Node } from 'yaml'
import type { ConfigEntry, ConfigNode } from './node.ts'
import {
  beginsLine,
  type Collection,
  columnOf,
  contentEnd,
  type Item,
  isEmptyText,
  itemEnd,
  itemStart,
  lineEnd,
  lineStart,
  type MapEntry,
  nextLine,
  type Source,
  separatorEnd,
  valueStart,
} from './yaml-place.ts'
import { inlineYaml, isInline, keyYaml, type YamlLayout, yamlLines } from './yaml-writer.ts'

/** What holds a value: an entry of a map, an item of a list, or the document. */
export type Holder =
  | { kind: 'entry'; collection: Collection; entry: MapEntry; index: number }
  | { kind: 'item'; collection: Collection; index: number }
  | { kind: 'document'; content: Node | null }

interface Cut {
  start: number
  end: number
  text: string
}

/** Replaces parts of a text that do not overlap. Of two at one place the later in the list comes in front. */
function splice(source: Source, cuts: readonly Cut[]): string {
  const ordered = cuts.toSorted((a, b) => b.start - a.start)
  return ordered.reduce((text, cut) => text.slice(0, cut.start) + cut.text + text.slice(cut.end), source.text)
}

/** Lines below each other, all but the first indented. */
const joinLines = (source: Source, lines: readonly string[], indent: number): string =>
  lines.join(source.newline + ' '.repeat(indent))

const textLines = (node: ConfigNode, layout: YamlLayout): string[] => yamlLines(node, layout).map(({ text }) => text)

const entryLines = (entry: ConfigEntry, layout: YamlLayout): string[] =>
  textLines({ kind: 'map', entries: new Map([[entry.key, entry]]), mark: entry.mark }, layout)

const itemLines = (node: ConfigNode, layout: YamlLayout): string[] =>
  textLines({ kind: 'list', items: [node], mark: node.mark }, layout)

/** Adds an entry in front of the entry `index` of a map that has some, or at its end. */
export function addEntry(
  source: Source,
  map: Collection,
  index: number,
  entry: ConfigEntry,
  layout: YamlLayout,
): string {
  if (!map.flow) return addLines(source, map, index, entryLines(entry, layout))
  return addInBrackets(source, map, index, `${keyYaml(entry, true)}: ${inlineYaml(entry.value, true)}`)
}

/** Adds an item in front of the item `index` of a list that has some, or at its end. */
export function addItem(source: Source, list: Collection, index: number, node: ConfigNode, layout: YamlLayout): string {
  if (!list.flow) return addLines(source, list, index, itemLines(node, layout))
  return addInBrackets(source, list, index, inlineYaml(node, true))
}

/** Adds lines in front of an entry or item, or behind the last one, in its column. */
function addLines(source: Source, collection: Collection, index: number, lines: readonly string[]): string {
  const indent = columnOf(source, itemStart(collection, 0))
  if (index < collection.items.length) {
    const start = aboveComments(source, itemStart(collection, index), indent)
    return splice(source, [{ start, end: start, text: joinLines(source, [...lines, ''], indent) }])
  }
  const at = lineEnd(source, itemEnd(source, collection.items.at(-1) as Item))
  return splice(source, [{ start: at, end: at, text: joinLines(source, ['', ...lines], indent) }])
}

/** Where the comments begin that stand right above a line in its column: they belong to what they stand above. */
function aboveComments(source: Source, start: number, indent: number): number {
  let at = start
  while (beginsLine(source, at) && lineStart(source, at) > 0) {
    const above = lineStart(source, lineStart(source, at) - 1)
    if (!source.text.startsWith(`${' '.repeat(indent)}#`, above)) return at
    at = above + indent
  }
  return at
}

function addInBrackets(source: Source, collection: Collection, index: number, text: string): string {
  const count = collection.items.length
  const bracket = collection.range![1] - 1
  if (count === 0) return splice(source, [{ start: collection.range![0] + 1, end: bracket, text }])
  if (index < count) {
    const start = itemStart(collection, index)
    return splice(source, [{ start, end: start, text: `${text},${gapLike(source, start)}` }])
  }
  const last = itemStart(collection, count - 1)
  const end = itemEnd(source, collection.items.at(-1) as Item)
  const comma = finalComma(source, collection)
  const isAlone = beginsLine(source, last) && bracket > lineEnd(source, end)
  // Behind a comment that belongs to the last item, if there is one.
  const at = isAlone ? lineEnd(source, end) : comma === undefined ? end : comma + 1
  const added = { start: at, end: at, text: gapLike(source, last) + text + (comma === undefined ? '' : ',') }
  return splice(source, comma === undefined ? [added, { start: end, end, text: ',' }] : [added])
}

/** What parts an item from the one in front of it: a new line where it begins one. */
const gapLike = (source: Source, start: number): string =>
  beginsLine(source, start) ? source.newline + ' '.repeat(columnOf(source, start)) : ' '

/** Where a comma stands behind the last item in brackets, if one does. */
function finalComma(source: Source, collection: Collection): number | undefined {
  const end = itemEnd(source, collection.items.at(-1) as Item)
  const rest = source.text.slice(end, collection.range![1] - 1).replace(/#.*/g, (comment) => ' '.repeat(comment.length))
  const comma = rest.indexOf(',')
  return comma < 0 ? undefined : end + comma
}

/** Removes an entry or item; a collection that loses its last one becomes `{}` or `[]`. */
export function removeAt(source: Source, collection: Collection, index: number, holder: Holder): string {
  if (collection.flow) return removeInBrackets(source, collection, index)
  if (collection.items.length === 1) return removeLast(source, collection, holder)
  const start = itemStart(collection, index)
  // In `- a: 1` the first entry shares its line with the dash: the next takes its place, unless comments stand between.
  if (!beginsLine(source, start)) {
    const next = itemStart(collection, index + 1)
    const end = lineEnd(source, itemEnd(source, collection.items[index] as Item))
    const hasComments = source.text.slice(end, next).includes('#')
    return splice(source, [{ start: hasComments ? start - 1 : start, end: hasComments ? end : next, text: '' }])
  }
  return splice(source, [wholeLines(source, start, itemEnd(source, collection.items[index] as Item))])
}

/** A cut of the lines from `start` to `end`, with what ends the last. */
function wholeLines(source: Source, start: number, end: number): Cut {
  const from = lineStart(source, start)
  const to = nextLine(source, end)
  const isLastLine = to === source.text.length && !source.text.endsWith('\n')
  // The text ends without a newline: the one in front goes instead.
  const before = isLastLine && from > 0 ? lineEnd(source, from - (source.newline.length === 2 ? 2 : 1)) : from
  return { start: isLastLine ? before : from, end: to, text: '' }
}

function removeInBrackets(source: Source, collection: Collection, index: number): string {
  const start = itemStart(collection, index)
  const end = itemEnd(source, collection.items[index] as Item)
  if (index + 1 < collection.items.length)
    return splice(source, [{ start, end: itemStart(collection, index + 1), text: '' }])
  if (index > 0) return splice(source, [{ start: itemEnd(source, collection.items[index - 1] as Item), end, text: '' }])
  return splice(source, [{ start: collection.range![0] + 1, end: collection.range![1] - 1, text: '' }])
}

function removeLast(source: Source, collection: Collection, holder: Holder): string {
  const brackets = isMap(collection) ? '{}' : '[]'
  const start = itemStart(collection, 0)
  const end = itemEnd(source, collection.items[0] as Item)
  if (holder.kind !== 'entry' || !beginsLine(source, start)) return splice(source, [{ start, end, text: brackets }])
  const at = separatorEnd(holder.entry)!
  return splice(source, [wholeLines(source, start, end), { start: at, end: at, text: ` ${brackets}` }])
}

/** Replaces the value of an entry, an item or the document. */
export function replaceValue(source: Source, holder: Holder, node: ConfigNode, layout: YamlLayout): string {
  switch (holder.kind) {
    case 'document':
      return replaceDocument(source, holder.content, node, layout)
    case 'item':
      return replaceItem(source, holder.collection, holder.index, node, layout)
    case 'entry':
      return holder.collection.flow
        ? replaceInBraces(source, holder.entry, node)
        : replaceInBlock(source, holder.collection, holder.entry, node, layout)
  }
}

function replaceDocument(source: Source, content: Node | null, node: ConfigNode, layout: YamlLayout): string {
  const text = joinLines(source, textLines(node, layout), 0)
  if (content && !isEmptyText(content)) {
    return splice(source, [{ start: content.range![0], end: contentEnd(source, content), text }])
  }
  const { length } = source.text
  const isOpenLine = length > 0 && !source.text.endsWith('\n')
  return splice(source, [
    { start: length, end: length, text: `${isOpenLine ? source.newline : ''}${text}${source.newline}` },
  ])
}

function replaceItem(source: Source, list: Collection, index: number, node: ConfigNode, layout: YamlLayout): string {
  const item = list.items[index] as Item
  const end = itemEnd(source, item)
  if (list.flow) return splice(source, [{ start: itemStart(list, index), end, text: inlineYaml(node, true) }])
  const dash = itemStart(list, index)
  const isEmpty = !isPair(item) && isEmptyText(item)
  const start = isEmpty ? dash + 1 : dash + 1 + /^[ \t]*/.exec(source.text.slice(dash + 1))![0].length
  const indent = columnOf(source, isEmpty ? dash + 2 : start)
  const text = joinLines(source, textLines(node, layout), indent)
  return splice(source, [{ start, end: Math.max(end, start), text: isEmpty ? ` ${text}` : text }])
}

function replaceInBraces(source: Source, entry: MapEntry, node: ConfigNode): string {
  const text = inlineYaml(node, true)
  const colon = separatorEnd(entry)
  if (colon === undefined) {
    const at = contentEnd(source, entry.key)
    return splice(source, [{ start: at, end: at, text: `: ${text}` }])
  }
  const isEmpty = !entry.value || isEmptyText(entry.value)
  const start = isEmpty ? colon : valueStart(entry)
  return splice(source, [{ start, end: isEmpty ? colon : itemEnd(source, entry), text: isEmpty ? ` ${text}` : text }])
}

function replaceInBlock(
  source: Source,
  map: Collection,
  entry: MapEntry,
  node: ConfigNode,
  layout: YamlLayout,
): string {
  const colon = separatorEnd(entry)!
  const { value } = entry
  const written = value && !isEmptyText(value) ? value : undefined
  const block = written && 'items' in written && !written.flow ? (written as Collection) : undefined
  const end = written ? itemEnd(source, entry) : colon
  if (isInline(node)) {
    const text = ` ${inlineYaml(node)}`
    const behindColon = { start: colon, end: colon, text }
    if (block) return splice(source, [wholeLines(source, itemStart(block, 0), end), behindColon])
    return splice(source, [written ? { start: valueStart(entry), end, text: text.slice(1) } : behindColon])
  }
  const indent = columnOf(source, itemStart(map, 0)) + (node.kind === 'list' ? layout.list : layout.map)
  const lines = textLines(node, layout)
  if (block) {
    const start = lineStart(source, itemStart(block, 0))
    return splice(source, [{ start, end, text: ' '.repeat(indent) + joinLines(source, lines, indent) }])
  }
  const at = lineEnd(source, end)
  const below = { start: at, end: at, text: joinLines(source, ['', ...lines], indent) }
  return splice(source, [below, { start: colon, end, text: '' }])
}

/** Writes a key anew, for instance with the colon that makes it override. */
export function replaceKey(source: Source, map: Collection, entry: MapEntry, key: ConfigEntry): string {
  const [start, end] = entry.key.range!
  return splice(source, [{ start, end, text: keyYaml(key, map.flow ?? false) }])
}
