// What a package may depend on, and what may depend on it, whatever the variants and versions: names, from the recipes.

import { specName } from '../spec/characters.ts'
import { parseSpec } from '../spec/parser.ts'
import { intersects } from '../spec/satisfies.ts'
import type { Deptype } from '../spec/spec.ts'
import type { PackageNeeds, Recipe } from './recipe.ts'
import type { RepositoryPath } from './repository-path.ts'

export interface PossibleDependencies {
  /** Packages; the given one only if it may depend on itself through others. */
  packages: Set<string>
  virtuals: Set<string>
}

export interface DependencyOptions {
  deptypes: readonly Deptype[]
  transitive: boolean
  /** Providers in place of virtuals. */
  expandVirtuals: boolean
  /** The platform and family of the machine, as a spec: what requires another one is left out. */
  machine: string
}

/** What is asked of packages to see how they hang together; nothing is found out that is not asked. */
export interface PackageGraph {
  isVirtual: (name: string) => boolean
  /** Names of the packages that provide a virtual. */
  providers: (virtual: string) => readonly string[]
  /** undefined when there is no such package. */
  needs: (name: string) => PackageNeeds | undefined
}

/** What the package `name`, or each provider of the virtual `name`, may depend on. */
export function possibleDependencies(
  path: RepositoryPath,
  name: string,
  options: DependencyOptions,
): PossibleDependencies {
  const own = path.isVirtual(name) ? name : path.require(name).name
  const found = reachableFrom(graphOf(path), [own], options)
  if (!path.isVirtual(name)) found.packages.delete(own)
  return found
}

/** The packages, and for virtuals their providers, and all that these may depend on. */
export function reachableFrom(
  graph: PackageGraph,
  names: readonly string[],
  options: DependencyOptions,
): PossibleDependencies {
  const isFor = machineCheck(graph, options.machine)
  const cLibraries = new Set(graph.providers('libc'))
  const virtuals = new Set<string>()
  const visited = new Set<string>()
  const children = new Set<string>()
  const waiting = names.flatMap((name) => (graph.isVirtual(name) ? graph.providers(name) : [name]))
  for (const each of waiting) {
    if (visited.has(each)) continue
    visited.add(each)
    // What the C library was built with is no concern of its users.
    const needs = cLibraries.has(each) ? undefined : graph.needs(each)
    for (const dependency of needs ? dependencyNames(needs, options.deptypes) : []) {
      if (virtuals.has(dependency)) continue
      const isVirtual = graph.isVirtual(dependency)
      if (isVirtual) virtuals.add(dependency)
      const real = !isVirtual ? [dependency] : options.expandVirtuals ? graph.providers(dependency) : []
      for (const child of real.filter(isFor)) {
        children.add(child)
        if (options.transitive) waiting.push(child)
      }
    }
  }
  return { packages: new Set([...visited, ...children]), virtuals }
}

/** What each package that is reached from some may directly depend on, providers in place of virtuals; by package. */
export function possibleEdges(
  path: RepositoryPath,
  names: readonly string[],
  options: Pick<DependencyOptions, 'deptypes' | 'machine'>,
): Map<string, readonly string[]> {
  const isFor = machineCheck(graphOf(path), options.machine)
  const cLibraries = new Set(providerNames(path, 'libc'))
  const providers = (name: string) => (path.isVirtual(name) ? providerNames(path, name) : [name])
  const edges = new Map<string, readonly string[]>()
  const waiting = names.flatMap(providers)
  for (const name of waiting) {
    if (edges.has(name)) continue
    const recipe = cLibraries.has(name) ? undefined : recipeOf(path, name)
    const children = recipe ? [...dependencyNames(recipe, options.deptypes)].flatMap(providers).filter(isFor) : []
    const targets = [...new Set(children)].sort()
    edges.set(name, targets)
    waiting.push(...targets)
  }
  return edges
}

/** Packages by the names, virtuals included, of what they may depend on. */
export function dependentsByName(path: RepositoryPath): Map<string, Set<string>> {
  const dependents = new Map<string, Set<string>>()
  const add = (name: string, dependent: string) => {
    const known = dependents.get(name)
    if (known) known.add(dependent)
    else dependents.set(name, new Set([dependent]))
  }
  for (const name of path.names) {
    const recipe = recipeOf(path, name)
    if (!recipe || recipe.virtual) continue
    for (const dependency of dependencyNames(recipe)) {
      add(dependency, name)
      for (const provider of path.isVirtual(dependency) ? providerNames(path, dependency) : []) add(provider, name)
    }
  }
  return dependents
}

const recipeOf = (path: RepositoryPath, name: string): Recipe | undefined => {
  const found = path.find(name)
  return found && path.recipe(found)
}

const graphOf = (path: RepositoryPath): PackageGraph => ({
  isVirtual: path.isVirtual,
  providers: (virtual) => providerNames(path, virtual),
  needs: (name) => recipeOf(path, name),
})

/** Names, virtuals among them; of all types unless some are given. */
export function dependencyNames({ dependencies }: PackageNeeds, deptypes?: readonly Deptype[]): Set<string> {
  const wanted = dependencies.filter(({ types }) => !deptypes || types.some((type) => deptypes.includes(type)))
  return new Set(wanted.map(({ spec }) => specName(spec)))
}

/** Names of the packages that provide a virtual. */
const providerNames = (path: RepositoryPath, virtual: string): string[] => [
  ...new Set(
    path
      .virtuals()
      .get(virtual)
      ?.providers.map(({ provider }) => provider),
  ),
]

/** Whether a package exists and requires no other platform or family than that of the machine. */
function machineCheck(graph: PackageGraph, machine: string): (name: string) => boolean {
  const here = parseSpec(machine)
  // Most that require something require the same.
  const isHere = onceByText((spec) => intersects(parseSpec(spec), here))
  return onceByText((name) => {
    const always = graph.needs(name)?.requires.filter(({ when }) => when === '')
    return always?.every(({ specs }) => specs.some(isHere)) ?? false
  })
}

function onceByText(decide: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>()
  return (text) => {
    const verdict = known.get(text) ?? decide(text)
    known.set(text, verdict)
    return verdict
  }
}
