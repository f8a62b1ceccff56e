// Specs of a command line, concretized: each that is abstract by itself, or all together, as `concretizer:unify` says.

import { checkRequests } from '../concretize/check-requests.ts'
import { concretizeTogether } from '../concretize/concretize.ts'
import { withReusable } from '../concretize/more-reusable.ts'
import type { Request } from '../concretize/requests.ts'
import { concretizeInRounds } from '../concretize/rounds.ts'
import type { World } from '../concretize/world.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { computeInWorld, type OpenedWorld, type WorldOptions } from './concretizer-world.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { specsByHash } from './specs-by-hash.ts'

export interface RequestOptions extends WorldOptions {
  tests?: boolean | ReadonlySet<string>
}

/**
 * Concrete specs for abstract ones, in their order; those that are concrete stay, and hashes are looked up. Throws
 * SpackError: as `checkRequests`, `unsatisfiable`, `no-match` and `ambiguous` for hashes.
 */
export async function concretizeRequests(
  invocation: Invocation,
  specs: readonly Spec[],
  options: RequestOptions = {},
): Promise<Spec[]> {
  const { requests, known } = await specsByHash(invocation, specs)
  if (requests.every(({ concrete }) => concrete)) return requests
  return await computeInWorld(invocation, options, async (world) => {
    const unify = (await configuration(invocation)).get('concretizer:unify')
    return concretizeIn(
      world,
      requests.map((spec) => requestOf(spec)),
      known,
      { ...options, unify },
    )
  })
}

/** A spec as a request, of the command line or of a line in a file. */
export const requestOf = (spec: Spec, where: string | null = null): Request => ({
  spec,
  origin: { text: printSpec(spec), where },
})

function concretizeIn(
  world: OpenedWorld,
  requests: readonly Request[],
  known: readonly Spec[],
  { unify, tests = false }: RequestOptions & { unify: unknown },
): Spec[] {
  const { facts } = world
  const worldOf = checkedWorlds(world, requests, known)
  if (requests.length > 1 && unify === 'when_possible') {
    return concretizeInRounds(worldOf(requests), facts, requests, { tests })
  }
  if (requests.length > 1 && unify !== false) {
    return [...concretizeTogether(worldOf(requests), facts, requests, { tests }).roots]
  }
  return requests.map((request) =>
    request.spec.concrete
      ? request.spec
      : concretizeTogether(worldOf([request]), facts, [request], { tests }).roots[0]!,
  )
}

/** Refuses what cannot be asked, and gives the world for some of the requests. Throws as `checkRequests`. */
export function checkedWorlds(
  world: OpenedWorld,
  requests: readonly Request[],
  known: readonly Spec[],
): (some: readonly Request[]) => World {
  const worldOf = (some: readonly Request[]) => withReusable(world.forRequests(some.map(({ spec }) => spec)), known)
  checkRequests(worldOf(requests), requests)
  return worldOf
}
