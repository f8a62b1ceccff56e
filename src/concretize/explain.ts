// From causes that contradict each other to an explanation: sentences in the order in which one leads to the next, what
// is so anyway, what follows, and what may be changed.

import { intersects } from '../spec/satisfies.ts'
import type { Cause } from './cause.ts'
import { statementsOf, suppositionText } from './cause-text.ts'
import { conclude, conditionalRoute } from './conclusion.ts'
import { broughtBy, type Demand, demandsOf, findClash, subjectOf } from './demands.ts'
import { languages } from './encoding.ts'
import { type Explanation, enumerate, quote, type Statement, says } from './explanation.ts'
import {
  type Impossibility,
  impossibleParts,
  impossibleVirtual,
  missingCompiler,
  noProviderLeft,
} from './impossible.ts'
import { buildability, installed, type Knowledge, requestOf } from './knowledge.ts'
import { constraint } from './package-facts.ts'
import { changeRequests, remediesFor } from './remedies.ts'

/** Explains causes that cannot hold together. */
export function explainCauses(found: readonly Cause[], knowledge: Knowledge): Explanation {
  const causes = withoutDetours(found, knowledge)
  const impossible = impossibilities(demandsOf(causes, knowledge), causes, knowledge)
  const ordered = inOrder(withoutRepetition(causes, impossible, knowledge), knowledge)
  const clash = impossible.length ? undefined : findClash(demandsOf(ordered, knowledge), knowledge)
  const statements = [
    ...ordered.flatMap((cause) => statementsOf(cause, knowledge)),
    ...impossible.flatMap((each) => each.statements),
  ]
  const conclusion = clash || !impossible.length ? conclude(ordered, clash, knowledge) : undefined
  if (conclusion) statements.push(says('conclusion', conclusion))
  const remedies = [...impossible.flatMap((each) => each.remedies), ...remediesFor(ordered, clash, knowledge)]
  return {
    code: 'unsatisfiable',
    headline: headlineOf(ordered),
    statements: distinct(statements),
    remedies: remedies.length ? remedies : changeRequests(ordered),
  }
}

/** Where the plain way to what follows `^` is shut by the request itself, it is of no interest why all others fail. */
function withoutDetours(causes: readonly Cause[], knowledge: Knowledge): readonly Cause[] {
  const closed = causes.flatMap((cause) => (cause.kind === 'closed-off' ? cause.packages : []))
  for (const cause of causes) {
    const request = cause.kind === 'request' ? requestOf(knowledge, cause.origin) : undefined
    const route = request && conditionalRoute(request, knowledge)
    const step = route?.find(({ package: name }) => name === request!.spec.name)
    if (!step?.when || !closed.includes(route!.at(-1)!.child)) continue
    const root = { ...request!.spec, name: null, edges: [] }
    if (intersects(root, { ...constraint(step.when), name: null, edges: [] })) continue
    return [cause, { kind: 'closed-off', packages: [route!.at(-1)!.child] }]
  }
  return causes
}

/** The headline names what cannot be had. */
function headlineOf(causes: readonly Cause[]): string {
  const asked = causes.flatMap((cause) => {
    if (cause.kind === 'supposition' && !cause.isForbidden) return [quote(suppositionText(cause))]
    return cause.kind === 'request' ? [quote(cause.origin.text)] : []
  })
  if (asked.length < 2) return `${asked[0] ?? 'what is asked for'} cannot be concretized`
  return `${enumerate(asked)} cannot be concretized together`
}

function distinct(statements: readonly Statement[]): Statement[] {
  const seen = new Set<string>()
  return statements.filter(({ text, where }) => {
    const key = `${text} ${where}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

// --- order --------------------------------------------------------------------------------------------------------------

/** Requests as they were made, and no word on what a compiler provides where it is said that none has the language. */
function withoutRepetition(
  causes: readonly Cause[],
  impossible: readonly Impossibility[],
  knowledge: Knowledge,
): Cause[] {
  const hasNoCompiler = impossible.some(({ code }) => code === 'no-compiler')
  const place = (cause: Cause) =>
    cause.kind === 'request' ? knowledge.requests.indexOf(requestOf(knowledge, cause.origin)!) : 0
  return causes
    .filter((cause) => !(hasNoCompiler && cause.kind === 'provision' && languages.includes(cause.virtual)))
    .sort((a, b) => place(a) - place(b))
}

const isFirst = (kind: Cause['kind']): boolean => kind === 'request' || kind === 'supposition'

/** Requests, each followed by what it leads to; what is said of a package comes when the package has come up. */
function inOrder(causes: readonly Cause[], knowledge: Knowledge): Cause[] {
  const known = new Set<string>()
  const ordered: Cause[] = []
  let waiting = causes.filter(({ kind }) => !isFirst(kind))
  const take = (cause: Cause) => {
    ordered.push(cause)
    waiting = waiting.filter((each) => each !== cause)
    for (const name of [...broughtBy(cause, knowledge), subjectOf(cause)]) if (name) known.add(name)
  }
  const isDue = (cause: Cause) => {
    if (cause.kind === 'graph' || cause.kind === 'closed-off') return false
    if (cause.kind === 'provision') return known.has(cause.virtual) || known.has(cause.package)
    return known.has(subjectOf(cause)!)
  }
  const takeDue = () => {
    for (;;) {
      const due = waiting.filter(isDue)
      // Dependencies lead on; the rest is said when nothing more comes up.
      const next = due.find(({ kind }) => kind === 'dependency') ?? due[0]
      if (!next) return
      take(next)
    }
  }
  for (const cause of causes.filter(({ kind }) => isFirst(kind))) {
    take(cause)
    takeDue()
  }
  for (const cause of [...waiting]) take(cause)
  return ordered
}

// --- what cannot be whatever else is chosen -----------------------------------------------------------------------------

function impossibilities(demands: readonly Demand[], causes: readonly Cause[], knowledge: Knowledge): Impossibility[] {
  const told = new Set(causes.flatMap((cause) => (cause.kind === 'not-buildable' ? [cause.package] : [])))
  const found = demands.flatMap(({ name, spec, isCompilerEdge }) => {
    const missing = isCompilerEdge ? missingCompiler(knowledge, spec) : []
    if (missing.length) return missing
    return impossibleParts(knowledge, name, spec).filter(({ code }) => code !== 'not-buildable' || !told.has(name))
  })
  const virtuals = new Set(demands.map(({ name }) => name).filter(knowledge.world.isVirtual))
  const partial = [...virtuals].flatMap((virtual) => excludedProviders(knowledge, virtual, told))
  const texts = new Set<string>()
  return [...found, ...partial].filter(({ statements: [first] }) => {
    const isNew = !texts.has(first!.text)
    texts.add(first!.text)
    return isNew
  })
}

/** Providers that the settings leave out, where others are left over that something else speaks against. */
function excludedProviders(knowledge: Knowledge, virtual: string, told: ReadonlySet<string>): Impossibility[] {
  if (languages.includes(virtual) || impossibleVirtual(knowledge, virtual).length) return []
  const excluded = knowledge.world
    .providers(virtual)
    .filter((name) => knowledge.world.package(name) && !told.has(name))
    .filter((name) => !buildability(knowledge, name).isBuildable && !installed(knowledge, name).length)
  return excluded.length ? [noProviderLeft(knowledge, virtual, excluded)] : []
}
