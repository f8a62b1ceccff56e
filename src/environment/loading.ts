// What loading and unloading packages does to variables. Unlike an environment, of which one is active, packages are loaded
// on top of each other and taken away in any order: no old values are kept, and what another one needs stays.

import { type Change, type Outcome, planVariables, reversalsOf, type Variables } from './activation.ts'

/** Lists the DAG hashes of what is loaded, the last first; Spack has the same. */
const loadedVariable = 'SPACK_LOADED_HASHES'

export const loadedHashes = (environ: Variables): string[] => (environ[loadedVariable] ?? '').split(':').filter(Boolean)

const hashChanges = (hashes: readonly string[]): Change[] =>
  hashes.map((value) => ({ kind: 'prepend', name: loadedVariable, value }))

/** What becomes of variables when packages with these changes are loaded. */
export const planLoading = (before: Variables, hashes: readonly string[], changes: readonly Change[]): Outcome[] =>
  planVariables(before, [], [...changes, ...hashChanges(hashes)]).map(withoutKeeping)

/**
 * What becomes of variables when these packages go. Entries of lists that `needed`, the changes of what stays loaded, make
 * too are left; a variable that was set goes if it still has that value.
 */
export function planUnloading(
  before: Variables,
  hashes: readonly string[],
  changes: readonly Change[],
  needed: readonly Change[],
): Outcome[] {
  const key = (change: Change) => JSON.stringify([change.name, 'value' in change ? change.value : null])
  const kept = new Set(needed.map(key))
  const own = [...changes, ...hashChanges(hashes)].filter((change) => !kept.has(key(change)))
  const values = new Map(own.flatMap((change) => (change.kind === 'set' ? [[change.name, change.value]] : [])))
  const gone = [...values].filter(([name, value]) => before[name] === value).map(([name]) => name)
  const entries = own.filter(({ name, kind }) => !gone.includes(name) && kind !== 'set' && kind !== 'unset')
  const outcomes = planVariables(before, reversalsOf(entries), []).map(withoutKeeping)
  return [...outcomes, ...gone.map((name): Outcome => ({ kind: 'unset', name }))]
}

/** What the shell keeps is for the active environment. */
function withoutKeeping(outcome: Outcome): Outcome {
  if (outcome.kind === 'restore-if') return { kind: 'set', name: outcome.name, value: outcome.otherwise }
  if (outcome.kind !== 'set' && outcome.kind !== 'unset') return outcome
  const { keep, keepsOwn, ...rest } = outcome
  return rest
}
