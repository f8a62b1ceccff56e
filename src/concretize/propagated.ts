// What requests ask for with `%%`: a strong preference about the compilers, or other direct dependencies, of all that a node
// links to or runs, transitively. The node itself must meet it.

import { type Lit, negate } from '../solver/literal.ts'
import { type Edge, emptySpec, type Spec } from '../spec/spec.ts'
import { holds } from './constraints.ts'
import type { Encoding } from './encoding.ts'
import { constraint } from './package-facts.ts'
import type { PackageNode } from './package-node.ts'

/** A preference that holds below all nodes of a package. */
export interface PropagatedPreference {
  package: string
  wanted: Spec
}

/** The preferences of a request, those of several virtuals each for itself. */
export function propagatedPreferences(spec: Spec): PropagatedPreference[] {
  if (spec.concrete) return []
  return spec.edges.flatMap((edge) => [
    ...(edge.propagate && spec.name ? splitByVirtual(edge).map((wanted) => ({ package: spec.name!, wanted })) : []),
    ...propagatedPreferences(edge.child),
  ])
}

function splitByVirtual(edge: Edge): Spec[] {
  if (!edge.virtuals.length) return [{ ...emptySpec(), edges: [edge] }]
  return edge.virtuals.map((virtual) => ({
    ...emptySpec(),
    edges: [{ ...edge, virtuals: [virtual], when: constraint(`%${virtual}`) }],
  }))
}

/** A preference that is not met outweighs one of the settings. */
const weight = 2

/** That the preferences below a package are about a node: it then costs not to meet them. */
export function preferenceBelow(encoding: Encoding, above: string, node: PackageNode): Lit {
  const key = `${above} ${node.name}#${node.id}`
  const known = encoding.preferencesBelow.get(key)
  if (known !== undefined) return known
  const literal = encoding.formula.fresh()
  encoding.preferencesBelow.set(key, literal)
  for (const { package: name, wanted } of encoding.propagated) {
    if (name !== above) continue
    encoding.cost('requirements', encoding.formula.and([literal, negate(holds(encoding, node, wanted))]), weight)
  }
  encoding.settle()
  return literal
}
