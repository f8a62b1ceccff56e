// How the compiler flags of two specs relate. Flags never exclude each other, and asking for one allows others.

import { type CompilerFlag, type FlagKind, flagKinds } from './spec.ts'

export type Flags = ReadonlyMap<FlagKind, readonly CompilerFlag[]>

/** What nearly all concrete specs have. */
const noFlags: Flags = new Map(flagKinds.map((kind) => [kind, []]))

/** Flags as a concrete spec has them: of each kind, none if there are none. */
export function completeFlags(flags: Flags): Flags {
  if (flags.size === 0) return noFlags
  const missing = flagKinds.filter((kind) => !flags.has(kind))
  return new Map([...flags, ...missing.map((kind): [FlagKind, CompilerFlag[]] => [kind, []])])
}

/** Whether every flag of `b` is in `a`. */
export function flagsSatisfy(a: Flags, b: Flags): boolean {
  for (const [kind, asked] of b) {
    const own = a.get(kind)
    if (!own || !asked.every(({ flag }) => own.some((each) => each.flag === flag))) return false
  }
  return true
}

/**
 * `flags` with those of `b` that it lacks, after its own; a flag that `b` does not propagate is no longer propagated. The same
 * object when nothing changes.
 */
export function constrainFlags(flags: Flags, b: Flags): Flags {
  let changed = flags
  for (const [kind, asked] of b) {
    const own = flags.get(kind)
    const merged = own ? mergeFlags(own, asked) : asked
    if (merged !== own) changed = new Map(changed).set(kind, merged)
  }
  return changed
}

function mergeFlags(own: readonly CompilerFlag[], asked: readonly CompilerFlag[]): readonly CompilerFlag[] {
  const added = asked.filter(({ flag }) => !own.some((each) => each.flag === flag))
  const held = new Set(asked.filter(({ propagate }) => !propagate).map(({ flag }) => flag))
  const stops = ({ flag, propagate }: CompilerFlag) => propagate && held.has(flag)
  if (!added.length && !own.some(stops)) return own
  return [...own.map((each) => (stops(each) ? { ...each, propagate: false } : each)), ...added]
}

/** A flag as it stands among the facts of a spec. */
export const printFlagFact = (kind: string, flag: string, group: string): string =>
  `node_flag(${[kind, flag, group, 'none'].map((part) => `"${part.replace(/[\\"]/g, '\\$&')}"`).join(',')})`
