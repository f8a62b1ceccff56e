// Scopes: where settings come from. A folder with a file for each section, one file with several sections (an included
// file, an environment's manifest), or settings that stand in no file (built-in defaults, the command line).

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import type { ConfigEntry, ConfigMap } from './node.ts'
import { isSectionName, type SectionName, sectionNames } from './sections.ts'
import { readSettingsFile } from './settings-file.ts'

/** Groups of scopes, weakest first; inside a group the later is the stronger. */
export type ScopeLevel = 'defaults' | 'files' | 'environment' | 'custom' | 'command line'

/** A scope before it is read. */
export interface ScopeSource {
  /** `user`, `site`, `env:NAME`, `cmd_scope_0`… */
  name: string
  level: ScopeLevel
  kind: 'folder' | 'file'
  path: string
  /** The file is an environment's `spack.yaml`. */
  isManifest?: boolean
  isWritable: boolean
  /** Edits that name no scope go to this one rather than to the scope that includes it. */
  prefersEdits?: boolean
}

export interface Scope extends Omit<ScopeSource, 'kind' | 'path'> {
  kind: 'folder' | 'file' | 'internal'
  /** Absent for internal scopes. */
  path?: string
  /** Whether the folder or file is there. Internal scopes always are. */
  exists: boolean
  /** What it includes, in the order of the list: the first is the strongest. */
  includes: Scope[]
  /** Throws what was wrong with the section when it was read. */
  section: (name: SectionName) => ConfigEntry | undefined
  /** Of a single file: all that stands in it, for a manifest below `spack:`. */
  content?: ConfigMap
  /** Some value has a variable that takes a look at the machine. */
  mentionsHost: boolean
}

/** The file in which a scope keeps a section; undefined for internal scopes. */
export function sectionFile(scope: Scope, section: SectionName): string | undefined {
  if (scope.path === undefined) return undefined
  return scope.kind === 'folder' ? join(scope.path, `${section}.yaml`) : scope.path
}

/**
 * Reads a scope; `cacheDir` is where to keep what its files say. What is wrong with a section is thrown when the section
 * is asked for, so that others can be used.
 */
export async function readScope(source: ScopeSource, cacheDir?: string): Promise<Scope> {
  return source.kind === 'folder' ? await readFolder(source, cacheDir) : await readSingleFile(source, cacheDir)
}

/** A scope that stands in no file. */
export function internalScope(
  name: string,
  level: ScopeLevel,
  section: (name: SectionName) => ConfigEntry | undefined,
  mentionsHost = false,
): Scope {
  return { name, level, kind: 'internal', isWritable: false, exists: true, includes: [], section, mentionsHost }
}

async function readFolder(source: ScopeSource, cacheDir: string | undefined): Promise<Scope> {
  const names = listFolder(source.path)
  const sections = new Map<SectionName, ConfigEntry | Error>()
  let hasHost = false
  for (const name of names ?? []) {
    const section = name.endsWith('.yaml') ? name.slice(0, -5) : ''
    if (!isSectionName(section)) continue
    try {
      const file = await readSettingsFile(join(source.path, name), section, cacheDir)
      const entry = file?.content.entries.get(section)
      if (entry) sections.set(section, entry)
      hasHost ||= file?.mentionsHost ?? false
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      sections.set(section, error)
    }
  }
  return {
    ...source,
    exists: names !== undefined,
    includes: [],
    section: (name) => valueOrThrow(sections.get(name)),
    mentionsHost: hasHost,
  }
}

async function readSingleFile(source: ScopeSource, cacheDir: string | undefined): Promise<Scope> {
  const shared = { ...source, includes: [] }
  try {
    const file = await readSettingsFile(source.path, source.isManifest ? 'manifest' : 'any section', cacheDir)
    return {
      ...shared,
      exists: file !== undefined,
      section: (name) => file?.content.entries.get(name),
      content: file?.content,
      mentionsHost: file?.mentionsHost ?? false,
    }
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    return { ...shared, exists: true, section: () => valueOrThrow(error), mentionsHost: false }
  }
}

function valueOrThrow(found: ConfigEntry | Error | undefined): ConfigEntry | undefined {
  if (found instanceof Error) throw found
  return found
}

/** Names in a folder, or undefined when it is not there. A file in its place holds no sections. */
function listFolder(path: string): string[] | undefined {
  try {
    return readdirSync(path)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ENOTDIR') return statSync(path, { throwIfNoEntry: false }) ? [] : undefined
    // A folder may be closed to looking around and its files be open all the same.
    if (code === 'EACCES' || code === 'EPERM') return sectionNames.map((name) => `${name}.yaml`)
    throw error
  }
}
