// Which of the specs that exist may be reused: those that could be had again as they are, and that work on this machine.
// Spack's rules are in its `solver/reuse.py` and `solver/libc_compatibility.lp`.

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { parseSpec } from '../spec/parser.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { comparableVersion, compareKeys } from '../spec/version.ts'
import { versionOf } from './externals.ts'
import type { ReuseSource } from './reuse-settings.ts'
import type { SpecMaker, SpecPile } from './spec-pile.ts'
import type { ReusableSpecs } from './world.ts'

export interface PileSource {
  source: ReuseSource
  pile: SpecPile
}

/** An entry of `packages:NAME:externals`, as far as it tells whether an external is the one that it was. */
export interface ConfiguredEntry {
  spec: string
  prefix: string | null
  modules: readonly string[] | null
}

export interface ReuseContext {
  /** Externals of the configuration and the C libraries of its compilers. */
  externals: readonly Spec[]
  /** The rules for these. */
  externalSources: readonly ReuseSource[]
  piles: readonly PileSource[]
  /** Specs that may be used whatever the settings say: installed compilers, with what they need to run. */
  always: ReadonlyMap<string, readonly Spec[]>
  /** Entries of `packages`, by package. */
  entries: (name: string) => readonly ConfiguredEntry[]
  libcs: readonly Spec[]
  /** Whether a repository has the package of a spec. */
  isKnown: (spec: Spec) => boolean
  facts: SpecFacts
  maker: SpecMaker
}

/** What may be reused, worked out package by package. */
export function selectReusable(context: ReuseContext): ReusableSpecs {
  const known = new Map<string, readonly Spec[]>()
  const systems = new Set(context.externals.flatMap(({ arch }) => arch?.os ?? []))
  for (const { pile } of context.piles) for (const os of pile.systems()) systems.add(os)
  return {
    of: (name) => {
      let specs = known.get(name)
      if (!specs) {
        specs = reusableOf(name, context)
        known.set(name, specs)
      }
      return specs
    },
    systems: [...systems],
  }
}

/** Without those that are, or contain, something that is asked for: with `reuse: dependencies`. */
export function withoutRoots(reusable: ReusableSpecs, roots: readonly Spec[], facts: SpecFacts): ReusableSpecs {
  const isRoot = (node: Spec) =>
    roots.some((root) => (root.name === node.name || facts.isVirtual(root.name!)) && satisfies(node, root, { facts }))
  const holdsRoot = (spec: Spec) => traverseNodes([spec]).some(isRoot)
  return { ...reusable, of: (name) => reusable.of(name).filter((spec) => !holdsRoot(spec)) }
}

function reusableOf(name: string, context: ReuseContext): Spec[] {
  const externals = context.externals.filter((spec) => spec.name === name)
  const found = externals.filter((spec) => context.externalSources.some((source) => isSelected(spec, source, context)))
  // Its content depends on the recipe of the moment, which no hash tells.
  if (name === 'compiler-wrapper') return found
  for (const { source, pile } of context.piles) {
    for (const hash of pile.named(name)) {
      const spec = context.maker.spec(pile, hash)
      if (spec && isUsable(spec, hash, pile, source, context) && isSelected(spec, source, context)) found.push(spec)
    }
  }
  return distinct([...found, ...(context.always.get(name) ?? [])])
}

const distinct = (specs: readonly Spec[]): Spec[] => [
  ...new Map(specs.map((spec) => [spec.concrete!.hash, spec])).values(),
]

function isSelected(spec: Spec, { include, exclude }: ReuseSource, { facts }: ReuseContext): boolean {
  const isAny = (texts: readonly string[]) => texts.some((text) => satisfies(spec, parseSpec(text), { facts }))
  return (include.length === 0 || isAny(include)) && !isAny(exclude)
}

function isUsable(spec: Spec, hash: DagHash, pile: SpecPile, source: ReuseSource, context: ReuseContext): boolean {
  if (spec.variants.has('dev_path') || !context.isKnown(spec)) return false
  if (!spec.concrete!.external) return hasRuntimes(spec) && fitsLibc(spec, context.libcs)
  // An external of another machine, or one that is no longer configured, is not there.
  return (source.kind !== 'buildcache' && pile.isOfManifest?.(hash) === true) || isConfigured(spec, context)
}

/** Compilers whose users need a runtime: without it a spec is from a time when runtimes were no packages. */
const runtimes: readonly [compiler: string, runtime: string][] = [
  ['gcc', 'gcc-runtime'],
  ['intel-oneapi-compilers', 'intel-oneapi-runtime'],
]

const namesBelow = new WeakMap<Spec, ReadonlySet<string>>()

/** The names of those packages of `runtimes` that are in a DAG. */
function runtimeNames(spec: Spec): ReadonlySet<string> {
  const known = namesBelow.get(spec)
  if (known) return known
  const names = new Set<string>(runtimes.flat().filter((name) => name === spec.name))
  for (const { child } of spec.edges) for (const name of runtimeNames(child)) names.add(name)
  namesBelow.set(spec, names)
  return names
}

function hasRuntimes(spec: Spec): boolean {
  const names = runtimeNames(spec)
  return runtimes.every(([compiler, runtime]) => !names.has(compiler) || names.has(runtime))
}

/** What was linked with a C library runs with a newer one in the same place. */
function fitsLibc(spec: Spec, libcs: readonly Spec[]): boolean {
  const needed = spec.edges.find(({ virtuals }) => virtuals.includes('libc'))?.child
  if (!needed || libcs.length === 0) return true
  return libcs.some(
    (libc) =>
      libc.name === needed.name &&
      libc.concrete!.external?.path === (needed.concrete!.external?.path ?? null) &&
      compareKeys(comparableVersion(versionOf(libc)).key, comparableVersion(versionOf(needed)).key) >= 0,
  )
}

function isConfigured(spec: Spec, { entries, facts }: ReuseContext): boolean {
  const provided = facts.provides(spec.name!).flatMap(({ virtuals }) => virtuals.map((virtual) => virtual.name!))
  const { path, modules } = spec.concrete!.external!
  return [...new Set([spec.name!, ...provided])].flatMap(entries).some((entry) => {
    const hasPlace = entry.prefix === path && sameModules(entry.modules, modules)
    return hasPlace && satisfies(spec, parseSpec(entry.spec), { facts })
  })
}

const sameModules = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  JSON.stringify(a) === JSON.stringify(b)
