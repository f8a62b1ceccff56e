// A digest of the Python code that loads recipes: with other code their facts may be others.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the build keeps beside the code, which a program that was built does not read for this. */
export const digestFile = 'loading.sha256'

/** The digest of the code in a folder, as it was kept, or of what is there. */
export function loadingDigest(guest: string): string {
  const kept = join(guest, digestFile)
  return existsSync(kept) ? readFileSync(kept, 'utf8') : computeLoadingDigest(guest)
}

/** The digest of all files in a folder of code that have a part in loading. */
export function computeLoadingDigest(guest: string): string {
  const hash = createHash('sha256')
  for (const file of loadingSources(guest)) hash.update(readFileSync(file))
  return hash.digest('hex')
}

/** Of the half that builds, the classes that recipes derive from. What its functions do shows only in builds. */
const classesOfBuilds: readonly string[] = ['builder.py', 'package_half.py']

function loadingSources(guest: string): string[] {
  const building = join(guest, 'building')
  const whole = ['recipe', 'spack'].flatMap((folder) => pythonFiles(join(guest, folder)))
  return [join(guest, 'main.py'), ...whole, ...classesOfBuilds.map((file) => join(building, file))]
}

function pythonFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return pythonFiles(path)
    return entry.name.endsWith('.py') ? [path] : []
  })
}
