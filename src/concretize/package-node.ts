// A node that may become part of the answer: the literals that say whether it does, and how.

import type { Lit } from '../solver/literal.ts'
import type { Deptype, FlagKind, Spec } from '../spec/spec.ts'
import type { VersionList } from '../spec/version-list.ts'
import type { OpenOr } from './formula.ts'
import type { PackageFacts } from './package-facts.ts'
import type { Propagation } from './variant-propagation.ts'
import type { Ways } from './ways.ts'

/** An edge from a node to another. */
export interface EdgeLits {
  child: PackageNode
  literal: Lit
  types: Readonly<Record<Deptype, Lit>>
  /** Of any type but build. */
  notBuildOnly: Lit
  linkRun: Lit
  /** Whether what depends on pairs of nodes takes it into account. */
  isRelated: boolean
}

/** A dependency of a node on a virtual, met by one of the providers. */
export interface Use {
  child: PackageNode
  literal: Lit
}

/** A directive that makes a node depend on something. */
export interface ActiveDependency {
  name: string
  types: readonly Deptype[]
  /** The constraint on the child. */
  text: string
  isVirtual: boolean
  /** Holds when the node is built and the condition of the directive holds. */
  active: Lit
  /** As `active`, and the directive is not switched off, which takes away what it asks for but not what it allows. */
  demanded: Lit
}

export interface FlagSource {
  kind: FlagKind
  flag: string
  group: string
  /** `compiler`, `literal`, or the package that asks for it, with what kind of directive. */
  source: string
  rank: number
  propagate: boolean
  guard: Lit
}

export interface VariantLits {
  /** Whether the node has the variant. */
  has: Lit
  /** By definition, weakest first: whether it is the one that counts. */
  active: readonly Lit[]
  values: Map<string, Lit>
  /** By value, who sets it. */
  setters: Map<string, Lit[]>
  /** By value, when it is passed on from above. */
  gifts: Map<string, Lit[]>
  isSet: Map<string, OpenOr>
  /** That any value is set; only of sticky ones. */
  isAnySet: OpenOr | null
  /** By definition that takes values not listed: that one of those is chosen. */
  others: (OpenOr | null)[]
}

export interface PackageNode {
  readonly name: string
  readonly id: number
  readonly exists: Lit
  readonly build: Lit
  readonly concrete: Lit
  /** Whether it was asked for. */
  root: Lit
  facts: PackageFacts | null
  isDeclared: boolean
  /** Whether it is known of which directives its edges come. */
  isBuildEncoded: boolean
  /** What is to be done as soon as that is known. */
  onceBuildEncoded: (() => void)[]
  /** `atLeast[i]`: the version is the i-th in preference or a worse one. */
  atLeast: Lit[]
  versionSets: Map<string, Lit>
  variants: Map<string, VariantLits>
  targets: Map<string, Lit>
  systems: Map<string, Lit>
  candidates: { spec: Spec; literal: Lit }[]
  /** What was asked of it before it was declared. */
  deferred: Map<string, { literal: Lit; build: () => Lit }>
  conditions: Map<string, Lit>
  /** The same for what edges of constraints say of it. */
  held: Map<Spec, Lit>
  edges: Map<PackageNode, EdgeLits>
  dependencies: ActiveDependency[]
  uses: Map<string, Use[]>
  /** Which of several possible nodes of a package is its child. */
  choices: Use[][]
  flags: FlagSource[]
  /** Versions of virtuals that must agree: what it provides and what is asked of it. */
  virtualVersions: Map<string, { list: VersionList; literal: Lit }[]>
  /** Parents whose edge to it was possible at some time. */
  parents: PackageNode[]
  /** That something depends on it. */
  support: OpenOr | null
  /** That something links to it or runs it. */
  linked: OpenOr | null
  /** How often an answer was refused because it is not below a root. */
  refusals: number
  /** That it is a root or below one, by what is linked or run; once that was asked. */
  below: OpenOr | null
  /** Has an edge to it taken into account there. */
  noteParent: ((parent: PackageNode, linkRun: Lit) => void) | null
  /** That something depends on it, where a request says that it is below a root. */
  called: OpenOr | null
  /** How it may come to be below a root by what is not known yet. */
  ways: Ways | null
  /** Of a compiler: that something depends on it not only for a language. */
  wanted: OpenOr | null
  /** Values of variants that may be passed on to it. */
  arrivals: Map<Propagation, OpenOr>
  /** By variant, when it passes a value on itself. */
  propagates: Map<string, Lit>
  trueTargets: string[]
  trueEdges: EdgeLits[]
  /** Weights of versions that were chosen at some time; of packages that may be there more than once. */
  trueWeights: number[]
  /** Edges to it that were there at some time. */
  trueIncoming: Lit[]
  incoming: { parent: PackageNode; literal: Lit }[]
  /** When something is imposed on it, which need not be told yet. */
  impositions: Lit[]
}

export const nodeKey = (name: string, id: number): string => `${name}#${id}`
