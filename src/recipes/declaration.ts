// What the guest prints of one recipe: declarations in their order, with specs and conditions as the recipe wrote them.

import type { Deptype } from '../spec/spec.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import type { RecipeTexts } from './recipe.ts'

/** Conditions that must all hold; null for the constant false. */
export type Conditions = readonly string[] | null

export interface DeclaredPatch {
  place: string
  sha256?: string
  archive_sha256?: string
  level?: number
  working_dir?: string
  reverse?: true
  from_package?: string | null
}

export interface DeclaredDependency {
  spec: string
  types: readonly Deptype[]
  patches?: readonly (readonly [Conditions, DeclaredPatch])[]
}

export interface DeclaredVariant {
  name: string
  default: boolean | string
  multi: boolean
  values: readonly (string | boolean | { value: string | boolean; when: Conditions })[] | null
  validator?: JsonObject
  sets?: readonly (readonly (string | boolean)[])[]
  non_feature_values?: readonly string[]
  group_validator?: JsonObject
  sticky?: true
  description: string
}

export interface DeclaredResource {
  name: string | null
  destination: string
  placement: JsonValue
  fetch: JsonObject
}

export interface DeclaredRequirement {
  specs: readonly string[]
  policy: 'one_of' | 'any_of'
  has_msg: boolean
  msg?: string
}

export type Directive =
  | readonly ['depends_on' | 'extends', Conditions, DeclaredDependency]
  | readonly ['variant', Conditions, DeclaredVariant]
  | readonly ['patch', Conditions, DeclaredPatch]
  | readonly ['conflicts', Conditions, { spec: string; has_msg: boolean; msg?: string }]
  | readonly ['requires', Conditions, DeclaredRequirement]
  | readonly ['provides', Conditions, { specs: readonly string[] }]
  | readonly ['resource', Conditions, DeclaredResource]
  | readonly ['license', Conditions, { license: string; place: string }]
  | readonly ['redistribute', Conditions, { source: boolean; binary: boolean }]
  | readonly ['can_splice', Conditions, { target: string; match_variants: JsonValue }]

/** URLs of a package in which the version is replaced. */
export interface UrlBases {
  url: string | null
  urls: readonly string[]
  list_url: string | null
}

export interface DeclaredUrls {
  version: string
  /** What the recipe's own rule gives. */
  custom?: string | null | { failed: string }
  /** The version as it stands in URLs. */
  text?: string
  /** Absent: those of the entry before. */
  bases?: UrlBases
}

/** A file that facts were made from, and the sha256 of what was read; null when it was not there. */
export type ReadFile = readonly [path: string, sha256: string | null]

/** A recipe that could not be loaded. */
export interface LoadFailure {
  /** The folder of the package. */
  failed: string
  message: string
  /** `file:line`, if that is known. */
  where: string | null
  files: readonly ReadFile[]
}

/** The files come with the recipe's own first. */
export interface Declarations {
  name: string
  namespace: string
  attributes: JsonObject
  source: JsonObject
  versions: readonly (readonly [string, JsonObject])[]
  /** null for a package without code. */
  urls: readonly DeclaredUrls[] | null
  directives: readonly Directive[]
  inherits: readonly string[]
  host_inputs: readonly string[]
  texts: Pick<RecipeTexts, 'description' | 'homepage' | 'maintainers' | 'phases' | 'detects' | 'tests'>
  recipe_hash?: { conditions: readonly string[]; hashes: readonly string[]; table: readonly number[] } | string
  files: readonly ReadFile[]
}
