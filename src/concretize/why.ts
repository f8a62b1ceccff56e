// Why an answer is as it is: what led to a package in it, why it is as it is, and what something else would cost.

import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { exactVersion, isAnyVersion } from '../spec/version-list.ts'
import { type Alternative, alternativeTo, type Problem, type Supposed } from './alternative.ts'
import { chainStatements, chainsTo, nodeText } from './chains.ts'
import { type Choice, choicesOf, providerChoice } from './choices.ts'
import { type Answer, solveTogether } from './concretize.ts'
import { type Statement, youAskFor } from './explanation.ts'
import { type Knowledge, makeKnowledge } from './knowledge.ts'
import { constraint } from './package-facts.ts'
import type { Request } from './requests.ts'

export interface Question {
  /** The root whose graph is asked about. */
  request: Request
  /** Its concrete spec: as it is locked, or as it would be now. */
  root: Spec
  /** A package or virtual, a constraint on one, or a constraint on the root; null asks about the root itself. */
  about: Spec | null
}

export interface Reasons {
  /** What is asked about: `cmake@3.31.6`. */
  subject: string
  /** Chains of requests and directives that lead to it, the shortest first. */
  chains: readonly (readonly Statement[])[]
  /** Chains that are left out. */
  more: number
  choices: readonly Choice[]
  alternatives: readonly Alternative[]
}

export interface Why {
  reasons: readonly Reasons[]
  /** When what is asked about is not there: what it would cost. */
  absent: Alternative | null
}

const shownChains = 3

/** Answers a question. `best` is asked for when something has to be compared with the best answer. */
export function why(question: Question, problem: Problem, best: () => Answer = () => solveAgain(problem)): Why {
  const { request, root, about } = question
  const knowledge = makeKnowledge(problem.world, problem.requests)
  const context = { question, problem, knowledge, best: once(best) }
  if (!about) return { reasons: [reasonsFor(root, context, null)], absent: null }
  const isRoot = about.name === null || about.name === root.name
  const name = about.name ?? root.name!
  if (!isRoot && problem.world.isVirtual(name)) return aboutVirtual(name, context)
  const nodes = isRoot ? [root] : nodesBelow(root).filter((node) => node.name === name)
  const fitting = nodes.filter((node) => satisfies(node, { ...about, name: null }, { facts: problem.facts }))
  if (fitting.length) {
    return { reasons: fitting.map((node) => reasonsFor(node, context, about)), absent: null }
  }
  const text = textOf(about)
  const supposed: Supposed = nodes.length
    ? { kind: 'constraint', package: name, spec: text, isForbidden: false }
    : { kind: 'dependency', root: request.spec.name!, spec: `${name}${text}` }
  return { reasons: [], absent: alternativeTo(context.best(), problem, supposed) }
}

interface Context {
  question: Question
  problem: Problem
  knowledge: Knowledge
  best: () => Answer
}

const solveAgain = ({ world, facts, requests, options }: Problem): Answer =>
  solveTogether(world, facts, requests, options)

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

const nodesBelow = (root: Spec): Spec[] => traverseNodes([root], { order: 'breadth' })

// --- what is there ----------------------------------------------------------------------------------------------------------

function reasonsFor(node: Spec, context: Context, about: Spec | null): Reasons {
  const { question, problem, knowledge } = context
  const { world, facts } = problem
  const asked = youAskFor(question.request.origin)
  const found = node === question.root ? [[]] : chainsTo(question.root, node)
  const chains = found.slice(0, shownChains).map((chain) => [asked, ...chainStatements(chain, world, facts)])
  const all = choicesOf({ root: question.root, node, knowledge, facts }, new Set(about?.variants.keys()))
  const choices = about && saysMore(about) ? all.filter((choice) => isAbout(choice, about)) : all
  return {
    subject: nodeText(node),
    chains,
    more: Math.max(0, found.length - shownChains),
    choices,
    alternatives: alternativesFor(node, choices, context, about),
  }
}

/** Whether more is said than a name. */
const saysMore = (about: Spec): boolean => textOf(about) !== ''

function isAbout({ kind, what }: Choice, about: Spec): boolean {
  if (kind === 'reuse') return true
  if (kind === 'version') return !isAnyVersion(about.versions)
  if (kind === 'target') return Boolean(about.arch?.target)
  return kind === 'variant' && [...about.variants.keys()].some((name) => constraint(what).variants.has(name))
}

/** What would come first and that nothing explains is tried; and of what is asked about, what else there could be. */
function alternativesFor(node: Spec, choices: readonly Choice[], context: Context, about: Spec | null): Alternative[] {
  const { problem, best } = context
  const name = node.name!
  const of = (spec: string, isForbidden: boolean) =>
    alternativeTo(best(), problem, { kind: 'constraint', package: name, spec, isForbidden })
  const open = choices.flatMap((choice) => (choice.open ? [of(choice.open, false)] : []))
  if (!about || node.concrete?.external) return open
  const other = saysMore(about) ? textOf(about) : `@=${exactVersion(node.versions)!.text}`
  return [...open, of(other, true)]
}

function aboutVirtual(virtual: string, context: Context): Why {
  const { question, problem, knowledge, best } = context
  const providers = new Set(
    nodesBelow(question.root).flatMap(({ edges }) =>
      edges.filter(({ virtuals }) => virtuals.includes(virtual)).map(({ child }) => child),
    ),
  )
  if (!providers.size) {
    const supposed: Supposed = { kind: 'dependency', root: question.request.spec.name!, spec: virtual }
    return { reasons: [], absent: alternativeTo(best(), problem, supposed) }
  }
  const reasons = [...providers].map((provider): Reasons => {
    const choice = providerChoice(virtual, provider, knowledge)
    const whole = reasonsFor(provider, context, null)
    const suppose = (spec: string, isForbidden: boolean) =>
      alternativeTo(best(), problem, { kind: 'constraint', package: virtual, spec, isForbidden })
    const open = choice.open ? [suppose(choice.open, false)] : []
    return { ...whole, choices: [choice], alternatives: [...open, suppose(provider.name!, true)] }
  })
  return { reasons, absent: null }
}

/** What a question says beside the name. */
function textOf(about: Spec): string {
  return printSpec({ ...about, name: null }).trim()
}
