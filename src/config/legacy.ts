// Old forms of sections, brought to the present one as they are merged. `spack config update` writes them to disk.

import { type ConfigEntry, type ConfigNode, emptyMap } from './node.ts'
import type { SectionName } from './sections.ts'

/** Changes an entry of a section that is in an old form. Whether it was. */
export function modernize(name: SectionName, entry: ConfigEntry): boolean {
  const rewrite = rewrites[name]
  return rewrite ? rewrite(entry) : false
}

const rewrites: Partial<Record<SectionName, (entry: ConfigEntry) => boolean>> = {
  config: modernizeLinking,
  packages: modernizeVersions,
}

/** `shared_linking: rpath` was written before it became a map. */
function modernizeLinking({ value: config }: ConfigEntry): boolean {
  const linking = config.kind === 'map' ? config.entries.get('shared_linking') : undefined
  if (linking?.value.kind !== 'scalar' || typeof linking.value.value !== 'string') return false
  const { mark } = linking
  const bind: ConfigNode = { kind: 'scalar', value: false, mark }
  const map = emptyMap(mark)
  map.entries.set('type', { key: 'type', strategy: 'merge', mark, value: linking.value })
  map.entries.set('bind', { key: 'bind', strategy: 'merge', mark, value: bind })
  linking.value = map
  return true
}

/** Versions without quotes are numbers in YAML. */
function modernizeVersions({ value: packages }: ConfigEntry): boolean {
  let changed = false
  for (const { value: settings } of packages.kind === 'map' ? packages.entries.values() : []) {
    const versions = settings.kind === 'map' ? settings.entries.get('version')?.value : undefined
    if (versions?.kind !== 'list') continue
    versions.items = versions.items.map((item) => {
      if (item.kind !== 'scalar' || typeof item.value === 'string') return item
      changed = true
      return { kind: 'scalar', value: item.spelling ?? String(item.value), mark: item.mark }
    })
  }
  return changed
}
