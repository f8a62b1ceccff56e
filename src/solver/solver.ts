// Conflict-driven clause learning over clauses and linear constraints (MiniSat's algorithm: Eén & Sörensson 2003), with
// clauses and variables that may be added during the search. It knows literals and weights, and nothing of packages.
//
// Invariants between propagations: `trail[0..head)` is propagated; in a clause the watched literals are the first two, and
// unless the clause is satisfied neither is false; the slack of a linear constraint counts exactly its terms below `head`.

import { ActivityHeap } from './activity-heap.ts'
import { ClauseStore, headerSize } from './clause-store.ts'
import { enlargedInt8, enlargedInt32, IntList } from './growing.ts'
import { mergedTerms, type SortedTerms, sortedTerms, type Term } from './linear-terms.ts'
import { type Lit, literalOf, negate, type Var } from './literal.ts'
import { luby } from './luby.ts'

export type Verdict = 'satisfiable' | 'unsatisfiable' | 'undecided'

declare const linearBrand: unique symbol
/** Names a linear constraint of this solver. */
export type LinearId = number & { readonly [linearBrand]: true }

/** What may steer and extend a search from outside. */
export interface Guide {
  /**
   * Called when all is propagated, with the literals of `watchTruth` that became true since; may add variables, clauses
   * and constraints. What it adds holds for good.
   */
  extend?: (becameTrue: readonly Lit[]) => void
  /** The next decision, an unassigned literal, or undefined to leave it to activity. */
  decide?: () => Lit | undefined
  /** Called with a complete assignment; returns false when it added what makes the search go on. */
  accept?: () => boolean
}

export interface Counters {
  conflicts: number
  decisions: number
  propagations: number
  restarts: number
  learnt: number
  /** Times that assignments were undone. */
  backtracks: number
}

export interface SolveOptions {
  /** Whether anything may be decided, or only be concluded, with what the guide adds to that; then it mostly stays undecided. */
  mayDecide?: boolean
  /** Conflicts after which the search stops as undecided. Default: no limit. */
  conflictBudget?: number
}

const noReason = -1
/** Room for this many variables is made at once: most problems have more than ten thousand. */
const firstRoom = 1 << 12
const restartUnit = 64
/** Conflicts of a search after which what takes part in conflicts is decided first, and how much it must do so. */
const hardAfter = 128
const activeShare = 0.1
const firstReduction = 2000
const reductionStep = 600
const manyUnits = 1000
/** Learnt clauses that link this few decision levels are never dropped. */
const keptGlue = 2

export class Solver {
  readonly counters: Counters = { conflicts: 0, decisions: 0, propagations: 0, restarts: 0, learnt: 0, backtracks: 0 }
  guide: Guide = {}

  #variables = 0
  /** For how many variables there is room in all that is kept of them. */
  #room = firstRoom
  /** By literal: 1 true, -1 false, 0 open. */
  #value = new Int8Array(firstRoom * 2)
  #level = new Int32Array(firstRoom)
  /** By variable: a clause, `noReason`, or `-2 - id` for a linear constraint. */
  #reason = new Int32Array(firstRoom)
  /** By variable: its place on the trail. */
  #place = new Int32Array(firstRoom)
  /** By variable: 1 when false is tried first. */
  #phase = new Int8Array(firstRoom)
  #seen = new Int8Array(firstRoom)
  #trail = new Int32Array(firstRoom)
  #trailLength = 0
  /** Whether there were so many conflicts in this search that what takes part in them is decided before what is preferred. */
  #isHard = false
  #head = 0
  readonly #levelStarts = new IntList()
  readonly #order = new ActivityHeap(firstRoom)

  readonly #clauses = new ClauseStore(firstRoom * 2)
  #learnts: number[] = []
  /** What was found to hold for good since the search last stood at its start, with a clause of one literal each. */
  #units: { literal: Lit; ref: number }[] = []
  #reduceAt = firstReduction

  readonly #terms: SortedTerms[] = []
  readonly #bound: number[] = []
  readonly #slack: number[] = []
  /** By literal: pairs of linear constraint and weight in it. */
  readonly #occurrences: (IntList | undefined)[] = []

  #watchedTruth = new Int8Array(firstRoom * 2)
  #becameTrue: Lit[] = []
  #isConsistent = true
  #model = new Int8Array(0)
  #core: Lit[] = []
  #assumptions: readonly Lit[] = []
  #mayDecide = true

  readonly #learntLits = new IntList(64)
  readonly #toClear = new IntList(64)
  readonly #stack = new IntList(64)
  readonly #explanation = new IntList(64)
  #levelStamp = new Int32Array(firstRoom + 1)
  /** By literal: in which clause it was met last. */
  #clauseMarks = new Int32Array(firstRoom * 2)
  #clauseStamp = 0
  #hasFalsified = false
  #stamp = 0

  get variableCount(): number {
    return this.#variables
  }

  /** False once the constraints alone, without assumptions, are known to contradict each other. */
  get isConsistent(): boolean {
    return this.#isConsistent
  }

  /** The assumptions of the last unsatisfiable `solve` that cannot hold together. Not minimal. */
  get core(): readonly Lit[] {
    return this.#core
  }

  /** A new variable. `preferTrue` is the value tried first when nothing else decides. */
  newVariable(preferTrue = false): Var {
    const variable = this.#variables++
    if (variable === this.#room) this.#makeRoom()
    this.#phase[variable] = preferTrue ? 0 : 1
    this.#clauses.watches.count += 2
    this.#occurrences.push(undefined, undefined)
    this.#order.add(variable)
    return variable as Var
  }

  #makeRoom(): void {
    this.#room *= 2
    const [variables, literals] = [this.#room, this.#room * 2]
    this.#value = enlargedInt8(this.#value, literals)
    this.#watchedTruth = enlargedInt8(this.#watchedTruth, literals)
    this.#clauseMarks = enlargedInt32(this.#clauseMarks, literals)
    this.#level = enlargedInt32(this.#level, variables)
    this.#reason = enlargedInt32(this.#reason, variables)
    this.#place = enlargedInt32(this.#place, variables)
    this.#trail = enlargedInt32(this.#trail, variables)
    this.#levelStamp = enlargedInt32(this.#levelStamp, variables + 1)
    this.#phase = enlargedInt8(this.#phase, variables)
    this.#seen = enlargedInt8(this.#seen, variables)
    this.#clauses.watches.makeRoom(literals)
    this.#order.makeRoom(variables)
  }

  /** Which value of a variable is tried first from now on. */
  prefer(literal: Lit): void {
    this.#phase[literal >> 1] = literal & 1
  }

  /** Has `Guide.extend` told, once, when `literal` is true. */
  watchTruth(literal: Lit): void {
    if (this.#value[literal] === 1) this.#becameTrue.push(literal)
    else this.#watchedTruth[literal] = 1
  }

  /** 1 true, -1 false, 0 open, in the search as it stands. */
  valueOf(literal: Lit): -1 | 0 | 1 {
    return this.#value[literal] as -1 | 0 | 1
  }

  /** Whether a literal is settled for good. */
  isFixed(literal: Lit): boolean {
    return this.#value[literal] !== 0 && this.#level[literal >> 1] === 0
  }

  /** Whether a literal is true in the last model. */
  modelHas(literal: Lit): boolean {
    const value = this.#model[literal >> 1] ?? 0
    return literal & 1 ? value !== 1 : value === 1
  }

  /** The last model: by variable 1 for true, 0 for false. */
  get model(): Int8Array {
    return this.#model
  }

  // --- constraints ------------------------------------------------------------------------------------------------

  /** At least one of `literals` holds. May be called during a search, from `Guide.extend`. */
  addClause(literals: readonly Lit[]): void {
    if (!this.#isConsistent) return
    const clauses = this.#clauses
    // It is put together where it will stay, and counts from when it is known that it does.
    const start = clauses.end + headerSize
    clauses.reserve(start + literals.length)
    const end = this.#writeNormalized(literals, start)
    if (end < 0) return
    if (end === start) {
      this.#isConsistent = false
      return
    }
    const { arena } = clauses
    if (this.#hasFalsified) {
      // The two literals that can still be watched come first: true or open ones, then those falsified last.
      this.#putFirst(start, end)
      if (end > start + 1) this.#putFirst(start + 1, end)
      this.#makeRoomFor(arena[start]!, end > start + 1 ? arena[start + 1]! : -1)
      if (!this.#isConsistent) return
    }
    const first = arena[start] as Lit
    if (end === start + 1) {
      this.#addUnit(first)
      return
    }
    const ref = clauses.take(end, 0)
    clauses.watch(ref)
    const second = arena[start + 1]!
    if (this.#hasFalsified && this.#value[first] === 0 && this.#value[second] === -1) this.#enqueue(first, ref)
  }

  /** As `addClause`, of two literals, as most clauses are. */
  addPair(first: Lit, second: Lit): void {
    const one = this.#value[first]!
    const other = this.#value[second]!
    const isKnown = one !== 0 || other !== 0
    if (first >> 1 === second >> 1 || (isKnown && this.#decidesPair(first, second))) this.addClause([first, second])
    else if (!this.#isConsistent) return
    else if (one === -1) this.#addHalf(second, first)
    else if (other === -1) this.#addHalf(first, second)
    else this.#clauses.addPair(first, second)
  }

  /** Whether what is known of two literals leaves nothing of a clause that has both, or contradicts it. */
  #decidesPair(first: Lit, second: Lit): boolean {
    const areFalse = this.#value[first] === -1 && this.#value[second] === -1
    return areFalse || this.isFixed(first) || this.isFixed(second)
  }

  /** Adds a pair of which the second literal, and that alone, is false as the search stands: the first one follows. */
  #addHalf(literal: Lit, falsified: Lit): void {
    const ref = this.#clauses.addPair(literal, falsified)
    if (this.#value[literal] === 0) this.#enqueue(literal, ref)
  }

  /**
   * Writes distinct literals without those false for good to the arena; returns where they end, or -1 when the clause holds
   * anyway. Notes in `#hasFalsified` whether some are false as the search stands.
   */
  #writeNormalized(literals: readonly Lit[], start: number): number {
    const stamp = ++this.#clauseStamp
    const marks = this.#clauseMarks
    const values = this.#value
    const { arena } = this.#clauses
    let end = start
    let hasFalsified = false
    for (let at = 0; at < literals.length; at++) {
      const literal = literals[at]!
      if (marks[literal] === stamp) continue
      if (marks[literal ^ 1] === stamp) return -1
      marks[literal] = stamp
      const value = values[literal]
      if (value !== 0) {
        if (this.#level[literal >> 1] === 0) {
          if (value === 1) return -1
          continue
        }
        if (value === -1) hasFalsified = true
      }
      arena[end++] = literal
    }
    this.#hasFalsified = hasFalsified
    return end
  }

  /** Brings the literal of highest rank in a part of the arena to the start of that. */
  #putFirst(start: number, end: number): void {
    const { arena } = this.#clauses
    const values = this.#value
    let best = start
    let rank = -1
    for (let at = start; at < end; at++) {
      const literal = arena[at]!
      const other = values[literal] === -1 ? this.#level[literal >> 1]! : 0x7fffffff
      if (other <= rank) continue
      best = at
      rank = other
    }
    const literal = arena[best]!
    arena[best] = arena[start]!
    arena[start] = literal
  }

  /**
   * A literal that holds for good. During a search it is concluded where the search stands, so that the search need not
   * go back to the start, and again wherever it goes back to.
   */
  #addUnit(literal: Lit): void {
    if (this.#levelStarts.length === 0) {
      if (this.#value[literal] === 0) this.#enqueue(literal, noReason)
      else if (this.#value[literal] === -1) this.#isConsistent = false
      return
    }
    const ref = this.#clauses.add([literal], 0)
    this.#units.push({ literal, ref })
    if (this.#value[literal] === 0) this.#enqueueFixed(literal, ref)
    else this.#fix(literal, ref)
  }

  #enqueueFixed(literal: Lit, ref: number): void {
    this.#enqueue(literal, ref)
    this.#fix(literal, ref)
  }

  /** A true literal counts as of level 0, also where it was decided: no conflict blames it, none learns its contrary. */
  #fix(literal: Lit, ref: number): void {
    this.#level[literal >> 1] = 0
    this.#reason[literal >> 1] = ref
  }

  /** Concludes again what holds for good and was undone. */
  #restoreUnits(): void {
    const isFinal = this.#levelStarts.length === 0
    for (const { literal, ref } of this.#units) {
      if (this.#value[literal] === 0) this.#enqueueFixed(literal, isFinal ? noReason : ref)
      else if (isFinal && this.#value[literal] === -1) this.#isConsistent = false
    }
    if (isFinal) this.#units.length = 0
  }

  /**
   * Backtracks until a clause, sorted by rank, has an open or true literal to watch; `second` is -1 if it has only one. What it
   * implies may then be concluded at a later level than its literals allow; nothing relies on the earliest.
   */
  #makeRoomFor(first: number, second: number): void {
    if (this.#value[first] !== -1) return
    const highest = this.#level[first >> 1]!
    if (highest === 0) {
      this.#isConsistent = false
      return
    }
    const next = second < 0 ? 0 : this.#level[second >> 1]!
    this.#backtrack(next < highest ? next : highest - 1)
  }

  /** The sum of the weights of the true literals is at most `bound`. Terms of one literal are added up. */
  addLinear(terms: readonly Term[], bound: number): LinearId {
    const sorted = sortedTerms(terms)
    const id = this.#terms.length
    this.#terms.push(sorted)
    this.#bound.push(bound)
    let slack = bound
    for (const [at, literal] of sorted.literals.entries()) slack -= this.#occur(id, literal as Lit, sorted.weights[at]!)
    this.#slack.push(slack)
    this.#takeUpLinear(id)
    return id as LinearId
  }

  /** Adds terms to a linear constraint, whose literals it does not hold yet. */
  extendLinear(id: LinearId, terms: readonly Term[]): void {
    if (terms.length === 0) return
    this.#terms[id] = mergedTerms(this.#terms[id]!, terms)
    for (const { literal, weight } of terms) this.#slack[id]! -= this.#occur(id, literal, weight)
    this.#takeUpLinear(id)
  }

  /**
   * Draws the first conclusions from a linear constraint that is new or has changed, where the search stands if it can
   * stay there: what was concluded from assumptions is kept. Further back the same may be concluded late, when another
   * of its terms becomes true.
   */
  #takeUpLinear(id: number): void {
    if (this.#slack[id]! < 0 && this.#levelStarts.length > 0) this.#backtrack(0)
    if (this.#isConsistent && !this.#propagateLinear(id)) this.#isConsistent = false
  }

  /** Notes that a literal occurs in a linear constraint; returns what it already takes of the slack. */
  #occur(id: number, literal: Lit, weight: number): number {
    const occurrences = this.#occurrences[literal] ?? new IntList(4)
    this.#occurrences[literal] = occurrences
    occurrences.push(id)
    occurrences.push(weight)
    // Only what is propagated counts; the rest will be counted when its turn comes.
    return this.#value[literal] === 1 && this.#place[literal >> 1]! < this.#head ? weight : 0
  }

  /** Lowers the bound of a linear constraint for good. */
  tightenLinear(id: LinearId, bound: number): void {
    this.#slack[id]! -= this.#bound[id]! - bound
    this.#bound[id] = bound
    this.#takeUpLinear(id)
  }

  /** All constraints that were added, without what was learnt from them. */
  constraints(): { clauses: Lit[][]; linears: { terms: Term[]; bound: number }[] } {
    this.#backtrack(0)
    const fixed = Array.from(this.#trail.subarray(0, this.#trailLength), (literal) => [literal as Lit])
    const linears = this.#terms.map(({ literals, weights }, id) => ({
      terms: Array.from(literals, (literal, at) => ({ literal: literal as Lit, weight: weights[at]! })),
      bound: this.#bound[id]!,
    }))
    return { clauses: [...fixed, ...this.#clauses.given()], linears }
  }

  // --- search -----------------------------------------------------------------------------------------------------

  /**
   * Searches a model in which all `assumptions` hold. After `satisfiable` the model is in `model`, after `unsatisfiable`
   * the assumptions to blame are in `core` (none: the constraints contradict each other by themselves).
   */
  solve(assumptions: readonly Lit[] = [], options: SolveOptions = {}): Verdict {
    this.#core = []
    // What was concluded from assumptions that stay is kept: each has a decision level of its own.
    this.#backtrackToCommon(assumptions)
    this.#assumptions = assumptions
    this.#mayDecide = options.mayDecide ?? true
    const budget = this.counters.conflicts + (options.conflictBudget ?? Number.POSITIVE_INFINITY)
    const start = this.counters.conflicts
    for (let round = 1; this.#isConsistent; round++) {
      this.#isHard = this.counters.conflicts - start >= hardAfter
      const verdict = this.#searchUntilRestart(luby(round) * restartUnit, budget)
      if (verdict) return verdict
      this.counters.restarts++
      this.#backtrack(assumptions.length)
    }
    return 'unsatisfiable'
  }

  /**
   * Assumes `assumptions` and draws the conclusions, without a search: what is then true follows from them. False when
   * they contradict each other, as far as conclusions go.
   */
  conclude(assumptions: readonly Lit[]): boolean {
    this.#backtrackToCommon(assumptions)
    this.#assumptions = assumptions
    for (;;) {
      if (!this.#isConsistent) return false
      if (this.#propagate() !== noReason) {
        this.#backtrack(0)
        return false
      }
      const level = this.#levelStarts.length
      if (level >= assumptions.length) return true
      const assumption = assumptions[level]!
      if (this.#value[assumption] === -1) return false
      this.#levelStarts.push(this.#trailLength)
      if (this.#value[assumption] === 0) this.#enqueue(assumption, noReason)
    }
  }

  /** Goes back to where other assumptions begin, or to the start where much was found there that each step back repeats. */
  #backtrackToCommon(assumptions: readonly Lit[]): void {
    this.#backtrack(this.#units.length > manyUnits ? 0 : commonLength(this.#assumptions, assumptions))
  }

  /** Searches for so many conflicts; undefined means that it is time for a restart. */
  #searchUntilRestart(conflictLimit: number, budget: number): Verdict | undefined {
    let conflicts = 0
    for (;;) {
      const conflict = this.#propagate()
      if (!this.#isConsistent) return 'unsatisfiable'
      if (conflict !== noReason) {
        this.counters.conflicts++
        conflicts++
        if (this.#levelStarts.length === 0) {
          this.#isConsistent = false
          return 'unsatisfiable'
        }
        this.#learnFrom(conflict)
        continue
      }
      if (this.#extendFromOutside()) continue
      if (!this.#isConsistent) return 'unsatisfiable'
      if (this.counters.conflicts >= budget) return 'undecided'
      if (conflicts >= conflictLimit) return undefined
      if (this.#learnts.length >= this.#reduceAt) this.#reduceLearnts()
      if (!this.#mayDecide && this.#levelStarts.length === this.#assumptions.length) return 'undecided'
      const decision = this.#nextDecision()
      if (decision === 'conflict') return 'unsatisfiable'
      if (decision === 'complete') {
        if (this.guide.accept?.() === false) {
          if (!this.#isConsistent) return 'unsatisfiable'
          continue
        }
        this.#saveModel()
        return 'satisfiable'
      }
      this.counters.decisions++
      this.#levelStarts.push(this.#trailLength)
      this.#enqueue(decision, noReason)
    }
  }

  /** Lets the guide add to the problem; true when there is something new to propagate or to look at again. */
  #extendFromOutside(): boolean {
    if (!this.guide.extend || this.#becameTrue.length === 0) return false
    const became = this.#becameTrue
    this.#becameTrue = []
    this.guide.extend(became)
    return this.#isConsistent
  }

  #nextDecision(): Lit | 'complete' | 'conflict' {
    while (this.#levelStarts.length < this.#assumptions.length) {
      const assumption = this.#assumptions[this.#levelStarts.length]!
      if (this.#value[assumption] === 0) return assumption
      if (this.#value[assumption] === -1) {
        this.#core = this.#blame(assumption)
        return 'conflict'
      }
      // Holds already: an empty level keeps levels and assumptions in step.
      this.#levelStarts.push(this.#trailLength)
    }
    if (this.#trailLength === this.#variables) return 'complete'
    const urgent = this.#isHard ? this.#nextActive(activeShare) : undefined
    if (urgent !== undefined) return urgent
    const preferred = this.guide.decide?.()
    if (preferred !== undefined && this.#value[preferred] === 0) return preferred
    return this.#nextActive(0) ?? 'complete'
  }

  /** The most active variable that is open, as it was last. */
  #nextActive(least: number): Lit | undefined {
    for (let variable = this.#order.take(least); variable >= 0; variable = this.#order.take(least)) {
      if (this.#value[variable * 2] === 0) return literalOf(variable as Var, this.#phase[variable] === 1)
    }
    return undefined
  }

  #saveModel(): void {
    this.#model = new Int8Array(this.#variables)
    for (let variable = 0; variable < this.#variables; variable++) {
      this.#model[variable] = this.#value[variable * 2] === 1 ? 1 : 0
    }
  }

  #enqueue(literal: Lit, reason: number): void {
    const variable = literal >> 1
    this.#value[literal] = 1
    this.#value[literal ^ 1] = -1
    this.#level[variable] = this.#levelStarts.length
    this.#reason[variable] = reason
    this.#place[variable] = this.#trailLength
    this.#trail[this.#trailLength++] = literal
  }

  #backtrack(level: number): void {
    if (this.#levelStarts.length <= level) return
    this.counters.backtracks++
    const start = this.#levelStarts.data[level]!
    const [trail, value, phase, head] = [this.#trail, this.#value, this.#phase, this.#head]
    for (let at = this.#trailLength - 1; at >= start; at--) {
      const literal = trail[at]!
      if (at < head) {
        const occurrences = this.#occurrences[literal]
        if (occurrences !== undefined) this.#uncount(occurrences)
      }
      value[literal] = 0
      value[literal ^ 1] = 0
      phase[literal >> 1] = literal & 1
    }
    this.#order.insertAll(trail, start, this.#trailLength)
    this.#trailLength = start
    this.#head = Math.min(this.#head, start)
    this.#levelStarts.length = level
    if (this.#units.length) this.#restoreUnits()
  }

  // --- propagation ------------------------------------------------------------------------------------------------

  /** Draws all conclusions. Returns `noReason`, or the clause or linear constraint (as `-2 - id`) that is violated. */
  #propagate(): number {
    while (this.#head < this.#trailLength) {
      const literal = this.#trail[this.#head++] as Lit
      this.counters.propagations++
      if (this.#watchedTruth[literal] === 1) {
        this.#watchedTruth[literal] = 0
        this.#becameTrue.push(literal)
      }
      // Counted first and wholly, so that backtracking after any conflict below uncounts what was counted.
      const occurrences = this.#occurrences[literal]
      if (occurrences) this.#count(occurrences)
      if (this.#clauses.watches.length[literal ^ 1] !== 0) {
        const conflict = this.#propagateClauses((literal ^ 1) as Lit)
        if (conflict !== noReason) return conflict
      }
      if (occurrences) {
        for (let i = 0; i < occurrences.length; i += 2) {
          const id = occurrences.data[i]!
          if (!this.#propagateLinear(id)) return -2 - id
        }
      }
    }
    return noReason
  }

  /** Visits the clauses that watch a literal that has become false. */
  #propagateClauses(falsified: Lit): number {
    const { watches, arena } = this.#clauses
    const base = watches.start[falsified]!
    const end = base + watches.length[falsified]!
    const value = this.#value
    let data = watches.data
    let kept = base
    for (let i = base; i < end; i += 2) {
      const ref = data[i]!
      const blocker = data[i + 1]!
      if (value[blocker] === 1) {
        data[kept++] = ref
        data[kept++] = blocker
        continue
      }
      const start = ref + headerSize
      if (arena[start] === falsified) {
        arena[start] = arena[start + 1]!
        arena[start + 1] = falsified
      }
      const first = arena[start]!
      if (value[first] !== 1 && arena[ref]! > 2 && this.#watchAnother(ref, start, first)) {
        // The lists may have moved to make room, though not this one in them.
        data = watches.data
        continue
      }
      data[kept++] = ref
      data[kept++] = first
      if (value[first] === 1) continue
      if (value[first] === -1) {
        for (let rest = i + 2; rest < end; rest++) data[kept++] = data[rest]!
        watches.length[falsified] = kept - base
        return ref
      }
      this.#enqueue(first as Lit, ref)
    }
    watches.length[falsified] = kept - base
    return noReason
  }

  /** Moves the second watch to a literal that is not false, if there is one. */
  #watchAnother(ref: number, start: number, first: number): boolean {
    const { arena } = this.#clauses
    const value = this.#value
    const end = start + arena[ref]!
    for (let at = start + 2; at < end; at++) {
      const literal = arena[at]!
      if (value[literal] === -1) continue
      arena[at] = arena[start + 1]!
      arena[start + 1] = literal
      this.#clauses.watches.pushPair(literal, ref, first)
      return true
    }
    return false
  }

  #count(occurrences: IntList): void {
    for (let i = 0; i < occurrences.length; i += 2) {
      const id = occurrences.data[i]!
      this.#slack[id]! -= occurrences.data[i + 1]!
    }
  }

  #uncount(occurrences: IntList): void {
    for (let i = 0; i < occurrences.length; i += 2) {
      const id = occurrences.data[i]!
      this.#slack[id]! += occurrences.data[i + 1]!
    }
  }

  /** Falsifies the open literals that no longer fit. False when the constraint is violated. */
  #propagateLinear(id: number): boolean {
    const slack = this.#slack[id]!
    if (slack < 0) return false
    const { literals, weights } = this.#terms[id]!
    for (let i = 0; i < literals.length && weights[i]! > slack; i++) {
      const literal = literals[i]!
      if (this.#value[literal] === 0) this.#enqueue(negate(literal as Lit), -2 - id)
    }
    return true
  }

  // --- learning ---------------------------------------------------------------------------------------------------

  /** Learns the first-UIP clause of a conflict, backjumps and asserts it. There is at least one decision. */
  #learnFrom(conflict: number): void {
    this.#backtrackToConflict(conflict)
    if (this.#levelStarts.length === 0) {
      this.#isConsistent = false
      return
    }
    const backjump = this.#analyze(conflict)
    const learnt = this.#learntLits
    this.#backtrack(backjump)
    const asserted = learnt.data[0] as Lit
    if (learnt.length === 1) this.#enqueue(asserted, noReason)
    else {
      const clause = Array.from(learnt.data.subarray(0, learnt.length)) as Lit[]
      const ref = this.#clauses.add(clause, this.#glueOf(clause) + 1)
      this.#learnts.push(ref)
      this.counters.learnt++
      this.#clauses.watch(ref)
      this.#enqueue(asserted, ref)
    }
    this.#order.decay()
  }

  /** Goes back to the newest level of a conflict's literals: what was added late may be violated by old decisions. */
  #backtrackToConflict(conflict: number): void {
    const literals = this.#explain(conflict, noReason)
    let newest = 0
    for (let i = 0; i < literals.length; i++) newest = Math.max(newest, this.#level[literals.data[i]! >> 1]!)
    this.#backtrack(newest)
  }

  /**
   * Fills `#learntLits` with the first-UIP clause, the asserting literal first and one of the backjump level second, and
   * returns that level. Before: all literals of the conflict are false and one at least is of the present level.
   */
  #analyze(conflict: number): number {
    const learnt = this.#learntLits
    const present = this.#levelStarts.length
    learnt.length = 0
    learnt.push(0)
    this.#toClear.length = 0
    let open = 0
    let reason = conflict
    let resolved = noReason
    let at = this.#trailLength - 1
    for (;;) {
      const literals = this.#explain(reason, resolved)
      for (let i = 0; i < literals.length; i++) {
        const literal = literals.data[i]!
        const variable = literal >> 1
        if (this.#seen[variable] === 1 || this.#level[variable] === 0) continue
        this.#mark(variable)
        this.#order.bump(variable)
        if (this.#level[variable] === present) open++
        else learnt.push(literal)
      }
      while (this.#seen[this.#trail[at]! >> 1] === 0) at--
      resolved = this.#trail[at]!
      at--
      open--
      if (open === 0) break
      reason = this.#reason[resolved >> 1]!
    }
    learnt.data[0] = resolved ^ 1
    this.#minimize()
    const backjump = this.#putBackjumpSecond()
    for (let i = 0; i < this.#toClear.length; i++) this.#seen[this.#toClear.data[i]!] = 0
    return backjump
  }

  #mark(variable: number): void {
    this.#seen[variable] = 1
    this.#toClear.push(variable)
  }

  /** Drops learnt literals that the others imply. */
  #minimize(): void {
    const learnt = this.#learntLits
    let kept = 1
    for (let i = 1; i < learnt.length; i++) {
      const literal = learnt.data[i]!
      if (this.#reason[literal >> 1] === noReason || !this.#isRedundant(literal)) learnt.data[kept++] = literal
    }
    learnt.length = kept
  }

  /** Whether the reasons of a false literal, followed back, end in marked literals and level 0 only. */
  #isRedundant(literal: number): boolean {
    const firstMark = this.#toClear.length
    this.#stack.length = 0
    this.#stack.push(literal)
    while (this.#stack.length > 0) {
      const current = this.#stack.data[--this.#stack.length]!
      const literals = this.#explain(this.#reason[current >> 1]!, current ^ 1)
      for (let i = 0; i < literals.length; i++) {
        const variable = literals.data[i]! >> 1
        if (this.#seen[variable] === 1 || this.#level[variable] === 0) continue
        if (this.#reason[variable] === noReason) {
          this.#unmarkFrom(firstMark)
          return false
        }
        this.#mark(variable)
        this.#stack.push(literals.data[i]!)
      }
    }
    return true
  }

  #unmarkFrom(firstMark: number): void {
    for (let i = firstMark; i < this.#toClear.length; i++) this.#seen[this.#toClear.data[i]!] = 0
    this.#toClear.length = firstMark
  }

  #putBackjumpSecond(): number {
    const { data, length } = this.#learntLits
    if (length === 1) return 0
    let highest = 1
    for (let i = 2; i < length; i++) {
      if (this.#level[data[i]! >> 1]! > this.#level[data[highest]! >> 1]!) highest = i
    }
    const literal = data[highest]!
    data[highest] = data[1]!
    data[1] = literal
    return this.#level[literal >> 1]!
  }

  /**
   * The false literals of a reason: of a clause all but `implied`, of a linear constraint enough of its true terms,
   * negated. The list is overwritten by the next call.
   */
  #explain(reason: number, implied: number): IntList {
    const list = this.#explanation
    list.length = 0
    if (reason < noReason) this.#explainLinear(-2 - reason, implied)
    else {
      const start = reason + headerSize
      const { arena } = this.#clauses
      const end = start + arena[reason]!
      for (let at = start; at < end; at++) if (arena[at] !== implied) list.push(arena[at]!)
    }
    return list
  }

  /** True terms that leave no room for the term behind `implied`, or that exceed the bound when there is none. */
  #explainLinear(id: number, implied: number): void {
    const { literals, weights } = this.#terms[id]!
    const before = implied === noReason ? this.#trailLength : this.#place[implied >> 1]!
    let needed = this.#bound[id]!
    if (implied !== noReason) needed -= weights[literals.indexOf(implied ^ 1)]!
    let sum = 0
    for (let i = 0; i < literals.length && sum <= needed; i++) {
      const literal = literals[i]!
      if (this.#value[literal] !== 1 || this.#place[literal >> 1]! >= before) continue
      sum += weights[i]!
      this.#explanation.push(literal ^ 1)
    }
  }

  /** The assumptions that make `failed`, an assumption, false; `failed` included. */
  #blame(failed: Lit): Lit[] {
    const core = new Set<Lit>([failed])
    this.#toClear.length = 0
    this.#mark(failed >> 1)
    for (let at = this.#trailLength - 1; at >= (this.#levelStarts.data[0] ?? 0) && this.#levelStarts.length > 0; at--) {
      const literal = this.#trail[at]! as Lit
      const variable = literal >> 1
      if (this.#seen[variable] === 0) continue
      if (this.#reason[variable] === noReason) core.add(literal)
      else {
        const literals = this.#explain(this.#reason[variable]!, literal)
        for (let i = 0; i < literals.length; i++) {
          const cause = literals.data[i]! >> 1
          if (this.#level[cause]! > 0 && this.#seen[cause] === 0) this.#mark(cause)
        }
      }
    }
    this.#unmarkFrom(0)
    return [...core]
  }

  // --- what was learnt ---------------------------------------------------------------------------------------------

  /** How many decision levels a clause links. */
  #glueOf(clause: readonly Lit[]): number {
    this.#stamp++
    let glue = 0
    for (const literal of clause) {
      const level = this.#level[literal >> 1]!
      if (this.#levelStamp[level] === this.#stamp) continue
      this.#levelStamp[level] = this.#stamp
      glue++
    }
    return glue
  }

  /** Drops the half of the learnt clauses that link most levels; reasons and those of low glue stay. */
  #reduceLearnts(): void {
    const clauses = this.#clauses
    const isReason = (ref: number) => {
      const literal = clauses.arena[ref + headerSize]!
      return this.#value[literal] === 1 && this.#reason[literal >> 1] === ref
    }
    const sorted = [...this.#learnts].sort((a, b) => clauses.glueOf(a) - clauses.glueOf(b) || b - a)
    const worse = sorted.slice(sorted.length >> 1)
    const dropped = new Set(worse.filter((ref) => clauses.glueOf(ref) > keptGlue && !isReason(ref)))
    this.#learnts = this.#learnts.filter((ref) => !dropped.has(ref))
    clauses.drop(dropped)
    this.#reduceAt += reductionStep
    const moved = clauses.compact(this.#units.map(({ ref }) => ref))
    if (moved) this.#follow(moved)
  }

  /** Names clauses by where they stand now. */
  #follow(moved: ReadonlyMap<number, number>): void {
    for (let at = 0; at < this.#trailLength; at++) {
      const variable = this.#trail[at]! >> 1
      if (this.#reason[variable]! >= 0) this.#reason[variable] = moved.get(this.#reason[variable]!)!
    }
    this.#learnts = this.#learnts.map((ref) => moved.get(ref)!)
    this.#units = this.#units.map(({ literal, ref }) => ({ literal, ref: moved.get(ref)! }))
  }
}

/** How many items two lists have in common from the start. */
function commonLength(a: readonly Lit[], b: readonly Lit[]): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a[length] === b[length]) length++
  return length
}
