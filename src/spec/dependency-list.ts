// The edges of a node while it is being read. A dependency that is mentioned twice is one dependency, unless the two
// differ in their condition or in deptypes that can live side by side. Kept in tables, since a text may have thousands.

import { SpackError } from '../ui/error.ts'
import { constrain } from './constrain.ts'
import { printSpec } from './print.ts'
import { type DeptypeMask, type Edge, groupEdges, type Spec } from './spec.ts'
import { sortTexts } from './text-order.ts'
import { linkRun } from './traverse-edges.ts'

/** Edges to children of one name under one condition. */
interface Alternatives {
  /** One for each mask; nothing for children without a name, of which there may be any number. */
  edges: PendingEdge[]
  /** All deptypes of these edges. */
  deptypes: DeptypeMask
}

interface PendingEdge {
  edge: Edge
  /** Virtuals of all mentions, once there were several. */
  virtuals: Set<string> | null
  mentions: number
}

/** Each mention costs what all earlier ones have said, so that their number must have an end. */
const mostMentions = 1000

export class DependencyList {
  private readonly pending: PendingEdge[] = []
  private readonly byNameAndCondition = new Map<string, Alternatives>()
  private readonly names = new Set<string>()

  constructor(edges: readonly Edge[]) {
    for (const edge of edges) this.insert(edge, this.alternatives(edge))
  }

  /**
   * Adds an edge, or constrains the child of the one that is there already. Throws SpackError `unsatisfiable` when both
   * exclude each other and `spec-syntax` when their deptypes overlap. As in Spack, `%%` counts at the first mention of a
   * name only.
   */
  add(edge: Edge): void {
    const alternatives = this.alternatives(edge)
    const { child, deptypes } = edge
    const known = alternatives.edges.find((each) => each.edge.deptypes === deptypes)
    if (known) {
      if (++known.mentions > mostMentions) {
        throw new SpackError('spec-syntax', `${describe(child)} is mentioned more than ${mostMentions} times`)
      }
      constrain(known.edge.child, child)
      known.virtuals ??= new Set(known.edge.virtuals)
      for (const virtual of edge.virtuals) known.virtuals.add(virtual)
      return
    }
    if (!areCompatible(alternatives.deptypes, deptypes)) {
      throw new SpackError('spec-syntax', `deptypes of two dependencies on ${describe(child)} overlap`, {
        hint: 'one of two may be for building only, and the other for linking and running',
      })
    }
    if (child.name !== null && this.names.has(child.name)) edge.propagate = false
    this.insert(edge, alternatives)
  }

  private insert(edge: Edge, alternatives: Alternatives): void {
    const { child, deptypes, virtuals } = edge
    const pending = { edge, virtuals: virtuals.length > 1 ? new Set(virtuals) : null, mentions: 1 }
    alternatives.deptypes |= deptypes
    this.pending.push(pending)
    if (child.name === null) return
    alternatives.edges.push(pending)
    this.names.add(child.name)
  }

  /** The edges so far, grouped by the names of their children, and by deptypes inside a name. */
  edges(): Edge[] {
    for (const { edge, virtuals } of this.pending) if (virtuals) edge.virtuals = sortTexts(virtuals)
    return groupEdges(this.pending.map(({ edge }) => edge))
  }

  private alternatives({ child, when }: Edge): Alternatives {
    const name = child.name ?? ''
    const key = when ? `${name} ${printSpec(when)}` : name
    let alternatives = this.byNameAndCondition.get(key)
    if (!alternatives) this.byNameAndCondition.set(key, (alternatives = { edges: [], deptypes: 0 }))
    return alternatives
  }
}

const describe = ({ name }: Spec): string => (name ? `\`${name}\`` : 'packages without a name')

/** Whether edges of the types `a` and `b` may lead to two different children: one builds, the other links and runs. */
function areCompatible(a: DeptypeMask, b: DeptypeMask): boolean {
  return (a & b) === 0 && ((a & linkRun) === 0 || (b & linkRun) === 0)
}
