// What another choice would cost: the answer when something is supposed or forbidden, beside the best one.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { parseSpec } from '../spec/parser.ts'
import { suppositionText } from './cause-text.ts'
import { refuseSupposition } from './check-requests.ts'
import { type Answer, type ConcretizeOptions, concretizeOrExplain } from './concretize.ts'
import { type CostChange, costChanges, graphChanges } from './differences.ts'
import type { Explanation } from './explanation.ts'
import { makeKnowledge } from './knowledge.ts'
import { constraint } from './package-facts.ts'
import type { Request } from './requests.ts'
import type { World } from './world.ts'

export type Supposed =
  /** Of a package in the graph, or of who provides a virtual. */
  | { kind: 'constraint'; package: string; spec: string; isForbidden: boolean }
  /** That a package is below a root. */
  | { kind: 'dependency'; root: string; spec: string }

export interface Alternative {
  /** What was supposed: `cmake@3.30`. */
  supposed: string
  isForbidden: boolean
  outcome:
    | { kind: 'impossible'; explanation: Explanation }
    | { kind: 'possible'; changes: readonly string[]; costs: readonly CostChange[] }
}

export interface Problem {
  world: World
  facts: SpecFacts
  requests: readonly Request[]
  options?: ConcretizeOptions
}

/** Solves again with something supposed and compares with the best answer. */
export function alternativeTo(best: Answer, problem: Problem, supposed: Supposed): Alternative {
  const { world, facts, requests, options } = problem
  const told = suppose(problem, supposed)
  const answer = told.refusal
    ? { kind: 'unsatisfiable' as const, explanation: told.refusal }
    : concretizeOrExplain({ ...world, ...told.world }, facts, told.requests ?? requests, options)
  const { text: shown, isForbidden } = told
  if (answer.kind === 'unsatisfiable') {
    return { supposed: shown, isForbidden, outcome: { kind: 'impossible', explanation: answer.explanation } }
  }
  const changes = graphChanges(best.specs, answer.specs)
  return {
    supposed: shown,
    isForbidden,
    outcome: { kind: 'possible', changes, costs: costChanges(best.costs, answer.costs) },
  }
}

interface Told {
  text: string
  isForbidden: boolean
  world?: Pick<World, 'supposed'>
  requests?: readonly Request[]
  refusal?: Explanation
}

function suppose({ world, requests }: Problem, supposed: Supposed): Told {
  if (supposed.kind === 'dependency') {
    const text = `${supposed.root} ^${supposed.spec}`
    const asked = { spec: parseSpec(text), origin: { text, where: 'supposed' } }
    return { text: supposed.spec, isForbidden: false, requests: [...requests, asked] }
  }
  const { package: name, spec, isForbidden } = supposed
  const text = suppositionText(supposed)
  const told: Told = { text, isForbidden, world: { supposed: new Map([[name, { spec, isForbidden }]]) } }
  const refusal = isForbidden
    ? undefined
    : refuseSupposition(makeKnowledge(world, requests), name, constraint(spec), text)
  return refusal ? { ...told, refusal } : told
}
