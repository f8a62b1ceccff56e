// What is shown when a spec fails: everything that happened, in one piece, where it can be read again, and how to retry.

import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { renderError, systemErrorCode } from '../ui/error.ts'
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
  const log = [...notes.map((note) => `==> ${note}`), renderError(error, options)].join('\n')
  const plainLog = [...notes.map((note) => `==> ${note}`), renderError(error, { debug: options.debug })].join('\n')
  const file = spec && writeLog(spec, `${plainLog}\n`)
  const retry = `to retry: ${command.map(shellWord).join(' ')}`
  return `${[log, '', ...(file ? [`log: ${file}`] : []), retry].join('\n')}\n`
}

/** Where Spack keeps logs of builds, too: in a stage of the user's own. A disk that is full must not hide the failure. */
function writeLog(
  { name, version, hash }: Pick<PlannedSpec, 'name' | 'version' | 'hash'>,
  text: string,
): string | undefined {
  const folder = join(tmpdir(), userName(), 'spack-stage', `spack-stage-${name}-${version}-${hash}`)
  const file = join(folder, 'spack-install-out.txt')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
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
