// From an assignment to concrete specs: children first, since the hash of a node is over those of its children.

import type { RecipePatch } from '../recipes/recipe.ts'
import { isNegated, type Lit, variableOf } from '../solver/literal.ts'
import { specName } from '../spec/characters.ts'
import type { PackageFacts as SpecFacts } from '../spec/facts.ts'
import { completeFlags } from '../spec/flags.ts'
import { computeHash } from '../spec/hash.ts'
import { specfileVersion, writeNode } from '../spec/node.ts'
import { satisfies } from '../spec/satisfies.ts'
import {
  type CompilerFlag,
  type DagHash,
  type Deptype,
  deptypeBits,
  type Edge,
  emptySpec,
  flagKinds,
  groupEdges,
  type Spec,
  setVariant,
  type Variant,
} from '../spec/spec.ts'
import { compareTexts, sortTexts } from '../spec/text-order.ts'
import { boolVariant, multiVariant, singleVariant } from '../spec/variant-text.ts'
import { isDevelop } from '../spec/version.ts'
import type { Encoding } from './encoding.ts'
import { constraint } from './package-facts.ts'
import { declaredVersion, packageHash } from './package-hash.ts'
import type { FlagSource, PackageNode } from './package-node.ts'
import { passedFlags } from './passed-flags.ts'

/** Concrete specs by node, of an assignment in which no node depends on itself. */
export function decode(encoding: Encoding, model: Int8Array, facts: SpecFacts): Map<PackageNode, Spec> {
  return new Decoder(encoding, model, facts).run()
}

interface Draft {
  node: PackageNode
  spec: Spec
  isReused: boolean
}

class Decoder {
  readonly #encoding: Encoding
  readonly #model: Int8Array
  readonly #facts: SpecFacts
  readonly #drafts = new Map<PackageNode, Draft>()
  /** Parents first. */
  #order: PackageNode[] = []

  constructor(encoding: Encoding, model: Int8Array, facts: SpecFacts) {
    this.#encoding = encoding
    this.#model = model
    this.#facts = facts
  }

  run(): Map<PackageNode, Spec> {
    const nodes = this.#encoding.declared.filter(({ exists }) => this.#has(exists))
    for (const node of nodes) this.#drafts.set(node, this.#draft(node))
    this.#order = this.#sorted(nodes)
    for (const node of nodes) this.#connect(node)
    const passed = this.#passedFlags(nodes)
    for (const node of nodes) this.#addFlags(node, passed.get(node) ?? [])
    const patches = this.#patches()
    const specs = new Map<PackageNode, Spec>()
    for (const node of this.#order.toReversed()) specs.set(node, this.#finish(node, patches.get(node) ?? []))
    return specs
  }

  #has(literal: Lit): boolean {
    const value = this.#model[variableOf(literal)] ?? 0
    return isNegated(literal) ? value !== 1 : value === 1
  }

  #draft(node: PackageNode): Draft {
    const reused = node.candidates.find(({ literal }) => this.#has(literal))
    if (reused) return { node, spec: reused.spec, isReused: true }
    const spec = emptySpec()
    spec.name = node.name
    spec.namespace = node.facts!.package.namespace
    spec.versions = [this.#version(node)]
    spec.arch = {
      platform: this.#encoding.world.host.platform,
      os: [...node.systems].find(([, literal]) => this.#has(literal))?.[0] ?? null,
      target: [...node.targets].find(([, literal]) => this.#has(literal))?.[0] ?? null,
    }
    for (const [name, variant] of this.#variants(node)) setVariant(spec, name, variant)
    this.#addCommit(node, spec)
    return { node, spec, isReused: false }
  }

  #version(node: PackageNode) {
    let place = 0
    while (node.atLeast[place + 1] !== undefined && this.#has(node.atLeast[place + 1]!)) place++
    return node.facts!.versions[place]!.version
  }

  #variants(node: PackageNode): [string, Variant][] {
    return [...node.variants].flatMap(([name, variant]): [string, Variant][] => {
      if (!this.#has(variant.has)) return []
      const values = [...variant.values].filter(([, literal]) => this.#has(literal)).map(([value]) => value)
      if (!values.length) return []
      const definitions = node.facts!.variants.get(name)?.definitions ?? []
      const at = variant.active.findIndex((literal) => this.#has(literal))
      const kind = definitions[at]?.kind ?? (name === 'patches' ? 'multi' : 'single')
      if (kind === 'bool') return [[name, boolVariant(values[0] === 'true')]]
      if (kind === 'multi') return [[name, multiVariant(values, { isExact: true })]]
      return [[name, singleVariant(values[0]!)]]
    })
  }

  /** A version from git tells its commit, so that what was built is known. */
  #addCommit(node: PackageNode, spec: Spec): void {
    if (spec.variants.has('commit') || spec.variants.has('dev_path')) return
    const version = this.#version(node)
    if (version.kind === 'git') {
      if (version.isCommit) setVariant(spec, 'commit', singleVariant(version.ref))
      return
    }
    const commit = declaredVersion(node.facts!.package.recipe, spec)?.commit
    if (typeof commit === 'string' && !isDevelop(version)) setVariant(spec, 'commit', singleVariant(commit))
  }

  /** Nodes, parents first. */
  #sorted(nodes: readonly PackageNode[]): PackageNode[] {
    const done = new Set<PackageNode>()
    const order: PackageNode[] = []
    const visit = (node: PackageNode) => {
      if (done.has(node)) return
      done.add(node)
      for (const edge of this.#edges(node)) visit(edge.child)
      order.push(node)
    }
    for (const node of nodes) visit(node)
    return order.reverse()
  }

  #edges(node: PackageNode) {
    if (this.#drafts.get(node)!.isReused) return []
    return [...node.edges.values()].filter(({ literal }) => this.#has(literal))
  }

  #connect(node: PackageNode): void {
    const { spec, isReused } = this.#drafts.get(node)!
    if (isReused) return
    const virtuals = this.#virtualsOf(node)
    const edges = this.#edges(node).map(({ child, types }): Edge => {
      let deptypes = 0
      for (const [type, literal] of Object.entries(types))
        if (this.#has(literal)) deptypes |= deptypeBits[type as Deptype]
      return {
        child: this.#drafts.get(child)!.spec,
        deptypes,
        virtuals: sortTexts(virtuals.get(child) ?? []),
        direct: false,
        propagate: false,
        when: null,
      }
    })
    edges.sort((a, b) => compareTexts(a.child.name!, b.child.name!))
    spec.edges = groupEdges(edges)
  }

  /** The virtuals that a node depends on, by what provides them. */
  #virtualsOf(node: PackageNode): Map<PackageNode, Set<string>> {
    const virtuals = new Map<PackageNode, Set<string>>()
    for (const [name, uses] of node.uses) {
      for (const { child, literal } of uses) {
        if (!this.#has(literal)) continue
        const names = virtuals.get(child)
        if (names) names.add(name)
        else virtuals.set(child, new Set([name]))
      }
    }
    return virtuals
  }

  // --- flags --------------------------------------------------------------------------------------------------------

  /** Flags of compilers first, then those of dependents, farther ones first, then of requirements, then requested ones. */
  #addFlags(node: PackageNode, passed: readonly FlagSource[]): void {
    const { spec, isReused } = this.#drafts.get(node)!
    if (isReused) return
    spec.flags = completeFlags(spec.flags)
    const given = [...node.flags, ...passed].filter(({ guard }) => this.#has(guard))
    if (given.length === 0) return
    const names = this.#dependents(node).map(({ name }) => name)
    const place = ({ source }: FlagSource) => (names.includes(source) ? names.indexOf(source) : names.length)
    given.sort((a, b) => a.rank - b.rank || place(a) - place(b) || compareTexts(a.group, b.group))
    spec.flags = new Map(flagKinds.map((kind) => [kind, flagList(given.filter((source) => source.kind === kind))]))
  }

  #passedFlags(nodes: readonly PackageNode[]): Map<PackageNode, FlagSource[]> {
    const edges = new Map(nodes.map((node) => [node, this.#edges(node)]))
    const isTrue = (literal: Lit) => this.#has(literal)
    const byNode = new Map<PackageNode, FlagSource[]>()
    for (const { node, flag } of passedFlags({ nodes, edges, isTrue }, this.#encoding.runtimes))
      byNode.set(node, [...(byNode.get(node) ?? []), flag])
    return byNode
  }

  /** A node after all that depend on it, those of one node by name. */
  #dependents(node: PackageNode): PackageNode[] {
    const seen = new Set<PackageNode>([node])
    const order: PackageNode[] = []
    const visit = (child: PackageNode) => {
      const parents = child.incoming.filter(({ literal }) => this.#has(literal)).map(({ parent }) => parent)
      for (const parent of parents.sort((a, b) => compareTexts(a.name, b.name))) {
        if (seen.has(parent)) continue
        seen.add(parent)
        visit(parent)
      }
      order.push(child)
    }
    visit(node)
    return order
  }

  // --- patches and hashes ---------------------------------------------------------------------------------------------

  /** The patches of each node that is built, in order of application: its own and those that parents ask for. */
  #patches(): Map<PackageNode, RecipePatch[]> {
    const found = new Map<PackageNode, { owner: string; patch: RecipePatch }[]>()
    const add = (node: PackageNode, owner: string, patches: readonly RecipePatch[] | undefined) => {
      const draft = this.#drafts.get(node)!
      if (draft.isReused || !patches?.length) return
      const fitting = patches.filter(({ when }) => this.#satisfies(draft.spec, when))
      if (fitting.length) found.set(node, [...(found.get(node) ?? []), ...fitting.map((patch) => ({ owner, patch }))])
    }
    for (const [node, { spec, isReused }] of this.#drafts) {
      if (isReused) continue
      const { recipe } = node.facts!.package
      add(node, node.name, recipe.patches)
      const patching = recipe.dependencies.filter(({ patches }) => patches)
      if (patching.length === 0) continue
      for (const { child } of this.#edges(node)) {
        for (const dependency of patching) {
          if (specName(dependency.spec) !== child.name) continue
          if (this.#satisfies(spec, dependency.when)) add(child, node.name, dependency.patches)
        }
      }
    }
    return new Map([...found].map(([node, list]) => [node, inOrder(list)]))
  }

  #satisfies(spec: Spec, condition: string): boolean {
    return condition === '' || satisfies(spec, constraint(condition), { facts: this.#facts })
  }

  #finish(node: PackageNode, patches: readonly RecipePatch[]): Spec {
    const { spec, isReused } = this.#drafts.get(node)!
    if (isReused) return spec
    const { recipe } = node.facts!.package
    if (patches.length) {
      const digests = patches.map(({ sha256 }) => sha256)
      const known = (spec.variants.get('patches')?.values ?? []).map(String)
      setVariant(spec, 'patches', multiVariant([...new Set([...known, ...digests])], { isExact: true }))
    }
    spec.concrete = {
      hash: '' as DagHash,
      packageHash: packageHash(recipe, spec, patches, this.#facts),
      external: null,
      patches: patches.map(({ sha256 }) => sha256),
      buildSpec: null,
      originalSpecfileVersion: specfileVersion,
      legacyCompiler: null,
    }
    spec.concrete.hash = computeHash(writeNode(spec))
    return spec
  }
}

/** By the package that declares it, then as declared there; each patch once. */
function inOrder(list: { owner: string; patch: RecipePatch }[]): RecipePatch[] {
  list.sort((a, b) => compareTexts(a.owner, b.owner) || a.patch.order - b.patch.order)
  const seen = new Set<string>()
  return list.flatMap(({ patch }) => {
    if (seen.has(patch.sha256)) return []
    seen.add(patch.sha256)
    return [patch]
  })
}

/** Flags of one kind without those said already; the last mention of a flag counts where groups overlap. */
function flagList(sources: readonly FlagSource[]): CompilerFlag[] {
  const list: CompilerFlag[] = []
  for (const { flag, group } of sources) {
    const known = list.findIndex((each) => each.flag === flag)
    if (known >= 0) list.splice(known, 1)
    list.push({ flag, group, propagate: false })
  }
  return list
}
