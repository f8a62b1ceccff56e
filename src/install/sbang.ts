// `ROOT/bin/sbang`: what scripts with a very long first line are run through. Spack puts its own there; both do the same.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolders } from '../folders.ts'
import { templateText } from '../program.ts'
import { writeWhole } from '../whole-file.ts'

export const sbangPath = (unpaddedRoot: string): string => `${unpaddedRoot}/bin/sbang`

/** Makes sure that there is one. Another's is left alone. */
export function placeSbang(path: string): void {
  if (existsSync(path)) return
  makeFolders(dirname(path))
  writeWhole(path, templateText('sbang'), { mode: 0o755 })
}
