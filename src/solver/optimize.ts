// Lexicographic optimization: the first criterion is brought to its least cost and frozen there, then the next. Each is
// bounded from below by unsatisfiable cores (the OLL algorithm: Andres et al. 2012, as in RC2: Ignatiev et al. 2019),
// heavy terms first, and from above by the models met on the way; it is settled when the bounds meet. Terms may be
// declared at any time, also during a search: a frozen criterion takes them up at once.

import type { Term } from './linear-terms.ts'
import { areSame, type Lit, literalOf, negate } from './literal.ts'
import type { LinearId, Solver } from './solver.ts'

/** The sum of the weights of its true terms is to be least. */
export interface Criterion {
  name: string
  terms: readonly Term[]
}

export interface OptimizeOptions {
  /** Literals that hold in the models that count; asked anew before each search. */
  assumptions?: () => readonly Lit[]
  /** Those of the assumptions that are beyond doubt; all of them where none is doubted. */
  certain?: () => readonly Lit[]
  /** Told why there is nothing better, before it is believed; true where that may no longer be so. */
  doubt?: (core: readonly Lit[]) => boolean
  /** A model in which the assumptions can hold, where one is known. */
  start?: Int8Array | undefined
  /** Called before the criterion at an index is taken up. */
  onRow?: (at: number) => void
  /** Conflicts in all after which the best model so far is returned as not proven. Default: no limit. */
  conflictBudget?: number
}

export type Optimum =
  | { kind: 'unsatisfiable'; core: readonly Lit[] }
  | { kind: 'undecided' }
  | { kind: 'model'; model: Int8Array; costs: readonly number[]; isProven: boolean }

/** Finds a model that is least by the criteria in their order. The solver keeps the bounds that were frozen. */
export function optimize(solver: Solver, criteria: readonly Criterion[], options: OptimizeOptions = {}): Optimum {
  const optimizer = new Optimizer(
    solver,
    criteria.map(({ name }) => name),
  )
  for (const [at, { terms }] of criteria.entries()) {
    for (const { literal, weight } of terms) optimizer.declare(at, literal, weight)
  }
  return optimizer.minimize(options)
}

const isTrue = (model: Int8Array, literal: Lit): boolean => (model[literal >> 1] ?? 0) !== (literal & 1)

/** `violated` costs `weight`; those that count how many of a core are violated know their successor. */
interface Soft {
  violated: Lit
  weight: number
  /** The literals of the core that it counts, and how many of them make it true. */
  counter?: { of: readonly Lit[]; count: number }
}

interface Row {
  readonly name: string
  /** By literal: what it costs when true. */
  readonly weights: Map<Lit, number>
  /** Undefined until it is frozen. */
  least?: number
  constraint?: LinearId
  /** Declared since the bound was last extended. */
  readonly late: Term[]
}

export class Optimizer {
  readonly #solver: Solver
  readonly #rows: readonly Row[]
  /** Searches made, for statistics. */
  searches = 0
  /** What is asked for at the moment: an answer that costs less than `below` at the criterion at index `at`. */
  sought: Readonly<{ at: number; below: number }> = { at: 0, below: Number.POSITIVE_INFINITY }

  constructor(solver: Solver, names: readonly string[]) {
    this.#solver = solver
    this.#rows = names.map((name) => ({ name, weights: new Map(), late: [] }))
  }

  /** Declares that a true `literal` costs `weight`, a positive whole number, at the criterion at index `at`. */
  declare(at: number, literal: Lit, weight: number): void {
    const row = this.#rows[at]!
    const known = row.weights.get(literal)
    const term = known === undefined ? literal : this.#alias(literal)
    row.weights.set(term, weight)
    if (row.least === undefined) return
    if (weight > row.least) this.#solver.addClause([negate(term)])
    else row.late.push({ literal: term, weight })
  }

  /** A literal that is true when `literal` is: a bound holds each only once. */
  #alias(literal: Lit): Lit {
    const alias = literalOf(this.#solver.newVariable())
    this.#solver.addClause([negate(literal), alias])
    return alias
  }

  /** Extends the bounds of frozen criteria by what was declared since. To be called at the end of `Guide.extend`. */
  flush(): void {
    for (const row of this.#rows) {
      if (row.constraint === undefined || row.late.length === 0) continue
      this.#solver.extendLinear(row.constraint, row.late.splice(0))
    }
  }

  /** The criteria with all terms that were declared. */
  criteria(): Criterion[] {
    return this.#rows.map(({ name, weights }) => ({
      name: name.replaceAll(' ', '-'),
      terms: [...weights].map(([literal, weight]) => ({ literal, weight })),
    }))
  }

  /** What the criterion at an index costs at least, once that is known. */
  leastOf(at: number): number | undefined {
    return this.#rows[at]!.least
  }

  /** The cost of each criterion in a model. */
  costs(model: Int8Array): number[] {
    return this.#rows.map((row) => costOf(row, model))
  }

  /** What is true in a model and costs something at the criterion at index `at`. */
  charges(at: number, model: Int8Array): Term[] {
    return [...this.#rows[at]!.weights]
      .filter(([literal]) => isTrue(model, literal))
      .map(([literal, weight]) => ({ literal, weight }))
  }

  minimize(options: OptimizeOptions = {}): Optimum {
    const assumptions = options.assumptions ?? (() => [])
    const lastConflict = this.#solver.counters.conflicts + (options.conflictBudget ?? Number.POSITIVE_INFINITY)
    const search: Search = (softs, limit = Number.POSITIVE_INFINITY) => {
      for (;;) {
        this.searches++
        const conflictBudget = Math.max(0, Math.min(limit, lastConflict - this.#solver.counters.conflicts))
        const given = assumptions()
        const verdict = this.#solver.solve([...given, ...softs], { conflictBudget })
        // The search may have brought in other assumptions: its model may not know of them, and its core may blame old ones.
        const now = assumptions()
        if (verdict === 'undecided') return verdict
        if (verdict === 'satisfiable' && now.every((literal) => this.#solver.modelHas(literal))) return verdict
        if (verdict === 'unsatisfiable' && !isStale(this.#solver.core, given, now)) {
          if (!options.doubt?.(this.#solver.core)) return verdict
        }
      }
    }
    const first = options.start ? 'satisfiable' : search([])
    if (first === 'unsatisfiable') return { kind: 'unsatisfiable', core: this.#solver.core }
    if (first === 'undecided') return { kind: 'undecided' }
    let model = options.start ?? this.#solver.model
    let isProven = true
    for (const [at, row] of this.#rows.entries()) {
      options.onRow?.(at)
      const certain = options.certain ?? assumptions
      const seek = (below: number) => {
        this.sought = { at, below }
      }
      const found = new Descent(this.#solver, row, { search, certain, seek }).run(model)
      model = found.model
      isProven = found.isProven
      if (!isProven) break
      this.#freeze(row, found.cost)
    }
    return { kind: 'model', model, costs: this.costs(model), isProven }
  }

  #freeze(row: Row, cost: number): void {
    row.least = cost
    const terms: Term[] = []
    for (const [literal, weight] of row.weights) {
      if (weight > cost) this.#solver.addClause([negate(literal)])
      else terms.push({ literal, weight })
    }
    if (cost > 0) row.constraint = this.#solver.addLinear(terms, cost)
  }
}

/** Whether a core blames something that was given and no longer is. */
export function isStale(core: readonly Lit[], given: readonly Lit[], now: readonly Lit[]): boolean {
  if (areSame(given, now)) return false
  const gone = new Set(given)
  for (const literal of now) gone.delete(literal)
  return core.some((literal) => gone.has(literal))
}

function costOf(row: Row, model: Int8Array): number {
  let cost = 0
  row.weights.forEach((weight, literal) => {
    if (isTrue(model, literal)) cost += weight
  })
  return cost
}

/** A search with literals that are to hold besides what is given, for so many conflicts at most. */
type Search = (softs: readonly Lit[], conflictLimit?: number) => ReturnType<Solver['solve']>

interface Hooks {
  search: Search
  certain: () => readonly Lit[]
  /** Told that an answer is asked for that costs less than `below`. */
  seek: (below: number) => void
}

/** Conflicts after which asking for a better answer outright gives way to cores. */
const directLimit = 400

/** One criterion on its way to the least cost. */
class Descent {
  readonly #solver: Solver
  readonly #row: Row
  readonly #search: Search
  readonly #certain: () => readonly Lit[]
  readonly #seek: (below: number) => void
  readonly #softs = new Map<Lit, Soft>()
  /** Terms that were made soft. */
  readonly #taken = new Set<Lit>()
  #lowerBound = 0
  /** No model costs less, as was found by asking. */
  #leastCost = 0

  constructor(solver: Solver, row: Row, { search, certain, seek }: Hooks) {
    this.#solver = solver
    this.#row = row
    this.#search = search
    this.#certain = certain
    this.#seek = seek
  }

  run(startModel: Int8Array): { model: Int8Array; cost: number; isProven: boolean } {
    let best = startModel
    let upperBound = costOf(this.#row, best)
    this.#take((literal) => isTrue(best, literal))
    let threshold = this.#heaviest(Number.POSITIVE_INFINITY)
    let isDirect = true
    // How much less is asked for: more when one answer after the other is a little better than the last.
    let [step, successes] = [1, 0]
    while (this.#lowerBound < upperBound) {
      this.#seek(upperBound)
      if (this.#relaxConcluded()) continue
      if (isDirect) {
        const most = Math.max(upperBound - step, this.#leastCost)
        const better = this.#askForAtMost(most)
        if (better === 'none') {
          this.#leastCost = most + 1
          if (this.#leastCost >= upperBound) break
          step = 1
          continue
        }
        if (better === 'unknown') isDirect = false
        else {
          const cost = costOf(this.#row, better)
          if (cost < upperBound) [best, upperBound] = [better, cost]
          else isDirect = false
          this.#take((literal) => isTrue(best, literal))
          if (++successes > 2) step *= 2
        }
        continue
      }
      // A term that is left out is what the next model violates: one search for each.
      this.#take(() => true)
      const softs = this.#assumed(threshold)
      const verdict = this.#search(softs.map((soft) => negate(soft.violated)))
      if (verdict === 'undecided') return { model: best, cost: upperBound, isProven: false }
      if (verdict === 'unsatisfiable') {
        this.#relax(this.#core(softs))
        continue
      }
      const model = this.#solver.model
      const cost = costOf(this.#row, model)
      if (cost < upperBound) [best, upperBound] = [model, cost]
      threshold = this.#heaviest(threshold)
    }
    return { model: best, cost: upperBound, isProven: true }
  }

  /**
   * Asks outright for a model that costs at most `most`. Quick where what is left to prove is little: one search learns
   * from each of its conflicts, where cores take a search each.
   */
  #askForAtMost(most: number): Int8Array | 'none' | 'unknown' {
    const isOpen = (literal: Lit) => this.#solver.valueOf(literal) !== 1
    const terms = [...this.#row.weights]
      .filter(([literal]) => isOpen(literal))
      .map(([literal, weight]) => ({ literal, weight }))
    const concluded = [...this.#row.weights].reduce(
      (sum, [literal, weight]) => (isOpen(literal) ? sum : sum + weight),
      0,
    )
    this.#seek(most + 1)
    const allowed = most - concluded
    if (allowed < 0) return 'none'
    const asked = literalOf(this.#solver.newVariable())
    const slack = Math.max(0, terms.reduce((sum, { weight }) => sum + weight, 0) - allowed)
    this.#solver.addLinear([...terms, { literal: asked, weight: slack + 1 }], allowed + slack + 1)
    const verdict = this.#search([asked], directLimit)
    const { model } = this.#solver
    this.#solver.addClause([negate(asked)])
    if (verdict === 'unsatisfiable') return 'none'
    return verdict === 'satisfiable' ? model : 'unknown'
  }

  /** Takes up terms that were not taken yet. */
  #take(isWanted: (literal: Lit) => boolean): void {
    this.#row.weights.forEach((weight, literal) => {
      if (this.#taken.has(literal) || !isWanted(literal)) return
      this.#taken.add(literal)
      this.#addSoft({ violated: literal, weight })
    })
  }

  #addSoft(soft: Soft): void {
    const known = this.#softs.get(soft.violated)
    if (known) known.weight += soft.weight
    else this.#softs.set(soft.violated, soft)
  }

  /** Counts the softs whose violation follows from what is certain, without a search; true when there were any. */
  #relaxConcluded(): boolean {
    if (!this.#solver.conclude(this.#certain())) return false
    const violated = [...this.#softs.values()].filter(
      (soft) => soft.weight > 0 && this.#solver.valueOf(soft.violated) === 1,
    )
    for (const soft of violated) this.#relax([soft])
    return violated.length > 0
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
    const softs = new Set<Lit>(core.map(({ violated }) => negate(violated)))
    const given = this.#solver.core.filter((literal) => !softs.has(literal))
    const weight = Math.min(...core.map((soft) => soft.weight))
    this.#lowerBound += weight
    const violated = core.map((soft) => soft.violated)
    if (core.length > 1) this.#solver.addClause([...given.map(negate), ...violated])
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
