// Runs a command in this process, in a world of its own, and keeps what it prints.

import { parseArguments } from '../../src/commands/arguments.ts'
import type { Command } from '../../src/commands/command.ts'
import type { GlobalOptions, Invocation } from '../../src/commands/invocation.ts'
import { commands } from '../../src/commands/registry.ts'
import { isolated } from './program.ts'

export interface InvocationOptions extends Partial<GlobalOptions> {
  cwd?: string
  environ?: NodeJS.ProcessEnv
  /** Characters in a line of the terminal that the command believes to write to. */
  width?: number
}

export interface CommandOutcome {
  code: number
  stdout: string
  stderr: string
}

/** Without any global flag. */
export const noFlags: GlobalOptions = {
  noEnvironment: false,
  configScopes: [],
  configSettings: [],
  debug: false,
  verbose: false,
  insecure: false,
}

/** Runs `spack WORDS…` without global flags; those are in `options`. `home` holds all its files. Throws what the command throws. */
export async function runCommand(
  home: string,
  words: readonly string[],
  options: InvocationOptions = {},
): Promise<CommandOutcome> {
  const [name, ...rest] = words
  const command: Command = await commands[name!]!.load()
  const sub = command.subcommands?.find((candidate) => candidate.name === rest[0])
  const found = sub && ('load' in sub ? await sub.load() : sub)
  const [run, args] = found ? [found, rest.slice(1)] : [command, rest]
  const outcome = { code: 0, stdout: '', stderr: '' }
  const { cwd, environ, width, ...flags } = options
  const invocation: Invocation = {
    options: { ...noFlags, ...flags },
    environ: { ...isolated(home), ...environ },
    cwd: cwd ?? home,
    print: (text) => void (outcome.stdout += text),
    say: (text) => void (outcome.stderr += text),
    stdoutHasColour: false,
    stderrHasColour: false,
    stdoutWidth: width,
  }
  outcome.code = await run.run!(invocation, parseArguments(args, run.flags ?? [], { path: `spack ${name}` }))
  return outcome
}
