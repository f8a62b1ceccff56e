// Help texts, all made from the commands' own tables.

import { wrapText } from '../ui/wrap.ts'
import type { Command, Flag } from './command.ts'
import { examplesOf, explainedWords, specSyntax } from './help-texts.ts'

/** The text of `spack COMMAND --help`, in lines of at most `width` characters. */
export function commandHelp(command: Command, path: string, width: number): string {
  const lines = [...usageLines(command, path, width), '']
  for (const paragraph of (command.description ?? command.summary).split(/\n{2,}/)) {
    lines.push(...wrapText(paragraph, { width }), '')
  }
  const name = path.replace(/^spack /, '')
  const options = ownFlags(command).map((flag) => [flagNames(flag), flagHelp(flag)] as const)
  const tables: Readonly<Record<string, readonly Row[]>> = {
    subcommands: (command.subcommands ?? []).map((each) => [each.name, each.summary]),
    'positional arguments': explainedWords(name, command.positional ?? ''),
    options: [['-h, --help', 'show this help message and exit'], ...options],
    examples: examplesOf(name),
  }
  return [...lines, ...tableLines(tables, width)].join('\n')
}

type Row = readonly [left: string, right: string]

/** Those tables that have rows, with empty lines between them. */
function tableLines(tables: Readonly<Record<string, readonly Row[]>>, width: number): string[] {
  const filled = Object.entries(tables).filter(([, rows]) => rows.length > 0)
  return filled.flatMap(([heading, rows], at) => [
    ...(at > 0 ? [''] : []),
    `${heading}:`,
    ...rows.flatMap(([left, right]) => twoColumns(left, right, width)),
  ])
}

/** The text of `spack help`, and of `spack` without a command. */
export function overview(
  commands: Readonly<Record<string, { summary: string }>>,
  flags: readonly Flag[],
  width: number,
): string {
  const tables = {
    commands: Object.entries(commands).map(([name, { summary }]) => [name, summary] as const),
    options: flags.map((flag) => [flagNames(flag), flagHelp(flag)] as const),
  }
  const usage = 'usage: spack [-hVdvk] [-e ENV | -D DIR | -E] [-C DIR] [-c PATH:VALUE] COMMAND ...'
  const more = wrapText('`spack help COMMAND` tells of a command, `spack help --spec` how specs are written', { width })
  return [...wrapText(usage, { width }), '', ...tableLines(tables, width), '', ...more].join('\n')
}

/** The text of `spack help --spec`. */
export const specHelp = (width: number): string =>
  tableLines({ 'a spec is a package and what it shall be like; all of these can be joined': specSyntax }, width).join(
    '\n',
  )

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
function twoColumns(left: string, right: string, width: number): string[] {
  const head = `  ${left}`
  const text = wrapText(right, { width: Math.max(width, column + leastWidth), indent: ' '.repeat(column) })
  return head.length <= column - 2 ? [head + (text[0] ?? '').slice(head.length), ...text.slice(1)] : [head, ...text]
}
