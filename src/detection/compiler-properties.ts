// What can only be told by running a compiler: the C library that it links with, and the folders that have to be in the
// RPATHs of what it builds. Running one takes a tenth of a second, so its answers are kept in the user's cache, as
// `compilers/properties.json`: one JSON object, in which the keys stand for the program, its time of change and size, and
// the settings that it is run with.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import type { ConfigValue } from '../config/node.ts'
import { sha256Of } from '../digest.ts'
import { readCached, writeCached } from '../whole-file.ts'
import { type Libc, libcOf, parseDynamicLinker, searchFoldersOf } from './libc.ts'
import { implicitRpaths } from './link-folders.ts'
import { statOf } from './search-folders.ts'

/** A compiler as it is run to look at it. */
export interface CompilerPrograms {
  /** Paths of the C and C++ compilers. */
  c?: string
  cxx?: string
  /** `flags` and `environment` of `extra_attributes`. */
  attributes?: { readonly [key: string]: ConfigValue }
  /** What makes it tell how it links, `-v`. */
  verboseFlag?: string
  /** Its own libraries, besides those of the C and C++ runtimes. */
  implicitRpathLibraries?: readonly string[]
}

export interface CompilerProperties {
  dynamicLinker: string | null
  libc: Libc | null
  implicitRpaths: readonly string[]
}

export interface PropertiesWorld {
  environ: NodeJS.ProcessEnv
  /** The folder of the cache, `compilerCache(configuration)`. */
  cache: string
}

/** Where properties of compilers are kept. */
export const compilerCache = (configuration: Configuration): string =>
  join(configuration.path('config:misc_cache') ?? join(configuration.paths.userCache, 'cache'), 'compilers')

const unknown: CompilerProperties = { dynamicLinker: null, libc: null, implicitRpaths: [] }
const timeoutMs = 30_000

/** The properties of a compiler; nothing is known of one that cannot link a program. */
export function compilerProperties(compiler: CompilerPrograms, world: PropertiesWorld): CompilerProperties {
  const program = compiler.c ?? compiler.cxx
  const stat = program === undefined ? undefined : statOf(program)
  if (program === undefined || !stat) return unknown
  const file = join(world.cache, 'properties.json')
  const key = sha256Of(JSON.stringify([compiler, stat.mtimeMs, stat.size])).toString('hex')
  const kept = readCache(file)[key]
  if (isKept(kept) && kept.linkerStamp === stampOf(kept.dynamicLinker)) {
    const { linkerStamp: _, ...properties } = kept
    return properties
  }
  const output = linkOutput(program, compiler, world.environ)
  // A compiler may be broken for a while only: failures are not kept.
  if (output === null) return unknown
  const found = propertiesOf(output, compiler)
  // Of two processes that write at once one may lose its entry, which it then finds out again.
  writeCached(file, { ...readCache(file), [key]: { ...found, linkerStamp: stampOf(found.dynamicLinker) } })
  return found
}

/** As it stands in the cache: the C library may be exchanged below a compiler that stays. */
interface KeptProperties extends CompilerProperties {
  linkerStamp: string | null
}

/** The file may have been damaged. */
const isKept = (value: unknown): value is KeptProperties =>
  typeof value === 'object' && value !== null && 'implicitRpaths' in value && Array.isArray(value.implicitRpaths)

function stampOf(file: string | null): string | null {
  const stat = file === null ? undefined : statOf(file)
  return stat ? `${stat.mtimeMs} ${stat.size}` : null
}

function propertiesOf(output: string, { implicitRpathLibraries = [] }: CompilerPrograms): CompilerProperties {
  const dynamicLinker = parseDynamicLinker(output)
  const folders = dynamicLinker === null ? [] : searchFoldersOf(dynamicLinker)
  return {
    dynamicLinker,
    libc: dynamicLinker === null ? null : libcOf(dynamicLinker),
    implicitRpaths: implicitRpaths(output, implicitRpathLibraries, folders),
  }
}

/** What a compiler prints while it makes a small program; null when it cannot. */
function linkOutput(program: string, compiler: CompilerPrograms, environ: NodeJS.ProcessEnv): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'spack-link-'))
  try {
    const isC = program === compiler.c
    const source = join(folder, isC ? 'main.c' : 'main.cc')
    writeFileSync(source, 'int main(void) { return 0; }\n')
    const flags = flagsOf(compiler.attributes, isC ? 'cflags' : 'cxxflags')
    const args = [...flags, compiler.verboseFlag ?? '-v', source, '-o', join(folder, 'output')]
    const env = changedEnvironment(environ, compiler.attributes?.environment)
    const done = spawnSync(program, args, { encoding: 'utf8', env, timeout: timeoutMs, killSignal: 'SIGKILL' })
    return done.error || done.status !== 0 ? null : done.stdout + done.stderr
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function flagsOf(attributes: CompilerPrograms['attributes'], own: 'cflags' | 'cxxflags'): string[] {
  const flags = entriesOf(attributes?.flags)
  return [own, 'cppflags', 'ldflags'].flatMap((kind) => {
    const text = flags.find(([name]) => name === kind)?.[1]
    return typeof text === 'string' ? text.split(/\s+/).filter(Boolean) : []
  })
}

/** The environment with the changes of an external: `set`, `unset`, `prepend_path`, `append_path`, `remove_path`. */
function changedEnvironment(environ: NodeJS.ProcessEnv, changes: ConfigValue | undefined): NodeJS.ProcessEnv {
  const changed = { ...environ }
  for (const [command, argument] of entriesOf(changes)) {
    if (Array.isArray(argument)) for (const name of argument) delete changed[String(name)]
    for (const [name, value] of entriesOf(argument)) {
      const text = String(value)
      const folders = (changed[name] ?? '').split(':').filter(Boolean)
      if (command === 'set') changed[name] = text
      else if (command === 'prepend_path') changed[name] = [text, ...folders].join(':')
      else if (command === 'append_path') changed[name] = [...folders, text].join(':')
      else changed[name] = folders.filter((folder) => folder !== text).join(':')
    }
  }
  return changed
}

/** The members of what is a map in the configuration; none of anything else. */
export const entriesOf = (value: ConfigValue | undefined): [string, ConfigValue][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []

/** A cache that is not there, or was damaged, is empty. */
function readCache(file: string): Record<string, unknown> {
  const value = readCached(file)
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
