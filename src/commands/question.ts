// Asking the user at the terminal.

import { createInterface } from 'node:readline'
import { SpackError } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'

/** The answer to a question, which should end in `[y/N] `: an empty one is no. Undefined when nobody answers. */
export async function askYesOrNo(invocation: Invocation, question: string): Promise<boolean | undefined> {
  invocation.print(question)
  const lines = createInterface({ input: process.stdin })
  try {
    for await (const line of lines) {
      const answer = line.trim().toLowerCase()
      if (answer === 'y' || answer === 'yes') return true
      if (answer === '' || answer === 'n' || answer === 'no') return false
      invocation.print(question)
    }
  } finally {
    lines.close()
  }
  invocation.print('\n')
  return undefined
}

/**
 * Asks which versions are meant of those that were found, newest first: how many of the first. Undefined where nobody
 * can be asked.
 */
export async function chooseVersions(
  invocation: Invocation,
  name: string,
  found: readonly (readonly [version: string, url: string])[],
): Promise<(readonly [version: string, url: string])[] | undefined> {
  if (!process.stdin.isTTY) return undefined
  const width = Math.max(...found.map(([version]) => version.length)) + 2
  invocation.print(`==> Found ${found.length} versions of ${name}:\n`)
  for (const [version, url] of found) invocation.print(`  ${version.padEnd(width)}${url}\n`)
  const question = '\n==> How many of them, from the first? [1] '
  invocation.print(question)
  const lines = createInterface({ input: process.stdin })
  try {
    for await (const line of lines) {
      const count = line.trim() === '' ? 1 : Number(line)
      if (Number.isInteger(count) && count > 0) return found.slice(0, count)
      invocation.print(question)
    }
  } finally {
    lines.close()
  }
  throw new SpackError('not-confirmed', 'nobody says which versions are meant', { hint: '`--batch` takes all of them' })
}
