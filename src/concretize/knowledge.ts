// What can be said of packages without a search, to explain what a search found: which versions, variants and values
// there are, what may not be built, which compilers there are, how a package may come to depend on another.

import { specName } from '../spec/characters.ts'
import { intersects, satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { exactVersion } from '../spec/version-list.ts'
import { languages } from './encoding.ts'
import { placeOfExternal } from './externals.ts'
import { linksOf, packagesOf } from './links.ts'
import { constraint, type PackageFacts, packageFacts } from './package-facts.ts'
import type { Request } from './requests.ts'
import { candidateTargets, extraVersions } from './solve.ts'
import { specFacts } from './spec-facts.ts'
import type { Origin, RuntimeRule, World } from './world.ts'

/** A way in which a package may come to depend on another: one directive a step. */
export type Route = readonly { package: string; spec: string; when: string; child: string }[]

export interface Knowledge {
  world: World
  requests: readonly Request[]
  facts: (name: string) => PackageFacts | undefined
  /** Concrete specs of a package that could be reused. */
  reusable: (name: string) => readonly Spec[]
  /** Targets that anything may be built for. */
  targets: () => readonly string[]
  /** Whether the root of a graph may have some node of a package below it; the shortest way. */
  route: (root: string, name: string) => Route | undefined
}

export function makeKnowledge(world: World, requests: readonly Request[]): Knowledge {
  const extra = extraVersions(world, requests)
  const known = new Map<string, PackageFacts | undefined>()
  return {
    world,
    requests,
    facts: (name) => {
      if (!known.has(name)) known.set(name, packageFacts(world, name, extra))
      return known.get(name)
    },
    reusable: world.reusable.of,
    targets: () => candidateTargets(world, requests),
    route: (root, name) => shortestRoute(world, root, name),
  }
}

/** Whether a package may be built, and where it is said that it may not. */
export function buildability({ world }: Knowledge, name: string): { isBuildable: boolean; where: string | null } {
  const own = world.settings.packages.get(name)
  return { isBuildable: own?.isBuildable ?? true, where: own?.buildableAt ?? null }
}

export interface Installed {
  spec: Spec
  text: string
  /** Where it is declared, if it is an external. */
  where: string | null
}

/** What there is of a package already: externals, installed specs, binaries. */
export const installed = (knowledge: Knowledge, name: string): Installed[] =>
  knowledge.reusable(name).map((spec) => ({
    spec,
    text: `${spec.name}@${exactVersion(spec.versions)!.text}`,
    where: placeOfExternal(spec),
  }))

export interface AvailableCompiler extends Installed {
  languages: readonly string[]
}

/** All compilers that can be used, with the languages they have. */
export function availableCompilers(knowledge: Knowledge): AvailableCompiler[] {
  const { world } = knowledge
  const names = [...new Set(languages.flatMap((language) => world.providers(language)))]
  const facts = specFacts(world)
  return names.flatMap((name) =>
    installed(knowledge, name).map((each) => {
      const rows = facts.provides(name).filter(({ when }) => satisfies(each.spec, when, { facts }))
      const has = (language: string) =>
        rows.some(({ virtuals }) => virtuals.some((virtual) => virtual.name === language))
      return { ...each, languages: languages.filter(has) }
    }),
  )
}

/** Breadth first over all directives of recipes, whatever their conditions; providers stand in for virtuals. */
function shortestRoute(world: World, root: string, name: string): Route | undefined {
  const starts = packagesOf(world, root)
  const came = new Map<string, Route[number] | null>(starts.map((each) => [each, null]))
  const wanted = new Set(packagesOf(world, name))
  const isFound = (each: string) => wanted.has(each) && !starts.includes(each)
  for (const parent of came.keys()) {
    for (const { spec, when } of directivesOf(world, parent)) {
      for (const each of packagesOf(world, specName(spec))) {
        if (came.has(each) || !world.package(each)) continue
        came.set(each, { package: parent, spec, when, child: each })
        if (isFound(each)) return walkBack(came, each)
      }
    }
  }
  return undefined
}

function directivesOf({ package: find, compilers }: World, name: string): { spec: string; when: string }[] {
  const isDependency = (rule: RuntimeRule) => rule.kind === 'depends_on'
  const injected = compilers.flatMap(({ rules }) => rules.filter(isDependency))
  return [...(find(name)?.recipe.dependencies ?? []), ...injected.map(({ spec, when }) => ({ spec, when }))]
}

function walkBack(came: ReadonlyMap<string, Route[number] | null>, end: string): Route {
  const steps: Route[number][] = []
  for (let step = came.get(end); step; step = came.get(step.package)) steps.unshift(step)
  return steps
}

/** The node of a constraint on a package, and those of all that it says of packages below. */
export function* nodesOf(spec: Spec): Generator<{ name: string; spec: Spec; isCompilerEdge: boolean }> {
  if (spec.concrete) {
    for (const node of traverseNodes([spec])) yield { name: node.name!, spec: node, isCompilerEdge: false }
    return
  }
  if (spec.name) yield { name: spec.name, spec, isCompilerEdge: false }
  for (const { child, direct } of spec.edges) {
    for (const node of nodesOf(child)) yield node.spec === child ? { ...node, isCompilerEdge: direct } : node
  }
}

/** The request that was made by such words. */
export const requestOf = ({ requests }: Knowledge, { text, where }: Origin): Request | undefined =>
  requests.find(({ origin }) => origin.text === text && origin.where === where)

/** Whether a root may depend on a package, be it directly, or by what it links to or runs; by the recipes and what is reused. */
export function mayDependOn({ world }: Knowledge, root: Spec, name: string): boolean {
  const wanted = new Set([...packagesOf(world, name), name])
  const isFound = (each: string) => wanted.has(each) || packagesOf(world, each).some((one) => wanted.has(one))
  const starts = packagesOf(world, root.name!)
  if (starts.some((start) => start !== root.name && wanted.has(start))) return true
  const seen = new Set(starts)
  for (const parent of seen) {
    const isRoot = starts.includes(parent)
    for (const { name: child, when, types } of linksOf(world, parent)) {
      const isLinked = types.some((type) => type === 'link' || type === 'run')
      const isPossible = isRoot
        ? when === '' || intersects(withoutEdges(root), withoutEdges(constraint(when)))
        : isLinked
      if (!isPossible) continue
      if (isFound(child)) return true
      if (isLinked) for (const each of packagesOf(world, child)) seen.add(each)
    }
  }
  return false
}

const withoutEdges = (spec: Spec): Spec => ({ ...spec, name: null, edges: [] })
