// The configuration: all scopes, weakest first, and what they say together.

import { dirname } from 'node:path'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { IncludeWorld } from './include.ts'
import { lookAtHost } from './include-condition.ts'
import { modernize } from './legacy.ts'
import { mergeEntry } from './merge.ts'
import {
  type ConfigEntry,
  type ConfigNode,
  type ConfigValue,
  copyNode,
  emptyMap,
  type Mark,
  plainValue,
} from './node.ts'
import { type SpackPaths, spackPaths } from './paths.ts'
import type { RemoteSettings } from './remote-include.ts'
import { nameRepositories } from './repository-list.ts'
import { internalScope, type Scope, type ScopeSource } from './scope.ts'
import { collectScopes, type StackedScope, standardScopes, withoutOverridden } from './scope-stack.ts'
import { requireSection, type SectionName } from './sections.ts'
import { addSetting, setValue } from './setting.ts'
import { parseSettingPath } from './setting-path.ts'
import { canonicalPath, mentionsHost, spackVariables, substitutePath } from './substitution.ts'

export interface ConfigurationOptions {
  environ: NodeJS.ProcessEnv
  cwd: string
  /** Found from `environ` when left out. */
  paths?: SpackPaths
  /** Scopes of the active environment (its manifest), weakest first. */
  environmentScopes?: readonly ScopeSource[]
  /** Folder of the active environment, `$env`. */
  environmentDir?: string
  /** `-C`, weakest first. */
  commandScopes?: readonly ScopeSource[]
  /** `-c`, in order. */
  commandSettings?: readonly string[]
  /** Brings included settings from elsewhere; without it they are refused. */
  remote?: RemoteSettings
  /** What other global flags set. */
  flagValues?: readonly (readonly [path: readonly [SectionName, ...string[]], value: ConfigValue])[]
}

/** `config:install_tree:root`, or its keys, for those that may hold colons. */
export type ConfigPath = string | readonly [SectionName, ...string[]]

export interface Configuration {
  readonly paths: SpackPaths
  /** Weakest first; those that an `include::` switched off are among them. */
  readonly scopes: readonly Scope[]
  /** The scopes that count. */
  readonly activeScopes: readonly Scope[]
  /** What a user should know and that is no error. */
  readonly warnings: readonly string[]
  /** The merged section; an empty map when no scope has it. */
  section: (name: SectionName) => ConfigValue
  /** A value as it is written; undefined when it is not set. */
  get: (path: ConfigPath) => ConfigValue | undefined
  /** Keys and values of a map in their order, which an object loses where keys look like numbers. */
  entries: (path: ConfigPath) => [key: string, value: ConfigValue][]
  /** Where the value that counts is set. */
  origin: (path: ConfigPath) => Mark | undefined
  /** A text of the settings with variables and `~` replaced; with a folder, the path is made absolute from there. */
  substitute: (text: string, contextDir?: string) => string
  /** As `substitute`, for texts from elsewhere, whose variables may take a look at the machine. */
  substituteInput: (text: string, contextDir?: string) => Promise<string>
  /** A path from the settings: variables replaced, relative to the file that it is written in. */
  path: (path: ConfigPath) => string | undefined
  /** As `path`, for lists of paths and for single ones. */
  pathList: (path: ConfigPath) => string[]
  /** The merged tree of a section, or the tree of one scope. */
  sectionNode: (name: SectionName, scope?: Scope) => ConfigNode | undefined
  /** Throws SpackError `config-scope` when there is none of that name. */
  scope: (name: string) => Scope
}

/**
 * Reads all scopes. Throws SpackError for what is wrong with an `include` section or a setting of the command line; what
 * is wrong elsewhere is thrown when that section is asked for.
 */
export async function loadConfiguration(options: ConfigurationOptions): Promise<Configuration> {
  const paths = options.paths ?? spackPaths(options.environ)
  const commandLine = emptyMap({ file: 'command_line', line: 0 })
  for (const [path, value] of options.flagValues ?? []) setValue(commandLine, path, value)
  for (const setting of options.commandSettings ?? []) await addSetting(commandLine, setting)
  const asksForHost = options.commandSettings?.some(mentionsHost) ?? false
  const sources: StackedScope[] = [
    ...(await standardScopes(paths)),
    ...[...(options.environmentScopes ?? []), ...(options.commandScopes ?? [])].map((scope) => ({ scope })),
    { scope: internalScope('command_line', 'command line', (name) => commandLine.entries.get(name), asksForHost) },
  ]
  const { environ, environmentDir, cwd, remote } = options
  return await stackScopes(sources, { paths, environ, environmentDir, cwd, cacheDir: paths.userCache, remote })
}

/** Makes a configuration of scopes, weakest first. Throws as `loadConfiguration`. */
export async function stackScopes(sources: readonly StackedScope[], world: IncludeWorld): Promise<Configuration> {
  const { scopes, warnings } = await collectScopes(sources, world)
  if (!world.host && scopes.some((scope) => scope.mentionsHost)) world.host = await lookAtHost(world.paths)
  const activeScopes = withoutOverridden(scopes)
  const variables = spackVariables(world)
  const canonical = (node: ConfigNode): string => {
    const text = String(node.kind === 'scalar' ? node.value : plainValue(node))
    const base = node.mark.line > 0 ? dirname(node.mark.file) : world.cwd
    return canonicalPath(text, variables, world.environ, base)
  }
  const named = await nameRepositories(activeScopes, canonical, (message) => void warnings.push(message))
  const { entry, find } = mergedSections(activeScopes, named)
  const values = new Map<SectionName, ConfigValue>()
  const substitute = (text: string, contextDir?: string): string =>
    contextDir === undefined
      ? substitutePath(text, variables, world.environ)
      : canonicalPath(text, variables, world.environ, contextDir)

  return {
    paths: world.paths,
    scopes,
    activeScopes,
    warnings,
    section: (name) => {
      const known = values.get(name)
      if (known !== undefined) return known
      const merged = entry(name)
      const value = merged ? plainValue(merged.value) : Object.freeze({})
      values.set(name, value)
      return value
    },
    get: (path) => {
      const found = find(path)
      return found && plainValue(found.value)
    },
    entries: (path) => {
      const node = find(path)?.value
      return node?.kind === 'map' ? [...node.entries].map(([key, { value }]) => [key, plainValue(value)]) : []
    },
    origin: (path) => find(path)?.mark,
    substitute,
    substituteInput: async (text, contextDir) => {
      if (mentionsHost(text)) world.host ??= await lookAtHost(world.paths)
      return substitute(text, contextDir)
    },
    path: (path) => {
      const node = find(path)?.value
      return node?.kind === 'scalar' && node.value !== null ? canonical(node) : undefined
    },
    pathList: (path) => {
      const node = find(path)?.value
      if (!node || node.kind === 'map') return []
      return (node.kind === 'list' ? node.items : [node]).map(canonical)
    },
    sectionNode: (name, scope) => (scope ? mergeSection(name, [scope], named) : entry(name))?.value,
    scope: (name) => findScope(scopes, name),
  }
}

interface MergedSections {
  entry: (name: SectionName) => ConfigEntry | undefined
  find: (path: ConfigPath) => ConfigEntry | undefined
}

/** Sections are merged when they are asked for. */
function mergedSections(scopes: readonly Scope[], named: ReadonlyMap<ConfigEntry, ConfigEntry>): MergedSections {
  const merged = new Map<SectionName, ConfigEntry | undefined>()
  const entry = (name: SectionName): ConfigEntry | undefined => {
    if (!merged.has(name)) merged.set(name, mergeSection(name, scopes, named))
    return merged.get(name)
  }
  const find = (path: ConfigPath): ConfigEntry | undefined => {
    const [section, ...keys] = pathKeys(path)
    let found = entry(section)
    for (const key of keys) found = found?.value.kind === 'map' ? found.value.entries.get(key) : undefined
    return found
  }
  return { entry, find }
}

function mergeSection(
  name: SectionName,
  scopes: readonly Scope[],
  named: ReadonlyMap<ConfigEntry, ConfigEntry>,
): ConfigEntry | undefined {
  const root = emptyMap({ file: '', line: 0 })
  for (const scope of scopes) {
    const own = scope.section(name)
    if (!own) continue
    const entry = named.get(own) ?? own
    const copy = { ...entry, value: copyNode(entry.value) }
    modernize(name, copy)
    // `include::` has been heeded already, when the scopes were chosen.
    mergeEntry(root, name === 'include' ? { ...copy, strategy: 'merge' } : copy)
  }
  return root.entries.get(name)
}

function pathKeys(path: ConfigPath): readonly [SectionName, ...string[]] {
  if (typeof path !== 'string') return path
  const [section, ...keys] = parseSettingPath(path).map(({ text }) => text)
  return [requireSection(section!), ...keys]
}

function findScope(scopes: readonly Scope[], name: string): Scope {
  const found = scopes.find((scope) => scope.name === name)
  if (found) return found
  const names = scopes.map((scope) => scope.name)
  const hint = didYouMean(name, names) ?? `the scopes are ${names.toReversed().join(', ')}`
  throw new SpackError('config-scope', `there is no scope \`${name}\``, { hint })
}
