// Environments: folders with a `spack.yaml`. Named ones are below the environments root, others anywhere. Finding one is
// needed at every start of the program, so nothing heavy is loaded here and no file is read.

import { existsSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import type { ScopeSource } from '../config/scope.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { wordPattern } from '../word-pattern.ts'

export const manifestName = 'spack.yaml'
export const lockfileName = 'spack.lock'

export interface Environment {
  /** The name of a named environment, the folder of another. */
  name: string
  /** Absolute path. */
  dir: string
  manifestFile: string
  lockFile: string
  /** `.spack-env`: what the environment keeps for itself. */
  metadataDir: string
}

/** What an environment is looked for by. */
export interface EnvironmentQuery {
  /** `-e` */
  environment?: string
  /** `-D` */
  environmentDir?: string
  /** `-E` */
  noEnvironment: boolean
}

/** Whether a folder has a manifest. */
export const isEnvironmentDir = (path: string): boolean =>
  existsSync(join(path, manifestName)) && statSync(path).isDirectory()

/** Letters, digits, `_`, `-` and `/`, the first one of these no `-` or `/`. */
export const isEnvironmentName = (name: string): boolean => namePattern(name).test(name)

const namePattern = wordPattern(String.raw`^[\w][\w/-]*$`, '')

/** Throws SpackError `environment-name`. */
export function checkEnvironmentName(name: string): void {
  if (isEnvironmentName(name)) return
  throw new SpackError('environment-name', `\`${name}\` cannot be the name of an environment`, {
    hint: 'names have letters, digits, `_`, `-` and `/` and do not begin with `-`; for a folder, give its path or `-d`',
  })
}

/** The environment in a folder, whether it is there or not. `root` is the environments root. */
export function environmentAt(dir: string, root: string): Environment {
  const path = resolve(dir)
  return {
    name: nameOf(path, root),
    dir: path,
    manifestFile: join(path, manifestName),
    lockFile: join(path, lockfileName),
    metadataDir: join(path, '.spack-env'),
  }
}

/** Named if it is the folder of that name below the root, also by way of links (`spack env track` makes one). */
function nameOf(dir: string, root: string): string {
  const own = realPath(dir)
  const realRoot = realPath(root)
  if (own.startsWith(`${realRoot}/`)) return relative(realRoot, own)
  const tracked = basename(dir)
  return isEnvironmentName(tracked) && existsSync(join(root, tracked)) && realPath(join(root, tracked)) === own
    ? tracked
    : dir
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return resolve(path)
    throw error
  }
}

/** Whether there is a folder of that name below the environments root. */
export const isNamedEnvironment = (name: string, root: string): boolean =>
  isEnvironmentName(name) && statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory() === true

/**
 * The environment that flags or `SPACK_ENV` choose; undefined without any. `environmentsRoot` is asked only where a name
 * may be meant. Throws SpackError `no-environment`.
 */
export async function findEnvironment(
  query: EnvironmentQuery,
  world: { environ: NodeJS.ProcessEnv; cwd: string },
  environmentsRoot: () => Promise<string>,
): Promise<Environment | undefined> {
  if (query.noEnvironment) return undefined
  if (query.environment) return await namedOrDir(query.environment, world.cwd, environmentsRoot)
  const dir = query.environmentDir ?? world.environ.SPACK_ENV
  if (!dir) return undefined
  const path = resolve(world.cwd, dir)
  if (isEnvironmentDir(path)) return environmentAt(path, await environmentsRoot())
  throw new SpackError('no-environment', `there is no environment in \`${dir}\``, {
    hint: query.environmentDir
      ? `an environment is a folder with a \`${manifestName}\`; \`spack env create -d ${dir}\` makes one`
      : '`SPACK_ENV` names this folder: deactivate with `spack env deactivate` or `unset SPACK_ENV`, or use `spack -E …`',
  })
}

/** The environment that a name or, if there is none of that name, a folder stands for. Throws as `findEnvironment`. */
export async function namedOrDir(
  word: string,
  cwd: string,
  environmentsRoot: () => Promise<string>,
): Promise<Environment> {
  const root = await environmentsRoot()
  if (isNamedEnvironment(word, root)) return environmentAt(join(root, word), root)
  const path = resolve(cwd, word)
  if (isEnvironmentDir(path)) return environmentAt(path, root)
  throw new SpackError('no-environment', `there is no environment \`${word}\``, {
    hint:
      didYouMean(word, environmentNames(root)) ??
      '`spack env list` shows the named environments, `spack env create` makes one',
  })
}

/** Names of all environments below the root, sorted. Folders that begin with a dot are passed over. */
export function environmentNames(root: string): string[] {
  const names: string[] = []
  const seen = new Set<string>()
  const visit = (folder: string, name: string) => {
    const real = realPath(folder)
    if (seen.has(real)) return
    seen.add(real)
    const entries = listFolder(folder)
    if (name && entries.includes(manifestName) && isEnvironmentName(name)) names.push(name)
    for (const entry of entries) {
      const inner = join(folder, entry)
      if (entry.startsWith('.') || !statSync(inner, { throwIfNoEntry: false })?.isDirectory()) continue
      visit(inner, name ? `${name}/${entry}` : entry)
    }
  }
  visit(root, '')
  return names.sort()
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(systemErrorCode(error) ?? '')) return []
    throw error
  }
}

/** Removes an environment's folder, the manifest first: without it the rest is no environment. */
export function removeEnvironment({ dir, manifestFile }: Environment): void {
  rmSync(manifestFile, { force: true })
  rmSync(dir, { recursive: true, force: true })
}

/** The scope of settings that an environment's manifest is. */
export const environmentScope = ({ name, manifestFile }: Environment): ScopeSource => ({
  name: `env:${name}`,
  level: 'environment',
  kind: 'file',
  path: manifestFile,
  isManifest: true,
  isWritable: true,
})
