// Why something must hold: what users wrote, what recipes declare, what is so with every graph. Where contradictions are
// explained each of these has a switch, and a minimal set of switches that cannot all be on is the explanation.

import type { Origin } from './world.ts'

export type Cause =
  | { kind: 'request'; origin: Origin }
  | RequirementCause
  /** What is supposed only to see what would follow from it. */
  | { kind: 'supposition'; package: string; spec: string; isForbidden: boolean }
  /** `depends_on` of a recipe. */
  | { kind: 'dependency'; package: string; spec: string; when: string }
  /** `conflicts` of a recipe. `at` is its place there. */
  | { kind: 'conflict'; package: string; spec: string; when: string; at: number }
  /** `requires` of a recipe. */
  | { kind: 'directive'; package: string; policy: Policy; specs: readonly string[]; when: string; at: number }
  /** `provides` of a recipe: what a package provides, and under which conditions. */
  | { kind: 'provision'; package: string; virtual: string }
  /** A root that can provide a virtual does. */
  | { kind: 'root-provider'; package: string; virtual: string }
  | { kind: 'provided-together'; package: string; virtuals: readonly string[] }
  /** A variant that is there only under conditions. */
  | { kind: 'conditional-variant'; package: string; variant: string }
  /** A value that may be chosen only under a condition. */
  | { kind: 'conditional-value'; package: string; variant: string; value: string; when: string }
  | { kind: 'sticky-variant'; package: string; variant: string; value: string }
  /** `buildable: false`. */
  | { kind: 'not-buildable'; package: string }
  /** Versions that no recipe declares are there only where something that is installed has them. */
  | { kind: 'undeclared-versions'; package: string }
  /** What a compiler asks of all that it compiles. */
  | { kind: 'compiler-rule'; compiler: string; package: string; spec: string; when: string }
  /** Targets for which a compiler has no options. */
  | { kind: 'compiler-targets'; compiler: string; package: string }
  | { kind: 'one-compiler'; package: string }
  /** A language that one package provides to all. */
  | { kind: 'one-provider'; virtual: string }
  /** What is linked together runs on one machine. */
  | { kind: 'dependency-target'; package: string; dependency: string }
  /** Nothing else that there is depends on these or sets their variants in a way that would go with the rest. */
  | { kind: 'closed-off'; packages: readonly string[] }
  | GraphCause

export type Policy = 'one_of' | 'any_of'

/** `require` and `conflict` of `packages.yaml`; `package` may be a virtual. */
export interface RequirementCause {
  kind: 'requirement'
  package: string
  section: 'require' | 'prefer' | 'conflict'
  /** Written for `all` packages. */
  isDefault: boolean
  policy: Policy
  specs: readonly string[]
  when: string
  message: string | null
  origin: Origin
}

/** What is so with every graph. */
export interface GraphCause {
  kind: 'graph'
  rule: GraphRule
}

export type GraphRule =
  | 'no-cycles'
  | 'all-needed'
  | 'one-of-each'
  | 'one-extended'
  | 'mentions-below-root'
  | 'compiler-propagation'
  | 'flags-passed-on'
  | 'runtime-compiler'
  | 'no-compiler-mixing'

/** Causes that users can change by editing what they wrote. */
export const isOwnedByUser = ({ kind }: Cause): boolean =>
  kind === 'request' || kind === 'requirement' || kind === 'supposition' || kind === 'not-buildable'
