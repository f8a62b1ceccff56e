// Abstract specs of a command line, concretized: each by itself, or together as `concretizer:unify` says.

import { concretizeTogether } from '../concretize/concretize.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { type OpenedWorld, type WorldOptions, withConcretizerWorld } from './concretizer-world.ts'
import type { Invocation } from './invocation.ts'

export interface RequestOptions extends WorldOptions {
  tests?: boolean | ReadonlySet<string>
}

/** Concrete specs for abstract ones, in their order; those that are concrete stay. Throws SpackError. */
export async function concretizeRequests(
  invocation: Invocation,
  specs: readonly Spec[],
  options: RequestOptions = {},
): Promise<Spec[]> {
  if (specs.every(({ concrete }) => concrete)) return [...specs]
  return await withConcretizerWorld(invocation, options, (world) => concretizeIn(world, specs, options))
}

function concretizeIn(world: OpenedWorld, specs: readonly Spec[], { tests = false }: RequestOptions): Spec[] {
  return specs.map((spec) => {
    const request = { spec, origin: { text: `\`${printSpec(spec)}\``, where: null } }
    return concretizeTogether(world.forRequests([spec]), world.facts, [request], { tests }).roots[0]!
  })
}
