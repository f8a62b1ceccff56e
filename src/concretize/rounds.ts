// `unify: when_possible`: as many requests as possible as one graph, then of those left as many as possible, until none is
// left. What one round has found the next one may reuse.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import type { Spec } from '../spec/spec.ts'
import { type Answer, type ConcretizeOptions, solveTogether } from './concretize.ts'
import { spliceRoots } from './explicit-splices.ts'
import { withReusable } from './more-reusable.ts'
import type { Request } from './requests.ts'
import { solve } from './solve.ts'
import type { World } from './world.ts'

/** The answers by request. Throws SpackError `unsatisfiable` for a request that has none even by itself. */
export function concretizeInRounds(
  world: World,
  facts: SpecFacts,
  requests: readonly Request[],
  { tests = false, onRound }: ConcretizeOptions & { onRound?: (answer: Answer) => void } = {},
): Spec[] {
  const answers = new Map<Request, Spec>()
  let left = requests
  let known = world
  while (left.length) {
    const roots = solveRound(known, facts, left, tests, onRound)
    const met = left.filter((request, at) => {
      const root = roots[at]
      if (root) answers.set(request, root)
      return root
    })
    if (!met.length) throw explainOne(known, facts, left[0]!, tests)
    left = left.filter((request) => !answers.has(request))
    known = withReusable(
      known,
      met.map((request) => answers.get(request)!),
    )
  }
  const roots = requests.map((request) => answers.get(request)!)
  return spliceRoots(roots, requests, world, facts)
}

/** The answers of one round, by request; undefined for those that are left to another. */
function solveRound(
  world: World,
  facts: SpecFacts,
  requests: readonly Request[],
  tests: boolean | ReadonlySet<string>,
  onRound: (answer: Answer) => void = () => undefined,
): readonly (Spec | undefined)[] {
  const solution = solve(world, facts, requests, { tests, isOptional: true })
  if (solution.kind !== 'solved') return []
  const roots = spliceRoots(solution.roots, requests, world, facts)
  onRound({ ...solution, roots: roots.flatMap((root) => root ?? []) })
  return solution.roots
}

/** No request can be met: the first of them is explained, for it cannot be met alone. */
function explainOne(world: World, facts: SpecFacts, request: Request, tests: boolean | ReadonlySet<string>): Error {
  try {
    solveTogether(world, facts, [request], { tests })
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  return new Error(`${request.origin.text} can be met alone but not among others`)
}
