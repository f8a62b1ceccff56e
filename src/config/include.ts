// `include:` lists: which further scopes a scope brings in.

import { existsSync, statSync } from 'node:fs'
import { dirname, extname, isAbsolute, relative } from 'node:path'
import { SpackError } from '../ui/error.ts'
import { isIncluded, lookAtHost } from './include-condition.ts'
import { type ConfigEntry, type ConfigMap, type ConfigNode, type Mark, plainValue } from './node.ts'
import {
  checkReference,
  type GitReference,
  isWebAddress,
  pathInCheckout,
  type RemoteSettings,
} from './remote-include.ts'
import type { Scope, ScopeSource } from './scope.ts'
import { canonicalPath, mentionsHost, spackVariables, type VariableSources } from './substitution.ts'

export interface IncludeWorld extends VariableSources {
  cwd: string
  /** Where to keep what files say, the user's cache. */
  cacheDir?: string
  /** Brings included settings from elsewhere. */
  remote?: RemoteSettings
}

interface IncludeEntry {
  path: string
  /** The repository that the path is in. */
  reference?: GitReference
  name?: string
  when?: string
  optional: boolean
  prefersEdits: boolean
  sha256?: string
  mark: Mark
}

/**
 * The scopes that the `include` section of a scope names, strongest first. Throws SpackError `include-missing`,
 * `include-remote`, `include-kind`, and as `RemoteSettings`.
 */
export async function includedScopes(parent: Scope, entry: ConfigEntry, world: IncludeWorld): Promise<ScopeSource[]> {
  if (entry.value.kind !== 'list') return []
  const sources: ScopeSource[] = []
  for (const item of entry.value.items) {
    for (const include of readEntry(item, world)) {
      if (include.when && !(await isIncluded(include.when, world, whereOf(include.mark)))) continue
      if (mentionsHost(include.path)) world.host ??= await lookAtHost(world.paths)
      sources.push(await resolveInclude(parent, include, world))
    }
  }
  return sources
}

const whereOf = ({ file, line }: Mark): string => `${file}:${line}`

/** One entry; of a Git repository one for each of its paths. */
function readEntry(item: ConfigNode, world: IncludeWorld): IncludeEntry[] {
  if (item.kind !== 'map')
    return [{ path: String(plainValue(item)), optional: false, prefersEdits: false, mark: item.mark }]
  const member = (name: string) => textOf(item, name)
  const git = member('git')
  const shared = {
    name: member('name'),
    when: member('when'),
    optional: isTrue(item, 'optional'),
    prefersEdits: isTrue(item, 'prefer_modify'),
    sha256: member('sha256'),
    mark: item.mark,
  }
  if (git !== undefined) {
    const reference = { git, branch: member('branch'), commit: member('commit'), tag: member('tag') }
    checkReference(reference, whereOf(item.mark))
    const paths = item.entries.get('paths')?.value
    const list = paths?.kind === 'list' ? paths.items : []
    return list.map((path) => ({ ...shared, path: String(plainValue(path)), reference }))
  }
  const variable = member('path_override_env_var') ?? ''
  const override = Object.hasOwn(world.environ, variable) ? world.environ[variable] : undefined
  return [{ ...shared, path: override ?? member('path') ?? '' }]
}

function textOf(map: ConfigMap, key: string): string | undefined {
  const value = map.entries.get(key)?.value
  return value?.kind === 'scalar' && value.value !== null ? String(value.value) : undefined
}

function isTrue(map: ConfigMap, key: string): boolean {
  const value = map.entries.get(key)?.value
  return value?.kind === 'scalar' && value.value === true
}

async function resolveInclude(parent: Scope, include: IncludeEntry, world: IncludeWorld): Promise<ScopeSource> {
  const where = whereOf(include.mark)
  const { path, isOwn } = await located(() => localPath(parent, include, world), where)
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
    name: include.name ?? `${parent.name}:${isOwn ? relativeName(parent, path) : include.path}`,
    level: parent.level,
    kind: isFile ? 'file' : 'folder',
    path,
    isWritable: isOwn,
    prefersEdits: include.prefersEdits,
  }
}

/** Where what is included is on this machine; it is the user's own unless it was brought here. Throws as `RemoteSettings`. */
async function localPath(
  parent: Scope,
  { path: written, reference, sha256, mark }: IncludeEntry,
  world: IncludeWorld,
): Promise<{ path: string; isOwn: boolean }> {
  const canonical = (text: string, base: string) => canonicalPath(text, spackVariables(world), world.environ, base)
  const base = baseFolder(parent, world.cwd)
  if (reference && world.remote) {
    // A folder is an address as well.
    const isFolder = /^[./~$]/.test(reference.git)
    const git = isFolder ? canonical(reference.git, base) : reference.git
    const folder = await world.remote.checkout({ ...reference, git })
    return { path: pathInCheckout(folder, written, whereOf(mark)), isOwn: false }
  }
  const path = canonical(reference?.git ?? written, base)
  if (isAbsolute(path)) return { path, isOwn: true }
  if (world.remote && isWebAddress(path)) return { path: await world.remote.file(path, sha256), isOwn: false }
  throw remote(path, whereOf(mark))
}

/** What goes wrong in fetching is about the line that asks for it. */
async function located<Result>(work: () => Promise<Result>, where: string): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SpackError) || error.where) throw error
    const { code, message, detail, hint } = error
    throw new SpackError(code, message, { where, detail, hint, cause: error })
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
