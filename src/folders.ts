// Folders, with all that lead to them.

import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemErrorCode } from './ui/error.ts'

/**
 * Makes a folder and those above it, as far as they are not there; `mode` is that of all that it makes. Throws system errors.
 * Not `mkdirSync` with `recursive`: where a folder takes no entries (`/proc`, automounts) Node 20 tries that for ever.
 */
export function makeFolders(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, mode)
  } catch (error) {
    const above = dirname(path)
    if (systemErrorCode(error) === 'ENOENT' && above !== path) {
      makeFolders(above, mode)
      makeOne(path, mode)
    } else if (!isFolder(path)) throw error
  }
}

/** Others may make it at the same time. */
function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, mode)
  } catch (error) {
    if (!isFolder(path)) throw error
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
