// Formulas over the solver's literals: constants are known as such, equal conjunctions are one literal.

import { type Lit, literalOf, negate } from '../solver/literal.ts'
import type { Solver } from '../solver/solver.ts'

/** An "or" to which members may be added later. `tail` stands for those not known yet and is assumed to be false. */
export interface OpenOr {
  readonly literal: Lit
  tail: Lit
  readonly world: World
}

/** Open "or"s that are closed together, by one assumption, until one of them grows. */
interface World {
  members: OpenOr[]
  closed: Lit
  hasGrown: boolean
}

/** Pairs are most, and need no text as their key. */
const pairKey = (a: Lit, b: Lit): number => (a < b ? a * 2 ** 26 + b : b * 2 ** 26 + a)

export class Formula {
  readonly solver: Solver
  readonly true: Lit
  readonly false: Lit
  readonly #conjunctions = new Map<string | number, Lit>()
  /** Where `and` sorts; longer than what is sorted at the moment. */
  readonly #parts: Lit[] = []
  readonly #worlds = new Map<object, World>()
  readonly #complete = new Set<object>()

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
    // The solver leaves out what is settled, constants too.
    this.solver.addClause(literals)
  }

  /** `condition` → at least one of `literals`. */
  implies(condition: Lit, ...literals: readonly Lit[]): void {
    if (condition === this.false) return
    if (literals.length === 1) {
      this.solver.addPair((condition ^ 1) as Lit, literals[0]!)
      return
    }
    const clause = [(condition ^ 1) as Lit]
    for (let at = 0; at < literals.length; at++) clause.push(literals[at]!)
    this.solver.addClause(clause)
  }

  /** A literal that holds exactly when all of `literals` do. */
  and(literals: readonly Lit[]): Lit {
    if (literals.length === 2) return this.#both(literals[0]!, literals[1]!)
    const { true: yes, false: no } = this
    const parts = this.#parts
    let count = 0
    for (let at = 0; at < literals.length; at++) {
      const literal = literals[at]!
      if (literal === no) return no
      if (literal === yes) continue
      // Sorted, so that a literal stands beside its like and its negation.
      let place = count
      while (place > 0 && parts[place - 1]! > literal) place--
      const before = place > 0 ? parts[place - 1] : no
      const after = place < count ? parts[place] : no
      if (before === literal) continue
      if (before === (literal ^ 1) || after === (literal ^ 1)) return no
      for (let next = count++; next > place; next--) parts[next] = parts[next - 1]!
      parts[place] = literal
    }
    if (count === 0) return yes
    if (count === 1) return parts[0]!
    if (count === 2) return this.#both(parts[0]!, parts[1]!)
    return this.#all(parts.slice(0, count))
  }

  #all(parts: readonly Lit[]): Lit {
    const key = parts.join()
    const known = this.#conjunctions.get(key)
    if (known !== undefined) return known
    const result = this.fresh()
    this.#conjunctions.set(key, result)
    for (let at = 0; at < parts.length; at++) this.solver.addPair((result ^ 1) as Lit, parts[at]!)
    this.solver.addClause([result, ...parts.map(negate)])
    return result
  }

  /** `and` of two, as most are. */
  #both(first: Lit, second: Lit): Lit {
    const { true: yes, false: no } = this
    if (first === no || second === no || first === (second ^ 1)) return no
    if (first === yes || first === second) return second
    if (second === yes) return first
    const key = pairKey(first, second)
    const known = this.#conjunctions.get(key)
    if (known !== undefined) return known
    const result = this.fresh()
    this.#conjunctions.set(key, result)
    this.solver.addPair((result ^ 1) as Lit, first)
    this.solver.addPair((result ^ 1) as Lit, second)
    this.solver.addClause([result, (first ^ 1) as Lit, (second ^ 1) as Lit])
    return result
  }

  /** A literal that holds exactly when one of `literals` does. */
  or(literals: readonly Lit[]): Lit {
    if (literals.length === 0) return this.false
    return literals.length === 1 ? literals[0]! : negate(this.and(literals.map(negate)))
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

  /** An "or" that is closed together with all others of its `owner`. */
  openOr(owner: object, members: readonly Lit[] = []): OpenOr {
    let world = this.#worlds.get(owner)
    if (!world) this.#worlds.set(owner, (world = { members: [], closed: this.true, hasGrown: true }))
    const made: OpenOr = { literal: this.fresh(), tail: this.fresh(), world }
    this.implies(made.literal, made.tail)
    for (const member of members) this.addTo(made, member)
    world.members.push(made)
    world.hasGrown = true
    return made
  }

  addTo(open: OpenOr, member: Lit): void {
    if (member === this.false) return
    const rest = this.fresh()
    this.implies(member, open.literal)
    this.clause([negate(open.tail), member, rest])
    open.tail = rest
    open.world.hasGrown = true
  }

  /** Owners of which literals of `closedWorld` speak. */
  closedBy(literals: readonly Lit[]): object[] {
    const spoken = new Set(literals)
    return [...this.#worlds].flatMap(([owner, { closed }]) => (spoken.has(closed) ? [owner] : []))
  }

  /** Whether nothing holds for reasons not known yet, in a model; but for what is of one owner. */
  isClosedIn(has: (literal: Lit) => boolean, except?: object): boolean {
    for (const [owner, { members }] of this.#worlds)
      if (owner !== except && members.some(({ tail }) => has(tail))) return false
    return true
  }

  /** That nothing holds for reasons not known yet: assumptions that hold until something grows; `except` for one owner. */
  closedWorld(except?: object): Lit[] {
    const rest = [...this.#worlds.keys()].filter((owner) => !this.#complete.has(owner))
    return this.closed([...this.#complete, ...rest].filter((owner) => owner !== except))
  }

  /** The same of those alone of which all is known. */
  completeWorld(): Lit[] {
    return this.closed([...this.#complete])
  }

  /** The same of all owners but some of which not all is known. */
  closedBut(isDoubted: (owner: object) => boolean): Lit[] {
    return this.closed([...this.#worlds.keys()].filter((owner) => this.#complete.has(owner) || !isDoubted(owner)))
  }

  /** The same of some owners alone. */
  closed(owners: readonly object[]): Lit[] {
    return owners.flatMap((owner) => {
      const world = this.#worlds.get(owner)
      return world ? [this.#close(world)] : []
    })
  }

  /** Says of an owner that nothing more will be known: it is blamed before others are. False when that was said already. */
  complete(owner: object): boolean {
    if (this.#complete.has(owner)) return false
    this.#complete.add(owner)
    return true
  }

  #close(world: World): Lit {
    if (world.hasGrown) {
      world.hasGrown = false
      world.closed = this.fresh()
      for (const { tail } of world.members) this.clause([negate(world.closed), negate(tail)])
    }
    return world.closed
  }
}
