// Notes about servers that do not answer. Each spec is installed by a process of its own; without notes each of them would
// wait for the same dead mirror again. A note is a small file with a short life; what is in it is only for people to read.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { systemErrorCode } from '../ui/error.ts'

/** How long a server is left alone. */
const noteLifeMs = 60_000
/** A note this old belongs to another run, in which nobody has been told yet. */
const forgottenMs = 10 * noteLifeMs

export interface UnreachableNotes {
  /** Why `origin` should not be asked now, or undefined. */
  find: (origin: string) => string | undefined
  /** Notes that `origin` does not answer. Returns true for the process that is the first to note it. */
  write: (origin: string, reason: string) => boolean
  /** The server has answered: what this process found expired is removed. */
  erase: (origin: string) => void
}

/** Notes in `folder`; without a folder nothing is remembered. Notes are a help only: a disk that refuses them is no error. */
export function unreachableNotes(folder: string | undefined): UnreachableNotes {
  if (!folder) return { find: () => undefined, write: () => true, erase: () => {} }
  const file = (origin: string) => join(folder, createHash('sha256').update(origin).digest('hex').slice(0, 32))
  const expired = new Set<string>()
  return {
    find: (origin) => tolerant(() => findNote(file(origin), () => expired.add(origin)), undefined),
    write: (origin, reason) => tolerant(() => writeNote(folder, file(origin), `${origin}: ${reason}\n`), true),
    erase(origin) {
      if (expired.delete(origin)) tolerant(() => rmSync(file(origin), { force: true }), undefined)
    },
  }
}

function findNote(path: string, onExpired: () => void): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return undefined
  const ageMs = Date.now() - stat.mtimeMs
  if (ageMs >= 0 && ageMs < noteLifeMs) return readFileSync(path, 'utf8').trimEnd()
  if (ageMs < 0 || ageMs > forgottenMs) {
    rmSync(path, { force: true })
    return undefined
  }
  // Whoever finds it expired tries again, and meanwhile the others go on without: the note gets a new life first.
  const now = new Date()
  utimesSync(path, now, now)
  onExpired()
  return undefined
}

function writeNote(folder: string, path: string, text: string): boolean {
  makeFolders(folder)
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error
    const now = new Date()
    utimesSync(path, now, now)
    return false
  }
}

/** Forgets all notes: called once where a run begins, so that a server that is back is asked at once. */
export function forgetUnreachable(folder: string): void {
  tolerant(() => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
  }, undefined)
}

function tolerant<Value>(action: () => Value, otherwise: Value): Value {
  try {
    return action()
  } catch (error) {
    if (systemErrorCode(error)) return otherwise
    throw error
  }
}
