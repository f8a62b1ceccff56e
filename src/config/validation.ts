// Checks settings against the schemas. A fault names file, line and key, what stands there and what should.
// Loads `zod`: imported on demand.

import type * as z from 'zod/mini'
import { SpackError } from '../ui/error.ts'
import { closest } from '../ui/suggestion.ts'
import type { ConfigNode, Mark } from './node.ts'
import type { Schema } from './schema/base.ts'
import { fileSchema } from './schema/sections.ts'
import { knownKeys } from './schema/walk.ts'
import type { FileShape } from './settings-file.ts'

type Issue = z.core.$ZodIssue
type Path = readonly (string | number)[]

interface Fault {
  mark: Mark
  message: string
  hint?: string
}

const shownFaults = 5

/** Checks a whole file. Throws SpackError `config-format` with all faults, the first as the message. */
export function validateFile(root: ConfigNode, shape: FileShape): void {
  const schema = fileSchema(shape)
  const result = schema.safeParse(dataOf(root))
  if (result.success) return
  const faults = result.error.issues.flatMap((issue) => describe(issue, [], root, schema))
  faults.sort((a, b) => a.mark.line - b.mark.line)
  const [first, ...others] = faults as [Fault, ...Fault[]]
  const lines = others.slice(0, shownFaults).map((fault) => `  ${whereOf(fault.mark)}: ${fault.message}`)
  if (others.length > shownFaults) lines.push(`  … and ${others.length - shownFaults} more`)
  throw new SpackError('config-format', first.message, {
    where: whereOf(first.mark),
    hint: first.hint,
    detail: lines.length ? lines.join('\n') : undefined,
  })
}

const whereOf = ({ file, line }: Mark): string => (line > 0 ? `${file}:${line}` : file)

/** Plain data in which a date is no text. */
function dataOf(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.isDate ? new Date(String(node.value)) : node.value
    case 'list':
      return node.items.map(dataOf)
    case 'map': {
      // Without a prototype: `__proto__` is a key like others.
      const data: Record<string, unknown> = Object.create(null)
      for (const [key, { value }] of node.entries) data[key] = dataOf(value)
      return data
    }
  }
}

function describe(issue: Issue, outer: Path, root: ConfigNode, schema: Schema): Fault[] {
  const path = [...outer, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))]
  const fault = (message: string): Fault[] => [{ mark: markAt(root, path), message: `${place(path)} ${message}` }]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, root, schema))
    case 'invalid_union': {
      const option = intendedOption(issue.errors)
      if (option) return option.flatMap((inner) => describe(inner, path, root, schema))
      const wanted = issue.errors.flat().filter((inner) => inner.path.length === 0)
      return fault(`must be ${joinWords([...new Set(wanted.flatMap(demands))])}, not ${show(nodeAt(root, path))}`)
    }
    case 'invalid_type':
    case 'invalid_value': {
      const found = nodeAt(root, path)
      if (found) return fault(`must be ${joinWords(demands(issue))}, not ${show(found)}`)
      const parent = path.slice(0, -1)
      const message = `${place(parent)} lacks \`${String(path.at(-1))}\``
      return [{ mark: markAt(root, parent), message }]
    }
    case 'invalid_key':
      return fault('is not a name that can stand here')
    case 'too_small':
      return fault(`must be at least ${String(issue.minimum)}, not ${show(nodeAt(root, path))}`)
    case 'invalid_format':
      return fault(`must be ${joinWords(demands(issue))}, not ${show(nodeAt(root, path))}`)
    case 'custom':
      return fault(
        issue.message.startsWith('must ') ? issue.message : `must be ${issue.message}, not ${show(nodeAt(root, path))}`,
      )
    default:
      return fault(issue.message)
  }
}

/** The option that was meant: the one that fails somewhere inside, or at more than its kind. */
function intendedOption(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const inside = errors.filter((issues) =>
    issues.some((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys' || issue.code === 'custom'),
  )
  const depth = (issues: readonly Issue[]) => Math.max(...issues.map((issue) => issue.path.length))
  return inside.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0]
}

/** What an issue asks for, in words. */
function demands(issue: Issue): string[] {
  if (issue.code === 'custom' || issue.message !== 'Invalid input') return [issue.message]
  if (issue.code === 'invalid_type') return [kindWords[issue.expected] ?? issue.expected]
  if (issue.code === 'invalid_value') return issue.values.map((value) => `\`${String(value)}\``)
  if (issue.code === 'invalid_format' && 'prefix' in issue) return [`a text that starts with \`${issue.prefix}\``]
  return []
}

const kindWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'null',
}

const joinWords = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? 'something else') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

function show(node: ConfigNode | undefined): string {
  if (!node) return 'missing'
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map'
  if (node.isDate) return `the date ${String(node.value)} (quote it)`
  if (typeof node.value === 'string')
    return `the text \`${node.value.length > 60 ? `${node.value.slice(0, 60)}…` : node.value}\``
  return node.value === null ? 'empty' : (node.spelling ?? String(node.value))
}

function unknownKey(key: string, path: Path, root: ConfigNode, schema: Schema): Fault {
  const known = [...new Set(knownKeys(schema, path))]
  const parent = nodeAt(root, path)
  const mark = parent?.kind === 'map' ? parent.entries.get(key)?.mark : undefined
  const near = closest(key, known)
  const hint = near
    ? `did you mean \`${near}\`?`
    : `the keys there are ${known.map((name) => `\`${name}\``).join(', ')}`
  const message = path.length ? `${place(path)} has no key \`${key}\`` : `there is no section \`${key}\``
  return { mark: mark ?? markAt(root, path), message, hint }
}

/** A place as the config command writes it, `packages:zlib:externals[0]`. */
function place(path: Path): string {
  const keys = path[0] === 'spack' && path.length > 1 ? path.slice(1) : path
  const text = keys.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i ? ':' : ''}${key}`)).join('')
  return text ? `\`${text}\`` : 'the file'
}

function nodeAt(root: ConfigNode, path: Path): ConfigNode | undefined {
  let node: ConfigNode | undefined = root
  for (const key of path) {
    if (node?.kind === 'map') node = node.entries.get(String(key))?.value
    else node = node?.kind === 'list' ? node.items[Number(key)] : undefined
  }
  return node
}

/** Where a value stands; for a member of a map, where its key does. */
function markAt(root: ConfigNode, path: Path): Mark {
  const parent = nodeAt(root, path.slice(0, -1))
  const entry = path.length && parent?.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined
  return entry?.mark ?? nodeAt(root, path)?.mark ?? root.mark
}
