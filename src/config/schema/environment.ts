// What environments are made of: `env_vars`, `view`, `develop`, `definitions`, and a manifest's own keys.

import { either, flag, list, named, none, oneOf, projections, type Schema, strict, text, texts } from './base.ts'
import { environmentChanges } from './environment-changes.ts'

export const envVarsSchema = (): Schema => environmentChanges

const view = strict(
  {
    root: text,
    link: oneOf('roots', 'all', 'run'),
    link_type: oneOf('symlink', 'hardlink', 'copy'),
    select: texts,
    exclude: texts,
    projections,
  },
  ['root'],
)

export const viewSchema = (): Schema => either(flag, text, named(either(view, text)))

export const developSchema = (): Schema => named(strict({ spec: text, path: text }, ['spec']))

const specList = list(either(strict({ matrix: list(texts), exclude: texts }), text, none))

export const definitionsSchema = (): Schema => list(named(specList, { when: text }))

/** Keys that only a manifest has. */
export const manifestKeys = (): Record<string, Schema> => ({ specs: specList, include_concrete: texts })
