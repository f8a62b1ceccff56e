// From abstract specs to concrete ones.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import type { Request } from './requests.ts'
import { type Solution, solve } from './solve.ts'
import type { World } from './world.ts'

export interface ConcretizeOptions {
  tests?: boolean | ReadonlySet<string>
}

/** An answer to all of some requests. */
export type Answer = Omit<Extract<Solution, { kind: 'solved' }>, 'roots'> & { roots: readonly Spec[] }

/** Concretizes all requests as one graph. Throws SpackError `unsatisfiable` with an explanation. */
export function concretizeTogether(
  world: World,
  facts: SpecFacts,
  requests: readonly Request[],
  { tests = false }: ConcretizeOptions = {},
): Answer {
  const solution = solve(world, facts, requests, { tests })
  if (solution.kind === 'solved') return solution as Answer
  const explained = solve(world, facts, requests, { tests, isExplained: true })
  const lines =
    explained.kind === 'unsatisfiable'
      ? explained.origins.map(({ text, where }) => `${text}${where ? ` (${where})` : ''}`)
      : []
  throw new SpackError('unsatisfiable', 'there is no answer', { detail: lines.join('\n') })
}
