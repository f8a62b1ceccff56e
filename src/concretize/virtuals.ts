// Virtuals and their providers: who may provide one, and what it costs to take which.

import { type Lit, negate } from '../solver/literal.ts'
import { specName } from '../spec/characters.ts'
import { conditionHolds } from './constraints.ts'
import { type Encoding, languageRuntimes, languages, type VirtualNode } from './encoding.ts'
import type { PackageNode } from './package-node.ts'
import { encodeVirtualRequirements } from './requirements.ts'
import { limitReused, wantBuiltCompiler } from './reused-copies.ts'

/** A possible virtual with all its possible providers. */
export function virtualNode(encoding: Encoding, name: string): VirtualNode {
  const known = encoding.virtuals.get(name)
  if (known) return known
  const { formula } = encoding
  const isLanguage = languages.includes(name)
  const virtual: VirtualNode = { name, maxDupes: encoding.maxDupes(name), providers: [], charges: [] }
  encoding.virtuals.set(name, virtual)
  const packages = encoding.world
    .providers(name)
    .filter(
      (provider) => encoding.canExist(provider) && (!isLanguage || encoding.world.reusable.of(provider).length > 0),
    )
  for (const provider of packages) {
    for (const node of encoding.nodesOf(provider)) {
      const literal = formula.fresh()
      formula.implies(literal, node.exists)
      // Languages come from compilers that are there.
      if (isLanguage) {
        formula.implies(literal, node.concrete)
        limitReused(encoding, node, literal)
        // Once all roots are known.
        encoding.whenTrue(formula.true, () => wantBuiltCompiler(encoding, node))
      }
      virtual.providers.push({ node, literal, uses: [], used: null })
    }
  }
  const literals = virtual.providers.map((provider) => provider.literal)
  if (virtual.maxDupes === 1 && isLanguage) takeOneCompiler(encoding, virtual)
  else if (virtual.maxDupes === 1) formula.atMostOne(literals)
  else limitProviders(encoding, virtual.maxDupes, literals)
  for (const { node, literal } of virtual.providers) {
    encoding.whenTrue(literal, () => encoding.declare(node))
    encoding.whenCharged(literal, () => chargeProvider(encoding, virtual, node, literal))
  }
  encodeVirtualRequirements(encoding, virtual)
  if (!isLanguage) preferRoots(encoding, virtual)
  return virtual
}

/** Notes that `use` makes something depend on a virtual through a node. */
export function addUse(encoding: Encoding, virtual: VirtualNode, node: PackageNode, use: Lit): void {
  const provider = virtual.providers.find((each) => each.node === node)
  provider?.uses.push(use)
  if (provider?.used) encoding.formula.addTo(provider.used, use)
}

/** That a node provides a virtual to something. */
export function isUsed(encoding: Encoding, virtual: VirtualNode, node: PackageNode): Lit {
  const provider = virtual.providers.find((each) => each.node === node)
  if (!provider) return encoding.formula.false
  provider.used ??= encoding.formula.openOr(node, provider.uses)
  return encoding.formula.and([provider.literal, provider.used.literal])
}

/** A root that can provide a virtual does, unless another root does. */
function preferRoots(encoding: Encoding, virtual: VirtualNode): void {
  const { formula, explicitRoots } = encoding
  for (const { node: root } of virtual.providers) {
    const guard = explicitRoots.get(root)
    if (guard === undefined) continue
    encoding.whenTrue(formula.and([guard, root.exists]), () => {
      encoding.declare(root)
      const rows = root.facts!.package.recipe.provides.filter(({ spec }) => specName(spec) === virtual.name)
      const blame = encoding.blame(() => ({ kind: 'root-provider', package: root.name, virtual: virtual.name }))
      const stays = negate(blame)
      for (const { when } of rows) {
        const condition = conditionHolds(encoding, root, when)
        for (const { node, literal } of virtual.providers) {
          if (node === root) continue
          const isRoot = explicitRoots.get(node) ?? formula.false
          formula.clause([negate(guard), negate(condition), negate(literal), isRoot, stays])
        }
      }
    })
  }
}

/** One compiler, of the few that there are, provides a language to all. */
function takeOneCompiler(encoding: Encoding, { name, providers }: VirtualNode): void {
  const { formula } = encoding
  const isOne = negate(encoding.blame(() => ({ kind: 'one-provider', virtual: name })))
  for (const [at, { literal }] of providers.entries()) {
    for (const other of providers.slice(0, at)) formula.clause([isOne, negate(literal), negate(other.literal)])
  }
}

/** No more than `limit` of several providers; every one but the first costs something. */
function limitProviders(encoding: Encoding, limit: number, literals: readonly Lit[]): void {
  const { formula } = encoding
  const several = formula.fresh()
  for (let i = 0; i < literals.length; i++) {
    for (let j = 0; j < i; j++) {
      formula.clause([negate(literals[i]!), negate(literals[j]!), several])
      if (limit > 2) continue
      for (let k = 0; k < j; k++) formula.clause([negate(literals[i]!), negate(literals[j]!), negate(literals[k]!)])
    }
  }
  encoding.cost('duplicates', several, 1)
}

const unconfiguredWeight = 100

/** The place of a provider in what is configured; `100` for those that are not named. */
export function providerWeight(encoding: Encoding, virtual: string, provider: string): number {
  let order = encoding.providerOrders.get(virtual)
  if (!order) encoding.providerOrders.set(virtual, (order = providerOrder(encoding, virtual)))
  const at = order.indexOf(provider)
  return at < 0 ? unconfiguredWeight : at
}

/** Required providers first, then preferred ones, then those of `packages:all:providers`, without those in conflict. */
function providerOrder(encoding: Encoding, virtual: string): string[] {
  const { packages, providers } = encoding.world.settings
  const own = packages.get(virtual)
  const nameIn = (text: string) => /^[\w.-]+/.exec(text)?.[0].split('.').at(-1) ?? ''
  const required = (own?.require ?? []).filter(({ when }) => when === '').flatMap(({ specs }) => specs.map(nameIn))
  const preferred = (own?.prefer ?? []).filter(({ when }) => when === '').map(({ spec }) => nameIn(spec))
  const removed = new Set(
    (own?.conflict ?? []).filter(({ when, spec }) => when === '' && nameIn(spec) === spec).map(({ spec }) => spec),
  )
  const configured = (providers.get(virtual) ?? []).map(nameIn)
  return [...new Set([...required, ...preferred, ...configured])].filter((name) => name && !removed.has(name))
}

function chargeProvider(encoding: Encoding, virtual: VirtualNode, node: PackageNode, literal: Lit): void {
  const weight = providerWeight(encoding, virtual.name, node.name)
  if (languages.includes(virtual.name)) encoding.nodeCost(node, ['compilers', 'compilers'], literal, weight)
  else if (languageRuntimes.includes(virtual.name)) {
    encoding.nodeCost(node, ['runtimeProviders', 'runtimeProviders'], literal, weight)
  } else encoding.nodeCost(node, ['rootProviders', 'providers'], literal, weight)
}
