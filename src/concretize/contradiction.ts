// What contradicts what, when requests have no answer: all that must hold is encoded once more with a switch for each
// cause, and of the switches that cannot all be on as few as possible are kept.

import { minimizeCore } from '../solver/cores.ts'
import type { Lit } from '../solver/literal.ts'
import { sortTexts } from '../spec/text-order.ts'
import { type Cause, isOwnedByUser } from './cause.ts'
import type { Encoding } from './encoding.ts'
import { tellReusedOn } from './growth.ts'
import type { Request } from './requests.ts'
import { closeWorld, openSearch, type SolveOptions } from './solve.ts'
import type { World } from './world.ts'

/** Conflicts that one trial to do without a cause may take. */
const conflictsPerTrial = 200
const shrinkings = 8

/** Causes that cannot hold together, none of which can be left out; none when requests can be met. */
export function findContradiction(world: World, requests: readonly Request[], options: SolveOptions): readonly Cause[] {
  const { encoding } = openSearch(world, requests, { ...options, isExplained: true })
  decideSwitchesFirst(encoding)
  const { solver, blames, formula } = encoding
  // That nothing further helps is known: what is told is what contradicts each other among what comes up first.
  do {
    if (closeWorld(encoding, [], { grows: false })) return []
    // What was not reused in the search may bring in what the core says that nothing brings in.
  } while (tellReusedOn(encoding, formula.closedBy(formula.closedWorld())))
  const causes = new Map(blames.map(({ literal, cause }) => [literal, cause]))
  // From here on only what is known is looked at: fewer clauses contradict each other less, so what is found stays true.
  solver.guide = {}
  const tails = formula.closedWorld()
  const core = shrink(encoding, solver.core, tails).filter((literal) => causes.has(literal))
  const byOwner = (literals: readonly Lit[]) => [
    ...literals.filter((literal) => isOwnedByUser(causes.get(literal)!)),
    ...literals.filter((literal) => !isOwnedByUser(causes.get(literal)!)),
  ]
  const ordered = byOwner(core)
  const minimal = minimizeCore(solver, ordered, { conflictsPerTrial, given: tails })
  return [...minimal.map((literal) => causes.get(literal)!), ...closedOff(encoding, minimal, tails)]
}

/** The packages of which it counts that nothing else depends on them or changes them. */
function closedOff({ solver, formula }: Encoding, core: readonly Lit[], tails: readonly Lit[]): Cause[] {
  if (solver.solve(core, { conflictBudget: conflictsPerTrial }) === 'unsatisfiable') return []
  if (solver.solve([...tails, ...core], { conflictBudget: conflictsPerTrial }) !== 'unsatisfiable') return []
  const owners = formula.closedBy(solver.core)
  const names = owners.flatMap((owner) => ('name' in owner && typeof owner.name === 'string' ? [owner.name] : []))
  return names.length ? [{ kind: 'closed-off', packages: sortTexts([...new Set(names)]) }] : []
}

/** A cause that comes into being during a search is taken for granted at once, so that its end is not found too late. */
function decideSwitchesFirst(encoding: Encoding): void {
  const { guide } = encoding.solver
  const { decide } = guide
  let cursor = 0
  let backtracks = -1
  guide.decide = () => {
    const { solver, blames } = encoding
    if (solver.counters.backtracks !== backtracks) {
      backtracks = solver.counters.backtracks
      cursor = 0
    }
    for (; cursor < blames.length; cursor++) {
      const { literal } = blames[cursor]!
      if (solver.valueOf(literal) === 0) return literal
    }
    return decide?.()
  }
}

/** A contradiction is often found again with fewer assumptions, which costs next to nothing. */
function shrink({ solver }: Encoding, core: readonly Lit[], tails: readonly Lit[]): readonly Lit[] {
  let smallest = core
  for (let round = 0; round < shrinkings; round++) {
    const isTail = new Set(tails)
    const kept = smallest.filter((literal) => !isTail.has(literal))
    const verdict = solver.solve([...tails, ...kept.toReversed()], { conflictBudget: conflictsPerTrial })
    if (verdict !== 'unsatisfiable' || solver.core.length >= smallest.length) break
    smallest = [...solver.core]
  }
  return smallest
}
