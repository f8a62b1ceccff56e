// What is wrong with a request by itself is said before anything is searched: names, versions and values that there are
// not. And when nothing was found: dependencies that are not possible.

import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { printVariant } from '../spec/variant-text.ts'
import { conditionalRoute, conditionsText } from './conclusion.ts'
import { type Explanation, explanationError, quote, type Statement, says, youAskFor } from './explanation.ts'
import { type Impossibility, impossibleParts } from './impossible.ts'
import { type Knowledge, makeKnowledge, mayDependOn, nodesOf, type Route } from './knowledge.ts'
import { constraint } from './package-facts.ts'
import type { Request } from './requests.ts'
import type { World } from './world.ts'

/**
 * Throws SpackError for the first request that cannot be met: `anonymous-spec`, `unknown-package`, `recipe` (it cannot be
 * loaded), `unknown-variant`, `unknown-value`, `deprecated-version`, `unknown-version`, `unknown-target`.
 */
export function checkRequests(world: World, requests: readonly Request[]): void {
  const wrong = refuseRequest(makeKnowledge(world, requests))
  if (wrong) throw explanationError(wrong)
}

/** What is wrong with the first request that is wrong by itself. */
export function refuseRequest(knowledge: Knowledge): Explanation | undefined {
  for (const request of knowledge.requests.filter(isAbstract)) {
    const anonymous = traverseNodes([request.spec]).find(({ name }) => !name)
    if (anonymous) return refusal(request, withoutName(anonymous))
    for (const { name, spec } of nodesOf(request.spec)) {
      if (knowledge.world.isVirtual(name) && knowledge.world.providers(name).length) continue
      const [wrong] = impossibleParts(knowledge, name, spec)
      if (wrong && wrong.code !== 'not-buildable') return refusal(request, wrong)
    }
  }
  return undefined
}

/** What follows `^` and neither the root depends on nor anything that the root links to or runs, whatever is chosen. */
export function refuseMention(knowledge: Knowledge): Explanation | undefined {
  for (const request of knowledge.requests.filter(isAbstract)) {
    for (const { child, direct, when } of request.spec.edges) {
      if (direct || when || !child.name || !request.spec.name) continue
      if (mayDependOn(knowledge, request.spec, child.name)) continue
      const route = conditionalRoute(request, knowledge)
      return refusal(request, impossibleMention(request.spec, child, route))
    }
  }
  return undefined
}

function impossibleMention(asked: Spec, child: Spec, route: Route | undefined): Impossibility {
  const root = asked.name!
  const conditions = (route ?? []).filter(({ when }) => when)
  const text = conditions.length
    ? conditionsText(child.name!, conditions)
    : `${quote(root)} never depends on ${quote(child.name!)}, whatever its variants and versions, and neither does what it links to or runs`
  return {
    code: 'impossible-dependency',
    statements: [says('recipe', text)],
    remedies: [
      ...variantsAgainst(asked, conditions).map((variant) => `drop ${quote(variant)}`),
      `drop ${quote(`^${printSpec(child)}`)}`,
      `\`spack dependencies -t ${root}\` lists what ${root} may depend on`,
    ],
  }
}

/** What is asked of the root and speaks against conditions of its directives. */
const variantsAgainst = (asked: Spec, steps: Route): string[] =>
  steps
    .filter((step) => step.package === asked.name)
    .flatMap(({ when }) => [...constraint(when).variants.keys()])
    .flatMap((name) => (asked.variants.has(name) ? [printVariant(name, asked.variants.get(name)!)] : []))

const withoutName = (spec: Spec): Impossibility => ({
  code: 'anonymous-spec',
  statements: [
    says('fact', `${printSpec(spec) ? quote(printSpec(spec)) : 'one of its dependencies'} names no package`),
  ],
  remedies: ['put the name of the package in front'],
})

const isAbstract = ({ spec }: Request): boolean => !spec.concrete

/** What is wrong with something that is only supposed. */
export function refuseSupposition(
  knowledge: Knowledge,
  name: string,
  spec: Spec,
  text: string,
): Explanation | undefined {
  const [wrong] = impossibleParts(knowledge, name, spec)
  if (!wrong || wrong.code === 'not-buildable') return undefined
  return explanationOf(says('request', `suppose ${quote(text)}`), text, wrong)
}

function refusal({ origin }: Request, wrong: Impossibility): Explanation {
  return explanationOf(youAskFor(origin), origin.text, wrong)
}

const explanationOf = (asked: Statement, text: string, { code, statements, remedies }: Impossibility): Explanation => ({
  code,
  headline: `${quote(text)} cannot be concretized`,
  statements: [asked, ...statements],
  remedies,
})
