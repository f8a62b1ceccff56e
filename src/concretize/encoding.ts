// The encoding as it grows: nodes, virtuals, and what is to be done when a literal first becomes true. A package's
// recipe is looked at only when a node of it comes into being in the search, its directives when it is to be built.

import { type Lit, literalOf, negate } from '../solver/literal.ts'
import { Optimizer } from '../solver/optimize.ts'
import { Solver } from '../solver/solver.ts'
import { type DagHash, type Deptype, deptypeBits, type Spec } from '../spec/spec.ts'
import { allDeptypes, linkRun } from '../spec/traverse-edges.ts'
import type { Cause, GraphRule } from './cause.ts'
import { type CriterionKey, criteria, criterionAt } from './criteria.ts'
import { dependencyTypes } from './dependency-types.ts'
import { Formula, type OpenOr } from './formula.ts'
import { linkRunVirtuals } from './link-run-virtuals.ts'
import { injectedLinks } from './links.ts'
import { type ExtraVersions, type PackageFacts, packageFacts } from './package-facts.ts'
import { type EdgeLits, nodeKey, type PackageNode } from './package-node.ts'
import type { PropagatedPreference } from './propagated.ts'
import { type Propagation, propagateOverEdge } from './variant-propagation.ts'
import type { World } from './world.ts'

export interface VirtualProvider {
  node: PackageNode
  literal: Lit
  /** When something depends on the virtual through it, or asked for the virtual as a root. */
  uses: Lit[]
  used: OpenOr | null
}

export interface VirtualNode {
  name: string
  maxDupes: number
  providers: VirtualProvider[]
  /** Requirements on a language, which cost for each use. */
  charges: { node: PackageNode; active: Lit; rule: { step: number }; members: readonly Lit[] }[]
}

export interface EncodingOptions {
  world: World
  extraVersions: ExtraVersions
  tests: boolean | ReadonlySet<string>
  targets: readonly string[]
  systems: readonly { name: string; isBuildable: boolean }[]
  /** Names of what is asked for. */
  roots: readonly string[]
  /** Every directive can be switched off by itself, so that contradictions can be told in its words. */
  isExplained: boolean
}

/** Values of variants that were asked for on the command line or in a manifest, and when that counts: the defaults of all nodes of a package. */
export type RequestedValues = Map<string, Map<string, Map<string, Lit>>>

export const languages: readonly string[] = ['c', 'cxx', 'fortran']
/** Whether a package may provide a language. */
export const isCompiler = ({ providers }: World, name: string): boolean =>
  languages.some((language) => providers(language).includes(name))
export const languageRuntimes: readonly string[] = ['fortran-rt']

export class Encoding {
  readonly world: World
  readonly tests: boolean | ReadonlySet<string>
  readonly solver = new Solver()
  readonly formula = new Formula(this.solver)
  readonly optimizer = new Optimizer(
    this.solver,
    criteria.map(({ text }) => text),
  )
  readonly nodes = new Map<string, PackageNode>()
  /** Nodes in the order in which they were declared. */
  readonly declared: PackageNode[] = []
  readonly virtuals = new Map<string, VirtualNode>()
  /** By virtual, its providers as settings prefer them, as far as somebody asked. */
  readonly providerOrders = new Map<string, readonly string[]>()
  readonly requestedValues: RequestedValues = new Map()
  readonly propagations: Propagation[] = []
  /** What compilers of reusable specs cost, and that anything is built. */
  readonly reusedCompilers = new Map<DagHash, Lit>()
  willBuild: Lit | null = null
  /** By compiler: that something takes a language from it. */
  readonly compiling = new Map<string, Lit>()
  /** Packages that the rules of compilers inject. */
  readonly runtimes: ReadonlySet<string>
  /** Switches of directives, when contradictions are to be explained. */
  readonly blames: { literal: Lit; cause: Cause }[] = []
  readonly #blames = new Map<string, Lit>()
  readonly isExplained: boolean
  /** Roots that were asked for by their own names, and when they count. */
  readonly explicitRoots = new Map<PackageNode, Lit>()
  /** Requests that need not be met, if they can be: the search tries to meet them all. */
  readonly optional: Lit[] = []
  /** How many values of variants were added that no recipe lists. */
  unlistedValues = 0
  /** What requests prefer for all below a package (`%%`), and which nodes were found to be below it. */
  readonly propagated: PropagatedPreference[] = []
  /** Whether requests pass on different flags of a kind: copies of a compiler then keep them apart. */
  hasRivalFlags = false
  readonly preferencesBelow = new Map<string, Lit>()
  /** Who may bring in what, by links from the roots; once that matters to what requests mention. */
  belowRoots: ReadonlyMap<string, readonly string[]> | null = null
  /** Nodes that requests speak of, by when they exist: what they bring in is not looked at before it is known what brings them in. */
  readonly waiting = new Map<Lit, PackageNode>()
  /** Nodes whose directives are being encoded. */
  readonly inProgress = new Set<PackageNode>()
  /** Targets that a node may have, and operating systems, best first. */
  readonly targets: readonly string[]
  readonly systems: readonly { name: string; isBuildable: boolean }[]

  readonly #extraVersions: ExtraVersions
  readonly #facts = new Map<string, PackageFacts | null>()
  readonly #actions = new Map<Lit, (() => void)[]>()
  readonly #sayings = new Map<Lit, (() => void)[]>()
  /** Literals that became true while nothing was to be brought in. */
  readonly #postponed: Lit[] = []
  #isNarrow = false
  readonly #queue: (() => void)[] = []
  readonly #charges: (() => void)[] = []
  #chargesAll = false
  readonly #maxDupes = new Map<string, number>()
  readonly #roots: readonly string[]
  #linkRunVirtuals: ReadonlySet<string> | null = null
  readonly #typesBetween: ReturnType<typeof dependencyTypes>
  /** Set by who knows how to fill nodes: encoding them is spread over several files. */
  declare: (node: PackageNode) => void = () => {}

  constructor({ world, extraVersions, tests, isExplained, targets, systems, roots }: EncodingOptions) {
    this.#roots = roots
    this.targets = targets
    this.systems = systems
    this.world = world
    this.tests = tests
    this.isExplained = isExplained
    this.#extraVersions = extraVersions
    this.#typesBetween = dependencyTypes(world, tests)
    const injected = injectedLinks(world).map(({ name }) => name)
    this.runtimes = new Set(injected.filter((name) => !world.isVirtual(name)))
    this.solver.guide = { extend: (became) => this.#extend(became) }
  }

  // --- what is to be done later ---------------------------------------------------------------------------------------

  /** Has something done once, when `literal` is first true in the search. */
  whenTrue(literal: Lit, action: () => void): void {
    this.#register(this.#actions, literal, action)
  }

  /** As `whenTrue`, for what says more of nodes that are there and brings in none. */
  sayWhenTrue(literal: Lit, action: () => void): void {
    this.#register(this.#sayings, literal, action)
  }

  /** Has something that is imposed on a node told when it is first true in the search, or when it is asked who may change the node. */
  whenImposed(node: PackageNode, literal: Lit, action: () => void): void {
    // Of what is in no repository there is nothing to tell.
    if (node.exists === this.formula.false) return
    node.impositions.push(literal)
    this.whenTrue(literal, action)
  }

  /** Whether not all is told that is imposed on a node. */
  hasImpositions({ impositions }: PackageNode): boolean {
    // Those that were told meanwhile are dropped from the end, up to one that was not.
    while (impositions.length > 0 && !this.#isPending(impositions.at(-1)!)) impositions.pop()
    return impositions.length > 0
  }

  #isPending(literal: Lit): boolean {
    return this.#actions.has(literal) || this.#sayings.has(literal)
  }

  /** As `whenImposed`, for what says more of the node itself and brings in none. */
  sayWhenImposed(node: PackageNode, literal: Lit, action: () => void): void {
    node.impositions.push(literal)
    this.sayWhenTrue(literal, action)
  }

  #register(actions: Map<Lit, (() => void)[]>, literal: Lit, action: () => void): void {
    if (literal === this.formula.false) return
    if (literal === this.formula.true) {
      this.#queue.push(action)
      return
    }
    const known = actions.get(literal)
    if (known) {
      known.push(action)
      return
    }
    actions.set(literal, [action])
    this.solver.watchTruth(literal)
  }

  #extend(became: readonly Lit[]): void {
    for (const literal of became) {
      this.#take(this.#sayings, literal)
      if (this.#isNarrow) this.#postponed.push(literal)
      else if (!this.waiting.has(literal)) this.#take(this.#actions, literal)
    }
    this.settle()
  }

  #take(actions: Map<Lit, (() => void)[]>, literal: Lit): boolean {
    const due = actions.get(literal)
    if (!due) return false
    actions.delete(literal)
    this.#queue.push(...due)
    return true
  }

  /** Searches only in what is encoded: nothing more is brought in meanwhile. What contradicts itself then does so anyway. */
  narrowly<Result>(act: () => Result): Result {
    this.#isNarrow = true
    const result = act()
    this.#isNarrow = false
    for (const literal of this.#postponed.splice(0)) this.solver.watchTruth(literal)
    return result
  }

  /** Has what such nodes bring in looked at, of those that wait; whether there were any. */
  follow(isDue: (node: PackageNode) => boolean): boolean {
    const due = [...this.waiting].filter(([, node]) => isDue(node))
    for (const [exists] of due) {
      this.waiting.delete(exists)
      this.solver.watchTruth(exists)
    }
    return due.length > 0
  }

  /** What was to be done or said when `literal` is first true is now due; whether there was anything. */
  hasten(literal: Lit): boolean {
    const isSaid = this.#take(this.#sayings, literal)
    return this.#take(this.#actions, literal) || isSaid
  }

  /** Has something done when the values that cost are settled: until then only those that are chosen are charged. */
  whenCharged(literal: Lit, action: () => void): void {
    let isDone = false
    const once = () => {
      if (isDone) return
      isDone = true
      action()
    }
    if (this.#chargesAll) once()
    else {
      this.#charges.push(once)
      this.whenTrue(literal, once)
    }
  }

  /** From now on everything that may cost is charged, chosen or not: what was found least can then not be undone. */
  chargeAll(): void {
    if (this.#chargesAll) return
    this.#chargesAll = true
    for (const action of this.#charges) action()
    this.#charges.length = 0
    this.settle()
  }

  /** Does what is due. */
  settle(): void {
    for (let at = 0; at < this.#queue.length; at++) this.#queue[at]!()
    this.#queue.length = 0
    this.optimizer.flush()
  }

  /** A literal that switches a directive on: constantly true, unless contradictions are to be explained. */
  blame(tell: () => Cause): Lit {
    if (!this.isExplained) return this.formula.true
    const cause = tell()
    const key = JSON.stringify(cause)
    const known = this.#blames.get(key)
    if (known !== undefined) return known
    const literal = literalOf(this.solver.newVariable(true))
    this.#blames.set(key, literal)
    this.blames.push({ literal, cause })
    return literal
  }

  /** As `blame`, for what is so with every graph. */
  blameGraph(rule: GraphRule): Lit {
    return this.blame(() => ({ kind: 'graph', rule }))
  }

  // --- costs ----------------------------------------------------------------------------------------------------------

  /** Declares a cost that does not depend on whether anything is built. */
  cost(key: CriterionKey, literal: Lit, weight: number): void {
    if (literal !== this.formula.false && weight > 0) this.optimizer.declare(criterionAt(key), literal, weight)
  }

  /** Declares a cost of a node; `keys` are the criteria for roots and for others. */
  nodeCost(
    node: PackageNode,
    keys: readonly [root: CriterionKey, other: CriterionKey],
    literal: Lit,
    weight: number,
  ): void {
    if (literal === this.formula.false || weight <= 0) return
    const isRuntime = this.runtimes.has(node.name)
    const charge = (key: CriterionKey, isBuilt: boolean, role: Lit) => {
      const state = this.#known(node, isBuilt ? node.build : node.concrete)
      if (role === this.formula.false || state === this.formula.false) return
      const all = this.formula.and([literal, state, role])
      if (all !== this.formula.false) this.optimizer.declare(criterionAt(key, isBuilt && !isRuntime), all, weight)
    }
    const other = negate(node.root)
    charge(keys[0], true, node.root)
    charge(keys[1], true, other)
    charge(keys[0], false, node.root)
    charge(keys[1], false, other)
  }

  /** The constant that a state of a node is, if it can only be built; what costs implies that the node exists. */
  #known(node: PackageNode, state: Lit): Lit {
    if (node.build === node.exists || (node.facts && node.candidates.length === 0))
      return this.formula.constant(state === node.build)
    return state
  }

  // --- nodes ----------------------------------------------------------------------------------------------------------

  facts(name: string): PackageFacts | undefined {
    let facts = this.#facts.get(name)
    if (facts === undefined) {
      facts = packageFacts(this.world, name, this.#extraVersions) ?? null
      this.#facts.set(name, facts)
    }
    return facts ?? undefined
  }

  /** How many nodes of a package or virtual there may be. */
  maxDupes(name: string): number {
    let count = this.#maxDupes.get(name)
    if (count === undefined) {
      count = this.#countDupes(name)
      this.#maxDupes.set(name, count)
    }
    return count
  }

  #countDupes(name: string): number {
    const { strategy, maxDupes, defaultMaxDupes } = this.world.settings.duplicates
    if (strategy === 'none') return 1
    const limit = Math.max(1, maxDupes.get(name) ?? defaultMaxDupes)
    if (this.world.isVirtual(name)) return this.#countVirtual(name, limit, strategy)
    if (strategy === 'full') return Math.max(2, limit)
    return limit > 1 && this.#isTool(name) ? limit : 1
  }

  #countVirtual(name: string, limit: number, strategy: 'minimal' | 'full'): number {
    const single = strategy === 'full' ? 2 : 1
    const several = strategy === 'full' ? 1 : limit
    if (languages.includes(name) && this.#hasOneCompilerFor(name)) return Math.max(single, several)
    if (single === several) return single
    return this.#isLinkedOrRun(name) ? single : several
  }

  /** Whether a language comes from the one compiler that there is, which is preferred anyway: then limits are no matter. */
  #hasOneCompilerFor(language: string): boolean {
    const { providers, reusable, settings } = this.world
    const [only, ...more] = providers(language).flatMap((name) => reusable.of(name))
    return more.length === 0 && only !== undefined && only.name === settings.providers.get(language)?.[0]
  }

  #isLinkedOrRun(virtual: string): boolean {
    const withTests = typeof this.tests === 'boolean' ? this.tests : this.tests.size > 0
    this.#linkRunVirtuals ??= linkRunVirtuals(this.world, this.#roots, withTests)
    return this.#linkRunVirtuals.has(virtual)
  }

  /** Whether there may be several nodes of a package because builds need them. */
  #isTool(name: string): boolean {
    const tags = (this.world.package(name)?.recipe.tags as string[] | undefined) ?? []
    return tags.some((tag) => ['build-tools', 'compiler'].includes(tag.toLowerCase()))
  }

  isMulti(name: string): boolean {
    return this.maxDupes(name) > 1
  }

  /** Whether versions of a package cost on each edge: of tools for builds, of which there may be several. */
  costsOnEdges(name: string): boolean {
    return this.isMulti(name) && this.#isTool(name)
  }

  /** A possible node of a package. */
  node(name: string, id = 0): PackageNode {
    const key = nodeKey(name, id)
    const known = this.nodes.get(key)
    if (known) return known
    const { formula } = this
    const exists = this.canExist(name) ? formula.fresh() : formula.false
    // Where there is nothing to reuse it is built, which is known before anything else is known of it.
    const isOpen = exists !== formula.false && this.world.reusable.of(name).length > 0
    const node: PackageNode = {
      name,
      id,
      exists,
      build: isOpen ? formula.fresh() : exists,
      concrete: isOpen ? formula.fresh() : formula.false,
      root: formula.false,
      facts: null,
      isDeclared: false,
      isBuildEncoded: false,
      onceBuildEncoded: [],
      atLeast: [],
      versionSets: new Map(),
      variants: new Map(),
      targets: new Map(),
      systems: new Map(),
      candidates: [],
      deferred: new Map(),
      conditions: new Map(),
      held: new Map(),
      edges: new Map(),
      dependencies: [],
      uses: new Map(),
      choices: [],
      flags: [],
      virtualVersions: new Map(),
      parents: [],
      support: null,
      linked: null,
      refusals: 0,
      below: null,
      noteParent: null,
      called: null,
      ways: null,
      wanted: null,
      arrivals: new Map(),
      propagates: new Map(),
      trueTargets: [],
      trueEdges: [],
      trueWeights: [],
      trueIncoming: [],
      incoming: [],
      impositions: [],
    }
    this.nodes.set(key, node)
    this.whenTrue(exists, () => this.declare(node))
    return node
  }

  /** All possible nodes of a package. */
  nodesOf(name: string): PackageNode[] {
    return Array.from({ length: this.maxDupes(name) }, (_, id) => this.node(name, id))
  }

  /** Whether a node of a package is possible at all: it can be built, or there is something to reuse. */
  canExist(name: string): boolean {
    if (this.world.reusable.of(name).length > 0) return true
    const settings = this.world.settings.packages
    const isBuildable = settings.get(name)?.isBuildable ?? true
    return isBuildable && (this.world.exists?.(name) ?? this.world.package(name) !== undefined)
  }

  /** A property of a node, which may not be declared yet. Equal keys are equal properties. */
  property(node: PackageNode, key: string, build: () => Lit): Lit {
    if (node.exists === this.formula.false) return this.formula.false
    if (node.isDeclared) return build()
    const known = node.deferred.get(key)
    if (known) return known.literal
    const literal = this.formula.fresh()
    node.deferred.set(key, { literal, build })
    return literal
  }

  /** Gives what was asked of a node before it was declared its meaning. */
  resolveDeferred(node: PackageNode): void {
    for (const { literal, build } of node.deferred.values()) {
      const meaning = build()
      this.formula.implies(literal, meaning)
      this.formula.implies(meaning, literal)
    }
    node.deferred.clear()
  }

  /** The edge between two nodes. Before the parent's directives are known its literals stand for themselves. */
  edge(parent: PackageNode, child: PackageNode): EdgeLits {
    const known = parent.edges.get(child)
    if (known) return known
    const { formula } = this
    const isPossible = child.exists !== formula.false && parent.exists !== formula.false && child !== parent
    if (!isPossible || (parent.isBuildEncoded && parent.candidates.length === 0)) {
      return this.#addEdge(parent, noEdge(child, formula.false))
    }
    // What is built has edges by its directives only.
    const possible = parent.build === parent.exists ? this.#typesBetween(parent.name, child.name) : allDeptypes
    const of = (type: Deptype) => (possible & deptypeBits[type] ? formula.fresh() : formula.false)
    const types = { build: of('build'), link: of('link'), run: of('run'), test: of('test') }
    const edge = this.#addEdge(parent, this.#edgeOf(child, types))
    formula.implies(edge.literal, parent.exists)
    if (parent.isBuildEncoded) this.closeEdge(parent, edge, [])
    for (const { spec, literal: reused } of parent.candidates) this.closeReusedEdge(edge, spec, reused)
    return edge
  }

  #edgeOf(child: PackageNode, types: Record<Deptype, Lit>): EdgeLits {
    const { formula } = this
    const linkRun = formula.or([types.link, types.run])
    const notBuildOnly = formula.or([linkRun, types.test])
    return { child, literal: formula.or([types.build, notBuildOnly]), types, notBuildOnly, linkRun, isRelated: false }
  }

  #addEdge(parent: PackageNode, edge: EdgeLits): EdgeLits {
    const { child, literal } = edge
    parent.edges.set(child, edge)
    if (literal === this.formula.false) return edge
    this.formula.implies(literal, child.exists)
    child.incoming.push({ parent, literal })
    if (child.support) this.formula.addTo(child.support, literal)
    if (child.called) this.formula.addTo(child.called, literal)
    if (child.linked) this.formula.addTo(child.linked, edge.linkRun)
    child.noteParent?.(parent, edge.linkRun)
    propagateOverEdge(this, parent, child, literal)
    return edge
  }

  /** Says of what directives an edge of a node that is built comes. */
  closeEdge(parent: PackageNode, edge: EdgeLits, sources: readonly EdgeSource[]): void {
    // An edge has a parent that exists: nothing is left to say of that where it can only be built.
    const isReused = parent.build === parent.exists ? [] : [negate(parent.build)]
    for (const [type, literal] of Object.entries(edge.types) as [Deptype, Lit][]) {
      const giving = sources.filter(({ types }) => types.includes(type))
      for (const { demanded } of giving) this.formula.implies(demanded, literal)
      this.formula.clause([...isReused, negate(literal), ...giving.map((source) => source.literal)])
    }
  }

  /** The edge that directives of a node make, when it is told for the first time. */
  defineEdge(parent: PackageNode, child: PackageNode, sources: readonly EdgeSource[]): void {
    const known = parent.edges.get(child)
    if (
      known ||
      this.isExplained ||
      parent.candidates.length > 0 ||
      child.exists === this.formula.false ||
      child === parent
    ) {
      this.closeEdge(parent, known ?? this.edge(parent, child), sources)
      return
    }
    const of = (type: Deptype) => this.formula.or(givingType(sources, type))
    this.#addEdge(
      parent,
      this.#edgeOf(child, { build: of('build'), link: of('link'), run: of('run'), test: of('test') }),
    )
  }

  /** Says that a reused node has no edges but its own. Its own are told where it is encoded. */
  closeReusedEdge(edge: EdgeLits, spec: Spec, reused: Lit): void {
    const own = spec.edges.find(({ child }) => child.name === edge.child.name && !isSolvedAnew(this.world, spec, child))
    for (const [type, literal] of Object.entries(edge.types) as [Deptype, Lit][]) {
      const bit = deptypeBits[type] & linkRun
      if (!own || !(own.deptypes & bit)) this.formula.clause([negate(reused), negate(literal)])
    }
  }
}

/** Runtimes and the C library are no children of reused nodes: they may be newer than what was linked. */
export const isSolvedAnew = ({ libcs }: World, spec: Spec, child: Spec): boolean =>
  child.name === 'gcc-runtime' ||
  (libcs.length > 0 && spec.edges.some((edge) => edge.child === child && edge.virtuals.includes('libc')))

/** What makes an edge: a directive that applies, with the types that it gives. */
export interface EdgeSource {
  /** That the directive allows the edge, and that it asks for it: the same unless contradictions are explained. */
  literal: Lit
  demanded: Lit
  types: readonly Deptype[]
}

function givingType(sources: readonly EdgeSource[], type: Deptype): Lit[] {
  const literals: Lit[] = []
  for (const { types, literal } of sources) if (types.includes(type)) literals.push(literal)
  return literals
}

const noEdge = (child: PackageNode, none: Lit): EdgeLits => ({
  child,
  literal: none,
  types: { build: none, link: none, run: none, test: none },
  notBuildOnly: none,
  linkRun: none,
  isRelated: false,
})
