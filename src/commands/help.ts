// Help texts, all made from the commands' own tables.

import type { Command, Flag } from './command.ts'

/** The text of `spack COMMAND --help`. */
export function commandHelp(command: Command, path: string): string {
  const lines = [`usage: ${path} [-h]${usageTail(command)}`, '', command.description ?? command.summary]
  if (command.subcommands?.length) {
    lines.push('', 'subcommands:')
    for (const sub of command.subcommands) lines.push(twoColumns(sub.name, sub.summary))
  }
  lines.push('', 'options:', twoColumns('-h, --help', 'show this help message and exit'))
  for (const flag of ownFlags(command)) lines.push(twoColumns(flagNames(flag), flagHelp(flag)))
  return lines.join('\n')
}

const ownFlags = (command: Command): readonly Flag[] => [...(command.sharedFlags ?? []), ...(command.flags ?? [])]

function usageTail(command: Command): string {
  const flags = ownFlags(command).map(
    (flag) => ` [${flag.short ? `-${flag.short}` : `--${flag.name}`}${valueName(flag)}]`,
  )
  const sub = command.subcommands?.length ? ' SUBCOMMAND ...' : ''
  return `${flags.join('')}${sub}${command.positional ? ` ${command.positional}` : ''}`
}

function valueName(flag: Flag): string {
  const kind = flag.kind ?? 'boolean'
  if (kind === 'boolean' || kind === 'count') return ''
  return ` ${flag.choices ? `{${flag.choices.join(',')}}` : (flag.value ?? flag.name.toUpperCase().replaceAll('-', '_'))}`
}

function flagNames(flag: Flag): string {
  const longs = [flag.name, ...(flag.aliases ?? [])].map((name) => `--${name}${valueName(flag)}`)
  return [...(flag.short ? [`-${flag.short}${valueName(flag)}`] : []), ...longs].join(', ')
}

const flagHelp = (flag: Flag): string => (flag.kind === 'list' ? `${flag.help} (may be repeated)` : flag.help)

/** A name and its explanation, side by side when the name is short. */
export function twoColumns(left: string, right: string): string {
  const column = 24
  const head = `  ${left}`
  return head.length < column ? `${head.padEnd(column)}${right}` : `${head}\n${' '.repeat(column)}${right}`
}
