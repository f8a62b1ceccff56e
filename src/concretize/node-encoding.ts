// What holds of a node as soon as it may exist: it is built or reused, has one version, a target, an operating system, and
// its variants; what it provides.

import { type Lit, negate } from '../solver/literal.ts'
import { specName } from '../spec/characters.ts'
import type { Spec } from '../spec/spec.ts'
import { encodeBuild } from './build-encoding.ts'
import { conditionHolds, impose, imposeVirtualVersion } from './constraints.ts'
import type { Encoding } from './encoding.ts'
import { chargeEdgeVersion, relateTargets } from './node-relations.ts'
import { constraint } from './package-facts.ts'
import type { PackageNode } from './package-node.ts'
import { versionSet } from './properties.ts'
import { encodeRequirements, requiredTargets } from './requirements.ts'
import { encodeReuse } from './reuse-encoding.ts'
import { distinguishReused } from './reused-copies.ts'
import { encodeVariants } from './variant-encoding.ts'
import { receivePropagations } from './variant-propagation.ts'
import { virtualNode } from './virtuals.ts'

/** Fills a node, once. */
export function declareNode(encoding: Encoding, node: PackageNode): void {
  if (node.isDeclared) return
  node.facts = encoding.facts(node.name)!
  encodeStates(encoding, node)
  if (encoding.willBuild !== null) encoding.formula.implies(node.build, encoding.willBuild)
  encodeVersions(encoding, node)
  encodeTargets(encoding, node)
  encodeSystems(encoding, node)
  node.isDeclared = true
  encoding.declared.push(node)
  encodeVariants(encoding, node)
  encodeReuse(encoding, node)
  encodeDeveloped(encoding, node)
  encoding.resolveDeferred(node)
  receivePropagations(encoding, node)
  encodeProvisions(encoding, node)
  encodeRequirements(encoding, node)
  encodeCopies(encoding, node)
  encoding.whenTrue(node.build, () => encodeBuild(encoding, node))
}

/** Built or reused: one of the two when it exists. */
function encodeStates(encoding: Encoding, node: PackageNode): void {
  const { formula, world } = encoding
  const usable = node.facts!.candidates.filter((spec) => isUsable(world.host.platform, node, spec))
  node.candidates = usable.map((spec) => ({ spec, literal: formula.fresh() }))
  if (node.build === node.exists) return
  const literals = node.candidates.map(({ literal }) => literal)
  formula.define(node.concrete, literals)
  formula.atMostOne(literals)
  formula.implies(node.concrete, node.exists)
  formula.implies(node.build, node.exists)
  formula.implies(node.exists, node.build, node.concrete)
  formula.clause([negate(node.build), negate(node.concrete)])
  if (!node.facts!.isBuildable)
    formula.clause([negate(node.build), negate(encoding.blame(() => ({ kind: 'not-buildable', package: node.name })))])
}

const isUsable = (platform: string, node: PackageNode, spec: Spec): boolean =>
  (spec.arch?.platform ?? platform) === platform && spec.name === node.name

// --- versions -------------------------------------------------------------------------------------------------------

/** `atLeast` is a ladder: a version that is the i-th in preference climbs it i steps, each of which costs. */
function encodeVersions(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  const { versions } = node.facts!
  node.atLeast = versions.map((_, place) => (place === 0 ? formula.true : formula.fresh()))
  for (let place = 1; place < versions.length; place++) {
    formula.implies(node.atLeast[place]!, place === 1 ? node.exists : node.atLeast[place - 1]!)
    chargeVersion(encoding, node, place)
  }
  const buildable = versions.map(({ isBuildable }) => isBuildable)
  if (buildable.includes(false)) {
    const blame = negate(encoding.blame(() => ({ kind: 'undeclared-versions', package: node.name })))
    for (const [place, isBuildable] of buildable.entries()) {
      if (isBuildable) continue
      const after = node.atLeast[place + 1] ?? formula.false
      formula.clause([negate(node.build), negate(node.atLeast[place]!), after, blame])
    }
  }
  if (!versions.length) formula.clause([negate(node.exists)])
  chargeDeprecated(encoding, node)
}

function chargeVersion(encoding: Encoding, node: PackageNode, place: number): void {
  const literal = node.atLeast[place]!
  if (encoding.runtimes.has(node.name)) encoding.cost('runtimeVersions', literal, 1)
  else encoding.nodeCost(node, ['rootVersions', 'versions'], literal, 1)
  if (!encoding.costsOnEdges(node.name)) return
  encoding.whenTrue(literal, () => {
    node.trueWeights.push(place)
    for (const edge of node.trueIncoming) chargeEdgeVersion(encoding, node, edge, place)
  })
}

function chargeDeprecated(encoding: Encoding, node: PackageNode): void {
  const { versions } = node.facts!
  const deprecated = versions.map(({ isDeprecated }) => isDeprecated)
  if (!deprecated.includes(true)) return
  const literal = versionSet(encoding, node, deprecated)
  const isExternal = (spec: Spec) => spec.concrete!.external !== null
  const externals = node.candidates.filter(({ spec }) => isExternal(spec)).map((candidate) => candidate.literal)
  const counted = encoding.formula.and([literal, ...externals.map(negate)])
  encoding.nodeCost(node, ['deprecated', 'deprecated'], counted, 1)
  if (encoding.runtimes.has(node.name)) return
  // Enough to put the best version behind the worst.
  encoding.nodeCost(node, ['rootVersions', 'versions'], counted, versions.length)
}

// --- architecture ---------------------------------------------------------------------------------------------------

function encodeTargets(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  const allowed = requiredTargets(encoding, node)
  for (const [place, name] of encoding.targets.entries()) {
    if (!allowed.includes(name)) continue
    const literal = allowed.length === 1 ? node.exists : formula.fresh()
    node.targets.set(name, literal)
    if (literal !== node.exists) formula.implies(literal, node.exists)
    if (encoding.runtimes.has(node.name)) encoding.cost('runtimeTargets', literal, place)
    else encoding.nodeCost(node, ['targets', 'targets'], literal, place)
    encoding.whenTrue(literal, () => {
      node.trueTargets.push(name)
      for (const edge of node.trueEdges) relateTargets(encoding, node, name, edge)
    })
  }
  const literals = [...node.targets.values()]
  formula.implies(node.exists, ...literals)
  if (literals.length > 1) formula.atMostOne(literals)
}

function encodeSystems(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  const { systems } = encoding
  for (const [place, { name, isBuildable }] of systems.entries()) {
    const literal = systems.length === 1 ? node.exists : formula.fresh()
    node.systems.set(name, literal)
    if (systems.length === 1) continue
    formula.implies(literal, node.exists)
    if (!isBuildable) formula.clause([negate(literal), negate(node.build)])
    encoding.nodeCost(node, ['operatingSystems', 'operatingSystems'], literal, place)
  }
  const literals = [...node.systems.values()]
  formula.implies(node.exists, ...literals)
  if (literals.length > 1) formula.atMostOne(literals)
}

/** What is said of a package that is developed holds of all its nodes, also of reused ones. */
function encodeDeveloped(encoding: Encoding, node: PackageNode): void {
  for (const spec of encoding.world.developed ?? []) {
    if (spec.name === node.name) impose(encoding, node, { ...spec, name: null }, node.exists)
  }
}

// --- what it provides, and copies -------------------------------------------------------------------------------------

function encodeProvisions(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  const { provides } = node.facts!.package.recipe
  for (const name of new Set(provides.map(({ spec }) => specName(spec)))) {
    const literal = virtualNode(encoding, name).providers.find((provider) => provider.node === node)?.literal
    if (literal === undefined) continue
    const rows = provides.filter(({ spec }) => specName(spec) === name)
    const conditions = rows.map(({ when }) => conditionHolds(encoding, node, when))
    const blame = encoding.blame(() => ({ kind: 'provision', package: node.name, virtual: name }))
    formula.clause([negate(literal), ...conditions, negate(blame)])
    encoding.whenTrue(literal, () => {
      for (const [at, { spec }] of rows.entries()) {
        const guard = formula.and([literal, conditions[at]!, blame])
        imposeVirtualVersion(encoding, node, virtualNode(encoding, name), constraint(spec).versions, guard)
      }
    })
  }
}

/** A second node of a package comes only after the first, and costs unless it is a compiler that the other is built with. */
function encodeCopies(encoding: Encoding, node: PackageNode): void {
  if (node.id === 0) return
  const { formula } = encoding
  formula.implies(node.exists, encoding.node(node.name, node.id - 1).exists)
  const builds = node.facts!.isCompiler ? buildsOfCopies(encoding, node) : []
  encoding.cost('duplicates', formula.and([node.exists, ...builds.map(negate)]), node.id)
  encoding.whenTrue(node.concrete, () => distinguishReused(encoding, node))
  if (encoding.costsOnEdges(node.name))
    encoding.whenTrue(node.exists, () => chargeOrder(encoding, encoding.node(node.name, node.id - 1), node))
}

/** A copy of a better version than that before it costs last of all; Spack counts it with the edges. */
function chargeOrder(encoding: Encoding, before: PackageNode, node: PackageNode): void {
  const { formula } = encoding
  encoding.declare(before)
  const isBetter = formula.fresh()
  encoding.cost('edgeVersions', isBetter, 1)
  for (const [place, reached] of before.atLeast.entries()) {
    if (place === 0) continue
    encoding.whenTrue(reached, () =>
      formula.clause([negate(node.exists), negate(reached), node.atLeast[place] ?? formula.false, isBetter]),
    )
  }
}

/** By other nodes of its package: whether they take a node only to be built. */
function buildsOfCopies(encoding: Encoding, node: PackageNode): Lit[] {
  const ids = Array.from({ length: encoding.maxDupes(node.name) }, (_, id) => id).filter((id) => id !== node.id)
  return ids.map((id) => {
    const { types, linkRun } = encoding.edge(encoding.node(node.name, id), node)
    return encoding.formula.and([types.build, negate(linkRun)])
  })
}
