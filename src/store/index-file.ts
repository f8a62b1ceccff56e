// `.spack-db/index.json` and its verifier on disk. The index is replaced by rename, so readers need no lock. The verifier,
// a UUID that changes with each write, tells a running Spack to read again; it is written first, so that a crash between
// the two costs a needless read and never hides a change.

import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { Database, parseDatabase } from './database.ts'
import { randomUuid } from './random-text.ts'
import type { Store } from './store.ts'
import { reasonOf, unreadable } from './unreadable.ts'

export const indexFile = (databaseDir: string): string => join(databaseDir, 'index.json')

/** The database of a store; an empty one when there is none yet. Throws as `parseDatabase` does. */
export function readIndex(databaseDir: string): Database {
  const file = indexFile(databaseDir)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return new Database(file)
    throw unreadable(file, error)
  }
  return parseDatabase(text, file)
}

/** Writes the database in one piece. To be called with the database lock held. */
export function writeIndex(store: Store, database: Database): void {
  const file = indexFile(store.databaseDir)
  const temporary = `${file}.${hostname()}.${process.pid}.temp`
  try {
    makeFolders(store.databaseDir)
    removeLeftovers(store)
    writeDurably(temporary, database.print())
    writeFileSync(join(store.databaseDir, 'index_verifier'), randomUuid())
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw unwritable(file, error)
  }
  database.isChanged = false
}

/** Copies an index to `index.json.bkp`, whose path is returned; undefined when there is no index. */
export function backUpIndex(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  const copy = `${file}.bkp`
  try {
    copyFileSync(file, copy)
  } catch (error) {
    throw unwritable(copy, error)
  }
  return copy
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'w')
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Under the lock nobody else is writing: what lies there is of a process that was killed. */
function removeLeftovers(store: Store): void {
  if (!store.locks.enabled) return
  for (const name of readdirSync(store.databaseDir)) {
    if (/^index\.json\..*\.temp$/.test(name)) rmSync(join(store.databaseDir, name), { force: true })
  }
}

const unwritable = (file: string, cause: unknown): SpackError =>
  new SpackError('database-unwritable', `cannot write \`${file}\`: ${reasonOf(cause)}`, {
    hint: 'nothing was changed; look at permissions and free space',
    cause,
  })
