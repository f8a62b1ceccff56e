// Variables in settings: Spack's own (`$spack`, `${user}`), then those of the environment, then `~`.

import { accessSync, constants, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { wordPattern } from '../word-pattern.ts'
import { expandHome, type SpackPaths } from './paths.ts'

/** What Spack's variables stand for, asked for when one is met. Undefined leaves the variable as it is written. */
export type Variables = Readonly<Record<string, () => string | undefined>>

/** The machine in the words of specs, and what else is found out only when it is asked for. */
export interface HostVariables {
  platform: string
  os: string
  target: string
  /** The root of the target's ancestry, `x86_64`. */
  targetFamily: string
  /** Seven letters that tell roots with one user cache apart. */
  instanceId: string
}

export interface VariableSources {
  paths: SpackPaths
  environ: NodeJS.ProcessEnv
  /** Folder of the active environment. */
  environmentDir?: string
  /** Looking at the machine costs some milliseconds; whoever substitutes `$arch` and its parts must have done so. */
  host?: HostVariables
  /** Milliseconds since 1970; the present when left out. */
  nowMs?: number
}

/** The version of Spack whose behaviour this program follows, as `$spack_short_version` gives it. */
const followedVersion = '1.2'

/** Spack's variables, by their names in lower case. */
export function spackVariables(sources: VariableSources): Variables {
  const { paths, environ } = sources
  const host = (): HostVariables => {
    if (!sources.host) throw new Error('a variable of the host is substituted before the host is known')
    return sources.host
  }
  const platform = () => sources.host?.platform ?? platformName()
  const triplet = () => `${host().platform}-${host().os}-${host().target}`
  return {
    spack: () => paths.root,
    user: () => userName(environ),
    tempdir: () => temporaryFolder(environ),
    user_cache_path: () => paths.userCache,
    spack_instance_id: () => host().instanceId,
    architecture: triplet,
    arch: triplet,
    platform,
    operating_system: () => host().os,
    os: () => host().os,
    target: () => host().target,
    target_family: () => host().targetFamily,
    date: () => localDate(sources.nowMs ?? Date.now()),
    env: () => sources.environmentDir,
    spack_short_version: () => followedVersion,
  }
}

/** Whether a text has variables whose values take a look at the machine. */
export const mentionsHost = (text: string): boolean =>
  /\$\{?(?:architecture|arch|operating_system|os|target_family|target|spack_instance_id)\b/i.test(text)

const variablePattern = wordPattern(String.raw`\$[\w]+(?![\w])|\$\{[\w]+\}`, 'g')

/** Spack's variables replaced, `$name` and `${name}` in any case of letters. */
export function substituteVariables(text: string, variables: Variables): string {
  if (!text.includes('$')) return text
  return text.replace(variablePattern(text), (word) => {
    const name = word.replace(/^\$\{?|\}$/g, '').toLowerCase()
    return (Object.hasOwn(variables, name) ? variables[name]!() : undefined) ?? word
  })
}

/** As `substituteVariables`, then the environment's variables (unknown ones stay as they are) and `~`. */
export function substitutePath(text: string, variables: Variables, environ: NodeJS.ProcessEnv): string {
  const replaced = substituteVariables(text, variables).replace(/\$(\w+|\{[^}]*\})/g, (word, name: string) => {
    const key = name.replace(/^\{|\}$/g, '')
    return (Object.hasOwn(environ, key) ? environ[key] : undefined) ?? word
  })
  return expandHome(replaced, environ.HOME ?? homedir())
}

/**
 * As `substitutePath`, then made absolute from the folder `base`. URLs stay as they are, but for `file://`, of which the
 * path is given.
 */
export function canonicalPath(text: string, variables: Variables, environ: NodeJS.ProcessEnv, base: string): string {
  const path = substitutePath(text, variables, environ)
  if (/^[A-Za-z]:/.test(path)) return path.replaceAll('/', '\\')
  const url = /^([A-Za-z][A-Za-z\d+.-]*):(?:\/\/[^/?#]*)?([^?#]*)/.exec(path)
  if (!url) return resolve(base, path)
  return url[1]!.toLowerCase() === 'file' ? resolve(base, decodeUrlPath(url[2]!)) : path
}

function decodeUrlPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (error instanceof URIError) return path
    throw error
  }
}

const platformNames: Readonly<Record<string, string>> = { win32: 'windows' }
const platformName = (): string => platformNames[process.platform] ?? process.platform

/** The name of the effective user, as the system knows it. */
function userName(environ: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username
  } catch {
    // A container's user without an entry in the system's table.
    return environ.LOGNAME || environ.USER || String(process.geteuid?.() ?? 'user')
  }
}

/** The first usable folder for temporary files, in Python's order. */
function temporaryFolder(environ: NodeJS.ProcessEnv): string {
  const named = [environ.TMPDIR, environ.TEMP, environ.TMP].filter((path): path is string => Boolean(path))
  const candidates = [...named, '/tmp', '/var/tmp', '/usr/tmp'].map((path) => resolve(path))
  return candidates.find(isWritableFolder) ?? process.cwd()
}

function isWritableFolder(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function localDate(timeMs: number): string {
  const date = new Date(timeMs)
  const part = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`
}
