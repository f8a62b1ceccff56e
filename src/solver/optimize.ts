// Lexicographic optimization: the first criterion is brought to its least cost and frozen there, then the next. Each is
// bounded from below by unsatisfiable cores (the OLL algorithm: Andres et al. 2012, as in RC2: Ignatiev et al. 2019),
// heavy terms first, and from above by the models met on the way; it is settled when the bounds meet.

import { type Lit, literalOf, negate } from './literal.ts'
import type { LinearId, Solver, Term } from './solver.ts'

/** The sum of the weights of its true terms is to be least. */
export interface Criterion {
  name: string
  /** All terms known now; asked again after each search, since a search may extend the problem. */
  terms: () => readonly Term[]
}

export interface OptimizeOptions {
  assumptions?: readonly Lit[]
  /** Conflicts in all after which the best model so far is returned as not proven. Default: no limit. */
  conflictBudget?: number
}

export type Optimum =
  | { kind: 'unsatisfiable'; core: readonly Lit[] }
  | { kind: 'undecided' }
  | { kind: 'model'; model: Int8Array; costs: readonly number[]; isProven: boolean }

/** Finds a model that is least by the criteria in their order. The solver keeps the bounds that were frozen. */
export function optimize(solver: Solver, criteria: readonly Criterion[], options: OptimizeOptions = {}): Optimum {
  const assumptions = options.assumptions ?? []
  const lastConflict = solver.counters.conflicts + (options.conflictBudget ?? Number.POSITIVE_INFINITY)
  const remaining = () => ({ conflictBudget: Math.max(0, lastConflict - solver.counters.conflicts) })
  const first = solver.solve(assumptions, remaining())
  if (first === 'unsatisfiable') return { kind: 'unsatisfiable', core: solver.core }
  if (first === 'undecided') return { kind: 'undecided' }
  let model = solver.model
  const frozen: FrozenCriterion[] = []
  for (const criterion of criteria) {
    const level = new Level(solver, criterion, assumptions)
    const found = level.minimize(model, frozen, remaining)
    model = found.model
    if (!found.isProven) {
      return { kind: 'model', model, costs: criteria.map((each) => costOf(each.terms(), model)), isProven: false }
    }
    frozen.push(freeze(solver, criterion, found.cost))
  }
  return { kind: 'model', model, costs: criteria.map((each) => costOf(each.terms(), model)), isProven: true }
}

/** The cost of a criterion in a model. */
export function costOf(terms: readonly Term[], model: Int8Array): number {
  let cost = 0
  for (const { literal, weight } of terms) if (isTrue(model, literal)) cost += weight
  return cost
}

const isTrue = (model: Int8Array, literal: Lit): boolean => (model[literal >> 1] ?? 0) !== (literal & 1)

interface FrozenCriterion {
  criterion: Criterion
  constraint: LinearId
  /** How many of its terms the constraint holds. */
  size: number
}

function freeze(solver: Solver, criterion: Criterion, cost: number): FrozenCriterion {
  const terms = criterion.terms()
  return { criterion, constraint: solver.addLinear(terms, cost), size: terms.length }
}

/** Adds the terms that appeared since to a frozen bound. True when there were any. */
function thaw(solver: Solver, entry: FrozenCriterion): boolean {
  const terms = entry.criterion.terms()
  if (terms.length === entry.size) return false
  solver.extendLinear(entry.constraint, terms.slice(entry.size))
  entry.size = terms.length
  return true
}

/** `violated` costs `weight`; those that count how many of a core are violated know their successor. */
interface Soft {
  violated: Lit
  weight: number
  /** The literals of the core that it counts, and how many of them make it true. */
  counter?: { of: readonly Lit[]; count: number }
}

class Level {
  readonly #solver: Solver
  readonly #criterion: Criterion
  readonly #assumptions: readonly Lit[]
  readonly #softs = new Map<Lit, Soft>()
  #knownTerms = 0
  #lowerBound = 0

  constructor(solver: Solver, criterion: Criterion, assumptions: readonly Lit[]) {
    this.#solver = solver
    this.#criterion = criterion
    this.#assumptions = assumptions
  }

  minimize(
    startModel: Int8Array,
    frozen: readonly FrozenCriterion[],
    remaining: () => { conflictBudget: number },
  ): { model: Int8Array; cost: number; isProven: boolean } {
    let best = startModel
    this.#takeTerms()
    let upperBound = costOf(this.#criterion.terms(), best)
    let threshold = this.#heaviest(Number.POSITIVE_INFINITY)
    while (this.#lowerBound < upperBound) {
      const softs = this.#assumed(threshold)
      const verdict = this.#solver.solve(
        [...this.#assumptions, ...softs.map((soft) => negate(soft.violated))],
        remaining(),
      )
      const hasGrown = this.#takeTerms()
      if (verdict === 'undecided') return { model: best, cost: upperBound, isProven: false }
      if (verdict === 'satisfiable') {
        // A bound that did not hold the terms of this very search says nothing about its model.
        const isStale = frozen.map((entry) => thaw(this.#solver, entry)).some(Boolean)
        const cost = costOf(this.#criterion.terms(), this.#solver.model)
        if (!isStale && cost < upperBound) [best, upperBound] = [this.#solver.model, cost]
        if (!isStale && !hasGrown) threshold = this.#heaviest(threshold)
      } else {
        this.#relax(this.#core(softs))
      }
    }
    return { model: best, cost: upperBound, isProven: true }
  }

  /** Takes up the terms that appeared; true when there were any. */
  #takeTerms(): boolean {
    const terms = this.#criterion.terms()
    const hasGrown = terms.length > this.#knownTerms
    for (const { literal, weight } of terms.slice(this.#knownTerms)) this.#addSoft({ violated: literal, weight })
    this.#knownTerms = terms.length
    return hasGrown
  }

  #addSoft(soft: Soft): void {
    const known = this.#softs.get(soft.violated)
    if (known) known.weight += soft.weight
    else this.#softs.set(soft.violated, soft)
  }

  /** Softs to assume, in a fixed order. */
  #assumed(threshold: number): Soft[] {
    return [...this.#softs.values()]
      .filter((soft) => soft.weight >= threshold && soft.weight > 0)
      .sort((a, b) => b.weight - a.weight || a.violated - b.violated)
  }

  /** The greatest weight below `limit`, at least 1. */
  #heaviest(limit: number): number {
    let heaviest = 1
    for (const { weight } of this.#softs.values()) if (weight < limit && weight > heaviest) heaviest = weight
    return heaviest
  }

  /** The softs of the last core, without those that are not needed for it. */
  #core(softs: readonly Soft[]): Soft[] {
    const blamed = new Set(this.#solver.core)
    return softs.filter((soft) => blamed.has(negate(soft.violated)))
  }

  /**
   * Raises the lower bound by the least weight in a core: one of its softs at least is violated. What more of them cost
   * is counted by new softs. An empty core means that no model is better than the best: the bound is met.
   */
  #relax(core: readonly Soft[]): void {
    if (core.length === 0) {
      this.#lowerBound = Number.POSITIVE_INFINITY
      return
    }
    const weight = Math.min(...core.map((soft) => soft.weight))
    this.#lowerBound += weight
    const violated = core.map((soft) => soft.violated)
    this.#solver.addClause(this.#assumptions.length ? [...this.#assumptions.map(negate), ...violated] : violated)
    for (const soft of core) {
      soft.weight -= weight
      if (soft.counter && soft.counter.count < soft.counter.of.length) {
        this.#addCounter(soft.counter.of, soft.counter.count + 1, weight)
      }
    }
    if (violated.length > 1) this.#addCounter(violated, 2, weight)
  }

  /** A soft that is violated when at least `count` of `literals` are true. */
  #addCounter(literals: readonly Lit[], count: number, weight: number): void {
    const violated = literalOf(this.#solver.newVariable())
    const slack = literals.length - (count - 1)
    // ¬violated → Σ literals ≤ count − 1
    const terms = [...literals.map((literal) => ({ literal, weight: 1 })), { literal: negate(violated), weight: slack }]
    this.#solver.addLinear(terms, count - 1 + slack)
    this.#addSoft({ violated, weight, counter: { of: literals, count } })
  }
}
