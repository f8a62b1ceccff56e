// Minimal sets of assumptions that contradict each other.

import type { Lit } from './literal.ts'
import type { Solver } from './solver.ts'

/**
 * A subset of `core` that is still contradictory and loses that when any one of it is dropped (by deletion, each trial
 * limited to `conflictsPerTrial`; a trial that stays undecided keeps its assumption, so the result is then only small).
 */
export function minimizeCore(solver: Solver, core: readonly Lit[], conflictsPerTrial = 1000): Lit[] {
  let kept = [...core]
  const needed: Lit[] = []
  while (kept.length > 0) {
    const trial = kept[kept.length - 1]!
    kept = kept.slice(0, -1)
    const verdict = solver.solve([...needed, ...kept], { conflictBudget: conflictsPerTrial })
    if (verdict !== 'unsatisfiable') needed.push(trial)
    else kept = kept.filter((literal) => solver.core.includes(literal))
  }
  return needed
}
