// The C libraries of this machine, for the concretizer: those that the configured compilers link with, or, when none tells,
// the one that this very program runs with.

import { closeSync, openSync, readSync } from 'node:fs'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { systemErrorCode } from '../ui/error.ts'
import { compilerProperties, type PropertiesWorld } from './compiler-properties.ts'
import { type ConfiguredCompiler, compilerPrograms } from './compilers.ts'
import { type Libc, libcOf } from './libc.ts'

/** The C libraries, each once. Compilers that were not asked before are run. */
export function compilerLibcs(
  compilers: readonly Pick<ConfiguredCompiler, 'package' | 'extraAttributes'>[],
  recipes: RepositoryPath,
  world: PropertiesWorld,
): Libc[] {
  if (process.platform === 'darwin') return []
  const told = compilers.flatMap(
    (compiler) => compilerProperties(compilerPrograms(compiler, recipes), world).libc ?? [],
  )
  const libcs = told.length > 0 ? told : [libcOf(dynamicLinkerOf(process.execPath) ?? '')].flatMap((each) => each ?? [])
  return [...new Map(libcs.map((each) => [`${each.name}@${each.version} ${each.prefix}`, each])).values()]
}

const programHeader = { interpreter: 3, offset: 0x08, size: 0x20 }

/** The dynamic linker that a 64 bit ELF program names; null for other files. */
export function dynamicLinkerOf(program: string): string | null {
  let file: number
  try {
    file = openSync(program, 'r')
  } catch (error) {
    if (systemErrorCode(error)) return null
    throw error
  }
  try {
    const read = (position: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, position))
    }
    const header = read(0, 64)
    if (header.length < 64 || header.toString('latin1', 0, 4) !== '\u007fELF' || header[4] !== 2) return null
    const isLittle = header[5] === 1
    const half = (bytes: Buffer, at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
    const word = (bytes: Buffer, at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
    const long = (bytes: Buffer, at: number) => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
    const [start, size, count] = [long(header, 0x20), half(header, 0x36), half(header, 0x38)]
    for (let index = 0; index < count; index++) {
      const entry = read(start + index * size, size)
      if (entry.length < 0x38 || word(entry, 0) !== programHeader.interpreter) continue
      const length = Math.min(long(entry, programHeader.size), 4096)
      return read(long(entry, programHeader.offset), length).toString('utf8').replace(/\0.*$/s, '')
    }
    return null
  } finally {
    closeSync(file)
  }
}
