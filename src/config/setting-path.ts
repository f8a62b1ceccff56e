// Settings as they are typed: `config:install_tree:root:/opt/store`, `packages:all:providers:mpi::[mpich]`. Keys are separated
// by colons; the last part may be a value. Quotes protect colons, `::` overrides, `+:` puts in front, `-:` behind.

import { SpackError } from '../ui/error.ts'
import type { KeyStrategy } from './node.ts'

export interface SettingPart {
  text: string
  strategy: KeyStrategy
  /** Quoted or marked: if it is the value, it is this text and no YAML. */
  isLiteral: boolean
}

const element = /(?:"[^"]+"|'[^']+'|[^:'"]+)[+-]?(?=:|$)/y
const separator = /:+/y

/** Splits a setting into its parts. Throws SpackError `config-path`. */
export function parseSettingPath(path: string): SettingPart[] {
  const words = splitPath(path)
  const parts = words.map((word, i) => readPart(word, i === words.length - 1))
  const overrides = parts.filter(({ strategy }) => strategy === 'override')
  if (overrides.length > 1) {
    throw bad(path, 'overrides twice: a second `::` below the first has no meaning', 'keep the first `::` only')
  }
  return parts
}

/** Keys and, in front of each but the first, what separates them: `['config', '::', 'build_jobs']`. */
function splitPath(path: string): { text: string; colons: string }[] {
  const words: { text: string; colons: string }[] = []
  let at = 0
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(path)?.[0]
    if (found) at += found.length
    return found
  }
  while (at < path.length || !words.length) {
    const key = match(element)
    if (!key && !words.length) throw bad(path, 'does not start with the name of a section')
    // What is no key must be the value, to the end.
    const text = key ?? path.slice(at)
    if (!key) {
      at = path.length
      if (!isClosed(text)) throw bad(path, `has an open quote or bracket in \`${text}\``)
    }
    words.push({ text, colons: key ? (match(separator) ?? '') : '' })
  }
  return words
}

function readPart({ text, colons }: { text: string; colons: string }, isLast: boolean): SettingPart {
  const marker = text.endsWith('+') ? 'prepend' : text.endsWith('-') ? 'append' : undefined
  const unmarked = text.replace(/[+-]+$/, '')
  const isQuoted = /^['"]/.test(unmarked)
  const strategy = marker ?? (colons.length > 1 || (isLast && colons) ? 'override' : 'merge')
  return {
    text: unmarked.replace(/^['"]+|['"]+$/g, ''),
    strategy,
    isLiteral: strategy !== 'merge' || isQuoted,
  }
}

/** Whether the quotes and brackets of a value are closed, as far as they are any: inside of a word they are letters. */
function isClosed(value: string): boolean {
  if (/^'(?:[^']|'')*'\s*$|^"(?:[^"\\]|\\.)*"\s*$/s.test(value)) return true
  if (/^['"]/.test(value)) return false
  if (!/^[[{]/.test(value)) return true
  const unquoted = value.replace(/(?<=[[{,:\s])(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")/gs, '')
  const count = (letters: RegExp) => unquoted.match(letters)?.length ?? 0
  return !/[[{,:\s]['"]/.test(unquoted) && count(/[[{]/g) === count(/[\]}]/g)
}

function bad(
  path: string,
  problem: string,
  hint = 'write section:key:value, with quotes around what holds colons',
): SpackError {
  return new SpackError('config-path', `the setting \`${path}\` ${problem}`, { hint })
}
