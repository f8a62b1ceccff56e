// The C library that a dynamic linker belongs to, found as Spack does: from where the linker is and what it says of itself.

import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemErrorCode } from '../ui/error.ts'

export interface Libc {
  name: 'glibc' | 'musl'
  version: string
  prefix: string
}

const timeoutMs = 10_000

/** The path after `-dynamic-linker` in what a compiler prints while it links; the last one counts. */
export function parseDynamicLinker(output: string): string | null {
  const lines = output.split('\n').filter((line) => line.includes('-dynamic-linker'))
  for (const line of lines.reverse()) {
    const words = line.split(/\s+/).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
    for (const [index, word] of [...words.entries()].reverse()) {
      if (/^--?dynamic-linker$/.test(word) && words[index + 1]) return words[index + 1]!
      const joined = /^--?dynamic-linker=(.+)$/.exec(word)
      if (joined) return joined[1]!
    }
  }
  return null
}

/** The C library of a dynamic linker; null where it cannot be told: no such file, an unusual layout, another library. */
export function libcOf(linker: string): Libc | null {
  const prefix = prefixOfLinker(linker)
  if (prefix === null) return null
  const said = runQuietly(linker, '--version')
  if (said.stderr.startsWith('musl libc')) {
    const version = /^Version (\S+)$/m.exec(said.stderr)?.[1]
    return version === undefined ? null : { name: 'musl', version, prefix }
  }
  if (isGlibc(said.stdout)) {
    const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(said.stdout)?.[1]
    return version === undefined ? null : { name: 'glibc', version, prefix }
  }
  return libcOfLdd(prefix)
}

/** What is in front of `lib` or `lib64`, with or without a folder of the architecture below it, after all links. */
function prefixOfLinker(linker: string): string | null {
  const folder = realFolder(linker)
  if (folder === null) return null
  const isLibrary = (path: string) => ['lib', 'lib64'].includes(basename(path))
  const library = isLibrary(folder) ? folder : dirname(folder)
  return isLibrary(library) ? dirname(library) : null
}

function realFolder(path: string): string | null {
  try {
    return dirname(realpathSync(path))
  } catch (error) {
    if (systemErrorCode(error)) return null
    throw error
  }
}

/** An old dynamic linker does not tell its version, but `ldd` beside it does. */
function libcOfLdd(prefix: string): Libc | null {
  const prefixes = prefix === '/' ? ['/', '/usr'] : [prefix]
  const found = prefixes.find((each) => existsSync(join(each, 'bin/ldd')))
  if (found === undefined) return null
  const { stdout } = runQuietly(join(found, 'bin/ldd'), '--version')
  const version = isGlibc(stdout) ? /^.+\(.+\) (\S+)/.exec(stdout)?.[1] : undefined
  return version === undefined ? null : { name: 'glibc', version, prefix: found }
}

/** The name of the foundation is sometimes translated; those of the authors are not. */
const isGlibc = (text: string): boolean => /\b(?:Free Software Foundation|Roland McGrath|Ulrich Drepper)\b/.test(text)

/** Folders that a dynamic linker of glibc looks in without being told. */
export function searchFoldersOf(linker: string): string[] {
  const { status, stdout } = runQuietly(linker, '--help')
  if (status !== 0) return []
  return [...stdout.matchAll(/^ {2}(\/.+) \(system search path\)$/gm)].map(([, folder]) => folder!.trim())
}

/** What a program prints, in English; nothing when it cannot be run or takes too long. */
function runQuietly(program: string, argument: string): { status: number | null; stdout: string; stderr: string } {
  const done = spawnSync(program, [argument], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return done.error ? { status: null, stdout: '', stderr: '' } : done
}
