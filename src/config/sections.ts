// The sections of the configuration, in the order in which `spack config list` names them.

import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'

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

/** Checks the name of a section. Throws SpackError `config-section`. */
export function requireSection(name: string): SectionName {
  if (isSectionName(name)) return name
  const section = name.split(':')[0]!
  const whole = isSectionName(section) ? `it is a whole section that is meant: \`${section}\`` : undefined
  const hint = whole ?? didYouMean(name, sectionNames) ?? `the sections are ${sectionNames.join(', ')}`
  throw new SpackError('config-section', `there is no section \`${name}\` in the configuration`, { hint })
}
