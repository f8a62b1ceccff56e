// Folders in RPATHs that do not exist are taken out after a build: each is one more place to look in at every start.

import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { patchInPlace } from './relocation/elf-change.ts'
import { readElf } from './relocation/elf-file.ts'
import { fileSource } from './relocation/rewrite-file.ts'

/** Drops them from a file, if it is an ELF file that has any; whether it did. */
export function dropRedundantRpaths(path: string): boolean {
  const descriptor = openSync(path, 'r+')
  try {
    const string = readElf(fileSource(descriptor))?.dynamic?.path.string
    if (!string) return false
    const old = string.text.toString('latin1')
    const kept = old.split(':').filter(isWanted).join(':')
    if (kept === old) return false
    const patch = patchInPlace({ string, text: Buffer.from(kept, 'latin1') })
    writeSync(descriptor, patch.bytes, 0, patch.bytes.length, patch.offset)
    return true
  } finally {
    closeSync(descriptor)
  }
}

const isWanted = (folder: string): boolean =>
  folder.startsWith('$') || (folder.startsWith('/') && existsSync(Buffer.from(folder, 'latin1')))
