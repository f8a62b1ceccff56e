// Lists of specs in manifests: `definitions` give lists names, `$name` puts a list in place of an item (`$^name` and
// `$%name` with a sigil before each of its items), and a matrix stands for all combinations of its rows.

import type { ConfigMap, ConfigNode, Mark } from '../config/node.ts'
import { plainValue } from '../config/node.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'

/** A list's item with its references resolved. */
export type ListItem = SpecItem | Matrix

export interface SpecItem {
  kind: 'spec'
  text: string
  mark: Mark
}

export interface Matrix {
  kind: 'matrix'
  rows: readonly (readonly ListItem[])[]
  exclude: readonly string[]
  /** `^` or `%` before the first constraint of each combination. */
  sigil: string
  mark: Mark
}

/** Lists by name, in the order in which the names are first met. */
export type Definitions = ReadonlyMap<string, readonly ListItem[]>

/**
 * The named lists of a `definitions` section. Parts of one name are joined at its first place; `holds` decides their
 * conditions. Throws SpackError `spec-list` or `spec-list-reference`, with file and line, and what `holds` throws.
 */
export function readDefinitions(section: ConfigNode | undefined, holds: (condition: string) => boolean): Definitions {
  const parts = new Map<string, ConfigNode[]>()
  for (const entry of section?.kind === 'list' ? section.items : []) {
    const { name, items, condition } = readPart(entry)
    const known = parts.get(name) ?? []
    parts.set(name, known)
    if (condition === undefined || located(entry.mark, () => holds(condition))) known.push(...items)
  }
  const definitions = new Map<string, readonly ListItem[]>()
  for (const [name, items] of parts) definitions.set(name, resolveItems(items, definitions))
  return definitions
}

/** The items of a `specs` list. Throws as `readDefinitions`. */
export function readSpecList(list: ConfigNode | undefined, definitions: Definitions): ListItem[] {
  return resolveItems(list?.kind === 'list' ? list.items : [], definitions)
}

interface Part {
  name: string
  items: readonly ConfigNode[]
  condition: string | undefined
}

function readPart(entry: ConfigNode): Part {
  if (entry.kind !== 'map') throw listError(entry.mark, 'a definition is a name with a list, `- name: [...]`')
  const names = [...entry.entries.keys()].filter((key) => key !== 'when')
  if (names.length !== 1) {
    const found = names.length ? `got ${names.map((name) => `\`${name}\``).join(', ')}` : 'got only `when`'
    throw listError(entry.mark, `a definition has one name, ${found}`)
  }
  const [name] = names as [string]
  const list = entry.entries.get(name)!.value
  const when = entry.entries.get('when')?.value
  const condition = when && String(plainValue(when))
  if (condition === '') throw listError(when!.mark, `the condition of \`${name}\` is empty`)
  return { name, items: list.kind === 'list' ? list.items : [], condition }
}

function resolveItems(items: readonly ConfigNode[], definitions: Definitions): ListItem[] {
  return items.flatMap((item) => {
    if (item.kind === 'map') return [resolveMatrix(item, definitions)]
    const value = plainValue(item)
    const text = value === null ? '' : String(value)
    return text.startsWith('$')
      ? resolveReference(text, item.mark, definitions)
      : [{ kind: 'spec', text, mark: item.mark }]
  })
}

function resolveReference(text: string, mark: Mark, definitions: Definitions): readonly ListItem[] {
  const [, sigil, name] = /^\$([\^%]?)(.*)$/s.exec(text) as unknown as [string, string, string]
  const list = definitions.get(name)
  if (!list) {
    throw new SpackError('spec-list-reference', `there is no list \`${name}\` defined before this`, {
      where: whereOf(mark),
      hint: didYouMean(name, definitions.keys()) ?? 'a list is defined under `definitions`, before it is used',
    })
  }
  return sigil ? list.map((item) => withSigil(item, sigil)) : list
}

function withSigil(item: ListItem, sigil: string): ListItem {
  if (item.kind === 'spec') return { ...item, text: sigil + item.text }
  // As in Spack the matrix itself gets the sigil, and keeps it wherever else its list is used.
  item.sigil = sigil
  return item
}

function resolveMatrix(map: ConfigMap, definitions: Definitions): Matrix {
  const others = [...map.entries.keys()].filter((key) => key !== 'matrix' && key !== 'exclude')
  if (others.length) {
    throw listError(
      map.mark,
      `a matrix has no \`${others.join('`, `')}\``,
      didYouMean(others[0]!, ['matrix', 'exclude']),
    )
  }
  const rows = map.entries.get('matrix')?.value
  if (rows?.kind !== 'list') throw listError(map.mark, 'a matrix needs `matrix: [[...], ...]`')
  const exclude = map.entries.get('exclude')?.value
  return {
    kind: 'matrix',
    rows: rows.items.map((row) => resolveItems(row.kind === 'list' ? row.items : [], definitions)),
    exclude: exclude?.kind === 'list' ? exclude.items.map((item) => String(plainValue(item))) : [],
    sigil: '',
    mark: map.mark,
  }
}

export const whereOf = ({ file, line }: Mark): string => (line > 0 ? `${file}:${line}` : file)

const listError = (mark: Mark, message: string, hint?: string): SpackError =>
  new SpackError('spec-list', message, { where: whereOf(mark), hint })

/** Runs `work`; its errors get the place if they name none. */
export function located<T>(mark: Mark, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SpackError) || error.where) throw error
    const { code, message, hint, detail, exitCode } = error
    throw new SpackError(code, message, { hint, detail, exitCode, where: whereOf(mark), cause: error })
  }
}
