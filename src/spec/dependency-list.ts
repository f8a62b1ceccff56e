// The edges of a node while it is being read. A dependency that is mentioned twice is one dependency, unless the two
// differ in their condition or in deptypes that can live side by side. Kept in tables, since a text may have thousands.

import { SpackError } from '../ui/error.ts'
import { constrain } from './constrain.ts'
import { printSpec } from './print.ts'
import { type DeptypeMask, deptypeBits, type Edge, type Spec } from './spec.ts'
import { sortTexts } from './text-order.ts'

/** Edges to children of one name under one condition: at most one for each mask, but for children without a name. */
interface Alternatives {
  byMask: Map<DeptypeMask, PendingEdge>
  /** All deptypes of these edges. */
  deptypes: DeptypeMask
}

interface PendingEdge {
  edge: Edge
  virtuals: Set<string>
}

export class DependencyList {
  private readonly pending: PendingEdge[] = []
  private readonly byName = new Map<string, Map<string, Alternatives>>()

  constructor(edges: readonly Edge[]) {
    for (const edge of edges) this.add(edge)
  }

  /**
   * Adds an edge, or constrains the child of the one that is there already; returns the child that is left. Throws
   * SpackError `unsatisfiable` when both exclude each other and `spec-syntax` when their deptypes overlap.
   */
  add(edge: Edge): Spec {
    const alternatives = this.alternatives(edge)
    const { child, deptypes } = edge
    const known = child.name === null ? undefined : alternatives.byMask.get(deptypes)
    if (known) {
      constrain(known.edge.child, child)
      for (const virtual of edge.virtuals) known.virtuals.add(virtual)
      return known.edge.child
    }
    if (!areCompatible(alternatives.deptypes, deptypes)) {
      throw new SpackError('spec-syntax', `deptypes of two dependencies on ${describe(child)} overlap`, {
        hint: 'one of two may be for building only, and the other for linking and running',
      })
    }
    const pending = { edge, virtuals: new Set(edge.virtuals) }
    alternatives.byMask.set(deptypes, pending)
    alternatives.deptypes |= deptypes
    this.pending.push(pending)
    return child
  }

  /** The edges so far, grouped by the names of their children, and by deptypes inside a name. */
  edges(): Edge[] {
    const groups = new Map<string | null, Edge[]>()
    for (const { edge, virtuals } of this.pending) {
      edge.virtuals = sortTexts(virtuals)
      const group = groups.get(edge.child.name)
      if (group) group.push(edge)
      else groups.set(edge.child.name, [edge])
    }
    return [...groups.values()].flatMap((group) => group.sort((a, b) => a.deptypes - b.deptypes))
  }

  private alternatives({ child, when }: Edge): Alternatives {
    const name = child.name ?? ''
    const condition = when ? printSpec(when) : ''
    let conditions = this.byName.get(name)
    if (!conditions) this.byName.set(name, (conditions = new Map()))
    let alternatives = conditions.get(condition)
    if (!alternatives) conditions.set(condition, (alternatives = { byMask: new Map(), deptypes: 0 }))
    return alternatives
  }
}

const describe = ({ name }: Spec): string => (name ? `\`${name}\`` : 'packages without a name')

/** Whether edges of the types `a` and `b` may lead to two different children: one builds, the other links and runs. */
function areCompatible(a: DeptypeMask, b: DeptypeMask): boolean {
  const linkRun = deptypeBits.link | deptypeBits.run
  return (a & b) === 0 && ((a & linkRun) === 0 || (b & linkRun) === 0)
}
