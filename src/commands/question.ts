// Asking the user at the terminal.

import { createInterface } from 'node:readline'
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
