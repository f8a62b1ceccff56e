// What concretizing needs to know of the world, as plain values: recipes, settings, the machine, what can be reused.

import type { PackageNeeds, Recipe, RecipeTexts } from '../recipes/recipe.ts'
import type { Spec } from '../spec/spec.ts'
import type { SpackError } from '../ui/error.ts'

export interface Package {
  namespace: string
  recipe: Recipe
}

/** One entry of `packages:NAME`, with requirements as rules. */
export interface PackageSettings {
  isBuildable: boolean
  /** Where that is said, as `file:line`. */
  buildableAt: string | null
  /** Preferred versions, best first. */
  versions: readonly Origin[]
  /** Preferred variants, as the text of a spec. */
  variants: string
  require: readonly RequirementEntry[]
  prefer: readonly PreferenceEntry[]
  conflict: readonly PreferenceEntry[]
}

/** Who wrote something: a file and line, a recipe, or the command line. */
export interface Origin {
  text: string
  where: string | null
}

export interface RequirementEntry {
  policy: 'one_of' | 'any_of'
  specs: readonly string[]
  when: string
  message: string | null
  origin: Origin
}

export interface PreferenceEntry {
  spec: string
  when: string
  message: string | null
  origin: Origin
}

export interface Settings {
  /** By package or virtual; `all` holds for packages that do not say otherwise. */
  packages: ReadonlyMap<string, PackageSettings>
  /** Preferred providers by virtual, best first. */
  providers: ReadonlyMap<string, readonly string[]>
  /** Preferred targets, best first. */
  targets: readonly string[]
  duplicates: { strategy: 'none' | 'minimal' | 'full'; maxDupes: ReadonlyMap<string, number>; defaultMaxDupes: number }
  granularity: 'microarchitectures' | 'generic'
  isHostCompatible: boolean
  /** True, false, or the packages that may mix. */
  compilerMixing: boolean | readonly string[]
  allowDeprecated: boolean
}

/** A rule that a compiler's recipe, or concretizing in general, adds for every node that uses the compiler. */
export type RuntimeRule =
  | { kind: 'depends_on'; spec: string; when: string; type: 'build' | 'link' | 'run' }
  | { kind: 'requires'; package: string; spec: string; when: string }
  | { kind: 'propagate'; spec: string; when: string }

export interface CompilerFacts {
  /** The compiler as a reusable, concrete spec. */
  spec: Spec
  rules: readonly RuntimeRule[]
  /** Flags that its entry in `packages.yaml` adds to every node, by kind. */
  flags: ReadonlyMap<string, string>
}

/** An entry of `concretizer:splice:explicit`. */
export interface ExplicitSplice {
  /** Where a spec is this or has this below it, the splice is made. */
  target: Spec
  /** Throws SpackError when its hash is not known. */
  replacement: () => Spec
  isTransitive: boolean
  origin: Origin
}

/** Concrete specs that may be reused, externals among them: looked at only for packages that matter. */
export interface ReusableSpecs {
  /** Those of a package. */
  of: (name: string) => readonly Spec[]
  /** The operating systems that they are for. */
  systems: readonly string[]
}

/** What is asked of a package, or of who provides a virtual, to see what would follow; or forbidden. */
export interface Supposition {
  spec: string
  isForbidden: boolean
}

export interface World {
  supposed?: ReadonlyMap<string, Supposition>
  /** Undefined when there is no such package. */
  package: (name: string) => Package | undefined
  /** Whether there is such a package, where that can be told without reading it: of most that is all that matters. */
  exists?: (name: string) => boolean
  /** The same of what it may link to or run, and what it requires in any case. */
  linkNeeds?: (name: string) => PackageNeeds | undefined
  /** Names of all packages, for "did you mean". */
  names?: () => Iterable<string>
  /** Why there is no package of a name, where that can be told. */
  unknown?: (name: string) => SpackError | undefined
  /** What a recipe says to people, its messages among it. */
  texts?: (name: string) => RecipeTexts | undefined
  isVirtual: (name: string) => boolean
  /** Names of the packages that may provide a virtual. */
  providers: (virtual: string) => readonly string[]
  settings: Settings
  host: { platform: string; os: string; target: string }
  reusable: ReusableSpecs
  compilers: readonly CompilerFacts[]
  /** What all nodes of packages that are developed are like; with `dev_path`. */
  developed?: readonly Spec[]
  /** C libraries of this machine. */
  libcs: readonly Spec[]
  /** What is spliced into answers, in this order. */
  splices?: readonly ExplicitSplice[]
  warn?: (text: string) => void
}

/** Specs at hand as reusable ones. */
export function reusableSpecs(specs: readonly Spec[]): ReusableSpecs {
  const byName = new Map<string, Spec[]>()
  for (const spec of specs) {
    const list = byName.get(spec.name!)
    if (list) list.push(spec)
    else byName.set(spec.name!, [spec])
  }
  return { of: (name) => byName.get(name) ?? [], systems: [...new Set(specs.flatMap(({ arch }) => arch?.os ?? []))] }
}
