// The externals that the `packages` section names, as they are written.

import type { Configuration } from '../config/configuration.ts'
import type { ConfigMap, ConfigNode, ConfigValue, Mark } from '../config/node.ts'
import { plainValue } from '../config/node.ts'
import type { Scope } from '../config/scope.ts'
import { parseSpec } from '../spec/parser.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'

export interface ConfiguredExternal {
  /** The key below which it stands. */
  package: string
  spec: Spec
  prefix: string | null
  modules: readonly string[]
  /** Undefined when the entry has none. */
  extraAttributes: { readonly [key: string]: ConfigValue } | undefined
  mark: Mark
}

/**
 * All externals in their order, or those of one scope. Throws SpackError for what is wrong with the section, and
 * `spec-syntax` with file and line for a spec that cannot be read.
 */
export function configuredExternals(configuration: Configuration, scope?: Scope): ConfiguredExternal[] {
  const section = configuration.sectionNode('packages', scope)
  if (section?.kind !== 'map') return []
  return [...section.entries.values()].flatMap(({ key, value }) => {
    const list = value.kind === 'map' ? value.entries.get('externals')?.value : undefined
    return list?.kind === 'list' ? list.items.flatMap((item) => readExternal(key, item)) : []
  })
}

function readExternal(name: string, item: ConfigNode): ConfiguredExternal[] {
  if (item.kind !== 'map') return []
  const text = memberOf(item, 'spec')
  if (typeof text !== 'string') return []
  const prefix = memberOf(item, 'prefix')
  const modules = memberOf(item, 'modules')
  const attributes = memberOf(item, 'extra_attributes')
  return [
    {
      package: name,
      spec: readSpec(text, item.entries.get('spec')!.mark),
      prefix: typeof prefix === 'string' ? prefix : null,
      modules: Array.isArray(modules) ? modules.map(String) : [],
      extraAttributes: typeof attributes === 'object' && !Array.isArray(attributes) ? (attributes ?? {}) : undefined,
      mark: item.mark,
    },
  ]
}

function memberOf(map: ConfigMap, key: string): ConfigValue | undefined {
  const entry = map.entries.get(key)
  return entry && plainValue(entry.value)
}

function readSpec(text: string, mark: Mark): Spec {
  try {
    return parseSpec(text)
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    const { code, message, detail, hint } = error
    throw new SpackError(code, message, { detail, hint, where: `${mark.file}:${mark.line}`, cause: error })
  }
}
