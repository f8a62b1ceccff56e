// Help texts, all made from the commands' own tables.

import { wrapText } from '../ui/wrap.ts'
import type { Command, Flag } from './command.ts'

/** The text of `spack COMMAND --help`, in lines of at most `width` characters. */
export function commandHelp(command: Command, path: string, width: number): string {
  const lines = [...usageLines(command, path, width), '']
  for (const paragraph of (command.description ?? command.summary).split(/\n{2,}/)) {
    lines.push(...wrapText(paragraph, { width }), '')
  }
  const table = (heading: string, rows: readonly (readonly [left: string, right: string])[]) =>
    lines.push(heading, ...rows.flatMap(([left, right]) => twoColumns(left, right, width)))
  if (command.subcommands?.length) {
    table(
      'subcommands:',
      command.subcommands.map(({ name, summary }) => [name, summary]),
    )
    lines.push('')
  }
  table('options:', [
    ['-h, --help', 'show this help message and exit'],
    ...ownFlags(command).map((flag) => [flagNames(flag), flagHelp(flag)] as const),
  ])
  return lines.join('\n')
}

const ownFlags = (command: Command): readonly Flag[] => [...(command.sharedFlags ?? []), ...(command.flags ?? [])]

/** The usage line, broken between flags, its further lines below the first flag. */
function usageLines(command: Command, path: string, width: number): string[] {
  const start = `usage: ${path}`
  const flags = ownFlags(command).map(
    (flag) => `[${flag.short ? `-${flag.short}` : `--${flag.name}`}${valueName(flag)}]`,
  )
  const words = ['[-h]', ...flags, ...(command.subcommands?.length ? ['SUBCOMMAND ...'] : []), command.positional ?? '']
  const lines = [start]
  for (const word of words.filter(Boolean)) {
    const last = lines.at(-1)!
    if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`${' '.repeat(start.length)} ${word}`)
  }
  return lines
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

const column = 24
/** Narrower than this, explanations are words below each other. */
const leastWidth = 20

/** A name and its explanation, side by side when the name is short. */
export function twoColumns(left: string, right: string, width: number): string[] {
  const head = `  ${left}`
  const text = wrapText(right, { width: Math.max(width, column + leastWidth), indent: ' '.repeat(column) })
  return head.length < column ? [head + (text[0] ?? '').slice(head.length), ...text.slice(1)] : [head, ...text]
}
