// `ROOT/bin/sbang`: what scripts with a very long first line are run through. Spack puts its own there; both do the same.

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { templateText } from '../program.ts'

export const sbangPath = (unpaddedRoot: string): string => `${unpaddedRoot}/bin/sbang`

/** Makes sure that there is one. Another's is left alone. */
export function placeSbang(path: string): void {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, templateText('sbang'), { mode: 0o755 })
  renameSync(temporary, path)
}
