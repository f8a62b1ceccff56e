// Requirements and strong preferences: of recipes (`requires`), of `packages.yaml` (`require`, `prefer`, `conflict`) and
// of requests (`%%`). Of a group of specs one, or at least one, must hold; later members cost more.

import { type Lit, negate } from '../solver/literal.ts'
import { specName } from '../spec/characters.ts'
import { emptySpec, type Spec } from '../spec/spec.ts'
import { intersectTargets } from '../spec/target-range.ts'
import type { Cause, RequirementCause } from './cause.ts'
import { conditionHolds, holds, impose } from './constraints.ts'
import { type Encoding, languages, type VirtualNode } from './encoding.ts'
import { constraint, type PackageFacts, valueKey } from './package-facts.ts'
import type { PackageNode } from './package-node.ts'
import { isAutomatic, takesFlags } from './properties.ts'
import type { PackageSettings, RequirementEntry } from './world.ts'

interface Rule {
  policy: 'one_of' | 'any_of'
  specs: readonly string[]
  when: string
  cause: (name: string) => Cause
  /** Comes from `packages:all`: what cannot hold of a package is left out. */
  isDefault: boolean
  /** Whether it is preferred or conflicts only. */
  isPreference: boolean
  /** Whether a member holds wherever what it says is so, also where nobody chose it. */
  isExact?: true
  /** What each further member costs more. */
  step: number
}

/** Requirements on every node of a package, be it built or reused. */
export function encodeRequirements(encoding: Encoding, node: PackageNode): void {
  for (const rule of configuredRules(encoding, node.name)) {
    const specs = rule.isDefault ? rule.specs.filter((text) => canHold(encoding, node.facts!, text, rule)) : rule.specs
    if (specs.length) encodeRule(encoding, node, { ...rule, specs })
  }
}

/** The targets that unconditional requirements leave to a package; all of them where contradictions are explained. */
export function requiredTargets(encoding: Encoding, node: PackageNode): readonly string[] {
  if (encoding.isExplained) return encoding.targets
  const asked = configuredRules(encoding, node.name)
    .filter(({ policy, when, specs }) => policy === 'one_of' && when === '' && specs.length === 1)
    .filter((rule) => !rule.isDefault || canHold(encoding, node.facts!, rule.specs[0]!, rule))
    .flatMap(({ specs }) => constraint(specs[0]!).arch?.target ?? [])
  const fitting = encoding.targets.filter((name) =>
    asked.every((text) => text === '*' || intersectTargets(name, text).length > 0),
  )
  return fitting.length ? fitting : encoding.targets
}

/** `requires` of the recipe. */
export function encodeDirectiveRequirements(encoding: Encoding, node: PackageNode): void {
  for (const [at, { specs, policy, when }] of node.facts!.package.recipe.requires.entries()) {
    const cause = (): Cause => ({ kind: 'directive', package: node.name, policy, specs, when, at })
    encodeRule(encoding, node, { policy, specs, when, cause, isDefault: false, isPreference: false, step: 1 })
  }
}

/** What is configured for a package, or else for all: each of the three kinds replaces that of `all` by itself. */
function configuredRules(encoding: Encoding, name: string): Rule[] {
  const { packages } = encoding.world.settings
  const [own, all] = [packages.get(name), packages.get('all')]
  const pick = <K extends 'require' | 'prefer' | 'conflict'>(
    kind: K,
  ): { entries: PackageSettings[K]; isDefault: boolean } =>
    own?.[kind].length ? { entries: own[kind], isDefault: false } : { entries: all?.[kind] ?? [], isDefault: true }
  return [...rulesOf(pick('require'), pick('prefer'), pick('conflict')), ...supposedRules(encoding, name)]
}

function virtualRules(encoding: Encoding, name: string): Rule[] {
  const own = encoding.world.settings.packages.get(name)
  if (!own) return supposedRules(encoding, name)
  const of = <K extends 'require' | 'prefer' | 'conflict'>(kind: K) => ({ entries: own[kind], isDefault: false })
  return [...rulesOf(of('require'), of('prefer'), of('conflict')), ...supposedRules(encoding, name)]
}

/** What is supposed costs nothing by itself. */
function supposedRules({ world }: Encoding, name: string): Rule[] {
  const supposed = world.supposed?.get(name)
  if (!supposed) return []
  const specs = supposed.isForbidden ? [supposed.spec, '@:'] : [supposed.spec]
  const cause = (): Cause => ({ kind: 'supposition', package: name, ...supposed })
  return [{ policy: 'one_of', specs, when: '', cause, isDefault: false, isPreference: false, isExact: true, step: 0 }]
}

interface Picked<E> {
  entries: E
  isDefault: boolean
}

function rulesOf(
  require: Picked<PackageSettings['require']>,
  prefer: Picked<PackageSettings['prefer']>,
  conflict: Picked<PackageSettings['conflict']>,
): Rule[] {
  return [
    ...require.entries.map((entry) => configuredRule('require', entry, require.isDefault)),
    ...prefer.entries.map((entry) =>
      configuredRule('prefer', { ...entry, policy: 'any_of', specs: [entry.spec, '@:'] }, prefer.isDefault),
    ),
    // A conflict: exactly one of the spec and of what always holds.
    ...conflict.entries.map((entry) =>
      configuredRule('conflict', { ...entry, policy: 'one_of', specs: [entry.spec, '@:'] }, conflict.isDefault),
    ),
  ]
}

function configuredRule(section: RequirementCause['section'], entry: RequirementEntry, isDefault: boolean): Rule {
  const { policy, specs, when, message, origin } = entry
  const cause = (name: string): Cause => ({
    kind: 'requirement',
    package: name,
    section,
    isDefault,
    policy,
    specs,
    when,
    message,
    origin,
  })
  return { policy, specs, when, cause, isDefault, isPreference: section !== 'require', step: 1 }
}

/** Whether what is asked of all packages can hold of this one, by its recipe and those that the constraint names. */
function canHold(encoding: Encoding, facts: PackageFacts, text: string, { isPreference }: Rule): boolean {
  const spec = constraint(text)
  if (spec.name && spec.name !== facts.name) return false
  // What is preferred of packages costs though it cannot hold, as in Spack.
  if (!isPreference && spec.edges.length && (facts.isRuntime || facts.isCompiler || !isCompiled(facts))) return false
  return hasVariants(facts, spec) && spec.edges.every(({ child }) => canBe(encoding, child))
}

/** Whether there is something in a language that has to be compiled. */
const isCompiled = ({ package: { recipe } }: PackageFacts): boolean =>
  recipe.dependencies.some(({ spec }) => languages.includes(specName(spec)))

function canBe(encoding: Encoding, spec: Spec): boolean {
  if (spec.name === null || encoding.world.isVirtual(spec.name)) return true
  const facts = encoding.facts(spec.name)
  return facts !== undefined && hasVariants(facts, spec)
}

function hasVariants(facts: PackageFacts, spec: Spec): boolean {
  for (const [name, { values }] of spec.variants) {
    if (isAutomatic(name)) continue
    const definitions = facts.variants.get(name)?.definitions
    if (!definitions) return false
    const isPossible = (value: string) =>
      definitions.some((each) => each.penalties.has(value) || each.validate?.(value))
    if (!values.map(valueKey).every(isPossible)) return false
  }
  return true
}

function encodeRule(encoding: Encoding, node: PackageNode, rule: Rule): void {
  const { formula } = encoding
  const condition = conditionHolds(encoding, node, rule.when)
  if (condition === formula.false) return
  const blame = encoding.blame(() => rule.cause(node.name))
  const active = formula.and([node.exists, condition, blame])
  const say = () => {
    const members = rule.specs.map((text) => memberHolds(encoding, node, constraint(text), rule))
    demand(encoding, active, rule.policy, members)
    charge(encoding, active, rule, members)
    for (const [at, text] of rule.specs.entries())
      imposeMember(encoding, node, text, formula.and([active, members[at]!]))
  }
  if (rule.specs.some((text) => givesSomething(constraint(text)))) encoding.sayWhenImposed(node, active, say)
  else encoding.sayWhenTrue(active, say)
}

/**
 * Flags and direct dependencies of a member are what it gives, not what it asks for: where a node can have them the member
 * may be chosen, but need not be. So `conflict: '%gcc'` forbids nothing, as in Spack.
 */
function memberHolds(encoding: Encoding, node: PackageNode, spec: Spec, { isExact }: Rule): Lit {
  const direct = spec.edges.filter((edge) => edge.direct)
  if (isExact || (spec.flags.size === 0 && direct.length === 0)) return holds(encoding, node, spec)
  const { formula } = encoding
  // Flags to be passed on are never there before they are given.
  if ([...spec.flags.values()].flat().some(({ propagate }) => propagate)) return formula.false
  const chosen = formula.fresh()
  formula.implies(chosen, takesFlags(encoding, node, spec.flags))
  formula.implies(chosen, holds(encoding, node, { ...emptySpec(), edges: direct }))
  const others = { ...spec, flags: new Map(), edges: spec.edges.filter((edge) => !edge.direct) }
  return formula.and([chosen, holds(encoding, node, others)])
}

/** Whether a member imposes what would be chosen otherwise. */
const givesSomething = ({ variants, flags, edges }: Spec): boolean =>
  variants.size > 0 || flags.size > 0 || edges.length > 0

function imposeMember(encoding: Encoding, node: PackageNode, text: string, guard: Lit): void {
  const spec = constraint(text)
  if (!givesSomething(spec)) return
  encoding.whenImposed(node, guard, () =>
    impose(encoding, node, { ...spec, name: null }, guard, { source: node.name, rank: 2 }),
  )
}

function demand(encoding: Encoding, active: Lit, policy: Rule['policy'], members: readonly Lit[]): void {
  const { formula } = encoding
  formula.clause([negate(active), ...members])
  if (policy === 'any_of') return
  for (let i = 0; i < members.length; i++) {
    for (let j = 0; j < i; j++) formula.clause([negate(active), negate(members[i]!), negate(members[j]!)])
  }
}

/** The first member that holds costs as many steps as stand before it. */
function charge(encoding: Encoding, active: Lit, { step }: Pick<Rule, 'step'>, members: readonly Lit[]): void {
  for (let count = 1; count < members.length; count++) {
    const none = encoding.formula.and([active, ...members.slice(0, count).map(negate)])
    encoding.cost('requirements', none, step)
  }
}

// --- virtuals -----------------------------------------------------------------------------------------------------------

/** Requirements on a virtual: its provider must be one of those. */
export function encodeVirtualRequirements(encoding: Encoding, virtual: VirtualNode): void {
  const rules = virtualRules(encoding, virtual.name)
  if (!rules.length) return
  for (const { node, literal } of virtual.providers) {
    for (const rule of rules) encodeProviderRule(encoding, virtual, node, literal, rule)
  }
}

function encodeProviderRule(
  encoding: Encoding,
  virtual: VirtualNode,
  node: PackageNode,
  provides: Lit,
  rule: Rule,
): void {
  const { formula } = encoding
  const blame = encoding.blame(() => rule.cause(virtual.name))
  const active = formula.and([provides, conditionHolds(encoding, node, rule.when), blame])
  const members = rule.specs.map((text) => {
    const spec = constraint(text)
    if (spec.name === null || spec.name === virtual.name) return formula.true
    return spec.name === node.name ? formula.and([node.exists, memberHolds(encoding, node, spec, rule)]) : formula.false
  })
  demand(encoding, active, rule.policy, members)
  for (const [at, text] of rule.specs.entries()) {
    if (members[at] !== formula.true) imposeMember(encoding, node, text, formula.and([active, members[at]!]))
  }
  // Compilers cost for each node that uses them.
  if (languages.includes(virtual.name)) virtual.charges.push({ node, active, rule, members })
  else charge(encoding, active, rule, members)
}

/** What using a compiler for a language costs by the requirements on that language. */
export function chargeLanguage(encoding: Encoding, virtual: VirtualNode, child: PackageNode, use: Lit): void {
  for (const { node, active, rule, members } of virtual.charges) {
    if (node === child) charge(encoding, encoding.formula.and([active, use]), rule, members)
  }
}
