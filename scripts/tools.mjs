// Installs the development tools when they are missing or older than package-lock.json, so that each
// npm script works in a fresh clone.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync, utimesSync } from 'node:fs'

const marker = 'node_modules/.package-lock.json'
const isCurrent = existsSync(marker) && statSync(marker).mtimeMs >= statSync('package-lock.json').mtimeMs
if (!isCurrent) {
  // Not `npm ci`: it refuses a lockfile that does not list the optional packages of all other platforms.
  const words = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'] })
  utimesSync(marker, new Date(), new Date())
}
