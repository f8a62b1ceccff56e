// What configuration says about stages and sources, read once: `config:build_stage`, `stage_name`, `source_cache`,
// `checksum`, `deprecated`, and the mirrors that hold sources.

import { join } from 'node:path'
import type { Mirror } from '../buildcache/mirror.ts'
import type { Configuration } from '../config/configuration.ts'

export interface StageSettings {
  /** Absolute, best first. */
  roots: readonly string[]
  /** A template of a path; null for Spack's own. */
  nameTemplate: string | null
  cache: string
  /** Those with sources. */
  mirrors: readonly Mirror[]
  checksum: boolean
  /** Where the command was given: some recipes expect there what users must download by hand. */
  workingFolder: string
  allowDeprecated: boolean
  /** Sources are asked for from their makers only: no mirror, no cache. */
  skipStored?: boolean
}

/** `mirrors` are all configured ones. */
export function stageSettings(configuration: Configuration, mirrors: readonly Mirror[]): StageSettings {
  const template = configuration.get('config:stage_name')
  return {
    roots: stageRoots(configuration),
    nameTemplate: typeof template === 'string' && template !== '' ? template : null,
    cache: configuration.path('config:source_cache') ?? join(configuration.paths.root, 'var/spack/cache'),
    mirrors: mirrors.filter(({ contents }) => contents.includes('source')),
    workingFolder: process.cwd(),
    checksum: configuration.get('config:checksum') !== false,
    allowDeprecated: configuration.get('config:deprecated') === true,
  }
}

/** Users who share a folder for temporary files must not meet in it: the user's name is in each path once. */
function stageRoots(configuration: Configuration): string[] {
  const setting = configuration.get('config:build_stage')
  const written = (Array.isArray(setting) ? setting : [setting]).filter((path): path is string => Boolean(path))
  const user = configuration.substitute('$user')
  const temporaryHasUser = configuration.substitute('$tempdir').split('/').includes(user)
  return written.map((path) => {
    const plain = temporaryHasUser && path.startsWith('$tempdir/$user') ? path.replace('/$user', '') : path
    const absolute = configuration.substitute(plain, configuration.paths.root)
    return absolute.includes(user) ? absolute : join(absolute, user)
  })
}
