// `unify: when_possible`: as many requests as possible as one graph, then of those left as many as possible, until none is
// left. What one round has found the next one may reuse.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import type { Spec } from '../spec/spec.ts'
import { type ConcretizeOptions, concretizeTogether } from './concretize.ts'
import type { Request } from './requests.ts'
import { withReusable } from './reusable.ts'
import { solve } from './solve.ts'
import type { World } from './world.ts'

/** The answers by request. Throws SpackError `unsatisfiable` for a request that has none even by itself. */
export function concretizeInRounds(
  world: World,
  facts: SpecFacts,
  requests: readonly Request[],
  { tests = false }: ConcretizeOptions = {},
): Spec[] {
  const answers = new Map<Request, Spec>()
  let left = requests
  let known = world
  while (left.length) {
    const solution = solve(known, facts, left, { tests, isOptional: true })
    const roots = solution.kind === 'solved' ? solution.roots : []
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
  return requests.map((request) => answers.get(request)!)
}

/** No request can be met: the first of them is explained, for it cannot be met alone. */
function explainOne(world: World, facts: SpecFacts, request: Request, tests: boolean | ReadonlySet<string>): Error {
  try {
    concretizeTogether(world, facts, [request], { tests })
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  return new Error(`${request.origin.text} can be met alone but not among others`)
}
