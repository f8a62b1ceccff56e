// What a way to a node costs at least: by values of variants that must differ from their defaults so that directives on it
// apply, by providers that are not the preferred ones, by versions that are not the newest. These are what ways differ in
// first; one that is dearer than an answer at hand need not be looked at.

import { satisfiesVersions } from '../spec/version-list.ts'
import { type CriterionKey, criterionAt } from './criteria.ts'
import { type Encoding, languageRuntimes, languages } from './encoding.ts'
import { type Link, linksOf, packagesOf } from './links.ts'
import { constraint, type PackageFacts, valueKey } from './package-facts.ts'
import { nodeKey } from './package-node.ts'
import { defaultValues } from './variant-encoding.ts'
import { providerWeight } from './virtuals.ts'
import { isExcluded, isLastOn, isLinked, rootNames, type Way } from './ways.ts'

/** Costs of packages other than roots that are told of ways, in the order of the criteria. */
const aspects = ['variants', 'providers', 'versions'] as const
type Aspect = (typeof aspects)[number]

/** A directive by which a chain may go on, and what it costs its package. */
interface Step {
  link: Link
  /** What it may lead to, and what it costs that this provides the virtual that is asked for. */
  to: readonly { name: string; providers: number }[]
  isLinked: boolean
  /** What its condition costs the package; told when it is first asked for, since few are. */
  own: OwnCosts | null
  /** Variants of what it leads to that it asks for, which then cost nothing. */
  sets: readonly string[]
}

interface OwnCosts {
  /** Variants of the package that must not have their defaults, with the penalty of each. */
  needs: ReadonlyMap<string, number>
  variants: number
  versions: number
}

/** A package on a chain, by what was asked of its variants on the way there. */
interface Place {
  name: string
  isRoot: boolean
  sets: readonly string[]
  into: Move[]
  outOf: Move[]
}

/** From a place to the next, and what it costs. */
interface Move extends Readonly<Record<Aspect, number>> {
  from: Place
  to: Place
}

const infinity = Number.POSITIVE_INFINITY
const rowOf = (key: CriterionKey): number => criterionAt(key, true)

/** The index of the last criterion that is told of ways. */
export const lastAspect = rowOf('versions')

/**
 * Packages on a way that may be part of an answer better than the best so far, with what they cost at least in what is
 * compared at the moment. Every answer that has the way's node by the way has a chain of such packages from a root to it:
 * where somebody else asks for a value that one of them needs, there is a chain through who asks for it, too.
 */
export function worthOnWay(encoding: Encoding, way: Way): ReadonlyMap<string, number> {
  const { at } = encoding.optimizer.sought
  const compared = aspects.find((aspect) => rowOf(aspect) >= at) ?? null
  let places = placesOn(encoding, way)
  let costs: ReadonlyMap<Place, number> = new Map()
  for (const aspect of aspects) {
    costs = leastBy(places, way, aspect)
    const most = mostAt(encoding, aspect)
    places = places.filter((place) => costs.get(place)! < infinity && costs.get(place)! <= most)
    if (aspect === compared) break
  }
  const worth = new Map<string, number>()
  for (const place of places) {
    const cost = compared ? costs.get(place)! : 0
    if (cost < (worth.get(place.name) ?? infinity)) worth.set(place.name, cost)
  }
  return worth
}

/** What a criterion may cost in a better answer: no more than in the best, less where that is compared. */
function mostAt({ optimizer }: Encoding, key: CriterionKey): number {
  const { at, below } = optimizer.sought
  if (rowOf(key) === at) return below - 1
  return rowOf(key) < at ? (optimizer.leastOf(rowOf(key)) ?? infinity) : infinity
}

/** The places of all chains from a root that do not cost too much, and how they go on from each other. */
function placesOn(encoding: Encoding, way: Way): readonly Place[] {
  const places = new Map<string, Place>()
  const roots = rootNames(encoding)
  const placeOf = (name: string, sets: readonly string[]): Place => {
    const key = sets.length ? `${name} ${sets.join(' ')}` : name
    let place = places.get(key)
    if (!place) places.set(key, (place = { name, isRoot: roots.has(name), sets, into: [], outOf: [] }))
    return place
  }
  const budget = {
    variants: mostAt(encoding, 'variants'),
    providers: mostAt(encoding, 'providers'),
    versions: mostAt(encoding, 'versions'),
  }
  const ofRoots = { variants: mostAt(encoding, 'rootVariants'), versions: mostAt(encoding, 'rootVersions') }
  const goOn = (place: Place): void => {
    for (const step of stepsFrom(encoding, place.name)) {
      const isLast = isLastOn(way, step.link, place.isRoot)
      if (!isLast && (!step.isLinked || way.node.id > 0)) continue
      const targets = step.to
        .map(({ name, providers }) => ({ name, providers: roots.has(name) ? 0 : providers }))
        .filter(
          ({ name, providers }) =>
            providers <= budget.providers && (name === way.name ? isLast : mayLead(encoding, place.name, name)),
        )
      if (!targets.length) continue
      const own = ownCosts(encoding, place.name, step)
      // What roots cost is compared by itself.
      if (place.isRoot && (own.variants > ofRoots.variants || own.versions > ofRoots.versions)) continue
      const variants = place.isRoot ? 0 : variantCost(encoding, place, own)
      const versions = place.isRoot ? 0 : own.versions
      if (variants > budget.variants || versions > budget.versions) continue
      for (const { name, providers } of targets) {
        const to = placeOf(name, step.sets)
        const move: Move = { from: place, to, variants, providers, versions }
        place.outOf.push(move)
        to.into.push(move)
      }
    }
  }
  const starts = [...roots].map((name) => placeOf(name, []))
  return [
    ...distances(starts, 'to', 'variants', budget.variants, (place) => {
      if (place.name !== way.name) goOn(place)
      return place.outOf
    }).keys(),
  ]
}

/** Where the one before asks for some of it, or a value is passed on to all, others may ask for the rest. */
function variantCost({ propagations }: Encoding, { sets }: Place, { needs, variants }: OwnCosts): number {
  const isAsked = sets.some((name) => needs.has(name)) || propagations.some(({ name }) => needs.has(name))
  return isAsked ? 0 : variants
}

/** By place, what the cheapest chain of some places through it costs. */
function leastBy(places: readonly Place[], way: Way, aspect: Aspect): ReadonlyMap<Place, number> {
  const allowed = new Set(places)
  const starts = places.filter(({ isRoot }) => isRoot)
  const ends = places.filter(({ name }) => name === way.name)
  const before = distances(starts, 'to', aspect, infinity, ({ outOf }) => outOf.filter(({ to }) => allowed.has(to)))
  const after = distances(ends, 'from', aspect, infinity, ({ into }) => into.filter(({ from }) => allowed.has(from)))
  return new Map(places.map((place) => [place, (before.get(place) ?? infinity) + (after.get(place) ?? infinity)]))
}

/** What it costs at least to come from `starts` to a place, by moves to one side, as far as it is no more than `most`. */
function distances(
  starts: readonly Place[],
  side: 'from' | 'to',
  aspect: Aspect,
  most: number,
  movesOf: (place: Place) => readonly Move[],
): ReadonlyMap<Place, number> {
  const known = new Map<Place, number>()
  const byCost: Place[][] = []
  const reach = (place: Place, cost: number) => {
    if (cost > most || cost >= (known.get(place) ?? infinity)) return
    known.set(place, cost)
    ;(byCost[cost] ??= []).push(place)
  }
  for (const place of starts) reach(place, 0)
  for (let cost = 0; cost < byCost.length; cost++) {
    for (const place of byCost[cost] ?? [])
      if (known.get(place) === cost) for (const move of movesOf(place)) reach(move[side], cost + move[aspect])
  }
  return known
}

// --- what a dependency costs ------------------------------------------------------------------------------------------

const stepsByEncoding = new WeakMap<Encoding, Map<string, readonly Step[]>>()

/** How chains may go on from a package. */
function stepsFrom(encoding: Encoding, name: string): readonly Step[] {
  const known = stepsByEncoding.get(encoding) ?? new Map<string, readonly Step[]>()
  stepsByEncoding.set(encoding, known)
  let steps = known.get(name)
  if (!steps) {
    steps = linksOf(encoding.world, name).map((link) => stepBy(encoding, link))
    known.set(name, steps)
  }
  return steps
}

function stepBy(encoding: Encoding, link: Link): Step {
  return {
    link,
    to: packagesOf(encoding.world, link.name).map((name) => ({
      name,
      providers: providerCost(encoding, link.name, name),
    })),
    isLinked: isLinked(link),
    sets: hasVariants(link.spec) ? [...constraint(link.spec).variants.keys()] : [],
    own: null,
  }
}

/** Whether a package may depend on another, as far as nothing that is settled speaks against it. */
function mayLead(encoding: Encoding, from: string, to: string): boolean {
  if (from === to) return false
  const parent = encoding.nodes.get(nodeKey(from, 0))
  if (!parent?.isBuildEncoded || parent.candidates.length > 0) return true
  const child = encoding.nodes.get(nodeKey(to, 0))
  const edge = child && parent.edges.get(child)
  return edge !== undefined && !isExcluded(encoding, edge.notBuildOnly)
}

function providerCost(encoding: Encoding, virtual: string, provider: string): number {
  if (virtual === provider || !encoding.world.isVirtual(virtual)) return 0
  const isCounted = !languages.includes(virtual) && !languageRuntimes.includes(virtual)
  return isCounted && !encoding.world.reusable.of(provider).length ? providerWeight(encoding, virtual, provider) : 0
}

const noCosts: OwnCosts = { needs: new Map(), variants: 0, versions: 0 }

/** Whether the text of a constraint may speak of variants. */
const hasVariants = (text: string): boolean => /[+~=]/.test(text)

/** What the condition of a directive costs its package at least, unless settings or the package itself ask for it. */
function ownCosts(encoding: Encoding, name: string, step: Step): OwnCosts {
  if (step.own) return step.own
  const facts = encoding.facts(name)
  step.own = facts ? conditionCosts(encoding, facts, step.link.when) : noCosts
  return step.own
}

function conditionCosts(encoding: Encoding, facts: PackageFacts, when: string): OwnCosts {
  if (when === '' || facts.candidates.length > 0) return noCosts
  const asked = constraint(when)
  const free = asked.variants.size > 0 ? freeVariants(encoding, facts) : new Set()
  const needs = new Map<string, number>()
  for (const [name, { values }] of asked.variants) {
    const dear = values.map(valueKey).filter((value) => !free.has(`${name}=${value}`))
    const sum = dear.reduce((total, value) => total + penaltyOf(encoding, facts, name, value), 0)
    if (sum > 0) needs.set(name, sum)
  }
  const versions = asked.versions.length
    ? facts.versions.findIndex(({ version }) => satisfiesVersions([version], asked.versions))
    : 0
  return { needs, variants: [...needs.values()].reduce((sum, each) => sum + each, 0), versions: Math.max(0, versions) }
}

/** What it costs at least that a variant has a value. */
function penaltyOf(encoding: Encoding, facts: PackageFacts, name: string, value: string): number {
  const definitions = facts.variants.get(name)?.definitions ?? []
  const penalties = definitions.map((definition) =>
    defaultValues(encoding, facts, name, definition).has(value) ? 0 : (definition.penalties.get(value) ?? infinity),
  )
  const least = Math.min(...penalties)
  return least < infinity ? least : 0
}

/** Values of variants that may be set though nothing that depends on the package asks for them: `shared=true`. */
function freeVariants(encoding: Encoding, { name, package: { recipe }, variants }: PackageFacts): ReadonlySet<string> {
  const { world } = encoding
  const settings = [world.settings.packages.get(name), world.settings.packages.get('all')]
  const asked = settings.flatMap((each) => [
    ...(each?.require.flatMap(({ specs }) => specs) ?? []),
    ...(each?.prefer.map(({ spec }) => spec) ?? []),
  ])
  const conditions = [...variants.values()].flatMap(({ definitions }) =>
    definitions.flatMap((definition) => [...definition.conditions.values()]),
  )
  const own = recipe.requires.flatMap(({ specs }) => specs)
  const supposed = world.supposed?.get(name)?.spec ?? ''
  const specs = [...asked, ...conditions, ...own, supposed].filter(hasVariants).map(constraint)
  const developed = world.developed?.filter((spec) => spec.name === name) ?? []
  const values = [...specs, ...developed].flatMap((spec) =>
    [...spec.variants].flatMap(([variant, asked]) => asked.values.map((value) => `${variant}=${valueKey(value)}`)),
  )
  return new Set(values)
}
