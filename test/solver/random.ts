// Random problems and a solver that tries everything, to judge the real one.

import type { Term } from '../../src/solver/linear-terms.ts'
import { type Lit, literalOf, type Var } from '../../src/solver/literal.ts'
import type { Problem } from '../../src/solver/problem.ts'

/** A small generator (mulberry32): the same seed gives the same problems on every machine. */
export function randomSource(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export interface Shape {
  variables: number
  clauses: number
  linears: number
  criteria: number
}

export function randomProblem(random: (below: number) => number, shape: Shape): Problem {
  const literal = (): Lit => literalOf(random(shape.variables) as Var, random(2) === 1)
  const distinct = (count: number): Lit[] => {
    const byVariable = new Map<number, Lit>()
    for (let i = 0; i < count; i++) {
      const chosen = literal()
      byVariable.set(chosen >> 1, chosen)
    }
    return [...byVariable.values()]
  }
  const terms = (count: number): Term[] => distinct(count).map((each) => ({ literal: each, weight: 1 + random(5) }))
  return {
    variables: shape.variables,
    clauses: Array.from({ length: shape.clauses }, () => distinct(1 + random(3) + random(2))),
    linears: Array.from({ length: shape.linears }, () => {
      const list = terms(2 + random(6))
      return { terms: list, bound: random(list.reduce((sum, { weight }) => sum + weight, 0) + 1) }
    }),
    criteria: Array.from({ length: shape.criteria }, (_, i) => ({ name: `c${i}`, terms: terms(2 + random(8)) })),
  }
}

const holds = (model: number, literal: Lit): boolean => ((model >> (literal >> 1)) & 1) !== (literal & 1)
const sum = (model: number, terms: readonly Term[]): number =>
  terms.reduce((total, { literal, weight }) => total + (holds(model, literal) ? weight : 0), 0)

export const satisfiesProblem = (problem: Problem, model: number): boolean =>
  problem.clauses.every((clause) => clause.some((literal) => holds(model, literal))) &&
  problem.linears.every(({ terms, bound }) => sum(model, terms) <= bound)

/** The least costs by all criteria in order, or undefined without a model. Tries 2^variables assignments. */
export function bruteForce(problem: Problem): { costs: number[]; models: number } | undefined {
  let best: number[] | undefined
  let models = 0
  for (let model = 0; model < 1 << problem.variables; model++) {
    if (!satisfiesProblem(problem, model)) continue
    models++
    const costs = problem.criteria.map(({ terms }) => sum(model, terms))
    if (!best || isLess(costs, best)) best = costs
  }
  return best && { costs: best, models }
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]!
  return false
}

/** A model of the solver as the number that `bruteForce` counts with. */
export const asNumber = (model: Int8Array): number =>
  model.reduce((bits, value, i) => (value === 1 ? bits | (1 << i) : bits), 0)
