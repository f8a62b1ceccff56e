// What the active environment would be if it were concretized now. Nothing is written.

import { existsSync } from 'node:fs'
import { checkRequests } from '../concretize/check-requests.ts'
import type { Request } from '../concretize/requests.ts'
import { concretizeEnvironment, type Unify } from '../environment/concretize.ts'
import type { Environment } from '../environment/environment.ts'
import { readUserSpecs } from '../environment/manifest.ts'
import { readNodes } from '../spec/node.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { type WorldOptions, withConcretizerWorld } from './concretizer-world.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'

/** The roots of the manifest as requests. Throws as `readUserSpecs`. */
export async function environmentRequests(invocation: Invocation, environment: Environment): Promise<Request[]> {
  const listed = await readUserSpecs(environment, await configuration(invocation), invocation)
  return listed.map(({ spec, where }) => ({ spec, origin: { text: printSpec(spec), where } }))
}

/** The concrete roots: those that are locked as they are, the others concretized. Throws as `concretizeEnvironment`. */
export async function planEnvironment(
  invocation: Invocation,
  environment: Environment,
  options: WorldOptions,
): Promise<Spec[]> {
  const settings = await configuration(invocation)
  const userSpecs = await readUserSpecs(environment, settings, invocation)
  const requests = await environmentRequests(invocation, environment)
  const locked = existsSync(environment.lockFile) ? readLocked(environment) : undefined
  const unify = (settings.get('concretizer:unify') ?? true) as Unify
  return await withConcretizerWorld(invocation, options, async (opened) => {
    const world = opened.forRequests(requests.map(({ spec }) => spec))
    checkRequests(world, requests)
    const included = locked?.includeConcrete ?? new Map()
    const request = { userSpecs, locked, included, unify, tests: false }
    const { lockfile } = await concretizeEnvironment(request, opened)
    const specs = readNodes(lockfile.nodes.values())
    return lockfile.roots.map(({ hash }) => specs.get(hash)!)
  })
}
