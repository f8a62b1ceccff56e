// How scopes combine. Maps are joined key by key, the stronger keys first; the stronger list goes in front of the weaker,
// items that both have stand once; anything else is replaced.

import { type ConfigEntry, type ConfigMap, type ConfigNode, copyNode, type KeyStrategy, sameNode } from './node.ts'

/**
 * Puts what a stronger scope says about a key into `target`, which is changed. The position, the mark and the strategy
 * of the key become those of the stronger scope.
 */
export function mergeEntry(target: ConfigMap, source: ConfigEntry): void {
  mergeMap(target, { kind: 'map', entries: new Map([[source.key, source]]), mark: source.mark })
}

/** Joins `source`, the stronger, into `target` and gives the result, which may be `target` itself. */
export function mergeNode(target: ConfigNode, source: ConfigNode, strategy: KeyStrategy = 'merge'): ConfigNode {
  if (target.kind === 'list' && source.kind === 'list') {
    const kept = target.items.filter((item) => !source.items.some((other) => sameNode(item, other)))
    // In place: a list that stands in two places by a YAML alias is joined in both.
    target.items = strategy === 'append' ? [...kept, ...source.items] : [...source.items, ...kept]
    return target
  }
  if (target.kind === 'map' && source.kind === 'map') return mergeMap(target, source)
  const isText = target.kind === 'scalar' && source.kind === 'scalar'
  if (isText && typeof target.value === 'string' && typeof source.value === 'string') {
    if (strategy === 'prepend') return { ...source, value: source.value + target.value }
    if (strategy === 'append') return { ...source, value: target.value + source.value }
  }
  return copyNode(source)
}

function mergeMap(target: ConfigMap, source: ConfigMap): ConfigMap {
  const weaker = [...target.entries].filter(([key]) => !source.entries.has(key))
  const joined: [string, ConfigEntry][] = []
  for (const [key, entry] of source.entries) {
    const old = target.entries.get(key)
    const isJoined = old !== undefined && entry.strategy !== 'override'
    const value = isJoined ? mergeNode(old.value, entry.value, entry.strategy) : copyNode(entry.value)
    joined.push([key, { ...entry, value }])
  }
  target.entries.clear()
  for (const [key, entry] of [...joined, ...weaker]) target.entries.set(key, entry)
  return target
}
