// What holds of a node that is built: the directives of its recipe, and what its compilers add.

import { type Lit, negate } from '../solver/literal.ts'
import { specName } from '../spec/characters.ts'
import type { Spec } from '../spec/spec.ts'
import { knownTarget } from '../spec/target.ts'
import { type TargetFlags, targetFlags } from '../spec/target-flags.ts'
import { dottedNumeric } from '../spec/version.ts'
import { exactVersion } from '../spec/version-list.ts'
import { conditionHolds, holds, impose, imposeVirtualVersion, ruleHolds } from './constraints.ts'
import { isTested } from './dependency-types.ts'
import { type EdgeSource, type Encoding, languages } from './encoding.ts'
import { relateNodes } from './node-relations.ts'
import { constraint } from './package-facts.ts'
import type { ActiveDependency, EdgeLits, PackageNode, Use } from './package-node.ts'
import { addFlags } from './properties.ts'
import { chargeLanguage, encodeDirectiveRequirements } from './requirements.ts'
import { noteCompiling, noteWanted } from './reused-copies.ts'
import { addUse, virtualNode } from './virtuals.ts'
import type { RuntimeRule, World } from './world.ts'

/** Encodes what only a node that is built has, once. */
export function encodeBuild(encoding: Encoding, node: PackageNode): void {
  if (node.isBuildEncoded || encoding.inProgress.has(node)) return
  encoding.inProgress.add(node)
  const sources = new Map<PackageNode, EdgeSource[]>()
  encodeDependencies(encoding, node, recipeDependencies(encoding, node), sources)
  encodeDependencies(encoding, node, runtimeDependencies(encoding, node), sources)
  for (const [child, list] of sources) encoding.defineEdge(node, child, list)
  node.isBuildEncoded = true
  encoding.inProgress.delete(node)
  for (const action of node.onceBuildEncoded.splice(0)) action()
  for (const [child, edge] of node.edges) if (!sources.has(child)) encoding.closeEdge(node, edge, [])
  excludeSplits(encoding, node)
  excludeProviders(encoding, node)
  for (const edge of node.edges.values()) if (sources.has(edge.child)) relateNodes(encoding, node, edge)
  encodeConflicts(encoding, node)
  encodeDirectiveRequirements(encoding, node)
  encodeRuntimeRequirements(encoding, node)
  encodeCompilers(encoding, node)
  encodeGroups(encoding, node)
}

// --- dependencies -----------------------------------------------------------------------------------------------------

function recipeDependencies(encoding: Encoding, node: PackageNode): ActiveDependency[] {
  const { tests, formula } = encoding
  const withTests = isTested(tests, node.name)
  return node.facts!.package.recipe.dependencies.flatMap(({ spec, when, types }) => {
    const kept = withTests || !types.includes('test') ? types : types.filter((type) => type !== 'test')
    const condition = kept.length ? conditionHolds(encoding, node, when) : formula.false
    if (condition === formula.false) return []
    const name = specName(spec)
    const blame = encoding.blame(() => ({ kind: 'dependency', package: node.name, spec, when }))
    const active = formula.and([node.build, condition])
    const demanded = formula.and([active, blame])
    return [{ name, types: kept, text: spec, isVirtual: encoding.world.isVirtual(name), active, demanded }]
  })
}

/** Dependencies that using a compiler brings. */
function runtimeDependencies(encoding: Encoding, node: PackageNode): ActiveDependency[] {
  const { formula, world } = encoding
  return injectionsOf(world).flatMap(({ rule, compiler, name, when }) => {
    const condition = ruleHolds(encoding, node, when)
    if (condition === formula.false || name === node.name) return []
    const blame = compilerRule(encoding, node, compiler, rule)
    const active = formula.and([node.build, condition])
    const demanded = formula.and([active, blame])
    return [{ name, types: [rule.type], text: rule.spec, isVirtual: world.isVirtual(name), active, demanded }]
  })
}

interface Injection {
  rule: RuntimeRule & { kind: 'depends_on' }
  compiler: Spec
  /** The package or virtual that is injected. */
  name: string
  /** The condition of the rule, which speaks of this very compiler. */
  when: string
}

const injectionsByWorld = new WeakMap<World, readonly Injection[]>()

/** What compilers inject. */
function injectionsOf(world: World): readonly Injection[] {
  const known = injectionsByWorld.get(world)
  if (known) return known
  const made = world.compilers.flatMap(({ rules, spec: compiler }) =>
    rules.flatMap((rule): Injection[] => {
      if (rule.kind !== 'depends_on') return []
      const when = rule.when.replace(/ \/<[^>]*>$/, ` /${compiler.concrete!.hash}`)
      return [{ rule, compiler, name: specName(rule.spec), when }]
    }),
  )
  injectionsByWorld.set(world, made)
  return made
}

function compilerRule(
  encoding: Encoding,
  { name }: PackageNode,
  compiler: Spec,
  { spec, when }: { spec: string; when: string },
): Lit {
  return encoding.blame(() => ({ kind: 'compiler-rule', compiler: compilerText(compiler), package: name, spec, when }))
}

const compilerText = ({ name, versions }: Spec): string => `${name}@${exactVersion(versions)!.text}`

function encodeDependencies(
  encoding: Encoding,
  node: PackageNode,
  dependencies: readonly ActiveDependency[],
  sources: Map<PackageNode, EdgeSource[]>,
): void {
  const byName = new Map<string, ActiveDependency[]>()
  for (const dependency of dependencies) {
    const list = byName.get(dependency.name)
    if (list) list.push(dependency)
    else byName.set(dependency.name, [dependency])
  }
  for (const [name, list] of byName) {
    const chosen = list[0]!.isVirtual
      ? chooseProvider(encoding, node, name, list)
      : chooseCopy(encoding, node, name, list)
    for (const { child, literal } of chosen) {
      const own = sources.get(child) ?? []
      sources.set(child, own)
      for (const dependency of list) {
        const source =
          chosen.length === 1 && literal === null
            ? dependency.active
            : encoding.formula.and([literal!, dependency.active])
        if (source === encoding.formula.false) continue
        const demanded = encoding.formula.and([source, dependency.demanded])
        own.push({ literal: source, demanded, types: dependency.types })
        noteWanted(encoding, node, child, name, source)
        encoding.whenImposed(child, demanded, () => imposeOnChild(encoding, node, child, dependency, demanded))
      }
    }
    node.dependencies.push(...list)
  }
}

/** Which of the possible nodes of a package is the child; null when there is only one. */
function chooseCopy(
  encoding: Encoding,
  node: PackageNode,
  name: string,
  list: readonly ActiveDependency[],
): { child: PackageNode; literal: Lit | null }[] {
  const { formula } = encoding
  const children = encoding.nodesOf(name).filter((child) => child !== node)
  const actives = list.map(({ active }) => active)
  // Nothing depends on itself.
  if (!children.length) {
    for (const { demanded } of list) formula.clause([negate(demanded)])
    return []
  }
  if (children.length === 1 && encoding.maxDupes(name) === 1) {
    const child = children[0]!
    if (child.exists === formula.false) for (const { demanded } of list) formula.clause([negate(demanded)])
    return [{ child, literal: null }]
  }
  const isNeeded = formula.or(actives)
  const chosen = children.map((child): Use => ({ child, literal: formula.fresh() }))
  const literals = chosen.map(({ literal }) => literal)
  for (const literal of literals) formula.implies(literal, isNeeded)
  const demanded = formula.or(list.map((each) => each.demanded))
  formula.implies(demanded, ...literals)
  formula.atMostOne(literals)
  // Which copy it may be is open; that there is the first one is not, and much can be concluded from that.
  if (children[0]!.id === 0) formula.implies(demanded, children[0]!.exists)
  node.choices.push(chosen)
  return chosen
}

function chooseProvider(encoding: Encoding, node: PackageNode, name: string, list: readonly ActiveDependency[]): Use[] {
  const { formula } = encoding
  const virtual = virtualNode(encoding, name)
  const isNeeded = formula.or(list.map(({ active }) => active))
  const known = node.uses.get(name)
  const uses = virtual.providers
    .filter((provider) => provider.node !== node)
    .map(({ node: child, literal: provides }): Use => {
      if (virtual.maxDupes === 1) return { child, literal: formula.and([isNeeded, provides]) }
      const literal = formula.fresh()
      formula.implies(literal, provides)
      formula.implies(literal, isNeeded)
      return { child, literal }
    })
  for (const { child, literal } of uses) addUse(encoding, virtual, child, literal)
  const literals = uses.map(({ literal }) => literal)
  const demanded = formula.or(list.map((each) => each.demanded))
  formula.implies(demanded, ...literals)
  const first = uses[0]?.child
  const isCertain = first?.id === 0 && uses.every(({ child }) => child.name === first.name)
  if (isCertain) formula.implies(demanded, first.exists)
  if (languages.includes(name)) {
    for (const { child, literal } of uses) noteCompiling(encoding, child.name, literal)
    if (isCertain) noteCompiling(encoding, first.name, demanded)
  }
  if (virtual.maxDupes > 1) formula.atMostOne(literals)
  node.uses.set(name, known ? [...known, ...uses] : uses)
  return uses
}

function imposeOnChild(
  encoding: Encoding,
  node: PackageNode,
  child: PackageNode,
  dependency: ActiveDependency,
  source: Lit,
): void {
  encoding.declare(child)
  const spec = constraint(dependency.text)
  if (!dependency.isVirtual) {
    impose(encoding, child, withoutName(spec), source, { source: node.name, rank: 1 })
    return
  }
  imposeVirtualVersion(encoding, child, virtualNode(encoding, dependency.name), spec.versions, source)
}

const bare = new WeakMap<Spec, Spec>()
function withoutName(spec: Spec): Spec {
  let made = bare.get(spec)
  if (!made) bare.set(spec, (made = { ...spec, name: null }))
  return made
}

/** A node has one child of a package, whatever asks for it. */
function excludeSplits(encoding: Encoding, node: PackageNode): void {
  const byName = new Map<string, EdgeLits[]>()
  for (const edge of node.edges.values()) {
    if (!encoding.isMulti(edge.child.name)) continue
    const list = byName.get(edge.child.name)
    if (list) list.push(edge)
    else byName.set(edge.child.name, [edge])
  }
  for (const edges of byName.values()) encoding.formula.atMostOne(edges.map(({ literal }) => literal))
}

/**
 * What provides a virtual to anything is no other child of a node that depends on the virtual: with Fortran from `gcc` and
 * C from `llvm` on one node, nothing takes C from that `gcc`.
 */
function excludeProviders(encoding: Encoding, node: PackageNode): void {
  for (const { name, types, active } of node.dependencies) {
    const virtual = encoding.virtuals.get(name)
    if (!virtual || virtual.maxDupes === 1) continue
    for (const { child, literal } of node.uses.get(name) ?? []) {
      const provides = virtual.providers.find((provider) => provider.node === child)!.literal
      for (const type of types) {
        const edge = node.edges.get(child)!.types[type]
        encoding.formula.clause([negate(active), negate(edge), negate(provides), literal])
      }
    }
  }
}

// --- conflicts ----------------------------------------------------------------------------------------------------------

function encodeConflicts(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  for (const [at, { spec, when }] of node.facts!.package.recipe.conflicts.entries()) {
    const condition = conditionHolds(encoding, node, when)
    if (condition === formula.false) continue
    const asked = constraint(spec)
    const isForeign = asked.name !== null && asked.name !== node.name
    const blame = encoding.blame(() => ({ kind: 'conflict', package: node.name, spec, when, at }))
    if (isForeign) {
      for (const other of encoding.nodesOf(asked.name!)) {
        encoding.whenTrue(formula.and([condition, node.build, other.exists]), () =>
          formula.clause([negate(condition), negate(node.build), negate(blame), negate(holds(encoding, other, asked))]),
        )
      }
      continue
    }
    encoding.sayWhenTrue(formula.and([condition, node.build]), () =>
      formula.clause([negate(condition), negate(node.build), negate(blame), negate(holds(encoding, node, asked))]),
    )
  }
}

// --- compilers ----------------------------------------------------------------------------------------------------------

/** What the rules of compilers require of this package: a runtime has the version of its compiler. */
function encodeRuntimeRequirements(encoding: Encoding, node: PackageNode): void {
  for (const { rules, flags, spec: compiler } of encoding.world.compilers) {
    for (const rule of rules) {
      if (rule.kind !== 'requires' || rule.package !== node.name) continue
      const blame = compilerRule(encoding, node, compiler, rule)
      const guard = encoding.formula.and([node.build, conditionHolds(encoding, node, rule.when), blame])
      impose(encoding, node, constraint(rule.spec), guard)
    }
    if (flags.size === 0) continue
    const asked = [...flags].map(([kind, value]) => `${kind}="${value}"`).join(' ')
    const guard = conditionHolds(encoding, node, `%[deptypes=build] ${compiler.name} /${compiler.concrete!.hash}`)
    addFlags(encoding, node, constraint(asked).flags, encoding.formula.and([node.build, guard]), {
      source: 'compiler',
      rank: -1,
    })
  }
}

function encodeCompilers(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  const used = languages.flatMap((language) => (node.uses.get(language) ?? []).map((use) => ({ language, ...use })))
  const compilers = [...new Set(used.map(({ child }) => child))]
  // C and C++ come from one compiler.
  const isOne = negate(encoding.blame(() => ({ kind: 'one-compiler', package: node.name })))
  for (const first of used.filter(({ language }) => language === 'c')) {
    for (const second of used.filter(({ language }) => language === 'cxx')) {
      if (first.child !== second.child) formula.clause([isOne, negate(first.literal), negate(second.literal)])
    }
  }
  const uses = compilers.map((compiler) =>
    formula.or(used.filter(({ child }) => child === compiler).map(({ literal }) => literal)),
  )
  for (let i = 0; i < uses.length; i++) {
    for (let j = 0; j < i; j++) {
      encoding.nodeCost(node, ['compilerCount', 'compilerCount'], formula.and([uses[i]!, uses[j]!]), 1)
    }
  }
  for (const { language, child, literal } of used) {
    encoding.whenTrue(literal, () => {
      chargeLanguage(encoding, virtualNode(encoding, language), child, literal)
      encoding.declare(child)
    })
  }
  for (const [at, compiler] of compilers.entries()) {
    encoding.whenTrue(uses[at]!, () => {
      encoding.declare(compiler)
      excludeTargets(encoding, node, compiler, uses[at]!)
    })
  }
}

/** A node cannot have a target for which its compiler has no options. */
function excludeTargets(encoding: Encoding, node: PackageNode, compiler: PackageNode, use: Lit): void {
  for (const { spec, literal } of compiler.candidates) {
    const blame = encoding.blame(() => ({
      kind: 'compiler-targets',
      compiler: compilerText(spec),
      package: node.name,
    }))
    for (const [name, target] of node.targets) {
      if (isSupported(spec, name)) continue
      encoding.formula.clause([negate(node.build), negate(use), negate(literal), negate(target), negate(blame)])
    }
  }
}

export function isSupported(compiler: Spec, targetName: string): boolean {
  const target = knownTarget(targetName)
  const version = exactVersion(compiler.versions)
  if (!target || version?.kind !== 'version') return false
  const flags: TargetFlags = targetFlags(target, compiler.name!, dottedNumeric(version))
  return 'flags' in flags
}

/** Virtuals that a package provides together come from it together. */
function encodeGroups(encoding: Encoding, node: PackageNode): void {
  const { formula } = encoding
  for (const [virtual, uses] of node.uses) {
    for (const { child, literal } of uses) {
      encoding.whenTrue(literal, () => {
        encoding.declare(child)
        for (const { when, virtuals } of child.facts!.package.recipe.provides_together) {
          if (!virtuals.includes(virtual)) continue
          const blame = encoding.blame(() => ({ kind: 'provided-together', package: child.name, virtuals }))
          const together = formula.and([conditionHolds(encoding, child, when), blame])
          for (const other of virtuals) {
            const rivals = (node.uses.get(other) ?? []).filter((use) => use.child !== child)
            for (const rival of rivals) formula.clause([negate(literal), negate(together), negate(rival.literal)])
          }
        }
      })
    }
  }
}
