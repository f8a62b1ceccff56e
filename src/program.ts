// Where this program is: the programs that it starts, and the templates that it reads.

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Programs {
  node: string
  /** `spack.js` and `install.js`, by their real paths. */
  spack: string
  install: string
  /** What solves roots for `concretize`, in several processes. */
  concretizeWorker: string
}

let found: string | undefined

/** The folder that has `templates`: the built program's, or that of the sources when they run as they are. */
function programFolder(): string {
  if (found) return found
  const here = dirname(realpathSync(import.meta.filename))
  // Built code lies in the folder or in `chunks` below it, sources in `src`.
  found = [here, dirname(here)].find((folder) => existsSync(join(folder, 'templates')))
  if (!found) throw new Error(`no templates beside ${here}`)
  return found
}

export function programs(): Programs {
  const folder = existsSync(join(programFolder(), 'spack.js')) ? programFolder() : join(programFolder(), 'dist')
  const file = (name: string) => join(folder, name)
  return {
    node: process.execPath,
    spack: file('spack.js'),
    install: file('install.js'),
    concretizeWorker: file('concretize-worker.js'),
  }
}

/** The text of a file of `templates`. */
export const templateText = (name: string): string => readFileSync(join(programFolder(), 'templates', name), 'utf8')

/** The folder of the Python programs that load recipes. */
export function guestFolder(): string {
  const built = join(programFolder(), 'guest')
  return existsSync(built) ? built : join(programFolder(), 'src/recipes/guest')
}
