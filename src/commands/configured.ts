// The configuration of an invocation: the scopes of the files, of the active environment and of the global flags.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Configuration, type ConfigurationOptions, loadConfiguration } from '../config/configuration.ts'
import type { ScopeSource } from '../config/scope.ts'
import { SpackError } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'

const loaded = new WeakMap<Invocation, Promise<Configuration>>()

/** The configuration, read once for an invocation. Throws SpackError. */
export function configuration(invocation: Invocation): Promise<Configuration> {
  const known = loaded.get(invocation)
  if (known) return known
  const made = load(invocation)
  loaded.set(invocation, made)
  return made
}

async function load(invocation: Invocation): Promise<Configuration> {
  const { options, environ, cwd } = invocation
  const made = await loadConfiguration({
    environ,
    cwd,
    commandScopes: options.configScopes.map((path, i) => commandScope(path, i, cwd)),
    commandSettings: options.configSettings,
    flagValues: flagValues(invocation),
  })
  for (const warning of made.warnings) invocation.say(`==> Warning: ${warning}\n`)
  return made
}

/** What other global flags set. */
function flagValues({ options }: Invocation): NonNullable<ConfigurationOptions['flagValues']> {
  return [
    ...(options.debug ? [[['config', 'debug'], true] as const] : []),
    ...(options.locks === undefined ? [] : [[['config', 'locks'], options.locks] as const]),
    ...(options.insecure ? [[['config', 'verify_ssl'], false] as const] : []),
  ]
}

/** The scope of a `-C`: a folder of settings. */
function commandScope(path: string, index: number, cwd: string): ScopeSource {
  const folder = resolve(cwd, path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SpackError('config-scope', `\`-C ${path}\` names no folder of settings`, { exitCode: 2 })
  }
  return { name: `cmd_scope_${index}`, level: 'custom', kind: 'folder', path: folder, isWritable: false }
}
