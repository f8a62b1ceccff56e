// Finds what a path names in a YAML text.

import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'
import { parseYaml } from './yaml-parse.ts'
import { type Collection, columnOf, itemStart, type MapEntry, type Source, sourceOf } from './yaml-place.ts'
import { readKey, versionOf } from './yaml-reader.ts'
import type { Holder } from './yaml-splice.ts'
import { spackLayout, type YamlLayout } from './yaml-writer.ts'

/** Keys of maps and indices of lists, from the top of the file: `['spack', 'specs', 0]`. */
export type YamlPath = readonly (string | number)[]

export interface Located {
  source: Source
  layout: YamlLayout
  /** What holds the value that the path names. */
  holder: Holder
  /** The value, if it is a map or list. */
  collection: Collection | undefined
  /** What holds the value one step up; absent for the document. */
  parent: Located | undefined
  /** The place of a key in the map that the path names; behind the last one for a key that is not written there. */
  indexOf: (key: string) => number
}

/** Where a path leads, or undefined where it passes an alias or a key that is not written out at its place. */
export function locate(text: string, file: string, path: YamlPath): Located | undefined {
  const { document } = parseYaml(text, file)
  const source = sourceOf(text)
  const content = (document?.contents ?? null) as Node | null
  const layout = document && content ? layoutOf(source, content) : spackLayout
  const made = (holder: Holder, value: Node | null, parent: Located | undefined): Located => {
    const collection = asCollection(value)
    const indexOf = (key: string) => (collection && document ? entryIndex(collection, key, document) : 0)
    return { source, layout, holder, collection, parent, indexOf }
  }
  let at: Located | undefined = made({ kind: 'document', content }, content, undefined)
  for (const key of path) {
    const next: Step | undefined = at && step(at, key)
    at = next && made(next.holder, next.value, at)
  }
  return at
}

interface Step {
  holder: Holder
  value: Node | null
}

function step({ collection, indexOf }: Located, key: string | number): Step | undefined {
  if (!collection) return undefined
  if (isSeq(collection)) {
    const item = collection.items[Number(key)]
    return item && { holder: { kind: 'item', collection, index: Number(key) }, value: item }
  }
  const index = indexOf(String(key))
  const entry = (collection.items as MapEntry[])[index]
  return entry && { holder: { kind: 'entry', collection, entry, index }, value: entry.value }
}

function entryIndex(collection: Collection, key: string, document: Document): number {
  if (isSeq(collection)) return collection.items.length
  const names = (collection.items as MapEntry[]).map((entry) => nameOf(entry, document))
  return names.includes(key) ? names.indexOf(key) : names.length
}

const nameOf = ({ key }: MapEntry, document: Document): string | undefined =>
  isScalar(key) ? readKey(key, versionOf(document)).value : undefined

const asCollection = (node: Node | null | undefined): Collection | undefined =>
  isMap(node) || isSeq(node) ? (node as Collection) : undefined

/** The indentation that a file uses, by the first places that show it. */
function layoutOf(source: Source, content: Node): YamlLayout {
  const found: Partial<YamlLayout> = {}
  const look = (node: Node | null | undefined): void => {
    if (isAlias(node) || !(isMap(node) || isSeq(node)) || node.flow) return
    const collection = node as Collection
    for (const item of collection.items) {
      const value = isMap(node) ? (item as MapEntry).value : (item as Node)
      const inner = asCollection(value)
      if (isMap(node) && inner && !inner.flow && inner.items.length) {
        const kind = isMap(inner) ? 'map' : 'list'
        found[kind] ??= columnOf(source, itemStart(inner, 0)) - columnOf(source, itemStart(collection, 0))
      }
      if (found.map === undefined || found.list === undefined) look(value)
    }
  }
  look(content)
  return { map: found.map || spackLayout.map, list: found.list ?? spackLayout.list }
}
