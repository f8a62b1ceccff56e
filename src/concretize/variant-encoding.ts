// The variants of a node: which it has, one or several of their values, what a value asks for, and what it costs when it is
// not the default.

import { type Lit, negate } from '../solver/literal.ts'
import { conditionHolds, impose } from './constraints.ts'
import type { Encoding } from './encoding.ts'
import { constraint, type PackageFacts, type VariantDefinition, type VariantFacts, valueKey } from './package-facts.ts'
import type { PackageNode, VariantLits } from './package-node.ts'
import { hasValue, settingOf } from './properties.ts'

/** Which variants a node has, their values, and what each costs. */
export function encodeVariants(encoding: Encoding, node: PackageNode): void {
  // All of them first: conditions of some speak of others.
  for (const variant of node.facts!.variants.values()) addVariant(encoding, node, variant)
  for (const variant of node.facts!.variants.values()) encodeVariant(encoding, node, variant)
}

function addVariant(encoding: Encoding, node: PackageNode, { name, definitions }: VariantFacts): void {
  const { formula } = encoding
  const isAlways = definitions.some(({ when }) => when === '')
  const values = new Map<string, Lit>()
  for (const { penalties } of definitions) {
    for (const value of penalties.keys()) {
      if (values.has(value)) continue
      const opposite = isAlways && isSwitch(definitions) ? [...values.values()][0] : undefined
      values.set(value, opposite === undefined ? formula.fresh() : negate(opposite))
    }
  }
  node.variants.set(name, {
    has: isAlways ? node.exists : formula.fresh(),
    active: [],
    values,
    setters: new Map(),
    gifts: new Map(),
    isSet: new Map(),
    isAnySet: definitions.some(({ isSticky }) => isSticky) ? formula.openOr(node) : null,
    others: [],
  })
}

/** Whether a variant that every node has is on or off by all of its definitions: then one literal is enough. */
const isSwitch = (definitions: readonly VariantDefinition[]): boolean =>
  definitions.every(({ kind, penalties, validate }) => kind === 'bool' && penalties.size === 2 && !validate)

function encodeVariant(encoding: Encoding, node: PackageNode, { name, definitions }: VariantFacts): void {
  const { formula } = encoding
  const variant = node.variants.get(name)!
  const conditions = definitions.map(({ when }) => conditionHolds(encoding, node, when))
  if (variant.has !== node.exists) {
    const blame = encoding.blame(() => ({ kind: 'conditional-variant', package: node.name, variant: name }))
    for (const condition of conditions) formula.implies(condition, variant.has)
    formula.clause([negate(variant.has), negate(blame), ...conditions])
  }
  variant.active = conditions.map((condition, at) => formula.and([condition, ...conditions.slice(at + 1).map(negate)]))
  const isPair = variant.has === node.exists && isSwitch(definitions)
  if (!isPair) for (const literal of variant.values.values()) formula.implies(literal, variant.has)
  for (const [at, definition] of definitions.entries()) encodeDefinition(encoding, node, name, definition, at)
}

function encodeDefinition(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  definition: VariantDefinition,
  at: number,
): void {
  const { formula } = encoding
  const variant = node.variants.get(name)!
  const active = variant.active[at]!
  if (active === formula.false) return
  const built = formula.and([active, node.build])
  const values = [...variant.values]
  const possible = values.filter(([value]) => definition.penalties.has(value)).map(([, literal]) => literal)
  const other = definition.validate ? formula.openOr(node) : null
  variant.others[at] = other
  formula.implies(built, ...possible, ...(other ? [other.literal] : []))
  for (const [value, literal] of values) {
    if (!definition.penalties.has(value) || definition.never.has(value)) formula.implies(built, negate(literal))
  }
  if (definition.kind !== 'multi') exclude(encoding, built, possible)
  else encodeSets(encoding, built, variant, definition)
  const blame = (value: string, when: string) =>
    encoding.blame(() => ({ kind: 'conditional-value', package: node.name, variant: name, value, when }))
  for (const [value, when] of definition.conditions)
    imposeCondition(encoding, node, formula.and([active, variant.values.get(value)!, blame(value, when)]), when)
  chargeValues(encoding, node, name, definition, active)
  if (definition.isSticky) keepSticky(encoding, node, name, definition, built)
}

/** What a conditional value asks for when it is chosen. */
function imposeCondition(encoding: Encoding, node: PackageNode, chosen: Lit, when: string): void {
  encoding.whenImposed(node, chosen, () =>
    impose(encoding, node, constraint(when), encoding.formula.and([chosen, node.build])),
  )
  // Known at once, so that the value is not tried where its condition cannot hold.
  encoding.formula.clause([negate(chosen), negate(node.build), conditionHolds(encoding, node, when)])
}

function exclude(encoding: Encoding, guard: Lit, literals: readonly Lit[]): void {
  if (literals.length <= 8) {
    for (let i = 0; i < literals.length; i++) {
      for (let j = 0; j < i; j++) encoding.formula.clause([negate(guard), negate(literals[i]!), negate(literals[j]!)])
    }
    return
  }
  encoding.formula.atMostOne(literals.map((literal) => encoding.formula.and([guard, literal])))
}

/** Values of different sets exclude each other, and `none` excludes all others. */
function encodeSets(encoding: Encoding, guard: Lit, variant: VariantLits, { sets }: VariantDefinition): void {
  if (sets.size === 0 && !variant.values.has('none')) return
  const groups = new Map<number | 'none' | undefined, Lit[]>()
  for (const [value, literal] of variant.values) {
    const set = value === 'none' ? value : sets.get(value)
    for (const [other, literals] of groups) {
      const areApart = set === 'none' || other === 'none' || (set !== undefined && other !== undefined && set !== other)
      if (!areApart) continue
      for (const rival of literals) encoding.formula.clause([negate(guard), negate(literal), negate(rival)])
    }
    const own = groups.get(set)
    if (own) own.push(literal)
    else groups.set(set, [literal])
  }
}

/**
 * The values that a variant has when nobody asks, each with when that is so: those requested, else those preferred, else
 * the recipe's.
 */
export function defaultValues(
  encoding: Encoding,
  facts: PackageFacts,
  name: string,
  definition: VariantDefinition,
): ReadonlyMap<string, Lit> {
  const { formula } = encoding
  const requested = encoding.requestedValues.get(facts.name)?.get(name)
  const isRequested = requested ? formula.or([...requested.values()]) : formula.false
  if (isRequested === formula.true) return requested!
  const standard = preferredValues(encoding, facts, name) ?? definition.defaults
  const defaults = new Map(standard.map((value) => [value, negate(isRequested)]))
  for (const [value, isAsked] of requested ?? [])
    defaults.set(value, formula.or([isAsked, defaults.get(value) ?? formula.false]))
  return defaults
}

function preferredValues(encoding: Encoding, facts: PackageFacts, name: string): string[] | null {
  const { packages } = encoding.world.settings
  const text = packages.get(facts.name)?.variants || packages.get('all')?.variants
  if (!text) return null
  const asked = constraint(text).variants.get(name)
  if (!asked || asked.values.length === 0) return null
  const values = asked.values.map(valueKey)
  const definitions = facts.variants.get(name)!.definitions
  const isPossible = (value: string) =>
    definitions.some(({ penalties, validate }) => penalties.has(value) || validate?.(value))
  const isSingle = definitions.every(({ kind }) => kind !== 'multi')
  return values.every(isPossible) && !(isSingle && values.length > 1) ? values : null
}

function chargeValues(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  definition: VariantDefinition,
  active: Lit,
): void {
  const { formula } = encoding
  const variant = node.variants.get(name)!
  const defaults = defaultValues(encoding, node.facts!, name, definition)
  const isMulti = definition.kind === 'multi'
  for (const [value, penalty] of definition.penalties) {
    const literal = variant.values.get(value)!
    const isDefault = defaults.get(value) ?? formula.false
    if (isMulti) chargeUnused(encoding, node, formula.and([active, isDefault, negate(literal)]))
    if (isDefault === formula.true) continue
    // Who sets it is looked at only when it is ever chosen.
    encoding.whenCharged(literal, () => {
      const isSet = settingOf(encoding, node, variant, value)
      const charged = formula.and([active, literal, negate(isDefault), negate(isSet)])
      encoding.nodeCost(node, ['rootVariants', 'variants'], charged, penalty)
    })
  }
  for (const [value, isDefault] of defaults) {
    if (definition.penalties.has(value)) continue
    hasValue(encoding, node, name, value)
    const literal = variant.values.get(value)
    if (isMulti && literal !== undefined)
      chargeUnused(encoding, node, formula.and([active, isDefault, negate(literal)]))
  }
}

function chargeUnused(encoding: Encoding, node: PackageNode, unused: Lit): void {
  encoding.nodeCost(node, ['rootDefaults', 'defaults'], unused, 1)
}

/** A sticky variant keeps its default unless somebody asks for something else. */
function keepSticky(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  definition: VariantDefinition,
  built: Lit,
): void {
  const variant = node.variants.get(name)!
  for (const [value, isDefault] of defaultValues(encoding, node.facts!, name, definition)) {
    const literal = hasValue(encoding, node, name, value)
    const blame = encoding.blame(() => ({ kind: 'sticky-variant', package: node.name, variant: name, value }))
    encoding.formula.clause([negate(built), variant.isAnySet!.literal, literal, negate(isDefault), negate(blame)])
  }
}
