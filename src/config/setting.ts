// A setting as it is typed, `section:key:value`, added to what a scope says already.

import { SpackError } from '../ui/error.ts'
import { mergeNode } from './merge.ts'
import {
  type ConfigEntry,
  type ConfigMap,
  type ConfigNode,
  type ConfigValue,
  emptyMap,
  type KeyStrategy,
  type Mark,
  makeNode,
} from './node.ts'
import { requireSection, type SectionName } from './sections.ts'
import { parseSettingPath, type SettingPart } from './setting-path.ts'

export interface SettingChange {
  section: SectionName
  /** Keys below the section, to the one whose value changes. */
  keys: readonly { key: string; strategy: KeyStrategy }[]
  strategy: KeyStrategy
  value: ConfigNode
}

/**
 * What `setting` changes in a scope, of which the sections are asked for and may be changed: the first key that is not there yet gets the rest of the path as its value; a key
 * that is there is joined with the value. A value on its own stands for a list of one where a list is asked for.
 * Throws SpackError `config-path`, `config-section` or `yaml-syntax`.
 */
export async function planSetting(
  scope: { mark: Mark; sectionNode: (name: SectionName) => ConfigNode | undefined },
  setting: string,
): Promise<SettingChange> {
  const parts = parseSettingPath(setting)
  if (parts.length < 2) {
    throw new SpackError('config-path', `the setting \`${setting}\` has no value`, { hint: 'write section:key:value' })
  }
  const [head, ...keys] = parts.slice(0, -1) as [SettingPart, ...SettingPart[]]
  const section = requireSection(head.text)
  const value = await readValue(parts.at(-1)!, scope.mark)
  const found = descend(scope.sectionNode(section), keys)
  const wrapped = wrap(value, keys.slice(found.depth + 1), scope.mark)
  const wantsList = found.node ? found.node.kind === 'list' : await wantsListAt(section, keys.slice(0, found.depth + 1))
  const content: ConfigNode =
    wantsList && wrapped.kind !== 'list' ? { kind: 'list', items: [wrapped], mark: scope.mark } : wrapped
  const strategyOf = ({ strategy }: SettingPart) => (strategy === 'override' ? 'override' : 'merge')
  return {
    section,
    strategy: strategyOf(head),
    keys: keys.slice(0, found.depth + 1).map((part) => ({ key: part.text, strategy: strategyOf(part) })),
    value: found.node ? mergeNode(found.node, content) : content,
  }
}

/** Applies a change to a map of sections. */
export function applySetting(scope: ConfigMap, change: SettingChange): void {
  let at = scope
  const steps = [{ key: change.section, strategy: change.strategy }, ...change.keys]
  for (const [i, { key, strategy }] of steps.entries()) {
    const old = at.entries.get(key)
    const isLast = i === steps.length - 1
    const kept = old?.value.kind === 'map' && strategy !== 'override' ? old.value : emptyMap(scope.mark)
    const value = isLast ? change.value : kept
    const entry: ConfigEntry = { key, strategy, mark: scope.mark, value }
    if (strategy === 'override') at.entries.delete(key)
    else entry.strategy = old?.strategy ?? strategy
    at.entries.set(key, entry)
    at = kept
  }
}

/** Adds a setting of the command line to `scope`, a map of sections. Throws SpackError, also `config-format`. */
export async function addSetting(scope: ConfigMap, setting: string): Promise<void> {
  const sectionNode = (name: SectionName) => scope.entries.get(name)?.value
  const change = await planSetting({ mark: scope.mark, sectionNode }, setting)
  applySetting(scope, change)
  const { validateFile } = await import('./validation.ts')
  const section = scope.entries.get(change.section)!
  try {
    validateFile({ ...scope, entries: new Map([[change.section, section]]) }, change.section)
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    throw new SpackError(error.code, error.message, { where: `-c ${setting}`, hint: error.hint, detail: error.detail })
  }
}

/** Sets a value that is known to be right. */
export function setValue(scope: ConfigMap, path: readonly [SectionName, ...string[]], value: ConfigValue): void {
  const [section, ...keys] = path
  const merge = 'merge' as const
  applySetting(scope, {
    section,
    strategy: merge,
    keys: keys.map((key) => ({ key, strategy: merge })),
    value: makeNode(value, scope.mark),
  })
}

/** How deep a path is there already: the depth of the last key, or of the first that is missing. */
function descend(
  section: ConfigNode | undefined,
  keys: readonly SettingPart[],
): { node: ConfigNode | undefined; depth: number } {
  let node = section
  for (const [depth, { text }] of keys.entries()) {
    const next: ConfigNode | undefined = node?.kind === 'map' ? node.entries.get(text)?.value : undefined
    if (!next) return { node: undefined, depth }
    node = next
  }
  return { node, depth: keys.length - 1 }
}

/** The value below keys that are not there yet. */
function wrap(value: ConfigNode, keys: readonly SettingPart[], mark: Mark): ConfigNode {
  return keys.toReversed().reduce((inner, { text, strategy }) => {
    const map = emptyMap(mark)
    map.entries.set(text, { key: text, strategy, mark, value: inner })
    return map
  }, value)
}

async function wantsListAt(section: SectionName, keys: readonly SettingPart[]): Promise<boolean> {
  const { sectionSchema } = await import('./schema/sections.ts')
  const { takesList } = await import('./schema/walk.ts')
  return takesList(
    sectionSchema(section),
    keys.map(({ text }) => text),
  )
}

async function readValue(part: SettingPart, mark: Mark): Promise<ConfigNode> {
  return part.isLiteral ? makeNode(part.text, mark) : await readSettingValue(part.text, mark)
}

/** The value that the last part of a setting stands for, when it is not quoted. Throws SpackError `yaml-syntax`. */
export async function readSettingValue(text: string, mark: Mark): Promise<ConfigNode> {
  const { readYaml } = await import('./yaml-reader.ts')
  const value = readYaml(text, mark.file)
  return value ? remark(value, mark) : makeNode(null, mark)
}

/** Lines of a setting are no lines of a file. */
function remark(node: ConfigNode, mark: Mark): ConfigNode {
  if (node.kind === 'scalar') return { ...node, mark }
  if (node.kind === 'list') return { ...node, mark, items: node.items.map((item) => remark(item, mark)) }
  const entries = [...node.entries].map(
    ([key, entry]) => [key, { ...entry, mark, value: remark(entry.value, mark) }] as const,
  )
  return { ...node, mark, entries: new Map(entries) }
}
