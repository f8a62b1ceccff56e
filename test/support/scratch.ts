// Temporary folders that go when the process ends.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []
process.on('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true })
})

/** A new empty folder. `base` picks a parent, for tests that need another file system. */
export function scratch(base: string = tmpdir(), name = 'sm-'): string {
  const path = mkdtempSync(join(base, name))
  made.push(path)
  return path
}

/** A folder whose path has 11 characters: binaries of the kit cannot be relocated below a root of more than 13. */
export const shortScratch = (): string => scratch('/tmp', '')
