// Tests that need programs which not every machine has.

import { spawnSync } from 'node:child_process'
import type { Test } from 'uvu'

/** The version that a program tells; undefined when it is not installed or does not run. */
export function versionOf(program: string): string | undefined {
  const { stdout, error } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return error || !stdout ? undefined : /\d[\d.]*/.exec(stdout)?.[0]
}

/** A test that is skipped, saying so, where one of the programs is not installed. */
export const withPrograms =
  (test: Test) =>
  (programs: readonly string[], name: string, callback: () => void): void => {
    const missing = programs.find((program) => versionOf(program) === undefined)
    if (missing !== undefined) console.log(`skipped, ${missing} is not installed: ${name}`)
    ;(missing === undefined ? test : test.skip)(name, callback)
  }
