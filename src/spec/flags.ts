// How the compiler flags of two specs relate. Flags never exclude each other, and asking for one allows others.

import type { CompilerFlag, FlagKind } from './spec.ts'

export type Flags = ReadonlyMap<FlagKind, readonly CompilerFlag[]>

/** Whether every flag of `b` is in `a`. */
export function flagsSatisfy(a: Flags, b: Flags): boolean {
  for (const [kind, asked] of b) {
    const own = a.get(kind)
    if (!own || !asked.every(({ flag }) => own.some((each) => each.flag === flag))) return false
  }
  return true
}

/**
 * Adds the flags of `b` that `flags` lacks, after its own; a flag that `b` does not propagate is no longer propagated.
 * Returns whether anything changed.
 */
export function constrainFlags(flags: Map<FlagKind, readonly CompilerFlag[]>, b: Flags): boolean {
  let changed = false
  for (const [kind, asked] of b) {
    const own = flags.get(kind)
    const merged = own ? mergeFlags(own, asked) : asked
    if (merged === own) continue
    flags.set(kind, merged)
    changed = true
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
