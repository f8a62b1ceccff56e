// Constraints in both roles. As a condition a constraint is a literal that tells whether it holds of a node and of what
// the node depends on directly. As an effect it is imposed: it must hold whenever its guard does.

import { type Lit, negate } from '../solver/literal.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import { type DeptypeMask, deptypeBits, deptypeNames, type Edge, emptySpec, type Spec } from '../spec/spec.ts'
import { linkRun } from '../spec/traverse-edges.ts'
import {
  intersectVersions,
  isAnyVersion,
  printVersionList,
  satisfiesVersions,
  type VersionList,
} from '../spec/version-list.ts'
import type { Encoding, VirtualNode } from './encoding.ts'
import { constraint, valueKey } from './package-facts.ts'
import type { FlagSource, PackageNode, Use } from './package-node.ts'
import { addFlags, addSetter, hasFlag, hasValue, nodeProperties, takesFlags, variantIs } from './properties.ts'
import { propagateVariants } from './variant-propagation.ts'
import { virtualNode } from './virtuals.ts'

/** Where a constraint comes from, for the order of flags. */
export type FlagOrigin = Pick<FlagSource, 'source' | 'rank'>
const allDeptypes: DeptypeMask = linkRun | deptypeBits.build | deptypeBits.test
const noFlagOrigin: FlagOrigin = { source: 'none', rank: -1 }

/** That a condition of a recipe holds of a node; the empty condition holds of every node that exists. */
export function conditionHolds(encoding: Encoding, node: PackageNode, text: string): Lit {
  if (text === '') return node.exists
  const known = node.conditions.get(text)
  if (known !== undefined) return known
  const literal = holds(encoding, node, constraint(text))
  node.conditions.set(text, literal)
  return literal
}

/** As `conditionHolds`, for rules of compilers: a virtual on an edge must be one that the node itself depends on. */
export function ruleHolds(encoding: Encoding, node: PackageNode, text: string): Lit {
  const { formula } = encoding
  const parts: Lit[] = []
  for (const { virtuals, child: compiler } of constraint(text).edges) {
    for (const virtual of virtuals) {
      const uses = node.uses.get(virtual)?.filter(({ child }) => child.name === compiler.name) ?? []
      const isUsed = formula.or(uses.map(({ literal }) => literal))
      if (isUsed === formula.false) return formula.false
      parts.push(isUsed)
    }
  }
  parts.push(conditionHolds(encoding, node, text))
  return formula.and(parts)
}

/** That a constraint holds of a node and of its children. No node has flags that it passes on: they are only given. */
export function holds(encoding: Encoding, node: PackageNode, spec: Spec): Lit {
  const { formula } = encoding
  if (spec.name && spec.name !== node.name && !encoding.world.isVirtual(spec.name)) return formula.false
  const literals = [node.exists, ...nodeProperties(encoding, node, spec), ...passedOn(encoding, node, spec)]
  for (const [kind, flags] of spec.flags) {
    for (const flag of flags) literals.push(flag.propagate ? formula.false : hasFlag(encoding, node, kind, flag))
  }
  for (const edge of spec.edges)
    literals.push(edge.when ? edgeHoldsWhen(encoding, node, edge) : edgeHolds(encoding, node, edge))
  return formula.and(literals)
}

/** That a node passes on the values that a condition marks so. */
function passedOn(encoding: Encoding, node: PackageNode, spec: Spec): Lit[] {
  if (spec.variants.size === 0) return []
  const passed = [...spec.variants].filter(([, { propagate }]) => propagate)
  return passed.flatMap(([name, asked]) => [
    variantIs(encoding, node, name, asked),
    node.propagates.get(name) ?? encoding.formula.false,
  ])
}

/** A conditional dependency in a condition: it holds where its own condition does not. */
function edgeHoldsWhen(encoding: Encoding, node: PackageNode, edge: Edge): Lit {
  return encoding.formula.or([negate(edgeApplies(encoding, node, edge)), edgeHolds(encoding, node, edge)])
}

/** That the condition of an edge holds of the parent. A virtual in it is one that the parent itself depends on. */
function edgeApplies(encoding: Encoding, node: PackageNode, { when }: Edge): Lit {
  if (!when) return encoding.formula.true
  const virtuals = when.edges.flatMap(({ child }) => (encoding.world.isVirtual(child.name ?? '') ? [child.name!] : []))
  return encoding.formula.and([
    holds(encoding, node, when),
    ...virtuals.map((virtual) => usesVirtual(encoding, node, virtual)),
  ])
}

function edgeHolds(encoding: Encoding, node: PackageNode, edge: Edge): Lit {
  if (isAboutItself(node, edge)) return childHolds(encoding, node, edge)
  const children = candidateChildren(encoding, node, edge).map(({ literal }) => literal)
  return encoding.formula.or([...children, ...reusedWith(encoding, node, edge)])
}

/** `^mpich` of `mpich`, as what is required of all packages may be: in Spack a node is among those that it may speak of. */
const isAboutItself = (node: PackageNode, { direct, child }: Edge): boolean => !direct && child.name === node.name

/** What could be reused for the node and has such a build dependency: those are no edges here. */
function reusedWith(encoding: Encoding, node: PackageNode, edge: Edge, deptypes: DeptypeMask = allDeptypes): Lit[] {
  if (!edge.direct || (node.isDeclared && node.candidates.length === 0)) return []
  const reused = encoding.property(node, `%${textOf(edge)} ${deptypes}`, () =>
    encoding.formula.or(candidatesWith(encoding, node, edge, deptypes)),
  )
  return [reused]
}

const edgeTexts = new WeakMap<Edge, string>()

/** An edge as a spec, without its condition. Constraints are shared, so each is printed once. */
function textOf(edge: Edge): string {
  let text = edgeTexts.get(edge)
  if (text === undefined) {
    text = printSpec({ ...emptySpec(), edges: [{ ...edge, when: null }] })
    edgeTexts.set(edge, text)
  }
  return text
}

function candidatesWith(encoding: Encoding, node: PackageNode, edge: Edge, deptypes: DeptypeMask): Lit[] {
  const { name } = edge.child
  const isVirtual = encoding.world.isVirtual(name!)
  const fits = (own: Edge): boolean =>
    (own.deptypes & deptypes) !== 0 &&
    (isVirtual
      ? own.virtuals.includes(name!)
      : own.child.name === name && satisfies(own.child, edge.child, { nodeOnly: true })) &&
    edge.virtuals.every((virtual) => own.virtuals.includes(virtual))
  return node.candidates.filter(({ spec }) => spec.edges.some(fits)).map(({ literal }) => literal)
}

interface Candidate {
  child: PackageNode
  /** That there is the edge, and that the child is as asked. */
  literal: Lit
  /** That there is the edge. */
  edge: Lit
}

/** The possible children that an edge of a constraint may speak of. */
function candidateChildren(encoding: Encoding, node: PackageNode, edge: Edge): Candidate[] {
  const name = edge.child.name
  if (!name) return []
  if (!encoding.world.isVirtual(name)) {
    return encoding.nodesOf(name).map((child) => {
      const exists = formulaOfEdge(encoding, node, child, edge)
      return { child, edge: exists, literal: encoding.formula.and([exists, childHolds(encoding, child, edge)]) }
    })
  }
  const virtual = virtualNode(encoding, name)
  return virtual.providers.map(({ node: child, literal }) => {
    const exists = encoding.formula.and([formulaOfEdge(encoding, node, child, edge), literal])
    const asked = virtualVersionHolds(encoding, child, virtual, edge.child.versions)
    return { child, edge: exists, literal: encoding.formula.and([exists, asked]) }
  })
}

function formulaOfEdge(encoding: Encoding, node: PackageNode, child: PackageNode, edge: Edge): Lit {
  const { formula } = encoding
  const lits = encoding.edge(node, child)
  const types = deptypeNames(edge.deptypes)
  // Each of the types must be there.
  const exists = types.length ? formula.and(types.map((type) => lits.types[type])) : lits.literal
  if (exists === formula.false) return formula.false
  return formula.and([exists, ...edge.virtuals.map((virtual) => providesTo(encoding, node, child, virtual))])
}

/** That a child provides a virtual, to this parent where it depends on the virtual. */
function providesTo(encoding: Encoding, node: PackageNode, child: PackageNode, virtual: string): Lit {
  const own = node.uses.get(virtual)?.find((use) => use.child === child)
  if (own) return own.literal
  if (node.isBuildEncoded && node.candidates.length === 0) return encoding.formula.false
  return (
    virtualNode(encoding, virtual).providers.find((provider) => provider.node === child)?.literal ??
    encoding.formula.false
  )
}

/** That a child is as an edge says. Many parents ask the same of one child; what speaks of flags or of others may yet change. */
function childHolds(encoding: Encoding, child: PackageNode, { child: spec }: Edge): Lit {
  if (spec.flags.size > 0 || spec.edges.length > 0) return holds(encoding, child, spec)
  let literal = child.held.get(spec)
  if (literal === undefined) child.held.set(spec, (literal = holds(encoding, child, spec)))
  return literal
}

// --- effects ----------------------------------------------------------------------------------------------------------

/** Imposes a constraint on a node whenever `guard` holds. */
export function impose(
  encoding: Encoding,
  node: PackageNode,
  spec: Spec,
  guard: Lit,
  flags: FlagOrigin = noFlagOrigin,
): void {
  const { formula } = encoding
  for (const literal of nodeProperties(encoding, node, spec)) formula.implies(guard, literal)
  if (spec.variants.size) {
    propagateVariants(encoding, node, spec, guard)
    whenDeclared(encoding, node, guard, () => setVariants(encoding, node, spec, guard))
  }
  formula.implies(guard, takesFlags(encoding, node, spec.flags))
  addFlags(encoding, node, spec.flags, guard, flags)
  for (const edge of spec.edges) imposeEdge(encoding, node, edge, guard, flags)
}

/** Setters are noted once the node is there; before, nothing can depend on them. */
function whenDeclared(encoding: Encoding, node: PackageNode, guard: Lit, action: () => void): void {
  if (node.isDeclared) action()
  else
    encoding.whenImposed(node, encoding.formula.and([guard, node.exists]), () => {
      encoding.declare(node)
      action()
    })
}

function setVariants(encoding: Encoding, node: PackageNode, spec: Spec, guard: Lit): void {
  for (const [name, asked] of spec.variants) {
    const variant = node.variants.get(name)
    if (!variant) continue
    for (const value of asked.values.map(valueKey)) {
      hasValue(encoding, node, name, value)
      addSetter(encoding, variant, value, guard)
    }
  }
}

/** A dependency in an effect: there must be such a child, and it must be as asked. */
export function imposeEdge(encoding: Encoding, node: PackageNode, edge: Edge, guard: Lit, flags: FlagOrigin): void {
  const { formula } = encoding
  const active = formula.and([guard, edgeApplies(encoding, node, edge)])
  if (active === formula.false) return
  if (isAboutItself(node, edge)) {
    impose(encoding, node, edge.child, active, flags)
    return
  }
  const name = edge.child.name!
  const children = encoding.world.isVirtual(name)
    ? virtualNode(encoding, name).providers.map((provider) => provider.node)
    : encoding.nodesOf(name)
  const lits = children.map((child) => formulaOfImposedEdge(encoding, node, child, edge))
  // A virtual that is named (`%c=gcc`) must be provided in the answer, to what is built or links to it.
  const namesVirtual = edge.virtuals.length > 0 || encoding.world.isVirtual(name)
  const reused = reusedWith(encoding, node, edge, namesVirtual ? linkRun : allDeptypes)
  formula.clause([negate(active), ...lits, ...reused])
  for (const [at, child] of children.entries()) {
    const both = formula.and([active, lits[at]!])
    if (both === formula.false) continue
    if (encoding.world.isVirtual(name))
      imposeVirtualVersion(encoding, child, virtualNode(encoding, name), edge.child.versions, both)
    else encoding.whenImposed(child, both, () => impose(encoding, child, edge.child, both, flags))
  }
}

function formulaOfImposedEdge(encoding: Encoding, node: PackageNode, child: PackageNode, edge: Edge): Lit {
  const lits = encoding.edge(node, child)
  const name = edge.child.name!
  const provided = encoding.world.isVirtual(name) ? [name, ...edge.virtuals] : edge.virtuals
  return encoding.formula.and([lits.literal, ...provided.map((virtual) => useOf(encoding, node, child, virtual))])
}

/** That a parent that is built depends on a virtual through a child. */
const useOf = (encoding: Encoding, node: PackageNode, child: PackageNode, virtual: string): Lit =>
  builtProperty(encoding, node, () => (node.uses.get(virtual) ?? []).filter((use) => use.child === child))

/** That a node depends on a virtual itself, or did when it was built. */
function usesVirtual(encoding: Encoding, node: PackageNode, virtual: string): Lit {
  const reused = encoding.property(node, `uses ${virtual}`, () => {
    const users = node.candidates.filter(({ spec }) => spec.edges.some(({ virtuals }) => virtuals.includes(virtual)))
    return encoding.formula.or(users.map(({ literal }) => literal))
  })
  return encoding.formula.or([reused, builtProperty(encoding, node, () => node.uses.get(virtual) ?? [])])
}

/** That one of some uses of a node holds; asked before its directives are known, it gets its meaning later. */
function builtProperty(encoding: Encoding, node: PackageNode, uses: () => readonly Use[]): Lit {
  const { formula } = encoding
  const literals = () => uses().map(({ literal }) => literal)
  if (node.isBuildEncoded) return formula.or(literals())
  const literal = formula.fresh()
  formula.implies(literal, node.build)
  node.onceBuildEncoded.push(() => formula.define(literal, literals()))
  return literal
}

// --- versions of virtuals ---------------------------------------------------------------------------------------------

/** Asks that a provider, as a virtual, is of one of these versions. All that is asked of it must agree. */
export function imposeVirtualVersion(
  encoding: Encoding,
  provider: PackageNode,
  virtual: VirtualNode,
  list: VersionList,
  guard: Lit,
): void {
  if (isAnyVersion(list)) return
  encoding.formula.implies(guard, askedVersion(encoding, provider, virtual, list))
}

function askedVersion(encoding: Encoding, provider: PackageNode, virtual: VirtualNode, list: VersionList): Lit {
  const { formula } = encoding
  const known = provider.virtualVersions.get(virtual.name) ?? []
  provider.virtualVersions.set(virtual.name, known)
  const text = printVersionList(list)
  const same = known.find((each) => printVersionList(each.list) === text)
  if (same) return same.literal
  const literal = formula.fresh()
  for (const each of known) {
    if (intersectVersions(each.list, list).length === 0) formula.clause([negate(each.literal), negate(literal)])
  }
  known.push({ list, literal })
  return literal
}

/** That a provider, as a virtual, is known to be of one of these versions. */
function virtualVersionHolds(encoding: Encoding, provider: PackageNode, virtual: VirtualNode, list: VersionList): Lit {
  if (isAnyVersion(list)) return encoding.formula.true
  const key = `${virtual.name}@${printVersionList(list)}`
  return encoding.property(provider, key, () => {
    const known = provider.virtualVersions.get(virtual.name) ?? []
    const within = known.filter((each) => satisfiesVersions(each.list, list))
    return encoding.formula.or(within.map(({ literal }) => literal))
  })
}
