// Configuration as it is read: values that know the file and line they stand in and, for keys, how they combine with
// weaker scopes. Maps keep their order, also for keys that look like numbers.

/** What other rooms see of the configuration: plain data, frozen. */
export type ConfigValue = string | number | boolean | null | ConfigValue[] | { [key: string]: ConfigValue }

/** Where something was written. `line` counts from 1 and is 0 for what stands in no file. */
export interface Mark {
  file: string
  line: number
}

/**
 * How a key combines with the same key of weaker scopes: joined, `::` replaces, `+:` puts strings and lists in front,
 * `-:` behind. Files know only `merge` and `override`.
 */
export type KeyStrategy = 'merge' | 'override' | 'prepend' | 'append'

export interface ConfigScalar {
  kind: 'scalar'
  value: string | number | boolean | null
  mark: Mark
  /** A number as it was written: 3.10 is not 3.1 to its author. */
  spelling?: string
  /** An unquoted date, which no section accepts where it asks for text. */
  isDate?: true
  /** A text that ended in a colon and lost it: YAML cannot tell such a value from a key that overrides. */
  hadColon?: true
}

export interface ConfigList {
  kind: 'list'
  items: ConfigNode[]
  mark: Mark
  /** Written in brackets, and printed so. */
  isFlow?: true
}

export interface ConfigEntry {
  key: string
  strategy: KeyStrategy
  mark: Mark
  value: ConfigNode
}

export interface ConfigMap {
  kind: 'map'
  entries: Map<string, ConfigEntry>
  mark: Mark
  isFlow?: true
}

export type ConfigNode = ConfigScalar | ConfigList | ConfigMap

export const emptyMap = (mark: Mark): ConfigMap => ({ kind: 'map', entries: new Map(), mark })

/** A tree of plain data, all of it written at `mark`. */
export function makeNode(value: ConfigValue, mark: Mark): ConfigNode {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => makeNode(item, mark)), mark }
  if (typeof value !== 'object' || value === null) return { kind: 'scalar', value, mark }
  const map = emptyMap(mark)
  for (const [key, member] of Object.entries(value)) {
    map.entries.set(key, { key, strategy: 'merge', mark, value: makeNode(member, mark) })
  }
  return map
}

/** The plain data of a tree. Keys that look like numbers move to the front, as in every object. */
export function plainValue(node: ConfigNode): ConfigValue {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return Object.freeze(node.items.map(plainValue)) as ConfigValue[]
    case 'map':
      return Object.freeze(Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plainValue(value)])))
  }
}

/** A copy that can be changed. What is one thing in two places (a YAML alias) stays one thing. */
export function copyNode(node: ConfigNode, copies = new Map<ConfigNode, ConfigNode>()): ConfigNode {
  if (node.kind === 'scalar') return node
  const made = copies.get(node)
  if (made) return made
  if (node.kind === 'list') {
    const list: ConfigList = { ...node, items: [] }
    copies.set(node, list)
    for (const item of node.items) list.items.push(copyNode(item, copies))
    return list
  }
  const map: ConfigMap = { ...node, entries: new Map() }
  copies.set(node, map)
  for (const [key, entry] of node.entries) map.entries.set(key, { ...entry, value: copyNode(entry.value, copies) })
  return map
}

/** Whether two trees hold the same data, wherever it was written and in whatever order the keys stand. */
export function sameNode(a: ConfigNode, b: ConfigNode): boolean {
  if (a.kind === 'scalar' || b.kind === 'scalar') {
    // As in Python, which compares lists for Spack: true is 1 and false is 0.
    const number = (value: ConfigScalar['value']) => (typeof value === 'boolean' ? Number(value) : value)
    if (a.kind !== 'scalar' || b.kind !== 'scalar' || a.isDate !== b.isDate) return false
    const [left, right] = [number(a.value), number(b.value)]
    return left === right || (Number.isNaN(left) && Number.isNaN(right))
  }
  if (a.kind === 'list') {
    return (
      b.kind === 'list' && a.items.length === b.items.length && a.items.every((item, i) => sameNode(item, b.items[i]!))
    )
  }
  if (b.kind !== 'map' || a.entries.size !== b.entries.size) return false
  for (const [key, { value }] of a.entries) {
    const other = b.entries.get(key)
    if (!other || !sameNode(value, other.value)) return false
  }
  return true
}
