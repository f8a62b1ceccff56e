// A splice: a concrete spec with one of its dependencies replaced by another concrete spec. What was above the replaced
// node is linked anew and not built anew, so that it keeps as its build spec what it was built as. Spack's rules are in its
// `Spec.splice`.
//
//      T          transitive  T*       intransitive  T*
//     / \    H'              / \                    / \
//    H ─▶ Z   └▶ Z'        H' ─▶ Z'               H'* ─▶ Z

import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { formatSpec } from '../spec/format.ts'
import { computeHash } from '../spec/hash.ts'
import { writeNode } from '../spec/node.ts'
import { satisfies } from '../spec/satisfies.ts'
import { type DagHash, type DeptypeMask, deptypeBits, type Edge, groupEdges, type Spec } from '../spec/spec.ts'
import { compareTexts, sortTexts } from '../spec/text-order.ts'
import { allDeptypes, linkRun } from '../spec/traverse-edges.ts'
import { comparableVersion, compareKeys } from '../spec/version.ts'
import { SpackError } from '../ui/error.ts'
import { versionOf } from './externals.ts'

/** A node while it is spliced. */
interface Draft {
  origin: Spec
  edges: DraftEdge[]
  isSpliced: boolean
}

type DraftEdge = Pick<Edge, 'deptypes' | 'virtuals' | 'direct'> & { child: Draft }

export interface SpliceOptions {
  /** What both depend on is taken from the replacement, not from the spec. */
  isTransitive: boolean
  facts: SpecFacts
}

/**
 * The spec with all that `replacement` can stand for replaced: what has its name, or provides virtuals that it provides
 * as well. Throws SpackError `splice` when there is nothing of the kind.
 */
export function splice(spec: Spec, replacement: Spec, { isTransitive, facts }: SpliceOptions): Spec {
  const [root, other] = [draftOf(spec), draftOf(replacement)]
  const provided = virtualsIn(other, facts)
  let used = virtualsIn(root, facts)
  const isReplaced = (node: Draft) => stands(other, node, provided, used)
  if (isReplaced(root)) return replacement
  if (!reachable(root, linkRun).slice(1).some(isReplaced)) throw impossible(spec, replacement)
  if (isTransitive) replaceAnalogs(root, other, facts)
  else {
    replaceAnalogs(other, root, facts)
    for (const node of topological(root, linkRun)) {
      if (!isReplaced(node)) continue
      replaceNode(node, other, root)
      used = virtualsIn(root, facts)
    }
  }
  return finish(root)
}

const withoutBuild: DeptypeMask = allDeptypes & ~deptypeBits.build

const shortName = (spec: Spec): string => formatSpec(spec, '{name}/{hash:7}')

const impossible = (spec: Spec, replacement: Spec): SpackError =>
  new SpackError('splice', `\`${shortName(replacement)}\` can be spliced for nothing in \`${shortName(spec)}\``, {
    detail:
      'a replacement has the name of a link or run dependency, or provides all virtuals for which that dependency is used',
  })

// --- what can stand for what --------------------------------------------------------------------------------------------

/** The virtuals for which each node of a DAG is used; for its root all that it can provide. */
type Virtuals = (node: Draft) => ReadonlySet<string>

function virtualsIn(root: Draft, facts: SpecFacts): Virtuals {
  const used = new Map<Draft, Set<string>>()
  for (const { edges } of reachable(root, allDeptypes)) {
    for (const { child, virtuals } of edges) used.set(child, new Set([...(used.get(child) ?? []), ...virtuals]))
  }
  const provisions = facts.provides(root.origin.name!).filter(({ when }) => satisfies(root.origin, when, { facts }))
  used.set(root, new Set(provisions.flatMap(({ virtuals }) => virtuals.map(({ name }) => name!))))
  const none = new Set<string>()
  return (node) => used.get(node) ?? none
}

/** Whether a node of one DAG can stand for a node of another, by its name or by the virtuals for which that is used. */
function stands(candidate: Draft, node: Draft, provided: Virtuals, used: Virtuals): boolean {
  if (candidate.origin.name === node.origin.name) return true
  const virtuals = [...used(node)]
  return virtuals.length > 0 && virtuals.every((virtual) => provided(candidate).has(virtual))
}

/**
 * Replaces nodes of one DAG by those of another that can stand for them, from the root down: what is below a node that
 * was replaced is no longer looked at. Of several the newest is taken, as a newer one can stand for an older.
 */
function replaceAnalogs(root: Draft, source: Draft, facts: SpecFacts): void {
  // Spack goes on to walk edges that have no deptype left: what is built with a replaced node counts as above it here.
  for (const draft of reachable(root, allDeptypes)) for (const edge of draft.edges) edge.deptypes &= withoutBuild
  const sources = reachable(source, allDeptypes)
  const own = new Set(sources)
  const provided = virtualsIn(source, facts)
  const analogs = new Map<string, Draft[]>()
  const offer = (name: string, draft: Draft) => analogs.set(name, [...(analogs.get(name) ?? []), draft])
  for (const draft of sources) {
    offer(draft.origin.name!, draft)
    for (const virtual of provided(draft)) offer(virtual, draft)
  }
  const analogOf = (node: Draft, used: Virtuals): Draft | undefined => {
    const name = node.origin.name!
    if (!analogs.has(name)) {
      for (const virtual of sortTexts(used(node))) {
        for (const each of analogs.get(virtual) ?? []) if (stands(each, node, provided, used)) offer(name, each)
      }
    }
    return analogs.get(name)?.reduce((best, each) => (isNewer(each.origin, best.origin) ? each : best))
  }
  const replaceOne = (): boolean => {
    const used = virtualsIn(root, facts)
    for (const node of topological(root, withoutBuild).slice(1)) {
      const analog = own.has(node) ? undefined : analogOf(node, used)
      if (!analog || isSame(analog, node)) continue
      replaceNode(node, analog, root)
      return true
    }
    return false
  }
  while (replaceOne());
}

const isNewer = (a: Spec, b: Spec): boolean =>
  compareKeys(comparableVersion(versionOf(a)).key, comparableVersion(versionOf(b)).key) > 0

const isSame = (a: Draft, b: Draft): boolean =>
  !a.isSpliced && !b.isSpliced && a.origin.concrete!.hash === b.origin.concrete!.hash

/**
 * Has all that links to or runs with a node in a DAG use another instead. All that is above it counts as spliced, and what
 * that was built with is for its build spec to tell.
 */
function replaceNode(node: Draft, replacement: Draft, root: Draft): void {
  const linked = new Set(reachable(root, linkRun))
  const above = ancestors(node, root).filter((each) => linked.has(each))
  for (const parent of above) {
    parent.isSpliced = true
    parent.edges = parent.edges.filter(({ deptypes }) => deptypes & withoutBuild)
    for (const edge of parent.edges) edge.deptypes &= withoutBuild
  }
  for (const parent of above) {
    const replaced = parent.edges.filter(({ child }) => child === node)
    if (replaced.length === 0) continue
    parent.edges = parent.edges.filter(({ child }) => child !== node)
    for (const edge of replaced) connect(parent, { ...edge, child: replacement, direct: false })
  }
}

/** A node may use the replacement already, under another virtual; two of one name cannot be linked to. */
function connect(parent: Draft, edge: DraftEdge): void {
  const same = parent.edges.find(({ child }) => child === edge.child)
  if (same) {
    same.deptypes |= edge.deptypes
    same.virtuals = sortTexts(new Set([...same.virtuals, ...edge.virtuals]))
    return
  }
  const { name } = edge.child.origin
  const second = parent.edges.find(({ child, deptypes }) => child.origin.name === name && deptypes & linkRun)
  if (second && edge.deptypes & linkRun) {
    throw new SpackError(
      'splice',
      `\`${shortName(parent.origin)}\` would depend on both \`${shortName(second.child.origin)}\` and \`${shortName(edge.child.origin)}\``,
      { hint: 'splice the former as well, before this one' },
    )
  }
  parent.edges.push(edge)
}

// --- the graph ----------------------------------------------------------------------------------------------------------

/** A DAG to work on. */
function draftOf(root: Spec): Draft {
  const drafts = new Map<DagHash, Draft>()
  const waiting: { spec: Spec; draft: Draft }[] = []
  const draft = (spec: Spec): Draft => {
    const { hash } = spec.concrete!
    const known = drafts.get(hash)
    if (known) return known
    const made: Draft = { origin: spec, edges: [], isSpliced: false }
    drafts.set(hash, made)
    waiting.push({ spec, draft: made })
    return made
  }
  const first = draft(root)
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    next.draft.edges = next.spec.edges.map(({ child, deptypes, virtuals, direct }) => ({
      ...{ child: draft(child), deptypes, virtuals, direct },
    }))
  }
  return first
}

const follow = (draft: Draft, deptypes: DeptypeMask): Draft[] =>
  draft.edges
    .filter((edge) => edge.deptypes === 0 || edge.deptypes & deptypes)
    .map(({ child }) => child)
    .sort((a, b) => compareTexts(a.origin.name!, b.origin.name!))

/** All nodes from the root on, each once, depth first. */
function reachable(root: Draft, deptypes: DeptypeMask): Draft[] {
  const nodes = new Set<Draft>()
  const waiting = [root]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (nodes.has(next)) continue
    nodes.add(next)
    waiting.push(...follow(next, deptypes).reverse())
  }
  return [...nodes]
}

/** The nodes below a root that depend on a node. */
function ancestors(node: Draft, root: Draft): Draft[] {
  const parents = new Map<Draft, Draft[]>()
  for (const parent of reachable(root, allDeptypes)) {
    for (const { child } of parent.edges) parents.set(child, [...(parents.get(child) ?? []), parent])
  }
  const found = new Set<Draft>()
  const waiting = [node]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const parent of parents.get(next) ?? []) {
      if (found.has(parent)) continue
      found.add(parent)
      waiting.push(parent)
    }
  }
  found.delete(node)
  return [...found]
}

/** All nodes from the root on, each behind all that depend on it, as near to breadth first as can be. */
function topological(root: Draft, deptypes: DeptypeMask): Draft[] {
  const open = new Map<Draft, number>()
  for (const node of reachable(root, deptypes)) {
    for (const child of follow(node, deptypes)) open.set(child, (open.get(child) ?? 0) + 1)
  }
  const order = [root]
  for (const node of order) {
    for (const child of follow(node, deptypes)) {
      const left = open.get(child)! - 1
      open.set(child, left)
      if (left === 0) order.push(child)
    }
  }
  return order
}

// --- the answer ---------------------------------------------------------------------------------------------------------

/** The concrete spec of a draft; nodes that are not spliced are those that they were. */
function finish(root: Draft): Spec {
  const finished = new Map<Draft, Spec>()
  const open = new Set<Draft>()
  const make = (draft: Draft): Spec => {
    if (!draft.isSpliced) return draft.origin
    const known = finished.get(draft)
    if (known) return known
    const { origin } = draft
    if (open.has(draft)) throw new SpackError('splice', `with the splice, \`${shortName(origin)}\` depends on itself`)
    open.add(draft)
    const edges = draft.edges.map((edge): Edge => ({ ...edge, child: make(edge.child), propagate: false, when: null }))
    const concrete = { ...origin.concrete!, hash: '' as DagHash, buildSpec: origin.concrete!.buildSpec ?? origin }
    const made: Spec = { ...origin, edges: groupEdges(edges.sort(byChild)), concrete }
    concrete.hash = computeHash(writeNode(made))
    finished.set(draft, made)
    return made
  }
  return make(root)
}

const byChild = (a: Edge, b: Edge): number => compareTexts(a.child.name!, b.child.name!)
