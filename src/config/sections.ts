// The sections of the configuration, in the order in which `spack config list` names them.

export const sectionNames = [
  'compilers',
  'concretizer',
  'definitions',
  'env_vars',
  'include',
  'view',
  'develop',
  'mirrors',
  'repos',
  'packages',
  'modules',
  'config',
  'upstreams',
  'bootstrap',
  'ci',
  'cdash',
  'toolchains',
] as const

export type SectionName = (typeof sectionNames)[number]

const known: ReadonlySet<string> = new Set(sectionNames)

export const isSectionName = (name: string): name is SectionName => known.has(name)
