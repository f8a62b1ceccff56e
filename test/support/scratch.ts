// Temporary folders that go when the process ends.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []
process.on('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true })
})

/** A new empty folder. `base` picks a parent, for tests that need a short path or another file system. */
export function scratch(base: string = tmpdir()): string {
  const path = mkdtempSync(join(base, 'sm-'))
  made.push(path)
  return path
}
