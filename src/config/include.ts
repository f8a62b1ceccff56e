// `include:` lists: which further scopes a scope brings in.

import { existsSync, statSync } from 'node:fs'
import { dirname, extname, isAbsolute, relative } from 'node:path'
import { SpackError } from '../ui/error.ts'
import { isIncluded, lookAtHost } from './include-condition.ts'
import { type ConfigEntry, type ConfigMap, type ConfigNode, type Mark, plainValue } from './node.ts'
import type { Scope, ScopeSource } from './scope.ts'
import { canonicalPath, mentionsHost, spackVariables, type VariableSources } from './substitution.ts'

export interface IncludeWorld extends VariableSources {
  cwd: string
  /** Where to keep what files say, the user's cache. */
  cacheDir?: string
}

interface IncludeEntry {
  path: string
  name?: string
  when?: string
  optional: boolean
  prefersEdits: boolean
  sha256?: string
  mark: Mark
}

/**
 * The scopes that the `include` section of a scope names, strongest first. Throws SpackError `include-missing`,
 * `include-remote` or `include-kind`.
 */
export async function includedScopes(parent: Scope, entry: ConfigEntry, world: IncludeWorld): Promise<ScopeSource[]> {
  if (entry.value.kind !== 'list') return []
  const sources: ScopeSource[] = []
  for (const item of entry.value.items) {
    const include = readEntry(item, world)
    if (include.when && !(await isIncluded(include.when, world, whereOf(include.mark)))) continue
    if (mentionsHost(include.path)) world.host ??= await lookAtHost(world.paths)
    sources.push(resolveInclude(parent, include, world))
  }
  return sources
}

const whereOf = ({ file, line }: Mark): string => `${file}:${line}`

function readEntry(item: ConfigNode, world: IncludeWorld): IncludeEntry {
  if (item.kind !== 'map')
    return { path: String(plainValue(item)), optional: false, prefersEdits: false, mark: item.mark }
  const member = (name: string) => textOf(item, name)
  const git = member('git')
  if (git !== undefined) {
    throw new SpackError('include-remote', `settings from the Git repository \`${git}\` cannot be included`, {
      where: whereOf(item.mark),
      hint: 'clone it and include the folder of the clone',
    })
  }
  const variable = member('path_override_env_var') ?? ''
  const override = Object.hasOwn(world.environ, variable) ? world.environ[variable] : undefined
  return {
    path: override ?? member('path') ?? '',
    name: member('name'),
    when: member('when'),
    optional: isTrue(item, 'optional'),
    prefersEdits: isTrue(item, 'prefer_modify'),
    sha256: member('sha256'),
    mark: item.mark,
  }
}

function textOf(map: ConfigMap, key: string): string | undefined {
  const value = map.entries.get(key)?.value
  return value?.kind === 'scalar' && value.value !== null ? String(value.value) : undefined
}

function isTrue(map: ConfigMap, key: string): boolean {
  const value = map.entries.get(key)?.value
  return value?.kind === 'scalar' && value.value === true
}

function resolveInclude(parent: Scope, include: IncludeEntry, world: IncludeWorld): ScopeSource {
  const where = whereOf(include.mark)
  const path = canonicalPath(include.path, spackVariables(world), world.environ, baseFolder(parent, world.cwd))
  if (!isAbsolute(path)) throw remote(path, where)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat && !include.optional) {
    const written = include.path === path ? '' : ` (\`${path}\`)`
    throw new SpackError('include-missing', `the included \`${include.path}\`${written} does not exist`, {
      where,
      hint: 'if it may be absent, write it as `- path: …` with `optional: true`',
    })
  }
  const extension = extname(path)
  const isFile = stat ? !stat.isDirectory() : extension === '.yaml' || extension === '.yml'
  if (!stat && !isFile && extension) {
    throw new SpackError(
      'include-kind',
      `\`${include.path}\` is not there yet and names neither a file nor a folder of settings`,
      {
        where,
        hint: 'files end in .yaml or .yml, folders in neither',
      },
    )
  }
  return {
    name: include.name ?? `${parent.name}:${relativeName(parent, path)}`,
    level: parent.level,
    kind: isFile ? 'file' : 'folder',
    path,
    isWritable: true,
    prefersEdits: include.prefersEdits,
  }
}

/** Relative paths start at the folder of the file that includes. */
function baseFolder(parent: Scope, cwd: string): string {
  if (parent.path === undefined) return cwd
  return parent.kind === 'folder' && existsSync(parent.path) ? parent.path : dirname(parent.path)
}

function relativeName(parent: Scope, path: string): string {
  return parent.path !== undefined && path.startsWith(parent.path) ? relative(parent.path, path) : path
}

function remote(url: string, where: string): SpackError {
  const scheme = /^[A-Za-z][\w+.-]*/.exec(url)?.[0] ?? ''
  const message = ['http', 'https', 'ftp'].includes(scheme)
    ? `settings cannot be included from \`${url}\``
    : `\`${url}\` has a scheme, \`${scheme}\`, from which no settings can be included`
  return new SpackError('include-remote', message, { where, hint: 'download it and include the local file' })
}
