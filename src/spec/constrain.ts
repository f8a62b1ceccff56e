// Putting the constraints of one spec on another. What both say is kept; what excludes the other is refused.

import { SpackError } from '../ui/error.ts'
import { constrainArch } from './arch.ts'
import { haveSameWhen } from './compare.ts'
import { dependenciesIntersect } from './dependency-relations.ts'
import { constrainFlags } from './flags.ts'
import { type RelationOptions, satisfies } from './satisfies.ts'
import { copySpec, type Edge, type Spec } from './spec.ts'
import { reachableNodes } from './traverse-edges.ts'
import { constrainVariants } from './variants.ts'
import { equalVersionLists, intersectsVersions, intersectVersions, printVersionList } from './version-list.ts'

/**
 * Constrains `spec` by `other` in place; returns whether that changed it. As in Spack a longer abstract hash is no
 * change. A concrete spec only passes what it satisfies already, and an abstract one that a concrete one satisfies
 * becomes that. Throws SpackError `unsatisfiable`, after which `spec` may be constrained in part: use `constrained` to
 * keep it whole. Throws as `satisfies` besides.
 */
export function constrain(spec: Spec, other: Spec, options: RelationOptions = {}): boolean {
  const { facts } = options
  if (spec.concrete) {
    if (satisfies(spec, other, { facts })) return false
    throw unsatisfiable(`the concrete \`${describe(spec)}\` does not satisfy \`${describe(other)}\``)
  }
  if (other.concrete) {
    if (!satisfies(other, spec, { facts })) {
      throw unsatisfiable(`the concrete \`${describe(other)}\` does not satisfy \`${describe(spec)}\``)
    }
    Object.assign(spec, { ...other, edges: [...other.edges] })
    return true
  }
  checkNodes(spec, other)
  const changed = constrainNode(spec, other)
  return (!options.nodeOnly && constrainDependencies(spec, other, options)) || changed
}

/** A copy of `spec` constrained by `other`, both of which stay as they are. Throws as `constrain`. */
export function constrained(spec: Spec, other: Spec, options: RelationOptions = {}): Spec {
  const copy = copySpec(spec)
  constrain(copy, other, options)
  return copy
}

const unsatisfiable = (message: string): SpackError => new SpackError('unsatisfiable', message)

/** Enough of a spec to find it again. */
function describe({ name, versions, concrete }: Spec): string {
  const hash = concrete ? `/${concrete.hash.slice(0, 7)}` : ''
  const version = versions.length ? `@${printVersionList(versions)}` : ''
  return `${name ?? ''}${version}${hash}`
}

function checkNodes(spec: Spec, other: Spec): void {
  const [name, otherName] = [fullName(spec), fullName(other)]
  if (spec.name && other.name && spec.name !== other.name) {
    throw unsatisfiable(`\`${name}\` and \`${otherName}\` are different packages`)
  }
  if (spec.namespace !== null && other.namespace !== null && spec.namespace !== other.namespace) {
    throw unsatisfiable(`\`${name}\` and \`${otherName}\` are in different namespaces`)
  }
  const [hash, otherHash] = [spec.abstractHash ?? '', other.abstractHash ?? '']
  if (!hash.startsWith(otherHash) && !otherHash.startsWith(hash)) {
    throw unsatisfiable(`${subject(spec)} cannot have the hashes \`/${hash}\` and \`/${otherHash}\` at once`)
  }
  if (!intersectsVersions(spec.versions, other.versions)) {
    const [versions, otherVersions] = [spec, other].map((each) => `\`@${printVersionList(each.versions)}\``)
    throw unsatisfiable(`no version of ${subject(spec)} is in both ${versions} and ${otherVersions}`)
  }
}

const fullName = ({ namespace, name }: Spec): string => (namespace ? `${namespace}.${name ?? ''}` : (name ?? ''))

const subject = ({ name }: Spec): string => (name ? `\`${name}\`` : 'the package')

function constrainNode(spec: Spec, other: Spec): boolean {
  const before = { ...spec }
  if (other.abstractHash && other.abstractHash.length > (spec.abstractHash ?? '').length) {
    spec.abstractHash = other.abstractHash
  }
  spec.name ||= other.name
  spec.namespace ??= other.namespace
  const versions = intersectVersions(spec.versions, other.versions)
  spec.variants = constrainVariants(spec.variants, other.variants)
  spec.flags = constrainFlags(spec.flags, other.flags)
  spec.arch = constrainArch(spec.arch, other.arch)
  spec.versions = versions
  return (
    spec.variants !== before.variants ||
    spec.flags !== before.flags ||
    spec.name !== before.name ||
    spec.namespace !== before.namespace ||
    spec.arch !== before.arch ||
    !equalVersionLists(versions, before.versions)
  )
}

function constrainDependencies(spec: Spec, other: Spec, options: RelationOptions): boolean {
  if (!other.edges.length) return false
  if (!dependenciesIntersect(other, spec, options.facts)) {
    throw unsatisfiable(`the dependencies of ${subject(spec)} and ${subject(other)} exclude each other`)
  }
  if (reachableNodes(other).some((node) => node !== other && !node.name)) {
    throw unsatisfiable(`${subject(spec)} cannot be constrained by a dependency without a name`)
  }
  const groups = groupByChild(spec.edges)
  let changed = false
  for (const edge of other.edges) {
    const siblings = groups.get(edge.child.name) ?? []
    const existing = siblings.find((own) => haveSameWhen(own, edge))
    if (existing) changed = constrainEdge(existing, edge, options) || changed
    else {
      groups.set(edge.child.name, [...siblings, { ...edge, child: copySpec(edge.child) }])
      changed = true
    }
  }
  for (const siblings of groups.values()) orderSiblings(spec, siblings)
  spec.edges = [...groups.values()].flat()
  return changed
}

/** The edges of a node by names of children, in order of first appearance. */
function groupByChild(edges: readonly Edge[]): Map<string | null, Edge[]> {
  const groups = new Map<string | null, Edge[]>()
  for (const edge of edges) {
    const group = groups.get(edge.child.name)
    if (group) group.push(edge)
    else groups.set(edge.child.name, [edge])
  }
  return groups
}

/**
 * Puts the edges to one child name in the order of their deptypes. Two that differ in propagation alone are refused,
 * since nothing could then tell which of them is meant.
 */
function orderSiblings(spec: Spec, siblings: Edge[]): void {
  siblings.sort((a, b) => a.deptypes - b.deptypes)
  const isAmbiguous = (edge: Edge, index: number) =>
    siblings.slice(0, index).some((other) => other.propagate !== edge.propagate && haveSameAttributes(other, edge))
  const ambiguous = siblings.length > 1 ? siblings.find(isAmbiguous) : undefined
  if (!ambiguous) return
  throw unsatisfiable(`\`${ambiguous.child.name}\` cannot be both propagated and not by ${subject(spec)}`)
}

function constrainEdge(own: Edge, other: Edge, options: RelationOptions): boolean {
  const { deptypes, virtuals, direct } = own
  const { abstractHash } = own.child
  const childChanged = constrain(own.child, other.child, { facts: options.facts })
  own.deptypes |= other.deptypes
  own.direct ||= other.direct
  if (!other.virtuals.every((virtual) => virtuals.includes(virtual))) {
    own.virtuals = [...new Set([...virtuals, ...other.virtuals])].sort()
  }
  return (
    childChanged ||
    own.child.abstractHash !== abstractHash ||
    own.deptypes !== deptypes ||
    own.direct !== direct ||
    own.virtuals !== virtuals
  )
}

const haveSameAttributes = (a: Edge, b: Edge): boolean =>
  a.deptypes === b.deptypes && a.direct === b.direct && a.virtuals.join() === b.virtuals.join()
