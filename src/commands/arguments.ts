// Command line → Arguments, by a command's table of flags. Long flags may be shortened while they stay unambiguous, as
// with Python's argparse, which scripts written for Spack rely on.

import minimist from 'minimist'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { Arguments, Flag } from './command.ts'

export interface ParseOptions {
  /** What the user typed before, for messages and hints: `spack env depfile`. */
  path: string
  /** Stop at the first word that is not a flag (global flags before the command's name). */
  stopEarly?: boolean
}

/**
 * Reads `argv` by the table `flags`. Throws SpackError `usage` (exit code 2) for unknown or ambiguous flags, missing
 * values, values outside `choices` and numbers that are none.
 */
export function parseArguments(argv: readonly string[], flags: readonly Flag[], options: ParseOptions): Arguments {
  const kinds = (wanted: Flag['kind'][]) => flags.filter((flag) => wanted.includes(flag.kind ?? 'boolean'))
  const usage = (message: string, hint?: string) =>
    new SpackError('usage', message, { exitCode: 2, hint: hint ?? `see \`${options.path} --help\`` })
  const words = normalizeWords(argv, flags, options, usage)
  const names = (flag: Flag) => [...(flag.aliases ?? []), ...(flag.short ? [flag.short] : [])]
  const parsed = minimist(words, {
    string: ['_', ...kinds(['string', 'integer', 'list']).map((flag) => flag.name)],
    boolean: kinds(['boolean', 'count']).map((flag) => flag.name),
    alias: Object.fromEntries(flags.map((flag) => [flag.name, names(flag)])),
    stopEarly: options.stopEarly ?? false,
    '--': true,
  })
  const counts = countWords(words, flags, options)
  const values: Record<string, boolean | string | number | readonly string[] | undefined> = {}
  for (const flag of flags) values[flag.name] = readFlag(flag, parsed[flag.name], counts, usage)
  return { flags: values, positional: parsed._, rest: parsed['--'] ?? [] }
}

type Usage = (message: string, hint?: string) => SpackError

/** Completes shortened long flags, refuses unknown ones and joins a value that starts with a dash to its flag. */
function normalizeWords(
  argv: readonly string[],
  flags: readonly Flag[],
  options: ParseOptions,
  usage: Usage,
): string[] {
  const words: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') return [...words, ...argv.slice(i)]
    if (!word.startsWith('-') || word === '-') {
      if (options.stopEarly) return [...words, ...argv.slice(i)]
      words.push(word)
      continue
    }
    const flag = word.startsWith('--') ? findLong(word, flags, usage) : findShort(word, flags, usage)
    const isLong = word.startsWith('--')
    const isValued = takesValue(flag)
    const inline = isLong ? word.includes('=') : isValued && lastShortHasValue(word, flags)
    const spelled = isLong ? `--${flag.name}${word.includes('=') ? word.slice(word.indexOf('=')) : ''}` : word
    if (!isValued && isLong && word.includes('=')) throw usage(`\`--${flag.name}\` takes no value`)
    if (!isValued || inline) {
      // minimist would take `--no-groups` for `--groups=false`.
      words.push(isLong && (flag.kind ?? 'boolean') === 'boolean' ? `${spelled}=true` : spelled)
      continue
    }
    const value = argv[++i]
    if (value === undefined) throw usage(`\`${word}\` needs a value (${flag.value ?? flag.name.toUpperCase()})`)
    // Written in one word so that a value that starts with a dash stays a value.
    if (isLong) words.push(`${spelled}=${value}`)
    else words.push(...(word.length > 2 ? [word.slice(0, -1)] : []), `--${flag.name}=${value}`)
  }
  return words
}

function findLong(word: string, flags: readonly Flag[], usage: Usage): Flag {
  const name = word.slice(2).split('=')[0]!
  const exact = flags.find((flag) => flag.name === name || flag.aliases?.includes(name))
  if (exact) return exact
  const candidates = flags.filter((flag) =>
    [flag.name, ...(flag.aliases ?? [])].some((known) => known.startsWith(name)),
  )
  if (candidates.length === 1) return candidates[0]!
  if (candidates.length > 1) {
    throw usage(`\`--${name}\` is ambiguous: ${candidates.map((flag) => `\`--${flag.name}\``).join(', ')}`)
  }
  const known = flags.flatMap((flag) => [flag.name, ...(flag.aliases ?? [])].map((long) => `--${long}`))
  throw usage(`unknown flag \`--${name}\``, didYouMean(`--${name}`, known))
}

/** The flag of a word of short flags that decides whether a value follows: the first that takes one, or the last. */
function findShort(word: string, flags: readonly Flag[], usage: Usage): Flag {
  let found: Flag | undefined
  for (const letter of word.slice(1)) {
    found = flags.find((flag) => flag.short === letter)
    if (!found) throw usage(`unknown flag \`-${letter}\`${word.length > 2 ? ` in \`${word}\`` : ''}`)
    if (takesValue(found)) return found
  }
  return found!
}

function lastShortHasValue(word: string, flags: readonly Flag[]): boolean {
  const letters = word.slice(1)
  const at = [...letters].findIndex((letter) => flags.some((flag) => flag.short === letter && takesValue(flag)))
  return at >= 0 && at < letters.length - 1
}

/** How often each flag stands there, among those that are read: values, and what follows the first other word, are not. */
function countWords(words: readonly string[], flags: readonly Flag[], options: ParseOptions): Map<string, number> {
  const counts = new Map<string, number>()
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const word of words) {
    if (word === '--' || (options.stopEarly && !word.startsWith('-'))) break
    if (word.startsWith('--')) count(word.slice(2))
    else if (word.startsWith('-')) for (const flag of shortFlags(word, flags)) count(flag.name)
  }
  return counts
}

/** The flags of a word of short flags; one that takes a value is the last. */
function shortFlags(word: string, flags: readonly Flag[]): Flag[] {
  const found: Flag[] = []
  for (const letter of word.slice(1)) {
    const flag = flags.find(({ short }) => short === letter)
    if (flag) found.push(flag)
    if (flag && takesValue(flag)) break
  }
  return found
}

const takesValue = (flag: Flag): boolean => !['boolean', 'count'].includes(flag.kind ?? 'boolean')

function readFlag(flag: Flag, raw: unknown, counts: Map<string, number>, usage: Usage) {
  const kind = flag.kind ?? 'boolean'
  if (kind === 'boolean') return raw === true
  if (kind === 'count') return counts.get(flag.name) ?? 0
  if (raw === undefined) return undefined
  const all = (Array.isArray(raw) ? raw : [raw]).map(String)
  for (const value of all) {
    if (flag.choices && !flag.choices.includes(value)) {
      throw usage(
        `\`--${flag.name}\` is one of ${flag.choices.join(', ')}, not \`${value}\``,
        didYouMean(value, flag.choices),
      )
    }
  }
  if (kind === 'list') return all
  const last = all[all.length - 1]!
  if (kind === 'string') return last
  if (!/^-?\d+$/.test(last)) throw usage(`\`--${flag.name}\` needs a whole number, not \`${last}\``)
  return Number(last)
}
