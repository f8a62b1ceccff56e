// What makes one answer better than another, the most important first. These are the criteria of Spack 1.2's
// concretizer (`concretize.lp`): costs of packages that are to be built come before how many are built, and the same
// costs of packages that are reused come after.

/** A row of the table. `shifted` rows exist twice: for nodes to be built, above `builds`, and for all others below. */
interface Row {
  key: string
  text: string
  priority: number
  isShifted: boolean
}

const builtShift = 200

const rows = [
  { key: 'unsolved', text: 'number of input specs not concretized', priority: 320, isShifted: false },
  { key: 'requirements', text: 'requirement weight', priority: 310, isShifted: false },
  { key: 'builds', text: 'number of packages to build (vs. reuse)', priority: 110, isShifted: false },
  { key: 'duplicates', text: 'number of nodes from the same package', priority: 100, isShifted: false },
  { key: 'deprecated', text: 'deprecated versions used', priority: 73, isShifted: true },
  { key: 'rootVersions', text: 'version badness (roots)', priority: 70, isShifted: true },
  { key: 'rootVariants', text: 'variant penalty (roots)', priority: 65, isShifted: true },
  { key: 'rootProviders', text: 'preferred providers for roots', priority: 60, isShifted: true },
  { key: 'rootDefaults', text: 'default values of variants not being used (roots)', priority: 55, isShifted: true },
  { key: 'variants', text: 'variant penalty (non-roots)', priority: 50, isShifted: true },
  { key: 'providers', text: 'preferred providers (non-roots)', priority: 48, isShifted: true },
  { key: 'compilerCount', text: 'number of compilers used on the same node', priority: 46, isShifted: true },
  { key: 'reusedCompilers', text: 'compiler penalty from reuse', priority: 41, isShifted: false },
  { key: 'compilers', text: 'preferred compilers', priority: 40, isShifted: true },
  { key: 'operatingSystems', text: "non-preferred OS's", priority: 30, isShifted: true },
  { key: 'versions', text: 'version badness (non roots)', priority: 25, isShifted: true },
  { key: 'defaults', text: 'default values of variants not being used (non-roots)', priority: 20, isShifted: true },
  { key: 'targetMismatches', text: 'target mismatches', priority: 10, isShifted: true },
  { key: 'targets', text: 'non-preferred targets', priority: 7, isShifted: true },
  { key: 'runtimeProviders', text: 'preferred providers (language runtimes)', priority: 5, isShifted: true },
  { key: 'runtimeVersions', text: 'version badness (runtimes)', priority: 4, isShifted: false },
  { key: 'runtimeTargets', text: 'non-preferred targets (runtimes)', priority: 3, isShifted: false },
  { key: 'edgeProviders', text: 'providers on edges', priority: 2, isShifted: false },
  { key: 'edgeVersions', text: 'version badness on edges', priority: 1, isShifted: false },
] as const satisfies readonly Row[]

export type CriterionKey = (typeof rows)[number]['key']

export interface CriterionRow {
  key: CriterionKey
  text: string
  /** Spack's number; greater ones come first. */
  priority: number
  /** Whether it is about nodes to be built; undefined where that makes no difference. */
  isBuilt?: boolean
}

/** All criteria in their order. */
export const criteria: readonly CriterionRow[] = rows
  .flatMap(({ key, text, priority, isShifted }): CriterionRow[] =>
    isShifted
      ? [
          { key, text, priority: priority + builtShift, isBuilt: true },
          { key, text, priority, isBuilt: false },
        ]
      : [{ key, text, priority }],
  )
  .sort((a, b) => b.priority - a.priority)

const places = { built: placesOf(true), reused: placesOf(false) }

function placesOf(isBuilt: boolean): Map<CriterionKey, number> {
  const counting = [...criteria.entries()].filter(([, row]) => (row.isBuilt ?? isBuilt) === isBuilt)
  return new Map(counting.map(([at, { key }]) => [key, at]))
}

/** The place of a criterion in the order. `isBuilt` matters only to those that tell the two apart. */
export function criterionAt(key: CriterionKey, isBuilt = false): number {
  return (isBuilt ? places.built : places.reused).get(key)!
}
