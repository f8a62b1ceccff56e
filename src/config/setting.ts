// A setting as it is typed, added to the settings of the command line.

import { mergeNode } from './merge.ts'
import { type ConfigEntry, type ConfigMap, type ConfigNode, emptyMap, type Mark, makeNode } from './node.ts'
import { parseSettingPath, type SettingPart } from './setting-path.ts'

/**
 * Adds `section:key:value` to `scope`, a map of sections, which is changed. Throws SpackError `config-path`,
 * `yaml-syntax` or `config-format`.
 */
export async function addSetting(scope: ConfigMap, setting: string): Promise<void> {
  const parts = parseSettingPath(setting)
  const keys = parts.slice(0, -1)
  const value = await readValue(parts.at(-1)!, scope.mark)
  let at = scope
  for (const [i, part] of keys.entries()) {
    const isLast = i === keys.length - 1
    const old = at.entries.get(part.text)
    const content: ConfigNode = isLast
      ? value
      : old?.value.kind === 'map' && part.strategy !== 'override'
        ? old.value
        : emptyMap(scope.mark)
    const joined = isLast && old && part.strategy !== 'override' ? mergeNode(old.value, content) : content
    const entry: ConfigEntry = { key: part.text, strategy: part.strategy, mark: scope.mark, value: joined }
    at.entries.set(part.text, entry)
    if (content.kind === 'map') at = content
  }
}

/** The last part of a setting: text when it is quoted, else YAML. */
async function readValue(part: SettingPart, mark: Mark): Promise<ConfigNode> {
  if (part.isLiteral) return makeNode(part.text, mark)
  const { readYaml } = await import('./yaml-reader.ts')
  return readYaml(part.text, mark.file) ?? makeNode(null, mark)
}
