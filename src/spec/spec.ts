// A spec: constraints on a package and on what it depends on. Abstract specs leave some open; a concrete one none.

import type { JsonObject } from './json.ts'
import { anyVersion, type VersionList } from './version-list.ts'

declare const dagHashBrand: unique symbol
/** 32 characters of lower-case base32: the identity of a concrete spec. */
export type DagHash = string & { readonly [dagHashBrand]: true }

/** Deptypes as bits of a mask, in the order in which they are written; the bits are those of Spack's own masks. */
export const deptypeBits = { build: 4, link: 1, run: 2, test: 8 } as const
export type Deptype = keyof typeof deptypeBits
/** A sum of `deptypeBits`. */
export type DeptypeMask = number

export const flagKinds = ['cflags', 'cppflags', 'cxxflags', 'fflags', 'ldflags', 'ldlibs'] as const
export type FlagKind = (typeof flagKinds)[number]

const flagKindNames: ReadonlySet<string> = new Set(flagKinds)
export const isFlagKind = (name: string): name is FlagKind => flagKindNames.has(name)

/** A value: specs share it. */
export interface CompilerFlag {
  readonly flag: string
  readonly propagate: boolean
  /** The whole value in which the flag was written: flags of one group keep their order. */
  readonly group: string
}

/** A value: specs share it. */
export interface Variant {
  readonly kind: 'bool' | 'single' | 'multi'
  /** Sorted and distinct; booleans for kind `bool`; none for `name=*`. */
  readonly values: readonly (string | boolean)[]
  /** The values are exactly these (`:=`), not at least these. Always so for kinds `bool` and `single`. */
  readonly isExact: boolean
  readonly propagate: boolean
}

/** A value: specs share it. */
export interface Arch {
  readonly platform: string | null
  readonly os: string | null
  /** A target's name, or the text of a range or list of targets. */
  readonly target: string | null
}

export interface Edge {
  child: Spec
  deptypes: DeptypeMask
  /** Sorted and distinct. */
  virtuals: readonly string[]
  /** A direct dependency (`%`), not just somewhere below (`^`). */
  direct: boolean
  /** `%%`: also for the children. */
  propagate: boolean
  when: Spec | null
}

export interface External {
  path: string | null
  modules: readonly string[] | null
  /** As written in `packages.yaml`; keys sorted at every level when hashed. */
  extraAttributes: JsonObject
}

/** What only a concrete spec has. */
export interface Concrete {
  hash: DagHash
  packageHash: string | null
  external: External | null
  /** sha256 digests in order of application. */
  patches: readonly string[]
  /** What a spliced spec was built as. */
  buildSpec: Spec | null
  /** Version of the file format that the node was first read from (5 today). */
  originalSpecfileVersion: number
  /** `gcc@=11.4.0`: the compiler of a node that was first read from a format before 5, where it was no dependency. */
  legacyCompiler: Spec | null
}

export interface Spec {
  /** null: anonymous. */
  name: string | null
  namespace: string | null
  versions: VersionList
  /** Changed by `setVariant` alone: specs share an empty one. */
  variants: ReadonlyMap<string, Variant>
  /** A value: specs share it. */
  flags: ReadonlyMap<FlagKind, readonly CompilerFlag[]>
  arch: Arch | null
  /** A hash as typed, without the slash; possibly only its beginning. */
  abstractHash: string | null
  /** Grouped by the child's name in order of first appearance; inside a name by deptype mask. */
  edges: Edge[]
  /** null while anything is open. */
  concrete: Concrete | null
}

const noFlags: Spec['flags'] = new Map()
const noVariants: Spec['variants'] = new Map()

/** Gives a spec a variant in place of what it has of that name. */
export function setVariant(spec: Spec, name: string, variant: Variant): void {
  if (spec.variants.size === 0) spec.variants = new Map([[name, variant]])
  else (spec.variants as Map<string, Variant>).set(name, variant)
}

/** A spec that constrains nothing. */
export function emptySpec(): Spec {
  return {
    name: null,
    namespace: null,
    versions: anyVersion,
    variants: noVariants,
    flags: noFlags,
    arch: null,
    abstractHash: null,
    edges: [],
    concrete: null,
  }
}

/** A copy that can be changed without changing the original. Concrete specs never change and are shared. */
export function copySpec(spec: Spec): Spec {
  const copies = new Map<Spec, Spec>()
  const copy = (original: Spec): Spec => {
    if (original.concrete) return original
    const made = copies.get(original)
    if (made) return made
    const clone = { ...original }
    if (original.variants.size) clone.variants = new Map(original.variants)
    copies.set(original, clone)
    clone.edges = original.edges.map((edge) => ({ ...edge, child: copy(edge.child) }))
    return clone
  }
  return copy(spec)
}

/** The names of the deptypes in a mask, in the order in which they are written. */
export const deptypeNames = (mask: DeptypeMask): readonly Deptype[] => namesByMask[mask]!

const deptypes = Object.keys(deptypeBits) as Deptype[]
const namesByMask = Array.from({ length: 1 << deptypes.length }, (_, mask) =>
  deptypes.filter((name) => mask & deptypeBits[name]),
)

/** Edges grouped by the names of their children, in order of first appearance, and inside a name by deptypes. */
export function groupEdges(edges: Edge[]): Edge[] {
  if (areAscending(edges)) return edges
  const ranks = new Map<string | null, number>()
  for (const { child } of edges) if (!ranks.has(child.name)) ranks.set(child.name, ranks.size)
  const rank = ({ child }: Edge) => ranks.get(child.name)!
  return edges.sort((a, b) => rank(a) - rank(b) || a.deptypes - b.deptypes)
}

/** Whether no two children have one name, for the usual reason: they stand by name. */
function areAscending(edges: readonly Edge[]): boolean {
  for (let i = 1; i < edges.length; i++) {
    if (!((edges[i - 1]!.child.name ?? '') < (edges[i]!.child.name ?? ''))) return false
  }
  return true
}
