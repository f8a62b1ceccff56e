// What may be changed so that causes no longer contradict each other: the user's own lines first.

import { printVariant } from '../spec/variant-text.ts'
import { type Cause, isOwnedByUser } from './cause.ts'
import { bestTarget, valueText } from './cause-text.ts'
import { conditionalRoute } from './conclusion.ts'
import { type Clash, type Demand, demandsOf } from './demands.ts'
import { quote } from './explanation.ts'
import { notBuildable } from './impossible.ts'
import { type Knowledge, nodesOf, requestOf } from './knowledge.ts'
import { constraint } from './package-facts.ts'
import type { Origin } from './world.ts'

export function remediesFor(causes: readonly Cause[], clash: Clash | undefined, knowledge: Knowledge): string[] {
  const requests = causes.filter((cause) => cause.kind === 'request')
  const own = clash ? dropSides(clash, knowledge) : requests.flatMap((cause) => dropParts(cause, causes, knowledge))
  const others = [...causes.filter(isOwnedByUser), ...causes.filter((cause) => !isOwnedByUser(cause))].flatMap(
    (cause) => remediesOf(cause, causes, knowledge),
  )
  const apart = 'let them be separate graphs: `spack config add concretizer:unify:when_possible`'
  return [...own, ...others, ...(requests.length > 1 ? [apart] : [])]
}

/** What is always possible. */
export const changeRequests = (causes: readonly Cause[]): string[] =>
  causes.flatMap((cause) =>
    cause.kind === 'request' ? [`change ${placed(quote(cause.origin.text), cause.origin)}`] : [],
  )

const placed = (text: string, { where }: Origin): string => (where ? `${text} at ${where}` : text)

const dropText = (part: string, origin: Origin): string =>
  placed(part === origin.text ? `drop ${quote(part)}` : `drop ${quote(part)} from ${quote(origin.text)}`, origin)

const dropSides = ({ sides }: Clash, knowledge: Knowledge): string[] =>
  sides.flatMap(({ cause, text }) =>
    cause.kind === 'request' && !requestOf(knowledge, cause.origin)?.spec.concrete
      ? [dropText(text, cause.origin)]
      : [],
  )

/** Parts of a request of which the other causes speak. */
function dropParts(cause: Cause & { kind: 'request' }, causes: readonly Cause[], knowledge: Knowledge): string[] {
  const request = requestOf(knowledge, cause.origin)
  if (!request || request.spec.concrete) return []
  const spoken = new Set(causes.flatMap((each) => variantsIn(each, knowledge)))
  for (const step of conditionalRoute(request, knowledge) ?? [])
    for (const [name] of constraint(step.when).variants) spoken.add(`${step.package} ${name}`)
  return [...nodesOf(request.spec)].flatMap(({ name, spec }) =>
    [...spec.variants]
      .filter(([variant]) => spoken.has(`${name} ${variant}`))
      .map(([variant, asked]) => dropText(printVariant(variant, asked), cause.origin)),
  )
}

/** `PACKAGE VARIANT` for each variant that a cause speaks of. */
function variantsIn(cause: Cause, { world }: Knowledge): string[] {
  const of = (name: string, text: string) => {
    const spec = constraint(text)
    return [...spec.variants.keys()].map((variant) => `${spec.name ?? name} ${variant}`)
  }
  switch (cause.kind) {
    case 'conditional-variant':
      return [`${cause.package} ${cause.variant}`]
    case 'conditional-value':
      return [`${cause.package} ${cause.variant}`, ...of(cause.package, cause.when)]
    case 'dependency':
      return of(cause.package, cause.when)
    case 'conflict':
      return [...of(cause.package, cause.spec), ...of(cause.package, cause.when)]
    case 'directive':
    case 'requirement':
      return [...cause.specs, cause.when].flatMap((text) => of(cause.package, text))
    case 'provision': {
      const rows = world.package(cause.package)?.recipe.provides ?? []
      return rows.flatMap(({ when }) => of(cause.package, when))
    }
    default:
      return []
  }
}

function remediesOf(cause: Cause, causes: readonly Cause[], knowledge: Knowledge): readonly string[] {
  switch (cause.kind) {
    case 'requirement': {
      const { package: name, section, isDefault, origin } = cause
      const key = `\`packages:${isDefault ? 'all' : name}:${section}\``
      return [`change ${placed(key, origin)}`]
    }
    case 'not-buildable':
      return notBuildable(knowledge, cause.package).remedies
    case 'sticky-variant': {
      const flipped = { true: 'false', false: 'true' }[cause.value]
      return flipped ? [`ask for ${quote(`${cause.package}${valueText(cause.variant, flipped)}`)}`] : []
    }
    case 'compiler-targets': {
      const best = bestTarget(cause.compiler, knowledge)
      const lower = best ? [`ask for ${quote(`target=${best}`)}`] : []
      return [...lower, 'find newer compilers with `spack compiler find`']
    }
    case 'one-provider':
      return [
        `ask for one compiler of ${quote(cause.virtual)} for all, or install what another one shall build first and reuse it`,
      ]
    case 'dependency':
    case 'conflict':
    case 'directive':
      return switchedBy(cause, demandsOf(causes, knowledge))
    default:
      return []
  }
}

/** Without the first boolean variant on which a directive depends it says nothing. */
function switchedBy({ package: name, when }: { package: string; when: string }, demands: readonly Demand[]): string[] {
  for (const [variant, { kind, values }] of when ? constraint(when).variants : []) {
    if (kind !== 'bool') continue
    const isAsked = demands.some((demand) => demand.name === name && demand.spec.variants.has(variant))
    return isAsked ? [] : [`try ${quote(`${name}${values[0] === true ? '~' : '+'}${variant}`)}`]
  }
  return []
}
