// What a node is when something installed or cached is reused for it: version, variants, target, flags, and the very children
// that it was built with.

import { type Lit, negate } from '../solver/literal.ts'
import { deptypeBits, type Edge, type Spec } from '../spec/spec.ts'
import { linkRun } from '../spec/traverse-edges.ts'
import { exactVersion, satisfiesVersions } from '../spec/version-list.ts'
import { type Encoding, isSolvedAnew } from './encoding.ts'
import { relateNodes } from './node-relations.ts'
import { valueKey } from './package-facts.ts'
import type { PackageNode, VariantLits } from './package-node.ts'
import { hasValue, osIs, targetIs, versionSet } from './properties.ts'
import { chargeReusedCompilers } from './reused-compilers.ts'
import { addUse, virtualNode } from './virtuals.ts'

/** What a node is when one of its candidates is reused for it. */
export function encodeReuse(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  if (node.facts!.isBuildable && !encoding.runtimes.has(node.name)) encoding.cost('builds', node.build, 1)
  for (const { spec, literal } of node.candidates) {
    const version = exactVersion(spec.versions)!
    const places = node.facts!.versions.map((each) => satisfiesVersions([each.version], [version]))
    formula.implies(literal, versionSet(encoding, node, places))
    formula.implies(literal, targetIs(encoding, node, spec.arch!.target!))
    if (spec.arch?.os) formula.implies(literal, osIs(encoding, node, spec.arch.os))
    if (mayMeetMention(encoding, spec)) reuseValues(encoding, node, spec, literal)
    else encoding.whenTrue(literal, () => reuseValues(encoding, node, spec, literal))
    chargeReusedCompilers(encoding, spec, literal)
    // Declared variants are told at once: conditions speak of them.
    for (const [name, variant] of node.variants) tellValues(encoding, spec, name, variant, literal)
  }
}

/** Whether a virtual that requests mention is provided to a reused spec: growing the world would not find that out. */
const mayMeetMention = ({ virtuals }: Encoding, { edges }: Spec): boolean =>
  edges.some((edge) => edge.virtuals.some((name) => virtuals.get(name)?.providers.some(({ used }) => used)))

function tellValues(encoding: Encoding, spec: Spec, name: string, variant: VariantLits, literal: Lit): void {
  const own = new Set((spec.variants.get(name)?.values ?? []).map(valueKey))
  const isPair = new Set(Array.from(variant.values.values(), (has) => has >> 1)).size < variant.values.size
  if (isPair && own.size === 0) return
  for (const [value, has] of variant.values) encoding.formula.implies(literal, own.has(value) ? has : negate(has))
}

/** Values that no recipe lists, flags and edges of a reused spec. */
function reuseValues(encoding: Encoding, node: PackageNode, spec: Spec, literal: Lit): void {
  const { formula } = encoding
  for (const [name, variant] of spec.variants) {
    for (const value of variant.values.map(valueKey))
      formula.implies(literal, hasValue(encoding, node, name, value, true))
  }
  const isTold = new Set<string>()
  for (const edge of spec.edges) {
    const { child, deptypes } = edge
    if (!(deptypes & linkRun) || isSolvedAnew(encoding.world, spec, child)) continue
    isTold.add(child.name!)
    reuseChild(encoding, node, spec, edge, literal)
  }
  for (const [child, edge] of node.edges) if (!isTold.has(child.name)) encoding.closeReusedEdge(edge, spec, literal)
}

function reuseChild(
  encoding: Encoding,
  node: PackageNode,
  spec: Spec,
  { child, deptypes, virtuals }: Edge,
  literal: Lit,
): void {
  const { formula } = encoding
  const edges = encoding.nodesOf(child.name!).map((candidate) => {
    const edge = encoding.edge(node, candidate)
    encoding.closeReusedEdge(edge, spec, literal)
    const used = formula.and([literal, edge.literal])
    if (deptypes & deptypeBits.link) formula.implies(used, edge.types.link)
    if (deptypes & deptypeBits.run) formula.implies(used, edge.types.run)
    encoding.whenTrue(used, () => encoding.declare(candidate))
    const hash = child.concrete!.hash
    const same = encoding.property(candidate, `/${hash}`, () =>
      formula.or(candidate.candidates.filter((each) => each.spec.concrete!.hash === hash).map((each) => each.literal)),
    )
    formula.implies(used, same)
    for (const virtual of virtuals) provideToReused(encoding, candidate, virtual, used)
    relateNodes(encoding, node, edge)
    return edge.literal
  })
  formula.clause([negate(literal), ...edges])
  if (edges.length > 1) formula.atMostOne(edges.map((edge) => formula.and([literal, edge])))
}

/** What provides a virtual to a reused node is its provider for all. */
function provideToReused(encoding: Encoding, child: PackageNode, name: string, used: Lit): void {
  const virtual = virtualNode(encoding, name)
  addUse(encoding, virtual, child, used)
  const provider = virtual.providers.find(({ node }) => node === child)
  if (provider) encoding.formula.implies(used, provider.literal)
}
