// Old forms of sections, brought to the present one as they are merged. `spack config update` writes them to disk.

import { type ConfigEntry, type ConfigNode, type ConfigScalar, emptyMap } from './node.ts'
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
      return { kind: 'scalar', value: pythonText(item), mark: item.mark }
    })
  }
  return changed
}

/** As Python prints a number: 1.10 in a file is 1.1, and 2.0 keeps its zero. */
function pythonText({ value, spelling = '' }: ConfigScalar): string {
  const isFloat = /[.eE]/.test(spelling) && !/^[-+]?0x/.test(spelling)
  return isFloat && Number.isInteger(value) ? `${value}.0` : String(value)
}
