// Formulas over the solver's literals: constants are known as such, equal conjunctions are one literal.

import { type Lit, literalOf, negate } from '../solver/literal.ts'
import type { Solver } from '../solver/solver.ts'

/** An "or" to which members may be added later. `tail` stands for those not known yet and is assumed to be false. */
export interface OpenOr {
  readonly literal: Lit
  tail: Lit
}

export class Formula {
  readonly solver: Solver
  readonly true: Lit
  readonly false: Lit
  readonly #conjunctions = new Map<string, Lit>()
  readonly #openOrs: OpenOr[] = []

  constructor(solver: Solver) {
    this.solver = solver
    this.true = this.fresh()
    this.false = negate(this.true)
    solver.addClause([this.true])
  }

  fresh(): Lit {
    return literalOf(this.solver.newVariable())
  }

  constant(value: boolean): Lit {
    return value ? this.true : this.false
  }

  /** At least one of `literals` holds. */
  clause(literals: readonly Lit[]): void {
    const kept: Lit[] = []
    for (const literal of literals) {
      if (literal === this.true) return
      if (literal !== this.false) kept.push(literal)
    }
    this.solver.addClause(kept)
  }

  /** `condition` → at least one of `literals`. */
  implies(condition: Lit, ...literals: readonly Lit[]): void {
    if (condition !== this.false) this.clause([negate(condition), ...literals])
  }

  /** A literal that holds exactly when all of `literals` do. */
  and(literals: readonly Lit[]): Lit {
    const parts = new Set<Lit>()
    for (const literal of literals) {
      if (literal === this.false || parts.has(negate(literal))) return this.false
      if (literal !== this.true) parts.add(literal)
    }
    if (parts.size === 0) return this.true
    if (parts.size === 1) return [...parts][0]!
    const sorted = [...parts].sort((a, b) => a - b)
    const key = sorted.join()
    const known = this.#conjunctions.get(key)
    if (known !== undefined) return known
    const result = this.fresh()
    for (const part of sorted) this.solver.addClause([negate(result), part])
    this.solver.addClause([result, ...sorted.map(negate)])
    this.#conjunctions.set(key, result)
    return result
  }

  /** A literal that holds exactly when one of `literals` does. */
  or(literals: readonly Lit[]): Lit {
    return negate(this.and(literals.map(negate)))
  }

  /** `literal` holds exactly when one of `members` does. */
  define(literal: Lit, members: readonly Lit[]): void {
    for (const member of members) this.implies(member, literal)
    this.implies(literal, ...members)
  }

  /** Not two of `literals` hold; a ladder of helpers when there are many. */
  atMostOne(literals: readonly Lit[]): void {
    const open = literals.filter((literal) => literal !== this.false)
    if (open.length <= 6) {
      for (let i = 0; i < open.length; i++) {
        for (let j = 0; j < i; j++) this.clause([negate(open[i]!), negate(open[j]!)])
      }
      return
    }
    // before_i: one of the first i + 1 holds.
    let before = open[0]!
    for (let i = 1; i < open.length; i++) {
      this.clause([negate(before), negate(open[i]!)])
      if (i === open.length - 1) break
      const next = this.fresh()
      this.implies(before, next)
      this.implies(open[i]!, next)
      before = next
    }
  }

  openOr(members: readonly Lit[] = []): OpenOr {
    const made: OpenOr = { literal: this.fresh(), tail: this.fresh() }
    this.implies(made.literal, made.tail)
    for (const member of members) this.addTo(made, member)
    this.#openOrs.push(made)
    return made
  }

  addTo(open: OpenOr, member: Lit): void {
    if (member === this.false) return
    const rest = this.fresh()
    this.implies(member, open.literal)
    this.clause([negate(open.tail), member, rest])
    open.tail = rest
  }

  /** That nothing holds for reasons not known yet. */
  closedWorld(): Lit[] {
    return this.#openOrs.map(({ tail }) => negate(tail))
  }
}
