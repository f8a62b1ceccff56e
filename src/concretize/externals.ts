// Externals of `packages.yaml` as concrete specs: what an entry leaves open is completed with the machine's architecture
// and the defaults of the recipe.

import type { ConfigValue } from '../config/node.ts'
import { completeVariants } from '../recipes/default-variants.ts'
import { archIntersects, constrainArch } from '../spec/arch.ts'
import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { completeFlags } from '../spec/flags.ts'
import { computeHash } from '../spec/hash.ts'
import type { JsonObject } from '../spec/json.ts'
import { specfileVersion, writeNode } from '../spec/node.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import {
  type DagHash,
  type DeptypeMask,
  deptypeBits,
  groupEdges,
  type Spec,
  setVariant,
  type Variant,
} from '../spec/spec.ts'
import { requireTarget } from '../spec/target.ts'
import { boolVariant, multiVariant } from '../spec/variant-text.ts'
import { exactVersion, namedVersion } from '../spec/version-list.ts'
import { SpackError } from '../ui/error.ts'
import { constraint } from './package-facts.ts'
import { packageHash } from './package-hash.ts'
import type { Package } from './world.ts'

/** One entry of `packages:NAME:externals`. */
export interface ExternalEntry {
  spec: string
  prefix: string | null
  modules: readonly string[] | null
  extraAttributes: JsonObject
  /** The target that `require` asks for, if it names one. */
  requiredTarget: string | null
  /** Other entries that it depends on. */
  dependencies: readonly { id?: string; spec?: string; deptypes?: ConfigValue; virtuals?: string }[]
  id: string | null
  where: string | null
}

export interface ExternalContext {
  package: (name: string) => Package | undefined
  host: { platform: string; os: string; target: string }
  facts: SpecFacts
  /** `default_variants`, or `architecture_only`. */
  completesVariants: boolean
  warn: (text: string) => void
}

interface Draft {
  entry: ExternalEntry
  spec: Spec
  recipe: Package['recipe']
}

const places = new WeakMap<Spec, string>()

/** Where an external is declared, as `file:line`. */
export const placeOfExternal = (spec: Spec): string | null => places.get(spec) ?? null

/** The concrete specs of all entries that can be used here; packages that no repository has are passed over. */
export function externalSpecs(entries: readonly ExternalEntry[], context: ExternalContext): Spec[] {
  const drafts = entries.flatMap((entry) => draftOf(entry, context) ?? [])
  for (const draft of drafts) connect(draft, drafts, context)
  const finished = new Set<Spec>()
  const finish = ({ spec, recipe, entry }: Draft): void => {
    if (finished.has(spec)) return
    finished.add(spec)
    for (const { child } of spec.edges) finish(drafts.find((draft) => draft.spec === child)!)
    spec.concrete = {
      hash: '' as DagHash,
      packageHash: packageHash(recipe, spec, [], context.facts),
      external: { path: entry.prefix, modules: entry.modules, extraAttributes: entry.extraAttributes },
      patches: [],
      buildSpec: null,
      originalSpecfileVersion: specfileVersion,
      legacyCompiler: null,
    }
    spec.concrete.hash = computeHash(writeNode(spec))
  }
  for (const draft of drafts) finish(draft)
  return drafts.map(({ spec }) => spec)
}

function draftOf(entry: ExternalEntry, context: ExternalContext): Draft | undefined {
  const spec = parseSpec(entry.spec)
  const at = entry.where ? ` (${entry.where})` : ''
  const version = namedVersion(spec.versions)
  if (!version) {
    context.warn(`the external \`${entry.spec}\`${at} has no exact version and is passed over`)
    return undefined
  }
  spec.versions = [version]
  const found = context.package(spec.name!)
  if (!found) return undefined
  if (entry.requiredTarget) {
    const required = { platform: null, os: null, target: entry.requiredTarget }
    if (!archIntersects(spec.arch, required)) return undefined
    spec.arch = constrainArch(spec.arch, required)
  }
  const { host } = context
  spec.arch = {
    platform: spec.arch?.platform ?? host.platform,
    os: spec.arch?.os ?? host.os,
    target: spec.arch?.target ?? requireTarget(host.target).family,
  }
  spec.namespace = found.namespace
  if (entry.where) places.set(spec, entry.where)
  spec.flags = completeFlags(spec.flags)
  for (const [name, { values }] of spec.variants) setVariant(spec, name, asWritten(values))
  if (context.completesVariants) completeVariants(spec, found.recipe.variants, context.facts)
  return { entry, spec, recipe: found.recipe }
}

/** Values as they are written: Spack does not ask whether a variant takes one word or several, and hashes a list. */
function asWritten(values: readonly (string | boolean)[]): Variant {
  const [value] = values
  return typeof value === 'boolean' ? boolVariant(value) : multiVariant(values.map(String), { isExact: true })
}

function connect({ entry, spec, recipe }: Draft, drafts: readonly Draft[], { facts }: ExternalContext): void {
  const inline = spec.edges.map((edge) => ({
    spec: printSpec(edge.child),
    mask: edge.deptypes,
    virtuals: [...edge.virtuals],
    id: undefined as string | undefined,
  }))
  const listed = entry.dependencies.map((each) => ({
    spec: each.spec ?? '',
    mask: maskOf(each.deptypes),
    virtuals: each.virtuals?.split(',') ?? [],
    id: each.id,
  }))
  spec.edges = []
  for (const wanted of [...inline, ...listed]) {
    const child = findExternal(entry, wanted, drafts, facts)
    const known = declaredTypes(recipe, spec, child, facts)
    const isOpen = wanted.mask === 0 && wanted.virtuals.length === 0
    spec.edges.push({
      child,
      deptypes: isOpen ? known.mask : wanted.mask || deptypeBits.build | deptypeBits.link,
      virtuals: isOpen ? known.virtuals : wanted.virtuals,
      direct: false,
      propagate: false,
      when: null,
    })
  }
  spec.edges = groupEdges(spec.edges)
}

function maskOf(deptypes: ConfigValue | undefined): DeptypeMask {
  const names = typeof deptypes === 'string' ? [deptypes] : ((deptypes as string[] | undefined) ?? [])
  return names.reduce((mask, name) => mask | (deptypeBits[name as keyof typeof deptypeBits] ?? 0), 0)
}

function findExternal(
  entry: ExternalEntry,
  wanted: { id: string | undefined; spec: string },
  drafts: readonly Draft[],
  facts: SpecFacts,
): Spec {
  const matches = drafts.filter((draft) =>
    wanted.id === undefined
      ? satisfies(draft.spec, constraint(wanted.spec), { facts, nodeOnly: true })
      : draft.entry.id === wanted.id,
  )
  if (matches.length === 1) return matches[0]!.spec
  const name = wanted.id ?? wanted.spec
  throw new SpackError(
    'external-dependency',
    `the external \`${entry.spec}\` depends on \`${name}\`, ${matches.length ? 'which several externals are' : 'which no external is'}`,
    { where: entry.where ?? undefined, hint: 'give the externals an `id` and name that under `dependencies`' },
  )
}

/** As which a recipe depends on another external. */
function declaredTypes(
  recipe: Package['recipe'],
  spec: Spec,
  child: Spec,
  facts: SpecFacts,
): { mask: DeptypeMask; virtuals: string[] } {
  let mask: DeptypeMask = 0
  const virtuals: string[] = []
  for (const { spec: text, when, types } of recipe.dependencies) {
    const { name } = constraint(text)
    if (when !== '' && !satisfies(spec, constraint(when), { facts })) continue
    const isVirtual = facts.isVirtual(name!)
    const fits = isVirtual
      ? facts.provides(child.name!).some((row) => row.virtuals.some((virtual) => virtual.name === name))
      : name === child.name
    if (!fits) continue
    for (const type of types) mask |= deptypeBits[type]
    if (isVirtual) virtuals.push(name!)
  }
  return { mask, virtuals: [...new Set(virtuals)].sort() }
}

/** The version of a concrete spec. */
export const versionOf = (spec: Spec) => exactVersion(spec.versions)!
