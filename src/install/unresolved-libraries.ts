// Which libraries that files of a prefix need are in none of the folders of their RPATHs.

import { closeSync, existsSync, openSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { readElfNeeds } from './relocation/elf-file.ts'
import { fileSource } from './relocation/rewrite-file.ts'

/** Parts of the C library and of the kernel, which every system has. */
const everywhere =
  /^(?:ld-.*\.so|lib(?:c|m|dl|rt|pthread|util|nsl|resolv|anl|BrokenLocale|mvec|thread_db|crypt)\.so|linux-vdso|libcuda\.so)/

export interface Unresolved {
  /** Relative to the prefix. */
  file: string
  names: readonly string[]
}

/** `allowed` are patterns of names, `*` for anything, that a recipe does not care for. */
export function unresolvedLibraries(prefix: string, allowed: readonly string[]): Unresolved[] {
  const patterns = allowed.map(globPattern)
  const isAllowed = (name: string) => everywhere.test(name) || patterns.some((pattern) => pattern.test(name))
  return [...walk(prefix, '')].flatMap((file) => {
    const needs = needsOf(join(prefix, file))
    if (!needs) return []
    const origin = join(prefix, file, '..')
    const folders = (needs.path?.split(':') ?? []).map((folder) =>
      folder.replace(/\$\{?ORIGIN\}?/, realpathSync(origin)),
    )
    const names = needs.needed.filter((name) => !isAllowed(name) && !isFound(name, folders))
    return names.length ? [{ file, names }] : []
  })
}

function needsOf(path: string): ReturnType<typeof readElfNeeds> {
  const descriptor = openSync(path, 'r')
  try {
    return readElfNeeds(fileSource(descriptor))
  } finally {
    closeSync(descriptor)
  }
}

const isFound = (name: string, folders: readonly string[]): boolean =>
  name.includes('/') ? existsSync(name) : folders.some((folder) => existsSync(join(folder, name)))

const globPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )

function* walk(root: string, below: string): Generator<string> {
  for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
    const path = join(below, entry.name)
    if (entry.isDirectory()) yield* walk(root, path)
    else if (entry.isFile()) yield path
  }
}
