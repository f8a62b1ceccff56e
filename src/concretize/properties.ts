// Properties of a single node as literals: a version in a list, a value of a variant, a target, a flag.

import { type Lit, negate } from '../solver/literal.ts'
import type { CompilerFlag, FlagKind, Spec, Variant } from '../spec/spec.ts'
import { intersectTargets } from '../spec/target-range.ts'
import { isAnyVersion, isIn, printVersionList, type VersionList } from '../spec/version-list.ts'
import type { Encoding } from './encoding.ts'
import { type VariantDefinition, valueKey } from './package-facts.ts'
import type { FlagSource, PackageNode, VariantLits } from './package-node.ts'

/** That the version of a node is in a list. */
export function versionIn(encoding: Encoding, node: PackageNode, list: VersionList): Lit {
  if (isAnyVersion(list)) return node.exists
  const text = printVersionList(list)
  return encoding.property(node, `@${text}`, () => {
    const known = node.versionSets.get(text)
    if (known !== undefined) return known
    const allowed = node.facts!.versions.map(({ version }) => isIn(version, list))
    const literal = versionSet(encoding, node, allowed)
    node.versionSets.set(text, literal)
    return literal
  })
}

/** That the version of a declared node is one of those marked, by place in preference. */
export function versionSet(encoding: Encoding, node: PackageNode, allowed: readonly boolean[]): Lit {
  const { formula } = encoding
  const runs: Lit[] = []
  for (let start = 0; start < allowed.length; start++) {
    if (!allowed[start]) continue
    let end = start
    while (allowed[end + 1]) end++
    const after = node.atLeast[end + 1] ?? formula.false
    runs.push(formula.and([node.exists, node.atLeast[start]!, negate(after)]))
    start = end
  }
  return formula.or(runs)
}

/** That a variant of a node has a value. `isReused` takes values that no definition allows. */
export function hasValue(encoding: Encoding, node: PackageNode, name: string, value: string, isReused = false): Lit {
  return encoding.property(node, `${name}=${value}`, () => {
    const variant =
      node.variants.get(name) ?? (isReused || isAutomatic(name) ? addFreeVariant(encoding, node, name) : null)
    if (!variant) return encoding.formula.false
    const known = variant.values.get(value)
    if (known !== undefined) return known
    return addUnlistedValue(encoding, node, name, variant, value, isReused)
  })
}

/** Variants that no recipe declares; they exist where somebody sets them. */
const automaticVariants: ReadonlySet<string> = new Set(['dev_path', 'commit', 'patches'])
export const isAutomatic = (name: string): boolean => automaticVariants.has(name)

function addFreeVariant(encoding: Encoding, node: PackageNode, name: string): VariantLits {
  const variant: VariantLits = {
    has: node.exists,
    active: [],
    values: new Map(),
    setters: new Map(),
    gifts: new Map(),
    isSet: new Map(),
    isAnySet: null,
    others: [],
  }
  node.variants.set(name, variant)
  closeVariantOfReused(encoding, node, name, variant)
  return variant
}

function closeVariantOfReused(encoding: Encoding, node: PackageNode, name: string, variant: VariantLits): void {
  for (const { spec, literal } of node.candidates) {
    const own = spec.variants.get(name)
    for (const [value, has] of variant.values) {
      if (!own?.values.some((each) => valueKey(each) === value)) encoding.formula.implies(literal, negate(has))
    }
  }
}

/** A value that the recipe does not list: one that a validator accepts, or that something reused has. */
function addUnlistedValue(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  variant: VariantLits,
  value: string,
  isReused: boolean,
): Lit {
  const { formula } = encoding
  const definitions = node.facts!.variants.get(name)?.definitions ?? []
  const accepting = definitions.map(({ validate }) => validate?.(value) === true)
  const isFree = definitions.length === 0
  if (!isFree && !isReused && !accepting.includes(true)) return formula.false
  const literal = formula.fresh()
  formula.implies(literal, variant.has)
  // Of a definition that counts and does not accept the value, only a reused node has it.
  for (const [at, active] of variant.active.entries()) {
    if (!accepting[at]) formula.clause([negate(literal), negate(active), negate(node.build)])
    const other = variant.others[at]
    if (accepting[at] && other) formula.addTo(other, formula.and([active, literal]))
  }
  for (const [at, { kind }] of definitions.entries()) {
    if (kind === 'multi') continue
    for (const rival of variant.values.values()) {
      formula.clause([negate(variant.active[at]!), negate(literal), negate(rival), negate(node.build)])
    }
  }
  if (isFree && name !== 'patches') {
    for (const rival of variant.values.values()) formula.clause([negate(literal), negate(rival), negate(node.build)])
  }
  variant.values.set(value, literal)
  encoding.unlistedValues++
  for (const { spec, literal: reused } of node.candidates) {
    const own = spec.variants.get(name)
    if (!own?.values.some((each) => valueKey(each) === value)) formula.clause([negate(reused), negate(literal)])
  }
  // What was built elsewhere may have it; what is built here only has it if somebody asks.
  if (isFree) formula.clause([negate(literal), negate(node.build), settingOf(encoding, node, variant, value)])
  chargeUnlisted(encoding, node, variant, definitions, value, literal)
  return literal
}

const unlistedPenalty = 100

function chargeUnlisted(
  encoding: Encoding,
  node: PackageNode,
  variant: VariantLits,
  definitions: readonly VariantDefinition[],
  value: string,
  literal: Lit,
): void {
  for (const [at] of definitions.entries()) {
    encoding.whenTrue(literal, () => {
      const isSet = settingOf(encoding, node, variant, value)
      const charged = encoding.formula.and([variant.active[at]!, literal, negate(isSet)])
      encoding.nodeCost(node, ['rootVariants', 'variants'], charged, unlistedPenalty)
    })
  }
}

/** That somebody asked for a value or passed it on, which then costs nothing. */
export function settingOf(encoding: Encoding, node: PackageNode, variant: VariantLits, value: string): Lit {
  let open = variant.isSet.get(value)
  if (!open) {
    open = encoding.formula.openOr(node, [...(variant.setters.get(value) ?? []), ...(variant.gifts.get(value) ?? [])])
    variant.isSet.set(value, open)
  }
  return open.literal
}

/** Notes that `guard` asks for a value of a variant of a declared node. */
export function addSetter(encoding: Encoding, variant: VariantLits, value: string, guard: Lit): void {
  const list = variant.setters.get(value)
  if (list) list.push(guard)
  else variant.setters.set(value, [guard])
  const open = variant.isSet.get(value)
  if (open) encoding.formula.addTo(open, guard)
  if (variant.isAnySet) encoding.formula.addTo(variant.isAnySet, guard)
}

/** Notes that `guard` passes a value of a variant on to a declared node. */
export function addGift(encoding: Encoding, variant: VariantLits, value: string, guard: Lit): void {
  variant.gifts.set(value, [...(variant.gifts.get(value) ?? []), guard])
  const open = variant.isSet.get(value)
  if (open) encoding.formula.addTo(open, guard)
}

/** That somebody asked for any value of a variant. */
export function anySetting(encoding: Encoding, node: PackageNode, variant: VariantLits): Lit {
  variant.isAnySet ??= encoding.formula.openOr(node, [...variant.setters.values()].flat())
  return variant.isAnySet.literal
}

/** That a variant of a node is as a spec says. */
export function variantIs(encoding: Encoding, node: PackageNode, name: string, asked: Variant): Lit {
  const { formula } = encoding
  const values = asked.values.map(valueKey)
  const all = formula.and(values.map((value) => hasValue(encoding, node, name, value)))
  if (!asked.isExact || asked.kind !== 'multi') return all
  return encoding.property(node, `${name}:=${values.join()}`, () => {
    const others = [...(node.variants.get(name)?.values ?? [])].filter(([value]) => !values.includes(value))
    return formula.and([all, ...others.map(([, literal]) => negate(literal))])
  })
}

/** That the target of a node is in a text such as `x86_64_v3:` or `icelake`. */
export function targetIs(encoding: Encoding, node: PackageNode, text: string): Lit {
  return encoding.property(node, `target=${text}`, () => {
    const { formula } = encoding
    const matches = [...node.targets].filter(([name]) => text === '*' || intersectTargets(name, text).length > 0)
    return matches.length === node.targets.size ? node.exists : formula.or(matches.map(([, literal]) => literal))
  })
}

export function osIs(encoding: Encoding, node: PackageNode, os: string): Lit {
  return encoding.property(node, `os=${os}`, () => {
    if (os === '*') return node.exists
    return node.systems.get(os) ?? encoding.formula.false
  })
}

/** That a node has a flag. */
export function hasFlag(encoding: Encoding, node: PackageNode, kind: FlagKind, flag: CompilerFlag): Lit {
  const giving = node.flags.filter((source) => source.kind === kind && source.flag === flag.flag)
  const reused = encoding.property(node, `${kind}="${flag.flag}"`, () => reusedWithFlag(encoding, node, kind, flag))
  return encoding.formula.or([...giving.map(({ guard }) => guard), reused])
}

function reusedWithFlag(encoding: Encoding, node: PackageNode, kind: FlagKind, { flag }: CompilerFlag): Lit {
  const having = node.candidates.filter(({ spec }) => spec.flags.get(kind)?.some((own) => own.flag === flag))
  return encoding.formula.or(having.map(({ literal }) => literal))
}

/** That flags can be given to a node: it is built, or what is reused for it has them. */
export function takesFlags(encoding: Encoding, node: PackageNode, flags: Spec['flags']): Lit {
  const each = [...flags].flatMap(([kind, list]) =>
    list.map((flag) =>
      encoding.property(node, `built or ${kind}="${flag.flag}"`, () =>
        encoding.formula.or([node.build, reusedWithFlag(encoding, node, kind, flag)]),
      ),
    ),
  )
  return encoding.formula.and(each)
}

/** What the constraint says about the node itself, as literals that all have to hold. */
export function nodeProperties(encoding: Encoding, node: PackageNode, spec: Spec): Lit[] {
  const literals: Lit[] = []
  if (!isAnyVersion(spec.versions)) literals.push(versionIn(encoding, node, spec.versions))
  if (spec.arch) {
    const { platform, os, target } = spec.arch
    if (platform && platform !== '*')
      literals.push(encoding.formula.constant(platform === encoding.world.host.platform))
    if (os) literals.push(osIs(encoding, node, os))
    if (target) literals.push(targetIs(encoding, node, target))
  }
  for (const [name, variant] of spec.variants) {
    if (variant.values.length === 0 || variant.propagate) continue
    literals.push(variantIs(encoding, node, name, variant))
  }
  if (spec.namespace) {
    const namespace = encoding.world.package(node.name)?.namespace
    literals.push(encoding.formula.constant(namespace === spec.namespace))
  }
  if (spec.abstractHash) literals.push(hashStarts(encoding, node, spec.abstractHash))
  if (spec.concrete) literals.push(hashStarts(encoding, node, spec.concrete.hash))
  return literals
}

/** That what is reused for a node has a hash that starts so. */
export function hashStarts(encoding: Encoding, node: PackageNode, start: string): Lit {
  return encoding.property(node, `/${start}`, () =>
    encoding.formula.or(
      node.candidates.filter(({ spec }) => spec.concrete!.hash.startsWith(start)).map(({ literal }) => literal),
    ),
  )
}

/** Notes the flags that `guard` gives to a node. Requests that give it flags of a kind give it the same. */
export function addFlags(
  { formula }: Encoding,
  node: PackageNode,
  flags: Spec['flags'],
  guard: Lit,
  { source, rank }: Pick<FlagSource, 'source' | 'rank'>,
): void {
  for (const [kind, list] of flags) {
    const group = list.map(({ flag }) => flag).join(' ')
    for (const other of source === 'literal' ? node.flags : []) {
      if (other.source === source && other.kind === kind && other.group !== group)
        formula.clause([negate(guard), negate(other.guard)])
    }
    for (const { flag, propagate } of list) node.flags.push({ kind, flag, group, source, rank, propagate, guard })
  }
}
