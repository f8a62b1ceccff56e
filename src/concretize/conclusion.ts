// What follows from causes that contradict each other, in one sentence.

import { specName } from '../spec/characters.ts'
import { satisfiesVersions } from '../spec/version-list.ts'
import type { Cause } from './cause.ts'
import { suppositionText } from './cause-text.ts'
import { broughtBy, type Clash, subjectOf } from './demands.ts'
import { languages } from './encoding.ts'
import { enumerate, quote } from './explanation.ts'
import { type Knowledge, type Route, requestOf } from './knowledge.ts'
import { constraint } from './package-facts.ts'
import type { Request } from './requests.ts'

/** What follows; undefined where the causes say all. */
export function conclude(causes: readonly Cause[], clash: Clash | undefined, knowledge: Knowledge): string | undefined {
  if (clash) {
    const isShared = !isMultiple(clash.name, knowledge)
    return `${clash.text}${isShared ? `, and one graph has one ${quote(clash.name)}` : ''}`
  }
  const cycle = cycleOf(causes, knowledge)
  if (cycle) return `${quote(cycle[0]!)} would depend on itself: ${cycle.map(quote).join(' → ')}`
  const absent = () => absentDependency(causes, knowledge)
  const special = rivalProviders(causes, knowledge) ?? absent() ?? nothingElse(causes, knowledge)
  return special ?? (causes.length > 1 ? 'not all of this can hold' : undefined)
}

/** Build tools may be there more than once in a graph. */
function isMultiple(name: string, { world }: Knowledge): boolean {
  const { strategy } = world.settings.duplicates
  const tags = (world.package(name)?.recipe.tags as string[] | undefined) ?? []
  return strategy !== 'none' && tags.some((tag) => ['build-tools', 'compiler'].includes(tag.toLowerCase()))
}

// --- cycles -------------------------------------------------------------------------------------------------------------

type Step = readonly [parent: string, child: string]

function cycleOf(causes: readonly Cause[], knowledge: Knowledge): string[] | undefined {
  if (!causes.some((cause) => cause.kind === 'graph' && cause.rule === 'no-cycles')) return undefined
  return cycleIn(toldSteps(causes)) ?? cycleIn(impliedSteps(causes, knowledge))
}

const toldSteps = (causes: readonly Cause[]): Step[] =>
  causes.flatMap((cause) => (cause.kind === 'dependency' ? [[cause.package, specName(cause.spec)] as const] : []))

/** Also those that need not be told, since there is no other way. */
function impliedSteps(causes: readonly Cause[], knowledge: Knowledge): Step[] {
  const names = new Set(causes.flatMap((cause) => [...broughtBy(cause, knowledge), subjectOf(cause) ?? []].flat()))
  const implied = [...names].flatMap((name) => {
    const dependencies = knowledge.world.package(name)?.recipe.dependencies ?? []
    return dependencies.filter(({ when }) => when === '').map(({ spec }): Step => [name, specName(spec)])
  })
  return [...toldSteps(causes), ...implied]
}

/** Names of packages that depend on each other, the first again at the end. */
function cycleIn(steps: readonly Step[]): string[] | undefined {
  const next = new Map<string, string[]>()
  for (const [parent, child] of steps) next.set(parent, [...(next.get(parent) ?? []), child])
  const done = new Set<string>()
  const walk = (path: readonly string[]): string[] | undefined => {
    const last = path.at(-1)!
    for (const child of done.has(last) ? [] : (next.get(last) ?? [])) {
      const at = path.indexOf(child)
      const found = at >= 0 ? [...path.slice(at), child] : walk([...path, child])
      if (found) return found
    }
    done.add(last)
    return undefined
  }
  for (const name of next.keys()) {
    const cycle = walk([name])
    if (cycle) return cycle
  }
  return undefined
}

// --- providers ----------------------------------------------------------------------------------------------------------

/** Two packages that would both have to provide a virtual of which a graph has one provider. */
function rivalProviders(causes: readonly Cause[], knowledge: Knowledge): string | undefined {
  const { world } = knowledge
  const names = new Set(
    causes.flatMap((cause) => {
      if (cause.kind === 'request') return broughtBy(cause, knowledge)
      if (cause.kind === 'requirement' && cause.section === 'require') return cause.specs.map((text) => specName(text))
      return []
    }),
  )
  const provided = [...names].flatMap((name) => world.package(name)?.recipe.provides ?? [])
  for (const virtual of new Set(provided.map(({ spec }) => specName(spec)))) {
    const providers = languages.includes(virtual) ? [] : world.providers(virtual)
    const rivals = [...names].filter((name) => providers.includes(name))
    if (rivals.length < 2) continue
    return `${enumerate(rivals.map(quote))} would both have to provide ${quote(virtual)}, and one graph has one provider of it`
  }
  return undefined
}

// --- what there is no other of -------------------------------------------------------------------------------------------

/** That what is supposed not to be is all that is left. */
function nothingElse(causes: readonly Cause[], knowledge: Knowledge): string | undefined {
  const supposed = causes.find((cause) => cause.kind === 'supposition')
  if (!supposed?.isForbidden) return undefined
  const { versions } = constraint(supposed.spec)
  const known = knowledge.facts(supposed.package)?.versions ?? []
  const isOfAll = known.length > 0 && known.every(({ version }) => satisfiesVersions([version], versions))
  if (isOfAll && /^@[^\s+~%^]+$/.test(supposed.spec)) {
    return `there is no version of ${quote(supposed.package)} outside of ${quote(supposed.spec)}`
  }
  return `nothing but ${quote(suppositionText(supposed))} is left`
}

// --- what nothing depends on ----------------------------------------------------------------------------------------------

/** How what follows `^` could be there, when nothing speaks of it but what is asked for. */
function absentDependency(causes: readonly Cause[], knowledge: Knowledge): string | undefined {
  if (causes.some(({ kind }) => kind !== 'request' && kind !== 'graph' && kind !== 'closed-off')) return undefined
  for (const cause of causes) {
    const request = cause.kind === 'request' ? requestOf(knowledge, cause.origin) : undefined
    const route = request && conditionalRoute(request, knowledge)
    if (!route) continue
    const conditions = route.filter(({ when }) => when)
    return conditionsText(route.at(-1)!.child, conditions)
  }
  return undefined
}

/** That a package is not there, and on which conditions it would be. */
export function conditionsText(absent: string, steps: Route): string {
  const words = steps.map(({ package: name, spec, when }) => {
    return `${quote(name)} depends on ${quote(spec)} only when ${quote(when)}`
  })
  return `nothing here depends on ${quote(absent)}: ${words.join(', ')}`
}

/** The way to the first dependency that is asked for and comes only under conditions. */
export function conditionalRoute({ spec: root }: Request, knowledge: Knowledge): Route | undefined {
  for (const { child, direct } of root.concrete ? [] : root.edges) {
    if (direct || !child.name || !root.name) continue
    const route = knowledge.route(root.name, child.name)
    if (route?.some(({ when }) => when)) return route
  }
  return undefined
}
