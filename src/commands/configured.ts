// The configuration of an invocation: the scopes of the files, of the active environment and of the global flags.

import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Configuration, type ConfigurationOptions, loadConfiguration } from '../config/configuration.ts'
import { spackPaths } from '../config/paths.ts'
import type { RemoteSettings } from '../config/remote-include.ts'
import type { ScopeSource } from '../config/scope.ts'
import {
  type Environment,
  environmentAt,
  environmentScope,
  findEnvironment,
  isEnvironmentDir,
  isNamedEnvironment,
} from '../environment/environment.ts'
import { SpackError } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'

interface World {
  /** Without the active environment. */
  base?: Promise<Configuration>
  environment?: Promise<Environment | undefined>
  configuration?: Promise<Configuration>
}

const worlds = new WeakMap<Invocation, World>()

function worldOf(invocation: Invocation): World {
  const known = worlds.get(invocation) ?? {}
  worlds.set(invocation, known)
  return known
}

/** The configuration, read once for an invocation. Throws SpackError. */
export function configuration(invocation: Invocation): Promise<Configuration> {
  const world = worldOf(invocation)
  world.configuration ??= loadAll(invocation)
  return world.configuration
}

/** Has the configuration read again when it is next asked for: a command has changed a file. */
export function forgetConfiguration(invocation: Invocation): void {
  const { environment } = worldOf(invocation)
  worlds.set(invocation, { environment })
}

/** The environment that the command line or `SPACK_ENV` chooses. Throws SpackError `no-environment`. */
export function activeEnvironment(invocation: Invocation): Promise<Environment | undefined> {
  const world = worldOf(invocation)
  world.environment ??= findEnvironment(invocation.options, invocation, () => environmentsRoot(invocation))
  return world.environment
}

/** As `activeEnvironment`, for commands that need one. `command` is named in the error. */
export async function requireEnvironment(invocation: Invocation, command: string): Promise<Environment> {
  const environment = await activeEnvironment(invocation)
  if (environment) return environment
  throw new SpackError('no-environment', `\`${command}\` needs an environment`, {
    hint: 'activate one with `spack env activate NAME`, or name it: `spack -e NAME …`, `spack -e DIR …`',
  })
}

/** The folder of named environments. No environment has a say in it. */
export async function environmentsRoot(invocation: Invocation): Promise<string> {
  const base = await baseConfiguration(invocation)
  return base.path('config:environments_root') ?? base.paths.environments
}

/** The configuration of an environment, which need not be the active one. */
export async function configurationOf(invocation: Invocation, environment: Environment): Promise<Configuration> {
  return await load(invocation, {
    environmentScopes: [environmentScope(environment)],
    environmentDir: environment.dir,
  })
}

function baseConfiguration(invocation: Invocation): Promise<Configuration> {
  const world = worldOf(invocation)
  world.base ??= load(invocation, {})
  return world.base
}

async function loadAll(invocation: Invocation): Promise<Configuration> {
  const environment = await activeEnvironment(invocation)
  const made = await (environment ? configurationOf(invocation, environment) : baseConfiguration(invocation))
  for (const warning of made.warnings) invocation.say(`==> Warning: ${warning}\n`)
  return made
}

async function load(
  invocation: Invocation,
  environment: Pick<ConfigurationOptions, 'environmentScopes' | 'environmentDir'>,
): Promise<Configuration> {
  const { options, environ, cwd } = invocation
  return await loadConfiguration({
    environ,
    cwd,
    ...environment,
    commandScopes: options.configScopes.map((path, i) => commandScope(path, i, invocation)),
    commandSettings: options.configSettings,
    flagValues: flagValues(invocation),
    remote: includedFromElsewhere(invocation),
  })
}

/** Loaded when something of that kind is included. */
function includedFromElsewhere({ environ, options, say }: Invocation): RemoteSettings {
  const open = async () => {
    const { remoteSettings } = await import('./remote-settings.ts')
    const folder = join(spackPaths(environ).userCache, 'includes')
    return remoteSettings(folder, { environ, say, insecure: options.insecure })
  }
  return {
    file: async (url, sha256) => (await open()).file(url, sha256),
    checkout: async (reference) => (await open()).checkout(reference),
  }
}

/** What other global flags set. */
function flagValues({ options }: Invocation): NonNullable<ConfigurationOptions['flagValues']> {
  return [
    ...(options.debug ? [[['config', 'debug'], true] as const] : []),
    ...(options.locks === undefined ? [] : [[['config', 'locks'], options.locks] as const]),
    ...(options.insecure ? [[['config', 'verify_ssl'], false] as const] : []),
  ]
}

/** The scope of a `-C`: a folder of settings, or an environment by folder or name. */
function commandScope(word: string, index: number, { cwd, environ }: Invocation): ScopeSource {
  const name = `cmd_scope_${index}`
  const root = spackPaths(environ).environments
  const folder = isNamedEnvironment(word, root) ? join(root, word) : resolve(cwd, word)
  if (isEnvironmentDir(folder)) {
    const scope = environmentScope(environmentAt(folder, root))
    return { ...scope, name: `${name}:${scope.name}`, level: 'custom', isWritable: false }
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SpackError('config-scope', `\`-C ${word}\` names no folder of settings and no environment`, {
      exitCode: 2,
    })
  }
  return { name, level: 'custom', kind: 'folder', path: folder, isWritable: false }
}
