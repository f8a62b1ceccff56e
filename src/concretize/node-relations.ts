// What depends on a node and its child together: targets that run on one another, and what versions and providers of packages
// that may be there several times cost on each edge.

import { type Lit, negate } from '../solver/literal.ts'
import { knownTarget } from '../spec/target.ts'
import { type Encoding, isCompiler, languages } from './encoding.ts'
import type { EdgeLits, PackageNode } from './package-node.ts'
import { targetIs } from './properties.ts'
import { providerWeight, virtualNode } from './virtuals.ts'

/** Takes up an edge that has become possible in what depends on pairs of nodes. */
export function relateNodes(encoding: Encoding, parent: PackageNode, edge: EdgeLits): void {
  if (edge.isRelated) return
  edge.isRelated = true
  encoding.whenTrue(edge.notBuildOnly, () => {
    parent.trueEdges.push(edge)
    for (const target of parent.trueTargets) relateTargets(encoding, parent, target, edge)
  })
  if (isCompiler(encoding.world, edge.child.name))
    encoding.whenTrue(edge.literal, () => chargeEdgeProviders(encoding, edge))
  if (!encoding.costsOnEdges(edge.child.name)) return
  encoding.whenTrue(edge.literal, () => {
    edge.child.trueIncoming.push(edge.literal)
    for (const place of edge.child.trueWeights) chargeEdgeVersion(encoding, edge.child, edge.literal, place)
  })
}

/** A parent needs children that run on its target; children of another target cost. */
export function relateTargets(encoding: Encoding, parent: PackageNode, target: string, edge: EdgeLits): void {
  const { formula } = encoding
  const own = parent.targets.get(target)!
  encoding.declare(edge.child)
  const same = targetIs(encoding, edge.child, target)
  if (same === edge.child.exists) return
  const running = [target, ...(knownTarget(target)?.ancestors ?? [])]
  const compatible = encoding.targets.filter((name) => running.includes(name))
  const lower = compatible.filter((name) => name !== target).map((name) => targetIs(encoding, edge.child, name))
  const blame = encoding.blame(() => ({
    kind: 'dependency-target',
    package: parent.name,
    dependency: edge.child.name,
  }))
  formula.clause([negate(own), negate(edge.notBuildOnly), same, ...lower, negate(blame)])
  if (encoding.runtimes.has(edge.child.name)) return
  const mismatch = formula.and([own, edge.notBuildOnly, negate(same)])
  encoding.nodeCost(edge.child, ['targetMismatches', 'targetMismatches'], mismatch, 1)
}

/** Also each edge to a package that may be there more than once costs the badness of its version, last of all. */
export function chargeEdgeVersion(encoding: Encoding, node: PackageNode, edge: Lit, place: number): void {
  const { formula } = encoding
  encoding.cost('edgeVersions', formula.and([edge, node.atLeast[place]!, negate(node.root)]), 1)
}

/** And each edge to a compiler costs for each language that it is not the preferred compiler of. */
function chargeEdgeProviders(encoding: Encoding, { child, literal: edge }: EdgeLits): void {
  for (const language of languages) {
    const { maxDupes, providers } = virtualNode(encoding, language)
    const provider = providers.find(({ node }) => node === child)
    if (maxDupes === 1 || !provider) continue
    const charged = encoding.formula.and([edge, provider.literal, negate(child.root)])
    encoding.cost('edgeProviders', charged, providerWeight(encoding, language, child.name))
  }
}
