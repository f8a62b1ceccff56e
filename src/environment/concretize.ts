// From a manifest to a lockfile: which roots are new, which are kept as they are, and how they are concretized, by what
// `concretizer:unify` says. A pure function: what is on disk stays as it is.

import { concretizeTogether } from '../concretize/concretize.ts'
import type { Request } from '../concretize/requests.ts'
import { concretizeInRounds } from '../concretize/rounds.ts'
import type { World } from '../concretize/world.ts'
import { compareSpecs } from '../spec/compare.ts'
import type { PackageFacts } from '../spec/facts.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { lockfileSpecs, nodesOf } from './locked-specs.ts'
import { allNodes, allRoots, type LockedSpecs } from './lockfile.ts'
import type { ListedSpec } from './matrix.ts'

export type Unify = boolean | 'when_possible'

/** What an environment asks for, and what it has. */
export interface EnvironmentRequest {
  userSpecs: readonly ListedSpec[]
  /** What was concretized before; undefined when nothing was, or all of it shall be concretized again. */
  locked: LockedSpecs | undefined
  /** Locked specs of other environments, by folder. */
  included: ReadonlyMap<string, LockedSpecs>
  unify: Unify
  tests: boolean | ReadonlySet<string>
  /** What is said of packages that are developed. */
  developed?: readonly Spec[]
}

/** Worlds to solve in. */
export interface Worlds {
  facts: PackageFacts
  /** The world for some specs, concrete ones among them, which can be reused in it. */
  forRequests: (specs: readonly Spec[]) => World
}

/** Answers requests each for itself, in their order. */
export type SolveSeparately = (requests: readonly Request[]) => Promise<readonly Spec[]>

export interface ConcretizedEnvironment {
  lockfile: LockedSpecs
  /** The roots that were concretized now, in the order of the manifest. */
  fresh: readonly { asked: Spec; concrete: Spec }[]
}

/** A root that is to be concretized, or that is kept. */
interface Root {
  text: string
  asked: Spec
  where: string
  concrete: Spec | undefined
}

/**
 * Concretizes what is new in an environment. Throws SpackError `unsatisfiable`, and what `separately` throws; that is
 * asked under `unify: false`, and by default solves one after the other.
 */
export async function concretizeEnvironment(
  request: EnvironmentRequest,
  worlds: Worlds,
  separately: SolveSeparately = oneByOne(worlds, request),
): Promise<ConcretizedEnvironment> {
  const { unify } = request
  const roots = rootsOf(request)
  const fresh = roots.filter(({ concrete }) => !concrete)
  const solved = fresh.length ? await solveFresh(request, { fresh, roots }, worlds, separately) : []
  const answers = new Map(fresh.map((root, at) => [root, solved[at]!]))
  const all = roots.map((root) => ({ ...root, concrete: root.concrete ?? answers.get(root)! }))
  return {
    lockfile: lockedRoots(inOrder(all, unify, new Set(fresh.map(({ text }) => text))), request),
    fresh: fresh.map((root) => ({ asked: root.asked, concrete: answers.get(root)! })),
  }
}

/** The roots of the manifest, with their concrete specs where those are kept. Only under `unify: false` one may be there twice. */
function rootsOf({ userSpecs, locked, unify }: EnvironmentRequest): Root[] {
  const kept = locked ? keptRoots(locked) : new Map<string, Spec>()
  const roots = userSpecs.map(({ spec, where }): Root => {
    const text = printSpec(spec)
    return { text, asked: spec, where, concrete: kept.get(text) }
  })
  return unify === false ? roots : [...new Map(roots.map((root) => [root.text, root])).values()]
}

/** The locked roots that the manifest still asks for, as the lockfile has them. */
export function stayingRoots({ userSpecs, locked }: Pick<EnvironmentRequest, 'userSpecs' | 'locked'>): string[] {
  const asked = new Set(userSpecs.map(({ spec }) => printSpec(spec)))
  return (locked?.roots ?? []).map(({ spec }) => spec).filter((text) => asked.has(reprinted(text)))
}

/** Concrete roots by the text of what asked for them, as it would be printed today. */
function keptRoots(locked: LockedSpecs): Map<string, Spec> {
  const specs = lockfileSpecs(locked)
  return new Map(locked.roots.map(({ spec, hash }) => [reprinted(spec), specs.get(hash)!]))
}

function reprinted(text: string): string {
  try {
    return printSpec(parseSpec(text))
  } catch (error) {
    // Written by a Spack that knows more than we do: it counts as it stands.
    if (error instanceof SpackError) return text
    throw error
  }
}

async function solveFresh(
  request: EnvironmentRequest,
  { fresh, roots }: Record<'fresh' | 'roots', readonly Root[]>,
  worlds: Worlds,
  separately: SolveSeparately,
): Promise<readonly Spec[]> {
  const { unify, tests } = request
  const wanted = fresh.map(requestOf)
  if (unify === false) return await separately(wanted)
  const kept = [
    ...roots.filter(({ concrete }) => concrete).map(requestOf),
    ...includedRequests(request.included, new Set(roots.map(({ text }) => text))),
  ]
  const requests = [...wanted, ...kept]
  const world = worldFor(worlds, request, requests)
  const { facts } = worlds
  if (unify === 'when_possible') return concretizeInRounds(world, facts, requests, { tests }).slice(0, fresh.length)
  try {
    return concretizeTogether(world, facts, requests, { tests }).roots.slice(0, fresh.length)
  } catch (error) {
    throw withAdvice(error, kept.length)
  }
}

const requestOf = ({ text, asked, where, concrete }: Root): Request => ({
  spec: concrete ?? asked,
  origin: { text, where },
})

/** Roots that other environments have locked take part in solving. */
function includedRequests(included: ReadonlyMap<string, LockedSpecs>, own: ReadonlySet<string>): Request[] {
  const locked: LockedSpecs = { roots: [], nodes: new Map(), includeConcrete: included }
  if (!included.size) return []
  const specs = lockfileSpecs(locked)
  const roots = allRoots(locked).filter(({ spec }) => !own.has(spec))
  const byHash = new Map(roots.map((root) => [root.hash, root]))
  return [...byHash.values()].map(({ spec, hash }) => ({
    spec: specs.get(hash)!,
    origin: { text: spec, where: 'include_concrete' },
  }))
}

/** Says what would let several roots be concretized that do not go together. */
function withAdvice(error: unknown, kept: number): unknown {
  if (!(error instanceof SpackError) || !kept) return error
  const { code, message, detail, where, exitCode } = error
  const advice = ['with `spack concretize --force` what is concretized already may change', error.hint].filter(Boolean)
  return new SpackError(code, message, { detail, where, exitCode, hint: advice.join('\n      '), cause: error })
}

const worldFor = (worlds: Worlds, { developed }: EnvironmentRequest, requests: readonly Request[]): World => ({
  ...worlds.forRequests(requests.map(({ spec }) => spec)),
  developed,
})

/** Solves one request after the other, equal ones once. */
export function oneByOne(worlds: Worlds, request: EnvironmentRequest): SolveSeparately {
  const { tests } = request
  const known = new Map<string, Spec>()
  const answer = (asked: Request): Spec => {
    const world = worldFor(worlds, request, [asked])
    return concretizeTogether(world, worlds.facts, [asked], { tests }).roots[0]!
  }
  return async (requests) =>
    requests.map((asked) => {
      const text = printSpec(asked.spec)
      const found = known.get(text) ?? answer(asked)
      known.set(text, found)
      return found
    })
}

interface ConcreteRoot extends Root {
  concrete: Spec
}

/** Kept roots first where each is solved alone, sorted under `when_possible`, else as in the manifest. */
function inOrder(roots: readonly ConcreteRoot[], unify: Unify, fresh: ReadonlySet<string>): ConcreteRoot[] {
  if (unify === 'when_possible') return [...roots].sort((a, b) => compareSpecs(a.asked, b.asked))
  if (unify) return [...roots]
  return [...roots.filter(({ text }) => !fresh.has(text)), ...roots.filter(({ text }) => fresh.has(text))]
}

/** What was locked before stays word for word. */
function lockedRoots(roots: readonly ConcreteRoot[], { locked, included }: EnvironmentRequest): LockedSpecs {
  const specs = roots.map(({ concrete }) => concrete)
  return {
    roots: roots.map(({ text, concrete }) => ({ hash: concrete.concrete!.hash, spec: text })),
    nodes: nodesOf(specs, locked && allNodes(locked)),
    includeConcrete: included,
  }
}
