// Microarchitectures: what runs on what, and features. The facts in microarchitectures.json and target-flags.json (names,
// vendors, ancestry, features, compiler options) are those of archspec (https://github.com/archspec/archspec-json,
// Apache-2.0 OR MIT, Lawrence Livermore National Security and contributors), commit 4fcdb2f5d4f9; `sse3` is listed
// wherever `ssse3` is.

import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import table from './microarchitectures.json' with { type: 'json' }
import type { NodeTarget } from './node.ts'

interface TargetFacts {
  vendor: string
  parents: readonly string[]
  /** Separated by blanks, sorted. */
  features: string
  /** Of POWER processors. */
  generation?: number
  /** Of Arm processors, as in /proc/cpuinfo. */
  cpupart?: string
}

export interface Target {
  name: string
  vendor: string
  parents: readonly string[]
  /** Parents first, then what they add in turn. */
  ancestors: readonly string[]
  /** The root of the ancestry, `x86_64`. */
  family: string
  /** The best generic target that runs on it. */
  generic: string
  features: ReadonlySet<string>
  generation: number
  cpupart: string
}

const facts = new Map<string, TargetFacts>(Object.entries(table))
const known = new Map<string, Target>()

/** Names of all known targets, sorted. */
export const targetNames: readonly string[] = [...facts.keys()]

/** Names of platforms that a spec may have. */
export const platformNames: readonly string[] = ['darwin', 'freebsd', 'linux', 'test', 'windows']

/** Words that stand for the host's own target or operating system. */
export const reservedTargets: readonly string[] = ['default_target', 'frontend', 'fe', 'backend', 'be']
export const reservedOperatingSystems: readonly string[] = ['default_os', 'frontend', 'fe', 'backend', 'be']
/** Those of the reserved words that Spack warns about. */
export const deprecatedArchWords: readonly string[] = ['frontend', 'fe', 'backend', 'be']

/** What is known of a target, or undefined for a name that stands for itself only. */
export function knownTarget(name: string): Target | undefined {
  const made = known.get(name)
  if (made) return made
  const row = facts.get(name)
  if (!row) return undefined
  const target = makeTarget(name, row)
  known.set(name, target)
  return target
}

/** As `knownTarget`. Throws SpackError `unknown-target`. */
export function requireTarget(name: string): Target {
  const target = knownTarget(name)
  if (target) return target
  throw new SpackError('unknown-target', `\`${name}\` is not a known target`, { hint: didYouMean(name, targetNames) })
}

function makeTarget(name: string, row: TargetFacts): Target {
  const parents = row.parents.map(requireTarget)
  const ancestors = [...new Set([...row.parents, ...parents.flatMap((parent) => parent.ancestors)])]
  return {
    name,
    vendor: row.vendor,
    parents: row.parents,
    ancestors,
    family: parents[0]?.family ?? name,
    generic: bestGeneric(name, row.vendor, ancestors),
    features: new Set(row.features.split(' ').filter(Boolean)),
    generation: row.generation ?? 0,
    cpupart: row.cpupart ?? '',
  }
}

/** The generic target with the most ancestors among `name` and `ancestors`; the first of equals. */
function bestGeneric(name: string, vendor: string, ancestors: readonly string[]): string {
  if (vendor === 'generic') return name
  const generics = ancestors.map(requireTarget).filter((ancestor) => ancestor.vendor === 'generic')
  return generics.reduce((best, each) => (each.ancestors.length > best.ancestors.length ? each : best)).name
}

/** Whether what is built for `lower` runs on `higher`: they are the same, or `lower` is an ancestor. */
export const runsOn = (lower: Target, higher: Target): boolean =>
  lower.name === higher.name || higher.ancestors.includes(lower.name)

/** Features that others imply, or that a whole family has without listing them. */
const featureAliases: Readonly<Record<string, { anyOf?: readonly string[]; families?: readonly string[] }>> = {
  sse3: { anyOf: ['ssse3'] },
  avx512: { anyOf: ['avx512f', 'avx512vl', 'avx512bw', 'avx512dq', 'avx512cd'] },
  altivec: { families: ['ppc64le', 'ppc64'] },
  vsx: { families: ['ppc64le', 'ppc64'] },
  fma: { families: ['ppc64le', 'ppc64'] },
  'sse4.1': { anyOf: ['sse4_1'] },
  'sse4.2': { anyOf: ['sse4_2'] },
  neon: { families: ['aarch64'] },
}

/** Whether a target has a feature, by its own name or by one of the aliases. */
export function hasFeature(target: Target, feature: string): boolean {
  if (target.features.has(feature)) return true
  if (!Object.hasOwn(featureAliases, feature)) return false
  const { anyOf = [], families = [] } = featureAliases[feature]!
  return anyOf.some((other) => target.features.has(other)) || families.includes(target.family)
}

/** What stands for a target in node dictionaries: the bare name when it is generic or unknown. */
export function nodeTarget(name: string): NodeTarget {
  const target = knownTarget(name)
  if (!target || target.vendor === 'generic') return name
  const { vendor, generation, parents, cpupart } = target
  return { name, vendor, features: [...target.features], generation, parents, cpupart }
}
