// Variables and literals. A literal is 2·variable, plus 1 when it is negated: both index typed arrays directly.

declare const variableBrand: unique symbol
declare const literalBrand: unique symbol

/** A propositional variable, counted from 0. */
export type Var = number & { readonly [variableBrand]: true }
/** A variable or its negation. */
export type Lit = number & { readonly [literalBrand]: true }

export const literalOf = (variable: Var, isNegated = false): Lit => (variable * 2 + (isNegated ? 1 : 0)) as Lit
export const negate = (literal: Lit): Lit => (literal ^ 1) as Lit
export const variableOf = (literal: Lit): Var => (literal >> 1) as Var
export const isNegated = (literal: Lit): boolean => (literal & 1) === 1

/** `3` or `-3`, counted from 1 as in DIMACS files. */
export const toDimacs = (literal: Lit): number => (isNegated(literal) ? -1 : 1) * (variableOf(literal) + 1)
export const fromDimacs = (number: number): Lit => literalOf((Math.abs(number) - 1) as Var, number < 0)

/** Whether two lists hold the same literals in the same order. */
export const areSame = (a: readonly Lit[], b: readonly Lit[]): boolean =>
  a.length === b.length && a.every((literal, at) => literal === b[at])
