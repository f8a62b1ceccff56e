// One solve: requests in, concrete specs out, or what contradicts what.

import { clockMs } from '../clock.ts'
import { areSame, type Lit } from '../solver/literal.ts'
import { isStale } from '../solver/optimize.ts'
import type { Problem } from '../solver/problem.ts'
import type { Verdict } from '../solver/solver.ts'
import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import type { Spec } from '../spec/spec.ts'
import { knownTarget, requireTarget, targetNames } from '../spec/target.ts'
import { isOneTarget } from '../spec/target-range.ts'
import type { ConcreteVersion } from '../spec/version.ts'
import { exactVersion } from '../spec/version-list.ts'
import { acceptAssignment } from './acceptance.ts'
import { isSupported } from './build-encoding.ts'
import { criterionAt } from './criteria.ts'
import { decode } from './decode.ts'
import { Encoding } from './encoding.ts'
import { encodeRoots, growWays, growWorld, isOpen, tellImpositions } from './growth.ts'
import { declareNode } from './node-encoding.ts'
import { constraint } from './package-facts.ts'
import type { PackageNode } from './package-node.ts'
import { preferredDecisions } from './preferences.ts'
import { type EncodedRequests, encodeRequests, type Request } from './requests.ts'
import { rootOfVirtual } from './virtual-roots.ts'
import { isWay, waysOf } from './ways.ts'
import type { World } from './world.ts'

export interface SolveOptions {
  tests: boolean | ReadonlySet<string>
  /** Meet as many requests as possible, not all. */
  isOptional?: boolean
  /** Told the problem as it stands when the best answer is looked for, for benchmarks and bug reports. */
  capture?: (problem: Problem) => void
}

export interface Statistics {
  nodes: number
  variables: number
  searches: number
  conflicts: number
  propagations: number
  backtracks: number
  decisions: number
  encodeMs: number
  solveMs: number
}

export type Solution =
  | {
      kind: 'solved'
      /** By request; undefined for one that is not met. */
      roots: readonly (Spec | undefined)[]
      specs: readonly Spec[]
      /** In the order of `criteria`. */
      costs: readonly number[]
      statistics: Statistics
    }
  | { kind: 'unsatisfiable' }

/** Finds the best answer to all requests together. */
export function solve(world: World, facts: SpecFacts, requests: readonly Request[], options: SolveOptions): Solution {
  const started = clockMs()
  const { encoding, encoded } = openSearch(world, requests, options)
  const encodeMs = clockMs() - started
  if (!closeWorld(encoding)) return { kind: 'unsatisfiable' }
  // The search must know how each request can be met before it leaves any out.
  const unmet = encoded.met.filter((met) => options.isOptional && !encoding.solver.modelHas(met))
  for (const met of unmet) closeWorld(encoding, [met])
  const assumptions = (): Lit[] => encoding.formula.closedWorld()
  // What closing found is an answer already, unless there is more to know since.
  const isCurrent = !unmet.length && !options.capture && encoding.formula.isClosedIn(isInModel(encoding))
  const start = isCurrent ? encoding.solver.model : undefined
  if (options.capture) {
    encoding.chargeAll()
    options.capture({
      variables: encoding.solver.variableCount,
      ...encoding.solver.constraints(),
      criteria: encoding.optimizer.criteria(),
    })
  }
  const settled = criterionAt('variants', true) + 1
  let hasAnswer = false
  // What may make an answer better though it is not known: other ways to what is mentioned, what is imposed on what is known.
  const openWays = (owner: object) => waysOf(owner).filter((way) => way.node.called && isOpen(encoding, way))
  // What is imposed seldom changes what is compared after versions: there it would only cost searches.
  const lastImposed = criterionAt('versions', true)
  const hasMore = (owner: object) =>
    encoding.optimizer.sought.at <= lastImposed && isNode(owner) && encoding.hasImpositions(owner)
  const found = encoding.optimizer.minimize({
    assumptions,
    certain: () => encoding.formula.closedBut((owner) => openWays(owner).length > 0 || hasMore(owner)),
    // That there is no answer at all is doubted whatever is blamed for it.
    doubt: (core) => {
      const owners = encoding.formula.closedBy(core)
      const ways = [...new Set(owners.flatMap(openWays))]
      return hasAnswer
        ? growWays(encoding, ways) || tellImpositions(encoding, owners.filter(isNode))
        : growWorld(encoding, ways) || growWorld(encoding, owners)
    },
    start,
    onRow: (at) => {
      hasAnswer = true
      if (at === settled) encoding.chargeAll()
    },
  })
  if (found.kind !== 'model') return { kind: 'unsatisfiable' }
  const specs = decode(encoding, found.model, facts)
  const has = (literal: Lit) => (found.model[literal >> 1] ?? 0) !== (literal & 1)
  const roots = encoded.roots.map((choices, at) => {
    const root = has(encoded.met[at]!)
      ? choices.find(({ node, literal }) => has(literal) && has(node.exists))
      : undefined
    if (!root) return undefined
    const asked = requests[at]!.spec
    const first = world.isVirtual(asked.name!)
      ? rootOfVirtual(encoding, specs, asked, { facts, isReused: ({ concrete }) => has(concrete) })
      : undefined
    return first ?? specs.get(root.node)
  })
  const { counters } = encoding.solver
  return {
    kind: 'solved',
    roots,
    specs: [...specs.values()],
    costs: found.costs,
    statistics: {
      nodes: encoding.declared.length,
      variables: encoding.solver.variableCount,
      searches: encoding.optimizer.searches,
      conflicts: counters.conflicts,
      propagations: counters.propagations,
      backtracks: counters.backtracks,
      decisions: counters.decisions,
      encodeMs,
      solveMs: clockMs() - started - encodeMs,
    },
  }
}

/** The encoding of requests with what guides a search in it. */
export function openSearch(
  world: World,
  requests: readonly Request[],
  options: SolveOptions & { isExplained?: boolean },
): { encoding: Encoding; encoded: EncodedRequests } {
  const encoding = new Encoding({
    world,
    extraVersions: extraVersions(world, requests),
    tests: options.tests,
    isExplained: options.isExplained ?? false,
    targets: candidateTargets(world, requests),
    systems: candidateSystems(world, requests),
    roots: requests.flatMap(({ spec }) => spec.name ?? []),
  })
  encoding.declare = (node) => declareNode(encoding, node)
  const encoded = encodeRequests(encoding, requests, options.isOptional ?? false)
  encoding.settle()
  encoding.solver.guide.decide = preferredDecisions(encoding)
  encoding.solver.guide.accept = () => acceptAssignment(encoding, encoded)
  return { encoding, encoded }
}

/**
 * Lets the encoding grow until there is an answer among what is known, or none at all. What is not known yet is taken
 * to be impossible only as long as that does not contradict anything. `wanted` are literals that hold in the answer.
 */
export function closeWorld(encoding: Encoding, wanted: readonly Lit[] = [], { grows } = { grows: true }): boolean {
  const { solver, formula } = encoding
  const switches = () => encoding.blames.map(({ literal }) => literal)
  const has = isInModel(encoding)
  const search = (closed: () => readonly Lit[]) => {
    for (;;) {
      const given = closed()
      const verdict = solver.solve([...wanted, ...switches(), ...given])
      // The search may have let the world grow: its model may not know of what is switched on or closed now, its core may
      // blame the past.
      const now = closed()
      // Without an explanation what is closed is left to the optimizer, which looks at it anyway: one search after the other
      // would let the world grow by a little more.
      const isClosed = () => !encoding.isExplained || !now.length || formula.isClosedIn(has, encoding.compiling)
      const isKnown = () => switches().every(has) && isClosed()
      const isPast = () => isStale(solver.core, given, now)
      if (verdict === 'satisfiable' ? isKnown() : !isPast()) return verdict
    }
  }
  if (!agreeAlone(encoding, wanted, grows)) return false
  const agree = () => concludeFromRoots(encoding, wanted) !== 'unsatisfiable'
  // Where roots are at odds with themselves already, no open end needs to be followed first.
  let isClosed = false
  if (agree() && (!encoding.follow(isCalled(encoding)) || agree())) {
    if (search(() => []) !== 'satisfiable') return false
    // Mostly that answer has no reasons but those that are known.
    isClosed = formula.isClosedIn(has, encoding.compiling)
  }
  for (;;) {
    while (!isClosed && search(() => formula.closedWorld(encoding.compiling)) !== 'satisfiable') {
      const owners = formula.closedBy(solver.core)
      if (!grows || !owners.length || !growWorld(encoding, owners)) return false
      if (!owners.some(isWay)) continue
      const isPossible = () => search(() => formula.completeWorld()) === 'satisfiable'
      if (!encoding.narrowly(isPossible) || !isPossible()) return false
    }
    if (!encoding.follow(() => true)) return true
    isClosed = false
  }
}

/** Whether roots do not contradict what they say themselves, before anything below them is encoded. */
const agreeAlone = (encoding: Encoding, wanted: readonly Lit[], grows: boolean): boolean =>
  encoding.narrowly(() => {
    encodeRoots(encoding)
    while (concludeFromRoots(encoding, wanted) === 'unsatisfiable') {
      const owners = encoding.formula.closedBy(encoding.solver.core)
      if (!grows || !owners.length || !growWorld(encoding, owners)) return false
    }
    return true
  })

/** What can be concluded about roots as they are asked for, unless something that is not known changes them. */
function concludeFromRoots(encoding: Encoding, wanted: readonly Lit[]): Verdict {
  for (;;) {
    const given = closedRoots(encoding, wanted)
    const verdict = encoding.solver.solve(given, { mayDecide: false })
    if (areSame(given, closedRoots(encoding, wanted))) return verdict
  }
}

/** That nothing changes roots but what is known, with all that is switched on. */
const closedRoots = ({ formula, explicitRoots, blames }: Encoding, wanted: readonly Lit[]): Lit[] => [
  ...wanted,
  ...blames.map(({ literal }) => literal),
  ...formula.closed([...explicitRoots.keys()]),
]

/** Whether something that is known may depend on a node, as far as the search stands. */
const isCalled =
  ({ solver }: Encoding) =>
  ({ root, incoming }: PackageNode): boolean =>
    solver.valueOf(root) === 1 || incoming.some(({ literal }) => solver.valueOf(literal) !== -1)

const isNode = (owner: object): owner is PackageNode => 'impositions' in owner

const isInModel =
  ({ solver }: Encoding) =>
  (literal: Lit): boolean =>
    solver.modelHas(literal)

// --- what may be chosen from --------------------------------------------------------------------------------------------

/** Versions that recipes do not declare but requests, settings or compilers bring in. */
export function extraVersions(
  world: World,
  requests: readonly Request[],
): Map<string, { version: ConcreteVersion; isBuildable: boolean }[]> {
  const found = new Map<string, { version: ConcreteVersion; isBuildable: boolean }[]>()
  const add = (name: string, version: ConcreteVersion, isBuildable: boolean) => {
    const list = found.get(name)
    if (list) list.push({ version, isBuildable })
    else found.set(name, [{ version, isBuildable }])
  }
  const addAll = (spec: Spec) => {
    const version = exactVersion(spec.versions)
    if (spec.name && version && !spec.concrete) add(spec.name, version, true)
    for (const { child } of spec.edges) addAll(child)
  }
  for (const spec of mentionedSpecs(world, requests)) addAll(spec)
  for (const { rules } of world.compilers) {
    for (const rule of rules) {
      if (rule.kind !== 'requires') continue
      const version = exactVersion(constraint(rule.spec).versions)
      if (version) add(rule.package, version, true)
    }
  }
  for (const [name, { require, versions }] of world.settings.packages) {
    for (const { specs } of require) {
      for (const text of specs) {
        const version = exactVersion(constraint(text).versions)
        if (version && name !== 'all') add(constraint(text).name ?? name, version, true)
      }
    }
    for (const { text } of versions) if (text.startsWith('git.')) add(name, parseGit(text), true)
  }
  return found
}

const parseGit = (text: string): ConcreteVersion => exactVersion(constraint(`@${text}`).versions)!

/** The host's target and what it runs, best first; targets that no compiler supports come last. */
export function candidateTargets(world: World, requests: readonly Request[]): string[] {
  const { settings, host } = world
  const own = requireTarget(host.target)
  let names = [own.name, ...own.ancestors]
  if (!settings.isHostCompatible) {
    const others = targetNames
      .map(requireTarget)
      .filter((target) => target.family === own.family && !names.includes(target.name))
    others.sort((a, b) => b.ancestors.length - a.ancestors.length)
    names.push(...others.map(({ name }) => name))
  }
  if (settings.granularity === 'generic') names = names.filter((name) => requireTarget(name).vendor === 'generic')
  if (!settings.isHostCompatible) {
    for (const target of requestedTargets(mentionedSpecs(world, requests))) {
      for (const name of [target, ...(knownTarget(target)?.ancestors ?? [])])
        if (!names.includes(name)) names.push(name)
    }
  }
  const compilers = world.compilers.map(({ spec }) => spec)
  const isGood = (name: string) => name === own.family || compilers.some((compiler) => isSupported(compiler, name))
  const weighted = names.filter(isGood).concat(names.filter((name) => !isGood(name)).sort())
  const preferred = settings.targets
  const rank = (name: string) => (preferred.includes(name) ? preferred.indexOf(name) : preferred.length)
  return weighted
    .map((name, at) => ({ name, at }))
    .sort((a, b) => rank(a.name) - rank(b.name) || a.at - b.at)
    .map(({ name }) => name)
}

/** Requests, and what is said of packages that are developed. */
const mentionedSpecs = (world: World, requests: readonly Request[]): Spec[] => [
  ...requests.map(({ spec }) => spec),
  ...(world.developed ?? []),
]

function requestedTargets(specs: readonly Spec[]): string[] {
  const targets = specs.flatMap((spec) =>
    [spec, ...spec.edges.map(({ child }) => child)].map(({ arch }) => arch?.target ?? ''),
  )
  return targets.filter((target) => target && isOneTarget(target) && knownTarget(target))
}

/** The host's operating system, those that are asked for, and those of reusable specs. */
function candidateSystems(world: World, requests: readonly Request[]): { name: string; isBuildable: boolean }[] {
  const asked = mentionedSpecs(world, requests).flatMap((spec) =>
    [spec, ...spec.edges.map(({ child }) => child)].map(({ arch }) => arch?.os ?? ''),
  )
  const buildable = new Set([world.host.os, ...asked.filter((os) => os && os !== '*')])
  const reused = world.reusable.systems.filter((os) => !buildable.has(os))
  // The host's own first, then those that cannot be built for, each by name from the last.
  const rest = [...buildable]
    .filter((os) => os !== world.host.os)
    .sort()
    .reverse()
  const ordered = [world.host.os, ...[...reused].sort().reverse(), ...rest]
  return ordered.map((name) => ({ name, isBuildable: buildable.has(name) }))
}
