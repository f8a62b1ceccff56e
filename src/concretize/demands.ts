// What causes ask of one package each, and which of that cannot be met by one node.

import { specName } from '../spec/characters.ts'
import type { Spec, Variant } from '../spec/spec.ts'
import { intersectTargets } from '../spec/target-range.ts'
import { printVariant } from '../spec/variant-text.ts'
import { isAnyVersion, printVersionList, satisfiesVersions } from '../spec/version-list.ts'
import type { Cause } from './cause.ts'
import { quote } from './explanation.ts'
import { type Knowledge, nodesOf, requestOf } from './knowledge.ts'
import { constraint, valueKey } from './package-facts.ts'

export interface Demand {
  cause: Cause
  /** The package, or virtual, that something is asked of. */
  name: string
  spec: Spec
  /** Asked of a compiler: `%gcc`. */
  isCompilerEdge: boolean
}

/** What each cause asks of packages. Of alternatives nothing is certain. */
export function demandsOf(causes: readonly Cause[], knowledge: Knowledge): Demand[] {
  return causes.flatMap((cause) => specsOf(cause, knowledge).map((each) => ({ ...each, cause })))
}

function specsOf(cause: Cause, knowledge: Knowledge): Omit<Demand, 'cause'>[] {
  const named = (name: string, spec: Spec) => [...nodesOf(spec.name ? spec : { ...spec, name })]
  switch (cause.kind) {
    case 'request': {
      const request = requestOf(knowledge, cause.origin)
      return request ? [...nodesOf(request.spec)] : []
    }
    case 'supposition':
      return cause.isForbidden ? [] : named(cause.package, constraint(cause.spec))
    case 'dependency':
      return [...nodesOf(constraint(cause.spec))]
    case 'compiler-rule':
      return named(cause.package, constraint(cause.spec))
    case 'directive':
      return cause.specs.length === 1 ? named(cause.package, constraint(cause.specs[0]!)) : []
    case 'requirement':
      return cause.section === 'require' && cause.specs.length === 1
        ? named(cause.package, constraint(cause.specs[0]!))
        : []
    case 'conditional-value':
      return named(cause.package, constraint(cause.when))
    default:
      return []
  }
}

/** Demands on one package that no node can meet together, in words, with what each says. */
export interface Clash {
  name: string
  /** What would have to hold at once: `@2:`, `+mpi`. */
  sides: readonly { text: string; cause: Cause }[]
  text: string
}

/** The first two demands that exclude each other, or undefined. */
export function findClash(demands: readonly Demand[], knowledge: Knowledge): Clash | undefined {
  const byName = new Map<string, Demand[]>()
  for (const demand of demands) byName.set(demand.name, [...(byName.get(demand.name) ?? []), demand])
  for (const [name, list] of byName) {
    const clash = clashOf(name, list, knowledge)
    if (clash) return clash
  }
  return undefined
}

function clashOf(name: string, demands: readonly Demand[], knowledge: Knowledge): Clash | undefined {
  for (const [at, first] of demands.entries()) {
    for (const second of demands.slice(at + 1)) {
      const sides = apart(name, first.spec, second.spec, knowledge)
      if (!sides) continue
      const [a, b] = sides
      return {
        name,
        sides: [
          { text: a, cause: first.cause },
          { text: b, cause: second.cause },
        ],
        text: `${quote(name)} would have to be both ${quote(a)} and ${quote(b)}`,
      }
    }
  }
  return undefined
}

/** The parts of two constraints that exclude each other. */
function apart(name: string, a: Spec, b: Spec, knowledge: Knowledge): [string, string] | undefined {
  if (!isAnyVersion(a.versions) && !isAnyVersion(b.versions)) {
    const versions = knowledge.facts(name)?.versions ?? []
    const fits = versions.some(
      ({ version }) => satisfiesVersions([version], a.versions) && satisfiesVersions([version], b.versions),
    )
    if (!fits) return [`@${printVersionList(a.versions)}`, `@${printVersionList(b.versions)}`]
  }
  for (const [variant, asked] of a.variants) {
    const other = b.variants.get(variant)
    const takesOne = knowledge
      .facts(name)
      ?.variants.get(variant)
      ?.definitions.every(({ kind }) => kind !== 'multi')
    if (other && takesOne && excludeEachOther(asked, other)) return [printOne(variant, asked), printOne(variant, other)]
  }
  const [target, otherTarget] = [a.arch?.target, b.arch?.target]
  if (target && otherTarget && target !== '*' && otherTarget !== '*') {
    if (!intersectTargets(target, otherTarget).length) return [`target=${target}`, `target=${otherTarget}`]
  }
  return undefined
}

const printOne = (name: string, variant: Variant): string => printVariant(name, variant).trim()

function excludeEachOther(a: Variant, b: Variant): boolean {
  const [first, second] = [a.values[0], b.values[0]]
  return first !== undefined && second !== undefined && valueKey(first) !== valueKey(second)
}

/** The package that a cause is about, where it says something of one. */
export const subjectOf = (cause: Cause): string | undefined => ('package' in cause ? cause.package : undefined)

/** Packages and virtuals that a cause brings in. */
export function broughtBy(cause: Cause, knowledge: Knowledge): string[] {
  if (cause.kind === 'dependency') return [specName(cause.spec)]
  return specsOf(cause, knowledge).map(({ name }) => name)
}
