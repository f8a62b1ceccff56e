// What commands for the shell have in common: which shell it is, and what to do where none evaluates them.

import { type Shell, shells } from '../environment/shell-text.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Flag, flagOn } from './command.ts'
import type { Invocation } from './invocation.ts'

export const shellFlags: readonly Flag[] = shells.map((shell) => ({
  name: shell,
  help: `print commands for ${shell === 'sh' ? 'bash, zsh and other Bourne shells' : shell}`,
}))

/** The shell that flags name. Throws SpackError `usage` for several. */
export function chosenShell(args: Arguments): Shell | undefined {
  const chosen = shells.filter((shell) => flagOn(args, shell))
  if (chosen.length <= 1) return chosen[0]
  throw new SpackError('usage', `${chosen.map((shell) => `\`--${shell}\``).join(' and ')} exclude each other`, {
    exitCode: 2,
  })
}

/** Throws SpackError `shell-setup`: a program cannot change the variables of the shell that has started it. */
export function explainSetup(invocation: Invocation, command: string): never {
  throw new SpackError('shell-setup', `\`${command}\` changes variables, which only your shell can do`, {
    detail: `    this shell has no \`spack\` function (\`${invocation.environ.SHELL ?? 'sh'}\`)`,
    hint: `source \`setup-env.sh\`, \`.fish\` or \`.csh\`, or evaluate: \`eval "$(${command} --sh …)"\``,
  })
}
