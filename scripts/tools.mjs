// Installs the development tools when they are missing or older than package-lock.json, so that each
// npm script works in a fresh clone.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync, utimesSync } from 'node:fs'

const marker = 'node_modules/.package-lock.json'
const isCurrent = existsSync(marker) && statSync(marker).mtimeMs >= statSync('package-lock.json').mtimeMs
if (!isCurrent) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 'ignore', 'inherit'] })
  utimesSync(marker, new Date(), new Date())
}
