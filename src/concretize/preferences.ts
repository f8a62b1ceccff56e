// Which decision the search takes next: for each node that exists what it would be if nothing spoke against it. The
// first answer found so is nearly the best one.

import { type Lit, negate } from '../solver/literal.ts'
import type { Encoding } from './encoding.ts'
import type { PackageNode } from './package-node.ts'
import { defaultValues } from './variant-encoding.ts'
import { providerWeight } from './virtuals.ts'

/** The decisions of the search over an encoding, for `Guide.decide`. */
export function preferredDecisions(encoding: Encoding): () => Lit | undefined {
  const { solver } = encoding
  const plans = new Map<PackageNode, Plan>()
  let cursor = 0
  let backtracks = -1
  let unlistedValues = 0
  let era = 0
  let hasDecided = false
  const absence: Absence = { literals: [], nodes: 0, virtuals: 0, at: 0 }
  const planOf = (node: PackageNode): Plan => {
    const known = plans.get(node)
    if (known?.isBuildEncoded === node.isBuildEncoded) return known
    const plan = makePlan(encoding, node)
    plans.set(node, plan)
    return plan
  }
  return () => {
    if (solver.counters.backtracks !== backtracks || encoding.unlistedValues !== unlistedValues) {
      if (solver.counters.backtracks !== backtracks) cursor = absence.at = 0
      backtracks = solver.counters.backtracks
      unlistedValues = encoding.unlistedValues
      era++
    }
    const wanted = encoding.optional.find((literal) => solver.valueOf(literal) === 0)
    if (wanted !== undefined) return wanted
    for (;;) {
      for (; cursor < encoding.declared.length; cursor++) {
        const node = encoding.declared[cursor]!
        if (solver.valueOf(node.exists) !== 1) continue
        const decision = decideNode(encoding, node, planOf(node), era)
        if (decision !== undefined) {
          hasDecided = true
          return decision
        }
      }
      if (!hasDecided) return decideAbsence(encoding, absence)
      // Nodes that were passed may have come into being since.
      hasDecided = false
      cursor = 0
    }
  }
}

/** What does not depend on the search. */
interface Plan {
  isBuildEncoded: boolean
  uses: { virtual: string; needs: readonly Lit[]; literals: readonly Lit[] }[]
  variants: {
    has: Lit
    definitions: { active: Lit; defaults: readonly { literal: Lit; isDefault: Lit }[] }[]
    literals: () => Iterable<Lit>
  }[]
  /** How many of the first variants were settled in an era: from one to the next nothing is undone, and no value is added. */
  settled: number
  era: number
}

function makePlan(encoding: Encoding, node: PackageNode): Plan {
  const uses = [...node.uses].map(([virtual, list]) => {
    const ranked = list.map(({ child, literal }) => ({
      literal,
      rank: providerWeight(encoding, virtual, child.name),
      id: child.id,
    }))
    ranked.sort((a, b) => a.rank - b.rank || a.id - b.id)
    const needs = node.dependencies.filter(({ name }) => name === virtual).map(({ active }) => active)
    return { virtual, needs, literals: ranked.map(({ literal }) => literal) }
  })
  const variants = [...node.facts!.variants.values()].map(({ name, definitions }) => {
    const variant = node.variants.get(name)!
    return {
      has: variant.has,
      definitions: definitions.map((definition, at) => {
        const values = [...defaultValues(encoding, node.facts!, name, definition)]
        const defaults = values.flatMap(([value, isDefault]) => {
          const literal = variant.values.get(value)
          return literal === undefined ? [] : [{ literal, isDefault }]
        })
        return { active: variant.active[at]!, defaults }
      }),
      literals: () => variant.values.values(),
    }
  })
  return { isBuildEncoded: node.isBuildEncoded, uses, variants, settled: 0, era: 0 }
}

function decideNode(encoding: Encoding, node: PackageNode, plan: Plan, era: number): Lit | undefined {
  return (
    decideReuse(encoding, node) ??
    decideVersion(encoding, node) ??
    decideVariants(encoding, plan, era) ??
    decideTarget(encoding, node) ??
    decideUses(encoding, plan) ??
    decideChoices(encoding, node)
  )
}

/** Of the copies that are still possible the one that was of the best version in the last answer, else the first. */
function decideChoices({ solver }: Encoding, { choices }: PackageNode): Lit | undefined {
  for (const choice of choices) {
    if (choice.some(({ literal }) => solver.valueOf(literal) === 1)) continue
    let [best, least]: [Lit | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
    for (const { child, literal } of choice) {
      if (solver.valueOf(literal) !== 0) continue
      const place = solver.modelHas(child.exists) ? lastPlace(solver, child) : Number.POSITIVE_INFINITY
      if (best === undefined || place < least) [best, least] = [literal, place]
    }
    if (best !== undefined) return best
  }
  return undefined
}

/** How far from the best the version was in the last answer. */
function lastPlace(solver: Encoding['solver'], { atLeast }: PackageNode): number {
  let place = 0
  while (place + 1 < atLeast.length && solver.modelHas(atLeast[place + 1]!)) place++
  return place
}

function decideReuse({ solver }: Encoding, node: PackageNode): Lit | undefined {
  if (node.candidates.length === 0 || solver.valueOf(node.build) === 1) return undefined
  if (node.candidates.some(({ literal }) => solver.valueOf(literal) === 1)) return undefined
  return node.candidates.find(({ literal }) => solver.valueOf(literal) === 0)?.literal
}

/** The best version that is still possible. */
function decideVersion({ solver }: Encoding, { atLeast }: PackageNode): Lit | undefined {
  for (let place = 1; place < atLeast.length; place++) {
    const value = solver.valueOf(atLeast[place]!)
    if (value === -1) return undefined
    if (value === 0) return negate(atLeast[place]!)
  }
  return undefined
}

function decideVariants({ solver }: Encoding, plan: Plan, era: number): Lit | undefined {
  if (plan.era !== era) Object.assign(plan, { era, settled: 0 })
  const { variants } = plan
  for (let at = plan.settled; at < variants.length; at++) {
    const { has, definitions, literals } = variants[at]!
    const isThere = solver.valueOf(has)
    const definition = isThere === 1 ? definitions.find(({ active }) => solver.valueOf(active) === 1) : undefined
    if (definition) {
      for (const { literal, isDefault } of definition.defaults)
        if (solver.valueOf(literal) === 0 && solver.valueOf(isDefault) === 1) return literal
      for (const literal of literals()) if (solver.valueOf(literal) === 0) return negate(literal)
    }
    if (at === plan.settled && (definition || isThere === -1)) plan.settled++
  }
  return undefined
}

function decideTarget({ solver }: Encoding, { targets }: PackageNode): Lit | undefined {
  let open: Lit | undefined
  for (const literal of targets.values()) {
    const value = solver.valueOf(literal)
    if (value === 1) return undefined
    if (value === 0) open ??= literal
  }
  return open
}

function decideUses({ solver }: Encoding, { uses }: Plan): Lit | undefined {
  for (const { needs, literals } of uses) {
    if (literals.some((literal) => solver.valueOf(literal) === 1)) continue
    if (!needs.some((literal) => solver.valueOf(literal) === 1)) continue
    const open = literals.find((literal) => solver.valueOf(literal) === 0)
    if (open !== undefined) return open
  }
  return undefined
}

/** What may be absent, as far as it was listed, and up to where all is decided. */
interface Absence {
  literals: Lit[]
  nodes: number
  virtuals: number
  at: number
}

/** What nothing needs is not there. */
function decideAbsence({ solver, nodes, virtuals }: Encoding, absence: Absence): Lit | undefined {
  if (absence.nodes < nodes.size || absence.virtuals < virtuals.size) {
    const exist = Array.from(nodes.values(), ({ exists }) => exists)
    const provide = [...virtuals.values()].flatMap(({ providers }) => providers.map(({ literal }) => literal))
    Object.assign(absence, { literals: [...exist, ...provide], nodes: nodes.size, virtuals: virtuals.size, at: 0 })
  }
  for (; absence.at < absence.literals.length; absence.at++) {
    const literal = absence.literals[absence.at]!
    if (solver.valueOf(literal) === 0) return negate(literal)
  }
  return undefined
}
