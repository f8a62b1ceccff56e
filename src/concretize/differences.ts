// How one answer differs from another, in words: what is in the graph, and what that costs by the criteria.

import type { Spec } from '../spec/spec.ts'
import { sortTexts } from '../spec/text-order.ts'
import { printVariant } from '../spec/variant-text.ts'
import { exactVersion } from '../spec/version-list.ts'
import { nodeText } from './chains.ts'
import { type CriterionKey, criteria } from './criteria.ts'
import { quote } from './explanation.ts'

/** What changes from one answer to another, package by package. */
export function graphChanges(before: readonly Spec[], after: readonly Spec[]): string[] {
  const [old, now] = [byName(before), byName(after)]
  return sortTexts([...new Set([...old.keys(), ...now.keys()])]).flatMap((name) =>
    packageChanges(name, old.get(name) ?? [], now.get(name) ?? []),
  )
}

function byName(specs: readonly Spec[]): Map<string, Spec[]> {
  const found = new Map<string, Spec[]>()
  for (const spec of specs) found.set(spec.name!, [...(found.get(spec.name!) ?? []), spec])
  return found
}

function packageChanges(name: string, before: readonly Spec[], after: readonly Spec[]): string[] {
  const hashes = (specs: readonly Spec[]) => new Set(specs.map(({ concrete }) => concrete!.hash))
  const [old, now] = [hashes(before), hashes(after)]
  const gone = before.filter(({ concrete }) => !now.has(concrete!.hash))
  const come = after.filter(({ concrete }) => !old.has(concrete!.hash))
  if (gone.length === 1 && come.length === 1) return nodeChanges(name, gone[0]!, come[0]!)
  return [
    ...gone.map((spec) => `${quote(nodeText(spec))} goes`),
    ...come.map((spec) => `${quote(nodeText(spec))} is needed as well`),
  ]
}

/** What is different about a node itself; that only something below it changes is no word worth. */
function nodeChanges(name: string, before: Spec, after: Spec): string[] {
  const changes: [was: string, is: string][] = []
  const version = ({ versions }: Spec) => exactVersion(versions)?.text ?? ''
  if (version(before) !== version(after)) changes.push([`@${version(before)}`, `@${version(after)}`])
  for (const variant of sortTexts([...new Set([...before.variants.keys(), ...after.variants.keys()])])) {
    const print = ({ variants }: Spec) => (variants.has(variant) ? printVariant(variant, variants.get(variant)!) : '')
    if (variant !== 'patches' && print(before) !== print(after)) changes.push([print(before), print(after)])
  }
  const target = ({ arch }: Spec) => `target=${arch?.target}`
  if (target(before) !== target(after)) changes.push([target(before), target(after)])
  changes.push(...providerChanges(before, after))
  return changes.map(([was, is]) => {
    if (!was) return `${quote(name)} has ${quote(is)}, too`
    return is ? `${quote(name)} has ${quote(is)} instead of ${quote(was)}` : `${quote(name)} has no ${quote(was)}`
  })
}

/** By virtual another provider: `mpi=mpich` instead of `mpi=openmpi`. */
function providerChanges(before: Spec, after: Spec): [string, string][] {
  const providers = (spec: Spec) =>
    new Map(spec.edges.flatMap(({ child, virtuals }) => virtuals.map((virtual) => [virtual, child] as const)))
  const [old, now] = [providers(before), providers(after)]
  return [...old].flatMap(([virtual, provider]): [string, string][] => {
    const other = now.get(virtual)
    if (!other || other.name === provider.name) return []
    return [[`${virtual}=${provider.name}`, `${virtual}=${other.name}`]]
  })
}

// --- costs ----------------------------------------------------------------------------------------------------------------

export interface CostChange {
  /** Spack's number of the criterion; greater ones come first. */
  priority: number
  criterion: string
  before: number
  after: number
  /** `2 more packages to build`. */
  text: string
}

/** What is counted by each criterion: one, and several. */
const counted: Readonly<Record<CriterionKey, readonly [one: string, several: string]>> = {
  unsolved: ['request left out', 'requests left out'],
  requirements: [
    'step to a later choice of requirements and preferences',
    'steps to later choices of requirements and preferences',
  ],
  builds: ['package to build', 'packages to build'],
  duplicates: ['package that is there twice', 'packages that are there twice'],
  deprecated: ['deprecated version', 'deprecated versions'],
  rootVersions: ['step to an older version of what is asked for', 'steps to older versions of what is asked for'],
  rootVariants: ['value that is no default in what is asked for', 'values that are no defaults in what is asked for'],
  rootProviders: ['step to a later provider for what is asked for', 'steps to later providers for what is asked for'],
  rootDefaults: ['default value missing in what is asked for', 'default values missing in what is asked for'],
  variants: ['value that is no default', 'values that are no defaults'],
  providers: ['step to a later provider', 'steps to later providers'],
  compilerCount: ['package with several compilers', 'packages with several compilers'],
  reusedCompilers: ['other compiler in what is reused', 'other compilers in what is reused'],
  compilers: ['step to a later compiler', 'steps to later compilers'],
  operatingSystems: ['step to another operating system', 'steps to other operating systems'],
  versions: ['step to an older version', 'steps to older versions'],
  defaults: ['default value missing', 'default values missing'],
  targetMismatches: ['dependency for another target', 'dependencies for other targets'],
  targets: ['step to a more general target', 'steps to more general targets'],
  runtimeProviders: ['step to a later runtime library', 'steps to later runtime libraries'],
  runtimeVersions: ['step to an older runtime library', 'steps to older runtime libraries'],
  runtimeTargets: [
    'step to a more general target of runtime libraries',
    'steps to more general targets of runtime libraries',
  ],
  edgeProviders: ['step to a later provider on an edge', 'steps to later providers on edges'],
  edgeVersions: ['step to an older version on an edge', 'steps to older versions on edges'],
}

/** The criteria by which two answers differ, the most important first: the first one decides. */
export function costChanges(before: readonly number[], after: readonly number[]): CostChange[] {
  return criteria.flatMap(({ key, text, priority, isBuilt }, at) => {
    const [was, is] = [before[at] ?? 0, after[at] ?? 0]
    if (was === is) return []
    const count = Math.abs(is - was)
    const reused = isBuilt === false ? ' (reused)' : ''
    const words = `${count} ${is > was ? 'more' : 'fewer'} ${counted[key][count === 1 ? 0 : 1]}${reused}`
    return [{ priority, criterion: text, before: was, after: is, text: words }]
  })
}
