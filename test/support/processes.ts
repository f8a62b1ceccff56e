// Processes of the machine, as far as tests start and end them.

import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'

/** Waits up to ten seconds for something to become true. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 25))
  assert.ok(holds())
}

/** The exit code, or the signal, that a process ends with. */
export const ending = (child: ChildProcess): Promise<number | NodeJS.Signals | null> =>
  new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))

/** Ids of the processes that have a word on their command line. */
export function runningWith(word: string): string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0').includes(word)
    } catch {
      // It has ended meanwhile.
      return false
    }
  })
}
