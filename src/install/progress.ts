// `3/54`: how many packages of the environment are there. Worked out from the disk each time, so that nobody must keep count.

import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { systemErrorCode } from '../ui/error.ts'

/** Below this, looking at each path is quicker than listing their folder, which may hold thousands. */
const fewPaths = 20

/** How many of `prefixes` exist. */
export function countPresent(prefixes: readonly string[]): number {
  const folders = new Map<string, string[]>()
  for (const prefix of prefixes) {
    const folder = dirname(prefix)
    const names = folders.get(folder)
    if (names) names.push(basename(prefix))
    else folders.set(folder, [basename(prefix)])
  }
  let count = 0
  for (const [folder, names] of folders) {
    const listed = names.length < fewPaths ? undefined : listFolder(folder)
    count += names.filter((name) => (listed ? listed.has(name) : existsSync(`${folder}/${name}`))).length
  }
  return count
}

function listFolder(folder: string): Set<string> {
  try {
    return new Set(readdirSync(folder))
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return new Set()
    throw error
  }
}
