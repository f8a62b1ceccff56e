// What is wrong with a request by itself is said before anything is searched: names, versions and values that there are
// not. And when nothing was found: dependencies that are not possible.

import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { type Explanation, explanationError, quote, type Statement } from './explanation.ts'
import { type Impossibility, impossibleParts } from './impossible.ts'
import { type Knowledge, makeKnowledge, nodesOf } from './knowledge.ts'
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

/** A dependency that is asked for and that no directive of any recipe below the root can bring in. */
export function checkDependencies(knowledge: Knowledge): Explanation | undefined {
  for (const request of knowledge.requests.filter(isAbstract)) {
    const root = request.spec.name!
    for (const { child, direct } of request.spec.edges) {
      if (direct || child.name === null || child.name === root) continue
      if (knowledge.route(root, child.name)) continue
      return refusal(request, {
        code: 'impossible-dependency',
        statements: [
          {
            role: 'recipe',
            where: null,
            text: `${quote(root)} never depends on ${quote(child.name)}, whatever its variants and versions, and neither does anything below it`,
          },
        ],
        remedies: [
          `drop ${quote(`^${printSpec(child)}`)}`,
          `\`spack dependencies -t ${root}\` lists what ${root} may depend on`,
        ],
      })
    }
  }
  return undefined
}

const withoutName = (spec: Spec): Impossibility => ({
  code: 'anonymous-spec',
  statements: [{ role: 'fact', text: `${quote(printSpec(spec))} names no package`, where: null }],
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
  return explanationOf({ role: 'request', text: `suppose ${quote(text)}`, where: null }, text, wrong)
}

function refusal({ origin }: Request, wrong: Impossibility): Explanation {
  const asked: Statement = { role: 'request', text: `you ask for ${quote(origin.text)}`, where: origin.where }
  return explanationOf(asked, origin.text, wrong)
}

const explanationOf = (asked: Statement, text: string, { code, statements, remedies }: Impossibility): Explanation => ({
  code,
  headline: `${quote(text)} cannot be concretized`,
  statements: [asked, ...statements],
  remedies,
})
