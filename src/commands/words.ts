// Commands that take a fixed number of words.

import { SpackError } from '../ui/error.ts'
import type { Arguments } from './command.ts'

/**
 * The words of a command that takes exactly those that `names` names; `command` is what to ask for help. Throws SpackError
 * `usage` when there are fewer or more.
 */
export function exactWords(args: Arguments, command: string, ...names: string[]): readonly string[] {
  const missing = names[args.positional.length]
  if (missing) throw missingWord(missing, command)
  const extra = args.positional[names.length]
  if (extra === undefined) return args.positional
  throw new SpackError('usage', `\`${extra}\` is one word too many`, { exitCode: 2, hint: `see \`${command} --help\`` })
}

export const missingWord = (name: string, command: string): SpackError =>
  new SpackError('usage', `\`${name}\` is missing`, { exitCode: 2, hint: `see \`${command} --help\`` })
