// All models, for tests and for showing ties.

import { type Lit, literalOf, negate, type Var } from './literal.ts'
import type { Solver } from './solver.ts'

/** Yields the models as they differ on `variables`; each found one is excluded from the solver for good. */
export function* enumerateModels(solver: Solver, variables: readonly Var[], limit = 1000): Generator<Lit[]> {
  for (let found = 0; found < limit && solver.solve() === 'satisfiable'; found++) {
    const model = variables.map((variable) => literalOf(variable, solver.model[variable] !== 1))
    yield model
    solver.addClause(model.map(negate))
  }
}
