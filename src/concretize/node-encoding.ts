// What holds of a node as soon as it may exist: one version, values for its variants, a target, an operating system;
// what it is when something is reused for it; what it provides.

import { type Lit, negate } from '../solver/literal.ts'
import type { Edge, Spec } from '../spec/spec.ts'
import { knownTarget } from '../spec/target.ts'
import { exactVersion, satisfiesVersions } from '../spec/version-list.ts'
import { encodeBuild } from './build-encoding.ts'
import { conditionHolds, impose, imposeVirtualVersion } from './constraints.ts'
import { type Encoding, isSolvedAnew, languages } from './encoding.ts'
import { constraint, specName, type VariantDefinition, type VariantFacts, valueKey } from './package-facts.ts'
import type { EdgeLits, PackageNode, VariantLits } from './package-node.ts'
import { hasValue, osIs, settingOf, targetIs, versionSet } from './properties.ts'
import { encodeRequirements, requiredTargets } from './requirements.ts'
import { chargeReusedCompilers } from './reused-compilers.ts'
import { distinguishReused } from './reused-copies.ts'
import { receivePropagations } from './variant-propagation.ts'
import { addUse, providerWeight, virtualNode } from './virtuals.ts'

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
  if (!encoding.isMulti(node.name)) return
  encoding.whenTrue(literal, () => {
    node.trueWeights.push(place)
    for (const edge of node.trueIncoming) chargeEdgeVersion(encoding, node, edge, place)
  })
}

/** Also each edge to a package that may be there more than once costs the badness of its version, last of all. */
function chargeEdgeVersion(encoding: Encoding, node: PackageNode, edge: Lit, place: number): void {
  const { formula } = encoding
  encoding.cost('edgeVersions', formula.and([edge, node.atLeast[place]!, negate(node.root)]), 1)
}

/** And each edge to a compiler costs for each language that it is not the preferred compiler of. */
function chargeEdgeProviders(encoding: Encoding, { child, literal: edge }: EdgeLits): void {
  if (child.facts?.isCompiler === false) return
  for (const language of languages) {
    const { maxDupes, providers } = virtualNode(encoding, language)
    const provider = providers.find(({ node }) => node === child)
    if (maxDupes === 1 || !provider) continue
    const charged = encoding.formula.and([edge, provider.literal, negate(child.root)])
    encoding.cost('edgeProviders', charged, providerWeight(encoding, language, child.name))
  }
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

/** A parent needs children that run on its target; children of another target cost. */
function relateTargets(encoding: Encoding, parent: PackageNode, target: string, edge: EdgeLits): void {
  const { formula } = encoding
  const own = parent.targets.get(target)!
  encoding.declare(edge.child)
  const same = targetIs(encoding, edge.child, target)
  if (same === edge.child.exists) return
  const running = [target, ...(knownTarget(target)?.ancestors ?? [])]
  const compatible = encoding.targets.filter((name) => running.includes(name))
  const lower = compatible.filter((name) => name !== target).map((name) => targetIs(encoding, edge.child, name))
  const blame = encoding.blame(() => ({
    kind: 'dependency-target',
    package: parent.name,
    dependency: edge.child.name,
  }))
  formula.clause([negate(own), negate(edge.notBuildOnly), same, ...lower, negate(blame)])
  if (encoding.runtimes.has(edge.child.name)) return
  const mismatch = formula.and([own, edge.notBuildOnly, negate(same)])
  encoding.nodeCost(edge.child, ['targetMismatches', 'targetMismatches'], mismatch, 1)
}

/** Takes up an edge that has become possible in what depends on pairs of nodes. */
export function relateNodes(encoding: Encoding, parent: PackageNode, edge: EdgeLits): void {
  if (edge.isRelated) return
  edge.isRelated = true
  encoding.whenTrue(edge.notBuildOnly, () => {
    parent.trueEdges.push(edge)
    for (const target of parent.trueTargets) relateTargets(encoding, parent, target, edge)
  })
  if (!encoding.isMulti(edge.child.name)) return
  encoding.whenTrue(edge.literal, () => {
    chargeEdgeProviders(encoding, edge)
    edge.child.trueIncoming.push(edge.literal)
    for (const place of edge.child.trueWeights) chargeEdgeVersion(encoding, edge.child, edge.literal, place)
  })
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

// --- variants -------------------------------------------------------------------------------------------------------

function encodeVariants(encoding: Encoding, node: PackageNode): void {
  // All of them first: conditions of some speak of others.
  for (const variant of node.facts!.variants.values()) addVariant(encoding, node, variant)
  for (const variant of node.facts!.variants.values()) encodeVariant(encoding, node, variant)
}

function addVariant(encoding: Encoding, node: PackageNode, { name, definitions }: VariantFacts): void {
  const { formula } = encoding
  const isAlways = definitions.some(({ when }) => when === '')
  const values = new Map<string, Lit>()
  for (const { penalties } of definitions) {
    for (const value of penalties.keys()) {
      if (values.has(value)) continue
      const opposite = isAlways && isSwitch(definitions) ? [...values.values()][0] : undefined
      values.set(value, opposite === undefined ? formula.fresh() : negate(opposite))
    }
  }
  node.variants.set(name, {
    has: isAlways ? node.exists : formula.fresh(),
    active: [],
    values,
    setters: new Map(),
    gifts: new Map(),
    isSet: new Map(),
    isAnySet: definitions.some(({ isSticky }) => isSticky) ? formula.openOr(node) : null,
    others: [],
  })
}

/** Whether a variant that every node has is on or off by all of its definitions: then one literal is enough. */
const isSwitch = (definitions: readonly VariantDefinition[]): boolean =>
  definitions.every(({ kind, penalties, validate }) => kind === 'bool' && penalties.size === 2 && !validate)

function encodeVariant(encoding: Encoding, node: PackageNode, { name, definitions }: VariantFacts): void {
  const { formula } = encoding
  const variant = node.variants.get(name)!
  const conditions = definitions.map(({ when }) => conditionHolds(encoding, node, when))
  if (variant.has !== node.exists) {
    const blame = encoding.blame(() => ({ kind: 'conditional-variant', package: node.name, variant: name }))
    for (const condition of conditions) formula.implies(condition, variant.has)
    formula.clause([negate(variant.has), negate(blame), ...conditions])
  }
  variant.active = conditions.map((condition, at) => formula.and([condition, ...conditions.slice(at + 1).map(negate)]))
  const isPair = variant.has === node.exists && isSwitch(definitions)
  if (!isPair) for (const literal of variant.values.values()) formula.implies(literal, variant.has)
  for (const [at, definition] of definitions.entries()) encodeDefinition(encoding, node, name, definition, at)
}

function encodeDefinition(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  definition: VariantDefinition,
  at: number,
): void {
  const { formula } = encoding
  const variant = node.variants.get(name)!
  const active = variant.active[at]!
  if (active === formula.false) return
  const built = formula.and([active, node.build])
  const values = [...variant.values]
  const possible = values.filter(([value]) => definition.penalties.has(value)).map(([, literal]) => literal)
  const other = definition.validate ? formula.openOr(node) : null
  variant.others[at] = other
  formula.implies(built, ...possible, ...(other ? [other.literal] : []))
  for (const [value, literal] of values) {
    if (!definition.penalties.has(value) || definition.never.has(value)) formula.implies(built, negate(literal))
  }
  if (definition.kind !== 'multi') exclude(encoding, built, possible)
  else encodeSets(encoding, built, variant, definition)
  const blame = (value: string, when: string) =>
    encoding.blame(() => ({ kind: 'conditional-value', package: node.name, variant: name, value, when }))
  for (const [value, when] of definition.conditions)
    imposeCondition(encoding, node, formula.and([active, variant.values.get(value)!, blame(value, when)]), when)
  chargeValues(encoding, node, name, definition, active)
  if (definition.isSticky) keepSticky(encoding, node, name, definition, built)
}

/** What a conditional value asks for when it is chosen. */
function imposeCondition(encoding: Encoding, node: PackageNode, chosen: Lit, when: string): void {
  encoding.whenTrue(chosen, () => impose(encoding, node, constraint(when), encoding.formula.and([chosen, node.build])))
  // Known at once, so that the value is not tried where its condition cannot hold.
  encoding.formula.clause([negate(chosen), negate(node.build), conditionHolds(encoding, node, when)])
}

function exclude(encoding: Encoding, guard: Lit, literals: readonly Lit[]): void {
  if (literals.length <= 8) {
    for (let i = 0; i < literals.length; i++) {
      for (let j = 0; j < i; j++) encoding.formula.clause([negate(guard), negate(literals[i]!), negate(literals[j]!)])
    }
    return
  }
  encoding.formula.atMostOne(literals.map((literal) => encoding.formula.and([guard, literal])))
}

/** Values of different sets exclude each other, and `none` excludes all others. */
function encodeSets(encoding: Encoding, guard: Lit, variant: VariantLits, { sets }: VariantDefinition): void {
  if (sets.size === 0 && !variant.values.has('none')) return
  const values = [...variant.values]
  for (const [i, [a, first]] of values.entries()) {
    for (const [b, second] of values.slice(0, i)) {
      const [setA, setB] = [sets.get(a), sets.get(b)]
      const areApart = a === 'none' || b === 'none' || (setA !== undefined && setB !== undefined && setA !== setB)
      if (areApart) encoding.formula.clause([negate(guard), negate(first), negate(second)])
    }
  }
}

/** The values that a variant has when nobody asks: those requested, else those preferred, else the recipe's. */
export function defaultValues(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  definition: VariantDefinition,
): readonly string[] {
  const requested = encoding.requestedValues.get(node.name)?.get(name)
  if (requested) return [...requested]
  const preferred = preferredValues(encoding, node, name)
  return preferred ?? definition.defaults
}

function preferredValues(encoding: Encoding, node: PackageNode, name: string): string[] | null {
  const { packages } = encoding.world.settings
  const text = packages.get(node.name)?.variants || packages.get('all')?.variants
  if (!text) return null
  const asked = constraint(text).variants.get(name)
  if (!asked || asked.values.length === 0) return null
  const values = asked.values.map(valueKey)
  const definitions = node.facts!.variants.get(name)!.definitions
  const isPossible = (value: string) =>
    definitions.some(({ penalties, validate }) => penalties.has(value) || validate?.(value))
  const isSingle = definitions.every(({ kind }) => kind !== 'multi')
  return values.every(isPossible) && !(isSingle && values.length > 1) ? values : null
}

function chargeValues(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  definition: VariantDefinition,
  active: Lit,
): void {
  const { formula } = encoding
  const variant = node.variants.get(name)!
  const defaults = defaultValues(encoding, node, name, definition)
  for (const [value, penalty] of definition.penalties) {
    const literal = variant.values.get(value)!
    if (defaults.includes(value)) {
      if (definition.kind === 'multi') chargeUnused(encoding, node, variant, value, active)
      continue
    }
    // Who sets it is looked at only when it is ever chosen.
    encoding.whenCharged(literal, () => {
      const charged = formula.and([active, literal, negate(settingOf(encoding, node, variant, value))])
      encoding.nodeCost(node, ['rootVariants', 'variants'], charged, penalty)
    })
  }
  for (const value of defaults) {
    if (definition.penalties.has(value)) continue
    hasValue(encoding, node, name, value)
    if (definition.kind === 'multi' && variant.values.has(value)) chargeUnused(encoding, node, variant, value, active)
  }
}

function chargeUnused(encoding: Encoding, node: PackageNode, variant: VariantLits, value: string, active: Lit): void {
  const unused = encoding.formula.and([active, negate(variant.values.get(value)!)])
  encoding.nodeCost(node, ['rootDefaults', 'defaults'], unused, 1)
}

/** A sticky variant keeps its default unless somebody asks for something else. */
function keepSticky(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  definition: VariantDefinition,
  built: Lit,
): void {
  const variant = node.variants.get(name)!
  for (const value of defaultValues(encoding, node, name, definition)) {
    const literal = hasValue(encoding, node, name, value)
    const blame = encoding.blame(() => ({ kind: 'sticky-variant', package: node.name, variant: name, value }))
    encoding.formula.clause([negate(built), variant.isAnySet!.literal, literal, negate(blame)])
  }
}

// --- reuse ----------------------------------------------------------------------------------------------------------

function encodeReuse(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  if (node.facts!.isBuildable && !encoding.runtimes.has(node.name)) encoding.cost('builds', node.build, 1)
  for (const { spec, literal } of node.candidates) {
    const version = exactVersion(spec.versions)!
    const places = node.facts!.versions.map((each) => satisfiesVersions([each.version], [version]))
    formula.implies(literal, versionSet(encoding, node, places))
    formula.implies(literal, targetIs(encoding, node, spec.arch!.target!))
    if (spec.arch?.os) formula.implies(literal, osIs(encoding, node, spec.arch.os))
    if (mayMeetMention(encoding, spec)) reuseValues(encoding, node, spec, literal)
    else encoding.whenTrue(literal, () => reuseValues(encoding, node, spec, literal))
    chargeReusedCompilers(encoding, spec, literal)
    // Declared variants are told at once: conditions speak of them.
    for (const [name, variant] of node.variants) tellValues(encoding, spec, name, variant, literal)
  }
}

/** Whether a virtual that requests mention is provided to a reused spec: growing the world would not find that out. */
const mayMeetMention = ({ virtuals }: Encoding, { edges }: Spec): boolean =>
  edges.some((edge) => edge.virtuals.some((name) => virtuals.get(name)?.providers.some(({ used }) => used)))

function tellValues(encoding: Encoding, spec: Spec, name: string, variant: VariantLits, literal: Lit): void {
  const own = new Set((spec.variants.get(name)?.values ?? []).map(valueKey))
  const isPair = new Set(Array.from(variant.values.values(), (has) => has >> 1)).size < variant.values.size
  if (isPair && own.size === 0) return
  for (const [value, has] of variant.values) encoding.formula.implies(literal, own.has(value) ? has : negate(has))
}

/** Values that no recipe lists, flags and edges of a reused spec. */
function reuseValues(encoding: Encoding, node: PackageNode, spec: Spec, literal: Lit): void {
  const { formula } = encoding
  for (const [name, variant] of spec.variants) {
    for (const value of variant.values.map(valueKey))
      formula.implies(literal, hasValue(encoding, node, name, value, true))
  }
  const isTold = new Set<string>()
  for (const edge of spec.edges) {
    const { child, deptypes } = edge
    if (!(deptypes & 3) || isSolvedAnew(encoding.world, spec, child)) continue
    isTold.add(child.name!)
    reuseChild(encoding, node, spec, edge, literal)
  }
  for (const [child, edge] of node.edges) if (!isTold.has(child.name)) encoding.closeReusedEdge(edge, spec, literal)
}

function reuseChild(
  encoding: Encoding,
  node: PackageNode,
  spec: Spec,
  { child, deptypes, virtuals }: Edge,
  literal: Lit,
): void {
  const { formula } = encoding
  const edges = encoding.nodesOf(child.name!).map((candidate) => {
    const edge = encoding.edge(node, candidate)
    encoding.closeReusedEdge(edge, spec, literal)
    const used = formula.and([literal, edge.literal])
    if (deptypes & 1) formula.implies(used, edge.types.link)
    if (deptypes & 2) formula.implies(used, edge.types.run)
    encoding.whenTrue(used, () => encoding.declare(candidate))
    const hash = child.concrete!.hash
    const same = encoding.property(candidate, `/${hash}`, () =>
      formula.or(candidate.candidates.filter((each) => each.spec.concrete!.hash === hash).map((each) => each.literal)),
    )
    formula.implies(used, same)
    for (const virtual of virtuals) provideToReused(encoding, candidate, virtual, used)
    relateNodes(encoding, node, edge)
    return edge.literal
  })
  formula.clause([negate(literal), ...edges])
  if (edges.length > 1) formula.atMostOne(edges.map((edge) => formula.and([literal, edge])))
}

/** What provides a virtual to a reused node is its provider for all. */
function provideToReused(encoding: Encoding, child: PackageNode, name: string, used: Lit): void {
  const virtual = virtualNode(encoding, name)
  addUse(encoding, virtual, child, used)
  const provider = virtual.providers.find(({ node }) => node === child)
  if (provider) encoding.formula.implies(used, provider.literal)
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
}

/** By other nodes of its package: whether they take a node only to be built. */
function buildsOfCopies(encoding: Encoding, node: PackageNode): Lit[] {
  const ids = Array.from({ length: encoding.maxDupes(node.name) }, (_, id) => id).filter((id) => id !== node.id)
  return ids.map((id) => {
    const { types, linkRun } = encoding.edge(encoding.node(node.name, id), node)
    return encoding.formula.and([types.build, negate(linkRun)])
  })
}
