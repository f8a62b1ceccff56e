// Values of variants that a node passes on to everything below it (`++shared`, `build_type==Debug`): wherever a package
// has the variant and the value is possible, it has the value.

import { type Lit, negate } from '../solver/literal.ts'
import type { Spec } from '../spec/spec.ts'
import type { Encoding } from './encoding.ts'
import { valueKey } from './package-facts.ts'
import type { PackageNode, VariantLits } from './package-node.ts'
import { addGift, anySetting, hasValue, settingOf, variantIs } from './properties.ts'

/** A value that something passes on. */
export interface Propagation {
  name: string
  value: string
}

/** Has a node pass on what a spec marks, whenever `guard` holds. The node has the values itself, if it can. */
export function propagateVariants(encoding: Encoding, node: PackageNode, spec: Spec, guard: Lit): void {
  for (const [name, asked] of spec.variants) {
    if (!asked.propagate) continue
    if (encoding.facts(node.name)?.variants.has(name)) {
      encoding.formula.implies(guard, variantIs(encoding, node, name, asked))
    }
    for (const value of asked.values.map(valueKey)) {
      const propagation = propagationOf(encoding, name, value)
      encoding.formula.addTo(arrival(encoding, node, propagation), guard)
      node.propagates.set(name, encoding.formula.or([node.propagates.get(name) ?? encoding.formula.false, guard]))
    }
  }
}

function propagationOf(encoding: Encoding, name: string, value: string): Propagation {
  const known = encoding.propagations.find((each) => each.name === name && each.value === value)
  if (known) return known
  const made = { name, value }
  encoding.propagations.push(made)
  for (const node of encoding.declared) receive(encoding, node, made)
  return made
}

/** That a value is passed on to a node. */
function arrival(encoding: Encoding, node: PackageNode, propagation: Propagation) {
  const known = node.arrivals.get(propagation)
  if (known) return known
  const open = encoding.formula.openOr(node)
  node.arrivals.set(propagation, open)
  for (const { parent, literal } of node.incoming) passOn(encoding, parent, node, literal, propagation)
  return open
}

function passOn(
  encoding: Encoding,
  parent: PackageNode,
  child: PackageNode,
  edge: Lit,
  propagation: Propagation,
): void {
  const { formula } = encoding
  const source = arrival(encoding, parent, propagation).literal
  formula.addTo(child.arrivals.get(propagation)!, formula.and([source, edge]))
}

/** Takes up an edge that has become possible. */
export function propagateOverEdge(encoding: Encoding, parent: PackageNode, child: PackageNode, edge: Lit): void {
  for (const propagation of child.arrivals.keys()) passOn(encoding, parent, child, edge, propagation)
}

/** What it means to a declared node that values are passed on. */
export function receivePropagations(encoding: Encoding, node: PackageNode): void {
  for (const propagation of encoding.propagations) receive(encoding, node, propagation)
}

function receive(encoding: Encoding, node: PackageNode, propagation: Propagation): void {
  const arrives = arrival(encoding, node, propagation).literal
  excludeRivals(encoding, node, propagation, arrives)
  const variant = node.variants.get(propagation.name)
  if (variant) receiveValue(encoding, node, variant, propagation, arrives)
}

/** Two values of one variant do not arrive at a node, whether or not it has the variant, unless it passes on its own. */
function excludeRivals(encoding: Encoding, node: PackageNode, { name, value }: Propagation, arrives: Lit): void {
  const { formula } = encoding
  for (const rival of encoding.propagations) {
    if (rival.name !== name || rival.value === value || !node.arrivals.has(rival)) continue
    const both = formula.and([arrives, node.arrivals.get(rival)!.literal])
    encoding.whenTrue(both, () => {
      if (isMultiValued(encoding, name)) return
      formula.clause([negate(both), node.propagates.get(name) ?? formula.false])
    })
  }
}

/** Whether the packages that pass on a variant have it with several values. */
function isMultiValued(encoding: Encoding, name: string): boolean {
  const sources = [...encoding.nodes.values()].filter(({ propagates }) => propagates.has(name))
  return sources.every(({ name: source }) =>
    encoding
      .facts(source)!
      .variants.get(name)
      ?.definitions.every(({ kind }) => kind === 'multi'),
  )
}

function receiveValue(
  encoding: Encoding,
  node: PackageNode,
  variant: VariantLits,
  { name, value }: Propagation,
  arrives: Lit,
): void {
  const { formula } = encoding
  const literal = hasValue(encoding, node, name, value)
  addGift(encoding, variant, value, arrives)
  for (const [at, { kind, penalties }] of node.facts!.variants.get(name)!.definitions.entries()) {
    const active = variant.active[at]!
    if (penalties.has(value)) {
      formula.clause([negate(arrives), negate(active), literal])
      if (kind === 'multi') excludeOthers(encoding, node, variant, { name, value }, formula.and([arrives, active]))
    } else if (kind !== 'multi') {
      // Nor may the node be told to have another value.
      for (const other of variant.values.keys()) {
        const isAsked = formula.and([arrives, active, settingOf(encoding, node, variant, other)])
        formula.clause([negate(isAsked), node.propagates.get(name) ?? formula.false])
      }
    }
  }
}

/** A variant that nobody sets has no values but those that are passed on. */
function excludeOthers(
  encoding: Encoding,
  node: PackageNode,
  variant: VariantLits,
  { name, value }: Propagation,
  guard: Lit,
): void {
  for (const [other, literal] of variant.values) {
    if (other === value) continue
    const also = encoding.propagations.find((each) => each.name === name && each.value === other)
    const arrives = also ? arrival(encoding, node, also).literal : encoding.formula.false
    encoding.formula.clause([negate(guard), anySetting(encoding, node, variant), negate(literal), arrives])
  }
}
