// A YAML file that is edited: comments, blank lines, quotes and the order of what is there stay; only the lines that a
// change concerns are written anew. Each change is checked by reading the result back, and refused rather than made
// wrongly. Loads the `yaml` package: imported on demand.

import { SpackError } from '../ui/error.ts'
import { type ConfigEntry, type ConfigMap, type ConfigNode, copyNode, emptyMap, sameNode } from './node.ts'
import { type Located, locate, type YamlPath } from './yaml-locate.ts'
import { readYaml } from './yaml-reader.ts'
import { addEntry, addItem, removeAt, replaceKey, replaceValue } from './yaml-splice.ts'

export type { YamlPath } from './yaml-locate.ts'

export interface YamlDocument {
  /** The text as it is now. */
  readonly text: string
  /** What the text says; undefined when it says nothing. */
  readonly tree: ConfigNode | undefined
  get: (path: YamlPath) => ConfigNode | undefined
  /** Sets a value; maps on the way that are missing are made. Of maps and lists only what differs is written. */
  set: (path: YamlPath, value: ConfigNode) => void
  /** Puts an item into a list, in front of the item `index`; a list that is missing is made. */
  insert: (path: YamlPath, index: number, item: ConfigNode) => void
  append: (path: YamlPath, item: ConfigNode) => void
  /** Removes an entry or an item. Whether it was there. */
  remove: (path: YamlPath) => boolean
  /** Makes a key override weaker scopes (`::`), or join them again. */
  setOverride: (path: YamlPath, isOverride: boolean) => void
}

/**
 * A document of a file's text. Throws SpackError `yaml-syntax`; its functions throw `yaml-edit` for what cannot be
 * changed without touching something else, such as the target of an alias.
 */
export function openYaml(text: string, file: string): YamlDocument {
  let current = text
  let tree = readYaml(text, file)

  const get = (path: YamlPath): ConfigNode | undefined => nodeAt(tree, path)

  /** Makes one change: `edit` to the text and `model` to a copy of the tree must come to the same. */
  const change = (path: YamlPath, edit: (at: Located) => string, model: (copy: Model) => void): void => {
    const at = locate(current, file, path)
    if (!at) throw intricate(file, path)
    const copy: Model = { tree: tree && copyNode(tree) }
    model(copy)
    const next = edit(at)
    const read = tryRead(next, file)
    if (!read || !sameTree(read.tree, copy.tree)) throw intricate(file, path)
    current = next
    tree = read.tree
  }

  const replace = (path: YamlPath, value: ConfigNode): void =>
    change(
      path,
      ({ source, holder, layout }) => replaceValue(source, holder, value, layout),
      (copy) => putNode(copy, path, value),
    )

  /** Adds an entry to the map at `path`, which may be empty or a key without a value, in front of the key `next`. */
  const addTo = (path: YamlPath, entry: ConfigEntry, next?: string): void => {
    const old = get(path)
    if (old && !isNothing(old) && old.kind !== 'map') throw wrongKind(file, path, 'map', old)
    if (old?.kind !== 'map' || old.entries.size === 0) {
      replace(path, mapOf(entry))
      return
    }
    change(
      path,
      ({ source, collection, layout, indexOf }) =>
        addEntry(source, collection!, next === undefined ? old.entries.size : indexOf(next), entry, layout),
      (copy) => (nodeAt(copy.tree, path) as ConfigMap).entries.set(entry.key, entry),
    )
  }

  const insert = (path: YamlPath, index: number, item: ConfigNode): void => {
    const old = get(path)
    if (old && !isNothing(old) && old.kind !== 'list') throw wrongKind(file, path, 'list', old)
    if (old?.kind !== 'list' || old.items.length === 0) {
      set(path, { kind: 'list', items: [item], mark: item.mark })
      return
    }
    change(
      path,
      ({ source, collection, layout }) => addItem(source, collection!, index, item, layout),
      (copy) => {
        const list = nodeAt(copy.tree, path)
        if (list?.kind === 'list') list.items.splice(index, 0, item)
      },
    )
  }

  const remove = (path: YamlPath): boolean => {
    if (!get(path)) return false
    if (!path.length) {
      replace(path, emptyMap({ file, line: 0 }))
      return true
    }
    change(
      path,
      ({ source, holder, parent }) => removeAt(source, parent!.collection!, indexOf(holder), parent!.holder),
      (copy) => removeNode(copy.tree!, path),
    )
    return true
  }

  const setOverride = (path: YamlPath, isOverride: boolean): void => {
    const strategy = isOverride ? 'override' : 'merge'
    const old = entryAt(tree, path)
    if (!old || old.strategy === strategy) return
    const key = { ...old, strategy } as const
    change(
      path,
      ({ source, holder }) => {
        if (holder.kind !== 'entry') throw intricate(file, path)
        return replaceKey(source, holder.collection, holder.entry, key)
      },
      (copy) => {
        entryAt(copy.tree, path)!.strategy = strategy
      },
    )
  }

  /** Makes what is there what it should be, touching only what differs. */
  const reconcile = (path: YamlPath, old: ConfigNode, value: ConfigNode): void => {
    if (sameTree(old, value)) return
    const isFilled = sizeOf(old) > 0 && sizeOf(value) > 0
    if (isFilled && old.kind === 'map' && value.kind === 'map') reconcileMap(path, old, value)
    else if (isFilled && old.kind === 'list' && value.kind === 'list') reconcileList(path, old.items, value.items)
    // Brackets around nothing do not say that what comes into them should stand in brackets.
    else replace(path, sizeOf(old) || value.kind === 'scalar' ? value : { ...value, isFlow: undefined })
  }

  const reconcileMap = (path: YamlPath, old: ConfigMap, value: ConfigMap): void => {
    const order = [...value.entries.keys()]
    for (const [i, entry] of [...value.entries.values()].entries()) {
      const below = [...path, entry.key]
      const former = old.entries.get(entry.key)
      if (former) {
        setOverride(below, entry.strategy === 'override')
        reconcile(below, former.value, entry.value)
      } else
        addTo(
          path,
          entry,
          order.slice(i).find((key) => old.entries.has(key)),
        )
    }
    // Last: a map that lost all its entries on the way would lose its layout.
    for (const key of old.entries.keys()) if (!value.entries.has(key)) remove([...path, key])
  }

  const reconcileList = (path: YamlPath, old: readonly ConfigNode[], items: readonly ConfigNode[]): void => {
    if (old.length === items.length) {
      for (const [i, item] of items.entries()) reconcile([...path, i], old[i]!, item)
      return
    }
    for (const step of listSteps(old, items)) {
      if (step.item) insert(path, step.index, step.item)
      else remove([...path, step.index])
    }
  }

  const set = (path: YamlPath, value: ConfigNode): void => {
    const old = get(path)
    if (old) {
      reconcile(path, old, value)
      return
    }
    const depth = path.findIndex((_, i) => !get(path.slice(0, i + 1)))
    if (depth < 0) {
      replace(path, value)
      return
    }
    const missing = path.slice(depth)
    const content = missing.slice(1).reduceRight<ConfigNode>((inner, key) => mapOf(entryOf(String(key), inner)), value)
    addTo(path.slice(0, depth), entryOf(String(missing[0]), content))
  }

  return {
    get text() {
      return current
    },
    get tree() {
      return tree
    },
    get,
    set,
    insert,
    append: (path, item) => {
      const old = get(path)
      insert(path, old?.kind === 'list' ? old.items.length : 0, item)
    },
    remove,
    setOverride,
  }
}

interface Model {
  tree: ConfigNode | undefined
}

function nodeAt(tree: ConfigNode | undefined, path: YamlPath): ConfigNode | undefined {
  let node = tree
  for (const key of path) {
    if (node?.kind === 'map') node = node.entries.get(String(key))?.value
    else node = node?.kind === 'list' ? node.items[Number(key)] : undefined
  }
  return node
}

function entryAt(tree: ConfigNode | undefined, path: YamlPath): ConfigEntry | undefined {
  const parent = nodeAt(tree, path.slice(0, -1))
  return parent?.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined
}

function putNode(model: Model, path: YamlPath, value: ConfigNode): void {
  const parent = nodeAt(model.tree, path.slice(0, -1))
  const key = path.at(-1)
  if (key === undefined) model.tree = value
  else if (parent?.kind === 'map') parent.entries.get(String(key))!.value = value
  else if (parent?.kind === 'list') parent.items[Number(key)] = value
}

function removeNode(tree: ConfigNode, path: YamlPath): void {
  const parent = nodeAt(tree, path.slice(0, -1))
  if (parent?.kind === 'map') parent.entries.delete(String(path.at(-1)))
  else if (parent?.kind === 'list') parent.items.splice(Number(path.at(-1)), 1)
}

const entryOf = (key: string, value: ConfigNode): ConfigEntry => ({ key, strategy: 'merge', mark: value.mark, value })
const mapOf = (entry: ConfigEntry): ConfigMap => ({
  kind: 'map',
  entries: new Map([[entry.key, entry]]),
  mark: entry.mark,
})

const isNothing = (node: ConfigNode): boolean => node.kind === 'scalar' && node.value === null

const sizeOf = (node: ConfigNode): number =>
  node.kind === 'map' ? node.entries.size : node.kind === 'list' ? node.items.length : 0

const indexOf = (holder: Located['holder']): number => (holder.kind === 'document' ? 0 : holder.index)

/** Same data and the same keys that override. */
function sameTree(a: ConfigNode | undefined, b: ConfigNode | undefined): boolean {
  if (!a || !b) return a === b
  if (a.kind === 'map' && b.kind === 'map') {
    const isSameEntry = (entry: ConfigEntry) => {
      const other = b.entries.get(entry.key)
      return other?.strategy === entry.strategy && sameTree(entry.value, other.value)
    }
    return a.entries.size === b.entries.size && [...a.entries.values()].every(isSameEntry)
  }
  if (a.kind === 'list' && b.kind === 'list') {
    return a.items.length === b.items.length && a.items.every((item, i) => sameTree(item, b.items[i]))
  }
  const isExact = a.kind === 'scalar' && b.kind === 'scalar' && typeof a.value === typeof b.value
  return isExact && sameNode(a, b)
}

function tryRead(text: string, file: string): Model | undefined {
  try {
    return { tree: readYaml(text, file) }
  } catch (error) {
    if (error instanceof SpackError) return undefined
    throw error
  }
}

/** Insertions and removals that make one list of another, from the back so that indices in front stay true. */
function listSteps(old: readonly ConfigNode[], items: readonly ConfigNode[]): { index: number; item?: ConfigNode }[] {
  const common = commonLengths(old, items)
  const steps: { index: number; item?: ConfigNode }[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < items.length) {
    if (i < old.length && j < items.length && sameTree(old[i], items[j])) [i, j] = [i + 1, j + 1]
    else if (i < old.length && (j >= items.length || common[i + 1]![j]! >= common[i]![j + 1]!))
      steps.push({ index: i++ })
    else steps.push({ index: i, item: items[j++] })
  }
  return steps.reverse()
}

/** How many items of the rests from `[i][j]` on can be kept. */
function commonLengths(old: readonly ConfigNode[], items: readonly ConfigNode[]): number[][] {
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(items.length + 1).fill(0))
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = items.length - 1; j >= 0; j--) {
      table[i]![j] = sameTree(old[i], items[j])
        ? table[i + 1]![j + 1]! + 1
        : Math.max(table[i + 1]![j]!, table[i]![j + 1]!)
    }
  }
  return table
}

const shown = (path: YamlPath): string => (path.length ? `\`${path.join(':')}\`` : 'the file')

function intricate(file: string, path: YamlPath): SpackError {
  const message = `${shown(path)} is written in a way that cannot be changed safely (an alias, a merged key, a tag)`
  return new SpackError('yaml-edit', message, { where: file, hint: 'change it in an editor' })
}

function wrongKind(file: string, path: YamlPath, wanted: 'map' | 'list', found: ConfigNode): SpackError {
  const kind = found.kind === 'scalar' ? 'a single value' : `a ${found.kind}`
  return new SpackError('yaml-edit', `${shown(path)} is ${kind} and not a ${wanted}`, {
    where: `${file}:${found.mark.line}`,
  })
}
