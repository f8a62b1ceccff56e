// The `spack` command: global flags, then one command from the registry.

import { parseArguments } from './commands/arguments.ts'
import type { Arguments, Command, Flag } from './commands/command.ts'
import { flagList, flagOn, flagText } from './commands/command.ts'
import { type GlobalOptions, processInvocation } from './commands/invocation.ts'
import { commandAliases, commands } from './commands/registry.ts'
import { renderError, SpackError } from './ui/error.ts'
import { stderr, stdout } from './ui/output.ts'
import { didYouMean } from './ui/suggestion.ts'
import { type ColourMode, wantsColour } from './ui/terminal.ts'
import { version } from './version.ts'

const helpFlag: Flag = { name: 'help', short: 'h', help: 'show this help message and exit' }

const helpFlags: readonly Flag[] = [
  { name: 'all', short: 'a', help: 'list all commands, as without it' },
  { name: 'spec', help: 'how specs are written' },
]

const globalFlags: readonly Flag[] = [
  helpFlag,
  { name: 'version', short: 'V', help: 'show version number and exit' },
  { name: 'env', short: 'e', kind: 'string', value: 'ENV', help: 'run with an environment (name or folder)' },
  { name: 'env-dir', short: 'D', kind: 'string', value: 'DIR', help: 'run with the environment in DIR' },
  { name: 'no-env', short: 'E', help: 'run without any environment activated' },
  {
    name: 'config-scope',
    short: 'C',
    kind: 'list',
    value: 'DIR',
    help: 'add a folder or environment as configuration scope',
  },
  { name: 'config', short: 'c', kind: 'list', value: 'PATH:VALUE', help: 'set one configuration value' },
  { name: 'color', kind: 'string', choices: ['always', 'never', 'auto'], help: 'when to colorize output' },
  { name: 'debug', short: 'd', kind: 'count', help: 'show stack traces and more output' },
  { name: 'verbose', short: 'v', help: 'print additional output during builds' },
  { name: 'insecure', short: 'k', help: 'do not check TLS certificates when downloading' },
  { name: 'enable-locks', short: 'l', help: 'use file locking' },
  { name: 'disable-locks', short: 'L', help: 'do not use file locking (unsafe)' },
  { name: 'stacktrace', help: 'add a stack trace to errors' },
]

function globalOptions(args: Arguments): GlobalOptions {
  const locks = flagOn(args, 'enable-locks') ? true : flagOn(args, 'disable-locks') ? false : undefined
  return {
    environment: flagText(args, 'env'),
    environmentDir: flagText(args, 'env-dir'),
    noEnvironment: flagOn(args, 'no-env'),
    configScopes: flagList(args, 'config-scope'),
    configSettings: flagList(args, 'config'),
    colour: flagText(args, 'color') as ColourMode | undefined,
    debug: args.flags.debug !== 0 || flagOn(args, 'stacktrace'),
    verbose: flagOn(args, 'verbose'),
    insecure: flagOn(args, 'insecure'),
    locks,
  }
}

/** Characters in a line of help; lines that are too long are hard to read also where there is room. */
const helpWidth = (): number => Math.min(stdout.columns ?? (Number(process.env.COLUMNS) || 80), 120)

interface Found {
  command: Command
  path: string
  words: readonly string[]
  /** Flags that the commands above it share with it. */
  shared: readonly Flag[]
}

/** Finds the command, or the subcommand below it, that `words` name, and what is left of them. */
async function descend(
  command: Command,
  path: string,
  words: readonly string[],
  outer: readonly Flag[] = [],
): Promise<Found> {
  const shared = [...outer, ...(command.sharedFlags ?? [])]
  if (!command.subcommands) return { command, path, words, shared }
  const leading = leadingFlags(words, shared, path)
  const [first, ...rest] = words.slice(leading)
  const sub = command.subcommands.find(
    (candidate) => candidate.name === first || candidate.aliases?.includes(first ?? ''),
  )
  if (sub) {
    const found = 'load' in sub ? await sub.load() : sub
    return await descend(found, `${path} ${sub.name}`, [...words.slice(0, leading), ...rest], shared)
  }
  if (command.run || words[0] === '-h' || words[0] === '--help') return { command, path, words, shared }
  const names = command.subcommands.map((candidate) => candidate.name)
  const message =
    first === undefined
      ? `\`${path}\` needs a subcommand: ${names.join(', ')}`
      : `\`${path}\` has no subcommand \`${first}\``
  throw new SpackError('usage', message, {
    exitCode: 2,
    hint: didYouMean(first ?? '', names) ?? `see \`${path} --help\``,
  })
}

/** How many words in front of a subcommand are flags and their values. */
function leadingFlags(words: readonly string[], shared: readonly Flag[], path: string): number {
  if (!shared.length || !words[0]?.startsWith('-')) return 0
  const { positional } = parseArguments(words, [helpFlag, ...shared], { path, stopEarly: true })
  return words.length - positional.length
}

async function runCommand(options: GlobalOptions, words: readonly string[]): Promise<number> {
  const name = commandAliases[words[0]!] ?? words[0]!
  const entry = commands[name]
  if (!entry) {
    const hint = didYouMean(name, Object.keys(commands)) ?? '`spack --help` lists the commands'
    throw new SpackError('usage', `\`${name}\` is not a spack command`, { exitCode: 2, hint })
  }
  const found = await descend(await entry.load(), `spack ${name}`, words.slice(1))
  const flags = [helpFlag, ...found.shared, ...(found.command.flags ?? [])]
  const args: Arguments = found.command.takesAnything
    ? { flags: {}, positional: found.words, rest: [] }
    : parseArguments(found.words, flags, { path: found.path })
  if (flagOn(args, 'help') || !found.command.run) {
    const { commandHelp } = await import('./commands/help.ts')
    stdout.write(`${commandHelp(found.command, found.path, helpWidth())}\n`)
    return 0
  }
  return await found.command.run(processInvocation(options), args)
}

async function writeOverview(): Promise<void> {
  const { overview } = await import('./commands/help.ts')
  stdout.write(`${overview(commands, globalFlags, helpWidth())}\n`)
}

/** `spack help`, of all, of a command or of specs. */
async function runHelp(options: GlobalOptions, words: readonly string[]): Promise<number> {
  const args = parseArguments(words, [helpFlag, ...helpFlags], { path: 'spack help' })
  if (flagOn(args, 'spec')) {
    const { specHelp } = await import('./commands/help.ts')
    stdout.write(`${specHelp(helpWidth())}\n`)
    return 0
  }
  if (args.positional.length) return await runCommand(options, [...args.positional, '--help'])
  await writeOverview()
  return 0
}

async function main(argv: readonly string[]): Promise<number> {
  let debug = false
  try {
    const args = parseArguments(argv, globalFlags, { path: 'spack', stopEarly: true })
    const options = globalOptions(args)
    debug = options.debug
    if (flagOn(args, 'version')) {
      stdout.write(`${version}\n`)
      return 0
    }
    const words = [...args.positional, ...(args.rest.length ? ['--', ...args.rest] : [])]
    if (words[0] === 'help') return await runHelp(options, words.slice(1))
    if (flagOn(args, 'help') || words.length === 0) {
      await writeOverview()
      return flagOn(args, 'help') ? 0 : 1
    }
    return await runCommand(options, words)
  } catch (error) {
    stderr.write(`${renderError(error, { debug, colour: wantsColour(undefined, process.env, stderr) })}\n`)
    return error instanceof SpackError ? error.exitCode : 1
  }
}

// The program's first lines set it aside, for the sake of Node alone: what is started from here finds it where it was.
const { NODE_EXTRA_CA_CERTS: certificates, SPACK_EXTRA_CA_CERTS: setAside } = process.env
if (!certificates && setAside) process.env.NODE_EXTRA_CA_CERTS = setAside

// exitCode and not exit(): output to a slow reader is still being written.
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
  // Nothing is left to do then but to free what the system frees anyway.
  process.once('beforeExit', () => process.exit())
})
