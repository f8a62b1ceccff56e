// Why a package is in a graph: the directives that lead to it from what was asked for, by the recipes.

import { specName } from '../spec/characters.ts'
import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { satisfies } from '../spec/satisfies.ts'
import { deptypeNames, type Edge, type Spec } from '../spec/spec.ts'
import { exactVersion } from '../spec/version-list.ts'
import { enumerate, quote, type Statement, says, whenText } from './explanation.ts'
import { placeOfExternal } from './externals.ts'
import { constraint } from './package-facts.ts'
import type { World } from './world.ts'

/** From a root down to a node. */
export type Chain = readonly { parent: Spec; edge: Edge }[]

/** `cmake@3.31.6`. */
export const nodeText = (spec: Spec): string => `${spec.name}@${exactVersion(spec.versions)?.text ?? ''}`

/** The shortest chain to a node through each of its parents, the shortest first. */
export function chainsTo(root: Spec, node: Spec): Chain[] {
  const came = new Map<Spec, Chain>([[root, []]])
  for (const [parent, chain] of came) {
    for (const edge of parent.edges) if (!came.has(edge.child)) came.set(edge.child, [...chain, { parent, edge }])
  }
  const chains: Chain[] = []
  for (const [parent, chain] of came) {
    const edge = parent.edges.find(({ child }) => child === node)
    if (edge) chains.push([...chain, { parent, edge }])
  }
  return chains.sort((a, b) => a.length - b.length)
}

/** A chain in sentences: for each step the directives that make it. */
export const chainStatements = (chain: Chain, world: World, facts: SpecFacts): Statement[] =>
  chain.flatMap(({ parent, edge }) => stepStatements(parent, edge, world, facts))

function stepStatements(parent: Spec, edge: Edge, world: World, facts: SpecFacts): Statement[] {
  const rows = directivesFor(parent, edge, world, facts)
  const types = enumerate(deptypeNames(edge.deptypes).map((type) => typeWords[type]))
  const through = edge.virtuals.length ? `, which ${quote(nodeText(edge.child))} provides` : ''
  if (!rows.length) return [undeclaredStep(parent, edge, types)]
  return rows.map(({ spec, when }) => {
    const isVirtual = world.isVirtual(specName(spec))
    const text = `${quote(parent.name!)} depends on ${quote(spec)}${whenText(when)}, ${types}${isVirtual ? through : ''}`
    return says('recipe', text)
  })
}

const typeWords = { build: 'to build', link: 'to link', run: 'to run', test: 'to test' } as const

/** Compilers and their rules bring what no recipe names; what is reused keeps what it was built with. */
function undeclaredStep(parent: Spec, edge: Edge, types: string): Statement {
  const place = placeOfExternal(parent)
  if (place) return says('setting', `${quote(nodeText(parent))} is external and says so`, place)
  return says('fact', `${quote(parent.name!)} needs ${quote(nodeText(edge.child))} because of its compiler, ${types}`)
}

/** The directives of a recipe that ask for an edge of a concrete spec. */
export function directivesFor(
  parent: Spec,
  { child, virtuals }: Edge,
  world: World,
  facts: SpecFacts,
): { spec: string; when: string }[] {
  const names = new Set([child.name!, ...virtuals])
  return (world.package(parent.name!)?.recipe.dependencies ?? []).filter(
    ({ spec, when }) => names.has(specName(spec)) && (when === '' || satisfies(parent, constraint(when), { facts })),
  )
}
