// Where installations outside of the store are looked for: folders of programs and of libraries, each folder once.

import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { machine } from 'node:os'
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { systemErrorCode } from '../ui/error.ts'

/** Folders of programs: those given, and `bin` in each of them. Paths are meant from `cwd`. */
export const programFolders = (given: readonly string[], cwd: string): string[] =>
  uniqueFolders(withInner(given, cwd, ['bin']))

/** Folders of libraries: those given, and `lib` and `lib64` in each; or those that the dynamic linker looks in. */
export function libraryFolders(
  given: readonly string[] | undefined,
  cwd: string,
  environ: NodeJS.ProcessEnv,
): string[] {
  if (given) return uniqueFolders(withInner(given, cwd, ['lib', 'lib64']))
  const variables =
    process.platform === 'darwin' ? ['DYLD_LIBRARY_PATH', 'DYLD_FALLBACK_LIBRARY_PATH'] : ['LD_LIBRARY_PATH']
  const named = variables.flatMap((name) => pathList(environ[name]))
  return uniqueFolders([...named, ...linkerFolders()])
}

/** The folders of a variable such as `PATH`. */
export const pathList = (value: string | undefined): string[] => (value ?? '').split(delimiter).filter(Boolean)

function withInner(given: readonly string[], cwd: string, inner: readonly string[]): string[] {
  return given.flatMap((path) => {
    const folder = resolve(cwd, path)
    return isFolder(folder) ? [folder, ...inner.map((name) => join(folder, name)).filter(isFolder)] : []
  })
}

const isFolder = (path: string): boolean => statOf(path)?.isDirectory() ?? false

/** Undefined for what is not there, or may not be looked at. */
export function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (['EACCES', 'ENOTDIR', 'ELOOP', 'EIO', 'ESTALE'].includes(systemErrorCode(error) ?? '')) return undefined
    throw error
  }
}

/** Each folder once. Of two ways to one folder the later counts if it is free of links: `/usr/bin` and not `/bin`. */
function uniqueFolders(folders: readonly string[]): string[] {
  const seen = new Map<string, string>()
  for (const folder of folders) {
    const stat = statOf(folder)
    if (!stat?.isDirectory()) continue
    const id = `${stat.dev}:${stat.ino}`
    if (!seen.has(id) || !hasLink(folder)) seen.set(id, folder)
  }
  return [...seen.values()]
}

function hasLink(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) if (lstatSync(at).isSymbolicLink()) return true
  return false
}

const usualFolders = ['/usr/lib', '/usr/lib64', '/lib', '/lib64']

/** Where the dynamic linker looks: glibc's `ld.so.conf` or musl's `ld-musl-*.path`, then the usual folders. */
function linkerFolders(): string[] {
  if (process.platform !== 'linux') return usualFolders
  const musl = `/etc/ld-musl-${machine()}.path`
  return [...configuredFolders(existsSync(musl) ? musl : '/etc/ld.so.conf'), ...usualFolders]
}

/** The folders that an `ld.so.conf` names, with those of the files that it includes. Each file is read once. */
function configuredFolders(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const folders: string[] = []
  const included: string[] = []
  for (const line of readIfReadable(file).split('\n')) {
    const text = line.replace(/#.*/, '').trim()
    const include = /^include\s+(.+)$/.exec(text)
    if (include) included.push(...filesLike(resolve(dirname(file), include[1]!)))
    else if (isAbsolute(text)) folders.push(text)
  }
  return [...folders, ...included.flatMap((each) => configuredFolders(each, seen))]
}

/** Files whose last name matches a pattern with `*` and `?`. */
function filesLike(pattern: string): string[] {
  const source = basename(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&')
  const expression = new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`)
  const folder = dirname(pattern)
  return listFolder(folder)
    .filter(({ name }) => expression.test(name))
    .map(({ name }) => join(folder, name))
    .sort()
}

function readIfReadable(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error)) return ''
    throw error
  }
}

/** The entries of a folder; none when it cannot be read, as folders on a search path may be anything. */
export function listFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (systemErrorCode(error)) return []
    throw error
  }
}
