// A recipe's facts as the index keeps them: the schema of `builtin.jsonl` in the conformance kit, described there field
// by field. Constraints are canonical texts; the empty text constrains nothing.

import type { Deptype } from '../spec/spec.ts'
import type { JsonObject, JsonValue } from './json-value.ts'

export type Constraint = string

export interface RecipeVersion {
  version: string
  preferred?: boolean
  deprecated?: boolean
  /** The text has a word that compares above all numbers. */
  develop?: true
  prerelease?: true
  fetch: FetchKind
  /** Candidate URLs in order; absent when `url` is the only one. */
  urls?: readonly string[]
  /** Digests and arguments of the fetch, as declared. */
  [argument: string]: JsonValue | undefined
}

export type FetchKind = 'url' | 'git' | 'svn' | 'hg' | 'cvs' | 'go' | 'none'

export interface ConditionalValue {
  value: string | boolean
  when: Constraint
}

export interface RecipeVariant {
  name: string
  when: Constraint
  type: 'bool' | 'single' | 'multi'
  default: boolean | string
  values: readonly (string | boolean | ConditionalValue)[] | null
  validator?: JsonObject
  sets?: readonly (readonly (string | boolean)[])[]
  non_feature_values?: readonly string[]
  group_validator?: JsonObject
  sticky?: true
  precedence: number
  overridden?: true
}

export interface RecipePatch {
  when: Constraint
  sha256: string
  order: number
  file?: string
  from_package?: string
  url?: string
  archive_sha256?: string
  level?: number
  working_dir?: string
  reverse?: true
}

export interface RecipeDependency {
  spec: Constraint
  when: Constraint
  types: readonly Deptype[]
  /** Whether the name is a virtual: depends on all repositories, so it is added when a recipe is read. */
  virtual?: true
  patches?: readonly RecipePatch[]
}

/** A digest of the recipe's code, or a table of digests by the conditions that a node satisfies. */
export type RecipeHash =
  | string
  | { conditions: readonly Constraint[]; hashes: readonly string[]; table: readonly number[] }

export interface Recipe {
  name: string
  source: JsonObject
  versions: readonly RecipeVersion[]
  variants: readonly RecipeVariant[]
  dependencies: readonly RecipeDependency[]
  extends: readonly { spec: Constraint; when: Constraint }[]
  provides: readonly { spec: Constraint; when: Constraint }[]
  provides_together: readonly { when: Constraint; virtuals: readonly string[] }[]
  conflicts: readonly { spec: Constraint; when: Constraint; has_msg: boolean }[]
  requires: readonly { specs: readonly Constraint[]; policy: 'one_of' | 'any_of'; when: Constraint; has_msg: boolean }[]
  patches: readonly RecipePatch[]
  resources: readonly JsonObject[]
  splices: readonly { target: Constraint; when: Constraint; match_variants: JsonValue }[]
  licenses: readonly { license: string; when: Constraint }[]
  no_redistribute: readonly { when: Constraint; source: boolean; binary: boolean }[]
  recipe_hash?: RecipeHash
  host_inputs?: readonly string[]
  /** Attributes of the package: tags, build system, checks, detection, compiler. */
  [attribute: string]: unknown
}

/** What a package may depend on, and what it requires. */
export interface PackageNeeds {
  dependencies: readonly Pick<RecipeDependency, 'spec' | 'types'>[]
  requires: readonly Pick<Recipe['requires'][number], 'specs' | 'when'>[]
}

/** What a recipe says to people: nothing that a solver needs. */
export interface RecipeTexts {
  /** As it stands in the recipe, line breaks included. */
  description?: string
  homepage?: string
  maintainers?: readonly string[]
  /** Phases by build system. */
  phases?: Readonly<Record<string, readonly string[]>>
  /** What is found out about an installation outside of the store: `version`, `variants`. */
  detects?: readonly string[]
  /** Names of test methods. */
  tests?: { build?: readonly string[]; install?: readonly string[]; alone?: readonly string[] }
  /** Descriptions of the recipe's variants, in their order. */
  variants?: readonly string[]
  /** Messages of the recipe's conflicts and requirements, in their order; null where there is none. */
  conflicts?: readonly (string | null)[]
  requires?: readonly (string | null)[]
  /** Versions whose URL the recipe's own rule could not give, with what it said. */
  url_failures?: Readonly<Record<string, string>>
}
