// From abstract specs to concrete ones.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import type { Spec } from '../spec/spec.ts'
import { refuseMention, refuseRequest } from './check-requests.ts'
import { findContradiction } from './contradiction.ts'
import { explainCauses } from './explain.ts'
import { type Explanation, explanationError } from './explanation.ts'
import { spliceRoots } from './explicit-splices.ts'
import { makeKnowledge } from './knowledge.ts'
import type { Request } from './requests.ts'
import { type Solution, solve } from './solve.ts'
import type { World } from './world.ts'

export interface ConcretizeOptions {
  tests?: boolean | ReadonlySet<string>
}

/** An answer to all of some requests. */
export type Answer = Omit<Extract<Solution, { kind: 'solved' }>, 'roots'> & { roots: readonly Spec[] }

/** Concretizes all requests as one graph, with what is spliced into it. Throws SpackError `unsatisfiable`, or what is wrong with a request, explained. */
export function concretizeTogether(
  world: World,
  facts: SpecFacts,
  requests: readonly Request[],
  options: ConcretizeOptions = {},
): Answer {
  const answer = solveTogether(world, facts, requests, options)
  return { ...answer, roots: spliceRoots(answer.roots, requests, world, facts) }
}

/** As `concretizeTogether`, before anything is spliced. */
export function solveTogether(
  world: World,
  facts: SpecFacts,
  requests: readonly Request[],
  options: ConcretizeOptions = {},
): Answer {
  const answer = concretizeOrExplain(world, facts, requests, options)
  if (answer.kind === 'solved') return answer
  throw explanationError(answer.explanation)
}

/** As `concretizeTogether`; that there is no answer is one. */
export function concretizeOrExplain(
  world: World,
  facts: SpecFacts,
  requests: readonly Request[],
  { tests = false }: ConcretizeOptions = {},
): Answer | { kind: 'unsatisfiable'; explanation: Explanation } {
  const knowledge = makeKnowledge(world, requests)
  const wrong = refuseRequest(knowledge) ?? refuseMention(knowledge)
  if (wrong) return { kind: 'unsatisfiable', explanation: wrong }
  const solution = solve(world, facts, requests, { tests })
  if (solution.kind === 'solved') return solution as Answer
  const explanation = explainCauses(findContradiction(world, requests, { tests }), knowledge)
  return { kind: 'unsatisfiable', explanation }
}
