// A folder with settings for the tests of the configuration: a home of its own and a root, user, site and system scope.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Configuration, type ConfigurationOptions, loadConfiguration } from '../../src/config/configuration.ts'
import { scratch } from '../support/scratch.ts'

export interface SettingsWorld {
  dir: string
  environ: NodeJS.ProcessEnv
  /** Writes files by their paths below the folder; `DIR` in a text stands for it. */
  write: (files: Readonly<Record<string, string>>) => void
  load: (options?: Partial<ConfigurationOptions>) => Promise<Configuration>
}

/** A world with files: `user/config.yaml`, `site/…`, `system/…`, `etc/…` (the root's own), or any other path. */
export function settingsWorld(files: Readonly<Record<string, string>> = {}): SettingsWorld {
  const dir = scratch()
  const places: Readonly<Record<string, string>> = { etc: 'root/etc/spack', site: 'root/etc/spack/site' }
  const environ = {
    HOME: join(dir, 'home'),
    SPACK_ROOT: join(dir, 'root'),
    SPACK_USER_CONFIG_PATH: join(dir, 'user'),
    SPACK_SYSTEM_CONFIG_PATH: join(dir, 'system'),
    SPACK_USER_CACHE_PATH: join(dir, 'cache'),
  }
  const write = (more: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(more)) {
      const [first, ...rest] = name.split('/') as [string, ...string[]]
      const path = join(dir, places[first] ?? first, ...rest)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text.replaceAll('DIR', dir))
    }
  }
  write(files)
  return { dir, environ, write, load: (options = {}) => loadConfiguration({ environ, cwd: dir, ...options }) }
}
