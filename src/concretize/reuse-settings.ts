// `concretizer:reuse`: what may be reused, and where it is looked for.

import type { Configuration } from '../config/configuration.ts'
import type { ConfigValue } from '../config/node.ts'

export type ReuseSourceKind = 'local' | 'buildcache' | 'environment' | 'external'

export interface ReuseSource {
  kind: ReuseSourceKind
  /** Of an environment; null: the active one. */
  path: string | null
  /** Specs, one of which a reused one must satisfy; none: anything. */
  include: readonly string[]
  exclude: readonly string[]
}

export interface ReuseSettings {
  /** Whether what is asked for may be reused itself, or only what is below it. */
  reusesRoots: boolean
  sources: readonly ReuseSource[]
}

/** The short forms of the setting, which are also flags of commands. */
export type ReuseWord = boolean | 'dependencies'

const everything = (kind: ReuseSourceKind): ReuseSource => ({ kind, path: null, include: [], exclude: [] })

/** What is set; `word` is set on the command line. Externals may always be used, unless the setting limits them. */
export function readReuse(configuration: Configuration, word?: ReuseWord): ReuseSettings {
  const value = word ?? configuration.get('concretizer:reuse') ?? false
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return readMapping(value)
  if (value === false) return { reusesRoots: true, sources: [everything('external')] }
  const kinds: ReuseSourceKind[] = ['external', 'local', 'buildcache', 'environment']
  return { reusesRoots: value !== 'dependencies', sources: kinds.map(everything) }
}

type Mapping = { readonly [key: string]: ConfigValue }

function readMapping(value: Mapping): ReuseSettings {
  const rows = Array.isArray(value.from)
    ? (value.from as readonly Mapping[])
    : [{ type: 'local' }, { type: 'buildcache' }]
  const sources = rows.map(
    (row): ReuseSource => ({
      kind: row.type as ReuseSourceKind,
      path: typeof row.path === 'string' ? row.path : null,
      include: textsOf(row.include ?? value.include),
      exclude: textsOf(row.exclude ?? value.exclude),
    }),
  )
  const hasExternals = sources.some(({ kind }) => kind === 'external')
  return {
    reusesRoots: value.roots !== false,
    sources: hasExternals ? sources : [...sources, everything('external')],
  }
}

const textsOf = (value: ConfigValue | undefined): string[] => (Array.isArray(value) ? value.map(String) : [])
