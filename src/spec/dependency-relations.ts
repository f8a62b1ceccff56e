// How the dependencies of two specs relate: whether one has all that the other asks for, and whether both leave room for
// each other.

import { isVirtualName, type PackageFacts } from './facts.ts'
import { intersects, satisfies } from './satisfies.ts'
import { type Concrete, deptypeBits, type Edge, emptySpec, type Spec } from './spec.ts'
import { dependencyFinder, hasDeptype, linkRun, reachableNodes, walkEdges } from './traverse-edges.ts'

/** Whether every edge of `b` whose condition may hold has a counterpart in `a`. */
export function dependenciesSatisfy(a: Spec, b: Spec, facts: PackageFacts | undefined): boolean {
  const search = searchIn(a, facts)
  for (const { edge, parent } of walkEdges([b], { order: 'pre', cover: 'edges' })) {
    if (!edge || !parent || !mayApply(search, edge, parent)) continue
    if (edge.direct) {
      if (!hasDirect(search, edge, parent)) return false
    } else if (!parent.concrete && !hasSomewhere(search, edge)) return false
  }
  return true
}

/** Edges by the names of their children and of the virtuals that they provide. */
type EdgeIndex = ReadonlyMap<string, ReadonlySet<Edge>>

/** What is asked time and again of the spec that is searched. */
interface Search {
  root: Spec
  facts: PackageFacts | undefined
  /** `root[name]`. */
  find: (name: string) => Spec | null
  /** The edges of a node. */
  directly: (node: Spec) => EdgeIndex
  /** The edges that `^name` may mean: of the link and run closure, and to what the root is built with. */
  somewhere: () => EdgeIndex
}

function searchIn(root: Spec, facts: PackageFacts | undefined): Search {
  let find: Search['find'] | undefined
  let everywhere: EdgeIndex | undefined
  const indexes = new Map<Spec, EdgeIndex>()
  return {
    root,
    facts,
    find: (name) => {
      find ??= dependencyFinder(root)
      return find(name)
    },
    directly: (node) => {
      const index = indexes.get(node) ?? indexEdges(node.edges)
      indexes.set(node, index)
      return index
    },
    somewhere: () => {
      everywhere ??= indexEdges(edgesBelow(root))
      return everywhere
    },
  }
}

function indexEdges(edges: Iterable<Edge>): EdgeIndex {
  const byName = new Map<string, Set<Edge>>()
  for (const edge of edges) {
    for (const name of [edge.child.name ?? '', ...edge.virtuals]) {
      const known = byName.get(name)
      if (known) known.add(edge)
      else byName.set(name, new Set([edge]))
    }
  }
  return byName
}

function edgesBelow(root: Spec): Edge[] {
  const steps = walkEdges([root], { order: 'pre', cover: 'edges', deptypes: linkRun })
  const built = root.edges.filter((edge) => hasDeptype(edge, deptypeBits.build))
  return [...steps.flatMap(({ edge }) => edge ?? []), ...built]
}

/** Whether the condition of an edge can be met; one that cannot asks for nothing. */
function mayApply({ root, find, facts }: Search, { when }: Edge, parent: Spec): boolean {
  if (!when) return true
  const node = !parent.name || parent.name === root.name ? root : find(parent.name)
  return !node || intersects(node, when, { facts })
}

/** `%gcc`: a child of the very node that asks for it, which is the root or a named node below it. */
function hasDirect(search: Search, asked: Edge, parent: Spec): boolean {
  const { root, find, facts } = search
  const { child, deptypes } = asked
  // A package may be built by another version of itself, as compilers are.
  const node = !parent.name || parent.name === child.name ? root : find(parent.name)
  if (!node) return false
  if (node.concrete && hidesCompiler(node, node.concrete)) {
    const compiler = node.concrete.legacyCompiler
    return compiler !== null && satisfies(compiler, child, { facts })
  }
  return directCandidates(search, node, asked).some(
    (own) =>
      (own.deptypes & deptypes) === deptypes && whenSatisfies(asked, own, facts) && childSatisfies(own, child, facts),
  )
}

/** Nodes from formats before 5, and externals without dependencies, name their compiler instead of having an edge. */
const hidesCompiler = (node: Spec, concrete: Concrete): boolean =>
  concrete.originalSpecfileVersion < 5 || (concrete.external !== null && !node.edges.length)

/** Edges of a node to the child that is asked for; of a virtual, those that provide it or one of the others. */
function directCandidates({ directly, facts }: Search, node: Spec, { child, virtuals }: Edge): Edge[] {
  const index = directly(node)
  const named = child.name ? [...(index.get(child.name) ?? [])] : node.edges
  if (isVirtualName(child.name, facts)) return [...named, ...virtuals.flatMap((name) => [...(index.get(name) ?? [])])]
  const isMeant = (own: Edge) => !child.name || own.child.name === child.name || providesBareName(own, child, facts)
  const providesAny = (own: Edge) => !virtuals.length || virtuals.some((virtual) => own.virtuals.includes(virtual))
  return named.filter((own) => isMeant(own) && providesAny(own))
}

/** `^zlib`: a link or run dependency at any depth, or a build dependency of the root. */
function hasSomewhere({ somewhere, facts }: Search, asked: Edge): boolean {
  const { child } = asked
  const candidates = child.name
    ? [...(somewhere().get(child.name) ?? [])].filter((own) => whenSatisfies(asked, own, facts))
    : [...somewhere().values()].flatMap((edges) => [...edges])
  const virtuals = isVirtualName(child.name, facts) ? [...asked.virtuals, child.name!] : asked.virtuals
  const isProvided = (virtual: string) =>
    candidates.some((own) => own.virtuals.includes(virtual) || own.child.name === virtual)
  return virtuals.every(isProvided) && candidates.some((own) => childSatisfies(own, child, facts, { nodeOnly: true }))
}

/** Whether `own` holds wherever the edge that is asked for does. */
const whenSatisfies = (asked: Edge, own: Edge, facts: PackageFacts | undefined): boolean =>
  !own.when || satisfies(asked.when ?? emptySpec(), own.when, { facts })

function childSatisfies(
  own: Edge,
  child: Spec,
  facts: PackageFacts | undefined,
  options?: { nodeOnly: true },
): boolean {
  return providesBareName(own, child, facts) || satisfies(own.child, child, { facts, ...options })
}

/** Without facts: `^mpi`, with nothing else said, is met by any edge that provides mpi. */
function providesBareName(own: Edge, child: Spec, facts: PackageFacts | undefined): boolean {
  if (facts || !child.name || child.name === own.child.name || !own.virtuals.includes(child.name)) return false
  return satisfies({ ...emptySpec(), name: child.name }, child)
}

/** Whether the dependencies of two specs leave room for each other. */
export function dependenciesIntersect(a: Spec, b: Spec, facts: PackageFacts | undefined): boolean {
  if (!a.edges.length || !b.edges.length) return true
  const names = new Set(a.edges.map(({ child }) => child.name))
  const [findInA, findInB] = [namedDependencies(a), namedDependencies(b)]
  for (const { child } of b.edges) {
    if (!names.delete(child.name)) continue
    const [left, right] = [findInA(child.name), findInB(child.name)]
    if (left && right && !intersects(left, right, { facts })) return false
  }
  return !facts || (virtualsHaveRoom(a, b, facts) && virtualsHaveRoom(b, a, facts))
}

/** What a name means below a spec; without a name, its first child that has none. */
function namedDependencies(spec: Spec): (name: string | null) => Spec | null {
  const find = dependencyFinder(spec)
  return (name) => (name ? find(name) : (spec.edges.find(({ child }) => !child.name)?.child ?? null))
}

/** Whether each virtual in `a` for which `b` has providers is one that some of these provide. */
function virtualsHaveRoom(a: Spec, b: Spec, facts: PackageFacts): boolean {
  const virtuals = reachableNodes(a).filter(({ name }) => isVirtualName(name, facts))
  if (!virtuals.length) return true
  const provided = reachableNodes(b).flatMap((node) => providedBy(node, facts))
  return virtuals.every((virtual) => {
    const named = provided.filter(({ name }) => name === virtual.name)
    return !named.length || named.some((each) => intersects(each, virtual, { facts, nodeOnly: true }))
  })
}

function providedBy(node: Spec, facts: PackageFacts): readonly Spec[] {
  if (!node.name || facts.isVirtual(node.name)) return []
  const provisions = facts.provides(node.name).filter(({ when }) => intersects(node, when, { facts, nodeOnly: true }))
  return provisions.flatMap(({ virtuals }) => virtuals)
}
