// What is shown when a spec fails: everything that happened, in one piece, where it can be read again, and how to retry.

import { writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { renderError, SpackError, systemErrorCode } from '../ui/error.ts'
import type { PlannedSpec } from './install-plan.ts'

export interface Failure {
  error: unknown
  /** What was noted on the way. */
  notes: readonly string[]
  spec: Pick<PlannedSpec, 'name' | 'version' | 'hash'> | undefined
  /** Words that start the same installation again. */
  command: readonly string[]
}

/** The text for stderr, with a final newline. The log is also written to a file, if that is possible. */
export function failureText(failure: Failure, options: { colour: boolean; debug: boolean }): string {
  const { error, notes, spec, command } = failure
  const lines = notes.map((note) => `==> ${note}`)
  const shown = [...lines, renderError(error, options)]
  // Words that were wrong would be wrong again.
  if (error instanceof SpackError && error.code === 'usage') return `${shown.join('\n')}\n`
  const file = spec && writeLog(spec, `${[...lines, renderError(error, { debug: options.debug })].join('\n')}\n`)
  const retry = `to retry: ${command.map(shellWord).join(' ')}`
  return `${[...shown, '', ...(file ? [`log: ${file}`] : []), retry].join('\n')}\n`
}

/** The log of the last failure of a spec, where Spack keeps logs of builds, too: in a stage of the user's own. */
export function failureLog({ name, version, hash }: Pick<PlannedSpec, 'name' | 'version' | 'hash'>): string {
  const folder = join(tmpdir(), userName(), 'spack-stage', `spack-stage-${name}-${version}-${hash}`)
  return join(folder, 'spack-install-out.txt')
}

/** A disk that is full must not hide the failure. */
function writeLog(spec: Pick<PlannedSpec, 'name' | 'version' | 'hash'>, text: string): string | undefined {
  const file = failureLog(spec)
  try {
    makeFolders(dirname(file), 0o700)
    writeFileSync(file, text)
    return file
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return undefined
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch (error) {
    // A container's user without an entry in the system's table.
    if (systemErrorCode(error) === undefined) throw error
    return String(process.getuid?.() ?? 'user')
  }
}

const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
