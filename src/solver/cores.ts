// Minimal sets of assumptions that contradict each other.

import type { Lit } from './literal.ts'
import type { Solver } from './solver.ts'

export interface MinimizeOptions {
  /** A trial that takes more stays undecided and keeps its assumption, so that the result is then only small. */
  conflictsPerTrial?: number
  /** Assumptions that hold in all trials and are not looked at. */
  given?: readonly Lit[]
}

/**
 * A subset of `core` that is still contradictory and loses that when any one of it is dropped, by deletion. Those at the
 * end are dropped first.
 */
export function minimizeCore(
  solver: Solver,
  core: readonly Lit[],
  { conflictsPerTrial = 1000, given = [] }: MinimizeOptions = {},
): Lit[] {
  let kept = [...core]
  const needed: Lit[] = []
  while (kept.length > 0) {
    const trial = kept[kept.length - 1]!
    kept = kept.slice(0, -1)
    const verdict = solver.solve([...given, ...needed, ...kept], { conflictBudget: conflictsPerTrial })
    if (verdict !== 'unsatisfiable') needed.push(trial)
    else {
      const blamed = new Set(solver.core)
      kept = kept.filter((literal) => blamed.has(literal))
    }
  }
  return needed
}
