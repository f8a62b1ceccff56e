// Installs the development tools when they are missing or not those of package-lock.json, so that each npm script works
// in a fresh clone and after a pull. What was installed is known by the digest of that file: times say little after a
// checkout.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const marker = 'node_modules/.installed-from'
const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
const installed = existsSync(marker) ? readFileSync(marker, 'utf8') : ''
if (installed !== wanted) {
  // Not `npm ci`: it refuses a lockfile that does not list the optional packages of all other platforms.
  const words = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'] })
  writeFileSync(marker, wanted)
}
