// What activating and deactivating an environment does to variables: changes, then what each variable becomes. Pure; the
// text for each shell is made in `shell-text.ts`.

import { SpackError } from '../ui/error.ts'

export type Change =
  | { kind: 'set'; name: string; value: string }
  | { kind: 'unset'; name: string }
  /** Lists, of paths where no other separator than the colon is given. */
  | { kind: 'prepend' | 'append' | 'remove'; name: string; value: string; separator?: string }

/** How a change is taken back. */
export type Reversal =
  /** The value that it had before, which the shell has kept. */
  | { kind: 'restore'; name: string }
  /** The first, or last, of the entries that are equal. */
  | { kind: 'remove-first' | 'remove-last'; name: string; value: string; separator?: string }
  /** All entries that are `root` or below it. */
  | { kind: 'remove-below'; name: string; root: string }

/** What the shell is to do about one variable. */
export type Outcome =
  /** `keep`: the old value, for the shell to keep until deactivation; `keepsOwn`: whatever the shell has then. */
  | { kind: 'set'; name: string; value: string; keep?: string; keepsOwn?: true }
  | { kind: 'unset'; name: string; keep?: string; keepsOwn?: true }
  | { kind: 'restore'; name: string }
  /** `otherwise`, unless the shell has kept exactly `kept`. */
  | { kind: 'restore-if'; name: string; kept: string; otherwise: string }
  /** For whoever evaluates it later: entries around those that are there then. */
  | { kind: 'extend'; name: string; front: string; end: string; isOpenEnded: boolean }

export type Variables = Readonly<Record<string, string | undefined>>

const separator = ':'

/** Searched by `man` after its entries only when it ends in a separator. */
const openEnded = new Set(['MANPATH'])

/**
 * What becomes of the variables `before` when the changes of one environment are taken back and those of another are made;
 * either may be empty. Outcomes are sorted by name, and variables that stay as they are have none.
 */
export function planVariables(
  before: Variables,
  reversals: readonly Reversal[],
  changes: readonly Change[],
): Outcome[] {
  const names = [...new Set([...reversals, ...changes].map(({ name }) => name))].sort()
  return names.flatMap((name) => {
    const back = reversals.filter((reversal) => reversal.name === name)
    const forth = changes.filter((change) => change.name === name)
    return planVariable(name, before[name], back, forth) ?? []
  })
}

/** The variables once an environment has been left; what the shell has kept is not known, and counts as not set. */
export function variablesAfter(before: Variables, reversals: readonly Reversal[]): Variables {
  const after = { ...before }
  for (const outcome of planVariables(before, reversals, [])) {
    if (outcome.kind === 'set') after[outcome.name] = outcome.value
    else if (outcome.kind === 'restore-if') after[outcome.name] = outcome.otherwise
    else delete after[outcome.name]
  }
  return after
}

function planVariable(
  name: string,
  before: string | undefined,
  reversals: readonly Reversal[],
  changes: readonly Change[],
): Outcome | undefined {
  const isKept = reversals.some(({ kind }) => kind === 'restore')
  // What a kept value will be is known to the shell only.
  const start = isKept ? undefined : reversals.reduce(takeBack, before)
  if (changes.length === 0) return isKept ? { kind: 'restore', name } : listOutcome(name, before, start)
  const value = finished(name, changes.reduce(apply, closed(name, start)), changes)
  const isPlain = changes.some(({ kind }) => kind === 'set' || kind === 'unset')
  const losesEnd = openEnded.has(name) && start !== undefined && !start.endsWith(separator)
  const keep = !isKept && (isPlain || losesEnd) ? start : undefined
  if (value === before && keep === undefined) return undefined
  return value === undefined ? { kind: 'unset', name, keep } : { kind: 'set', name, value, keep }
}

function listOutcome(name: string, before: string | undefined, value: string | undefined): Outcome | undefined {
  if (value === before) return undefined
  if (!value || value === separator) return { kind: 'unset', name }
  if (!openEnded.has(name) || !value.endsWith(separator)) return { kind: 'set', name, value }
  return { kind: 'restore-if', name, kept: value.slice(0, -separator.length), otherwise: value }
}

function apply(value: string | undefined, change: Change): string | undefined {
  switch (change.kind) {
    case 'set':
      return change.value
    case 'unset':
      return undefined
    case 'prepend':
      return joined([change.value, ...entries(value, change.separator)], change.separator)
    case 'append':
      return joined([...entries(value, change.separator), change.value], change.separator)
    case 'remove':
      return value === undefined ? undefined : without(value, change)
  }
}

const without = (value: string, { value: unwanted, separator }: Extract<Change, { separator?: string }>): string =>
  joined(
    entries(value, separator).filter((entry) => entry !== unwanted),
    separator,
  )

/** Without the end that `finished` puts back, so that nothing is added behind it. */
const closed = (name: string, value: string | undefined): string | undefined =>
  openEnded.has(name) && value?.endsWith(separator) ? value.slice(0, -separator.length) : value

/** Lists without what is there twice, open at the end where they have to be. */
function finished(name: string, value: string | undefined, changes: readonly Change[]): string | undefined {
  const isList = changes.some((change) => isExtension(change) && !change.separator)
  if (value === undefined || !isList) return value
  const list = joined([...new Set(entries(value))])
  return openEnded.has(name) && !list.endsWith(separator) ? list + separator : list
}

const isExtension = (change: Change): change is Extract<Change, { kind: 'prepend' | 'append' | 'remove' }> =>
  change.kind === 'prepend' || change.kind === 'append'

function takeBack(value: string | undefined, reversal: Reversal): string | undefined {
  if (value === undefined) return undefined
  const parting = 'separator' in reversal ? reversal.separator : undefined
  const list = entries(value, parting)
  switch (reversal.kind) {
    case 'remove-first':
      return joined(list.toSpliced(...spliceAt(list.indexOf(reversal.value))), parting)
    case 'remove-last':
      return joined(list.toSpliced(...spliceAt(list.lastIndexOf(reversal.value))), parting)
    case 'remove-below':
      return joined(list.filter((entry) => entry !== reversal.root && !entry.startsWith(`${reversal.root}/`)))
    case 'restore':
      return value
  }
}

const spliceAt = (index: number): [start: number, count: number] => (index < 0 ? [0, 0] : [index, 1])

const entries = (value: string | undefined, parting = separator): string[] => (value ? value.split(parting) : [])
const joined = (list: readonly string[], parting = separator): string => list.join(parting)

/**
 * As `planVariables` for a shell of which nothing is known, as in a file that is kept and evaluated later. What is there
 * then is kept by the shell. Throws SpackError `activation-static` for entries to be removed, which are not known, and for
 * lists that have no colons.
 */
export function planStatically(changes: readonly Change[]): Outcome[] {
  const names = [...new Set(changes.map(({ name }) => name))].sort()
  return names.map((name) => {
    const own = changes.filter((change) => change.name === name)
    refuseDynamic(name, own)
    const plain = own.findLast((change) => change.kind === 'set' || change.kind === 'unset')
    return plain ? { ...plain, keepsOwn: true } : staticExtension(name, own)
  })
}

function staticExtension(name: string, changes: readonly Change[]): Outcome {
  const front = changes.flatMap((change) => (change.kind === 'prepend' ? [change.value] : [])).reverse()
  const behind = changes.flatMap((change) => (change.kind === 'append' ? [change.value] : []))
  const end = behind.filter((entry) => !front.includes(entry))
  const [first, last] = [front, end].map((list) => joined([...new Set(list)]))
  return { kind: 'extend', name, front: first!, end: last!, isOpenEnded: openEnded.has(name) }
}

function refuseDynamic(name: string, changes: readonly Change[]): void {
  if (changes.some(({ kind }) => kind === 'remove')) {
    throw notStatic(`\`remove_path\` of \`${name}\``, 'or take it out of `env_vars`')
  }
  if (changes.some((change) => isExtension(change) && change.separator)) {
    throw notStatic(`\`${name}\`, which has no colons,`, 'or add `--without-view`')
  }
}

const notStatic = (what: string, otherwise: string): SpackError =>
  new SpackError('activation-static', `${what} cannot be part of a static activation`, {
    hint: `leave \`--static\` out, ${otherwise}`,
  })

/** How changes are taken back, the last first. What was removed from a list cannot be. */
export const reversalsOf = (changes: readonly Change[]): Reversal[] =>
  changes.toReversed().flatMap((change) => reversalOf(change) ?? [])

function reversalOf(change: Change): Reversal | undefined {
  const { name } = change
  const parting = isExtension(change) && change.separator ? { separator: change.separator } : {}
  switch (change.kind) {
    case 'set':
    case 'unset':
      return { kind: 'restore', name }
    case 'prepend':
      return { kind: 'remove-first', name, value: change.value, ...parting }
    case 'append':
      return { kind: 'remove-last', name, value: change.value, ...parting }
    case 'remove':
      return undefined
  }
}
