// Terms of linear constraints, kept by weight, so that propagation stops at the first that still fits.

import type { Lit } from './literal.ts'

/** A term of a linear constraint: `weight` counts when `literal` is true. Weights are positive and below 2^31. */
export interface Term {
  literal: Lit
  weight: number
}

/** The terms of a linear constraint, the heaviest first. */
export interface SortedTerms {
  readonly literals: Int32Array
  readonly weights: Int32Array
}

/** Terms with more of them, the heaviest first, and of equals those of the earlier literal. */
export function mergedTerms(old: SortedTerms, added: readonly Term[]): SortedTerms {
  const more = [...added].sort((a, b) => b.weight - a.weight || a.literal - b.literal)
  const length = old.literals.length + more.length
  const literals = new Int32Array(length)
  const weights = new Int32Array(length)
  let from = 0
  let to = 0
  for (const { literal, weight } of more) {
    const start = from
    while (
      from < old.literals.length &&
      (old.weights[from]! > weight || (old.weights[from] === weight && old.literals[from]! < literal))
    ) {
      from++
    }
    literals.set(old.literals.subarray(start, from), to)
    weights.set(old.weights.subarray(start, from), to)
    to += from - start
    literals[to] = literal
    weights[to++] = weight
  }
  literals.set(old.literals.subarray(from), to)
  weights.set(old.weights.subarray(from), to)
  return { literals, weights }
}

/** Terms by weight; those of one literal are added up. */
export function sortedTerms(terms: readonly Term[]): SortedTerms {
  const byLiteral = new Map<Lit, number>()
  for (const { literal, weight } of terms) byLiteral.set(literal, (byLiteral.get(literal) ?? 0) + weight)
  const sorted = [...byLiteral].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  return {
    literals: Int32Array.from(sorted, ([literal]) => literal),
    weights: Int32Array.from(sorted, ([, weight]) => weight),
  }
}
