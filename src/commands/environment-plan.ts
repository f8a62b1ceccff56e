// What an environment would be if it were concretized now. Nothing is written.

import { existsSync } from 'node:fs'
import { checkRequests } from '../concretize/check-requests.ts'
import type { Request } from '../concretize/requests.ts'
import {
  type ConcretizedEnvironment,
  concretizeEnvironment,
  type EnvironmentRequest,
  type SolveSeparately,
  stayingRoots,
  type Unify,
} from '../environment/concretize.ts'
import { developedSpecs } from '../environment/develop.ts'
import type { Environment } from '../environment/environment.ts'
import type { Lockfile } from '../environment/lockfile.ts'
import { loadEnvironment, lockIncluded, readUserSpecs } from '../environment/manifest.ts'
import type { ListedSpec } from '../environment/matrix.ts'
import { readNodes } from '../spec/node.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { requestOf } from './concretize-requests.ts'
import { type Tests, testedPackages } from './concretizer-flags.ts'
import { computeInWorld, type WorldOptions } from './concretizer-world.ts'
import { configurationOf } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { isForcedBy, readLocked } from './locked.ts'

const manyRoots = 10

export interface EnvironmentPlan extends ConcretizedEnvironment {
  /** The lockfile as it is; undefined when there is none. */
  before: Lockfile | undefined
}

export interface PlanOptions extends WorldOptions {
  /** Concretize again what is locked already. */
  isForced?: boolean
  /** Which packages have their test dependencies. */
  tests?: Tests
  /** How many processes may solve roots that are not unified. */
  jobs?: number
}

/** The roots of the manifest as requests. Throws as `readUserSpecs`. */
export async function environmentRequests(invocation: Invocation, environment: Environment): Promise<Request[]> {
  const listed = await readUserSpecs(environment, await configurationOf(invocation, environment), invocation)
  return listed.map(listedRequest)
}

const listedRequest = ({ spec, where }: ListedSpec): Request => requestOf(spec, where)

/** What the lockfile of an environment would be. Throws as `loadEnvironment` and `concretizeEnvironment`. */
export async function planLockfile(
  invocation: Invocation,
  environment: Environment,
  { tests, jobs = 1, ...options }: PlanOptions,
): Promise<EnvironmentPlan> {
  const settings = await configurationOf(invocation, environment)
  const isForced = options.isForced || isForcedBy(settings)
  const { userSpecs, includeConcrete } = await loadEnvironment(environment, settings, invocation, {
    withLockfile: false,
  })
  const specs = userSpecs.map(({ spec }) => spec)
  const before = lockedBefore(environment, isForced)
  const locked = isForced ? undefined : before
  const asked: EnvironmentRequest = {
    userSpecs,
    locked,
    included: lockIncluded(includeConcrete),
    unify: (settings.get('concretizer:unify') ?? true) as Unify,
    tests: testedPackages(tests, specs),
    developed: developedSpecs(settings, environment.dir),
  }
  const offered = { roots: stayingRoots(asked), included: includeConcrete }
  const world: WorldOptions = { ...options, offered, isLong: userSpecs.length > manyRoots }
  const separately = await processesFor(invocation, environment, asked, world, jobs)
  const plan = await computeInWorld(invocation, world, async (opened) => {
    checkRequests(opened.forRequests(specs), userSpecs.map(listedRequest))
    return await concretizeEnvironment(asked, opened, separately)
  })
  return { ...plan, before }
}

/** What is locked. One that cannot be read is made anew where all shall be concretized again. */
function lockedBefore(environment: Environment, isForced: boolean): Lockfile | undefined {
  if (!existsSync(environment.lockFile)) return undefined
  try {
    return readLocked(environment)
  } catch (error) {
    if (isForced && error instanceof SpackError && error.code.startsWith('lockfile-')) return undefined
    throw error
  }
}

/** Processes for roots that are solved each for itself, where they are worth it. */
async function processesFor(
  invocation: Invocation,
  environment: Environment,
  { unify, userSpecs, locked, tests }: EnvironmentRequest,
  world: WorldOptions,
  jobs: number,
): Promise<SolveSeparately | undefined> {
  if (unify !== false || jobs < 2) return undefined
  const known = new Set(locked?.roots.map(({ spec }) => spec))
  const fresh = new Set(userSpecs.map(({ spec }) => printSpec(spec)).filter((text) => !known.has(text)))
  const { worthwhileProcesses, inProcesses } = await import('./concretize-separately.ts')
  const count = worthwhileProcesses(fresh.size, jobs)
  if (count < 2) return undefined
  const options = { ...invocation.options, environment: environment.dir, environmentDir: undefined }
  const task = { options, world, tests: typeof tests === 'boolean' ? tests : [...tests] }
  return inProcesses(task, count, invocation.say)
}

/** The concrete roots: those that are locked as they are, the others concretized. Throws as `planLockfile`. */
export async function planEnvironment(
  invocation: Invocation,
  environment: Environment,
  options: PlanOptions,
): Promise<Spec[]> {
  const { lockfile } = await planLockfile(invocation, environment, options)
  const specs = readNodes(lockfile.nodes.values())
  return lockfile.roots.map(({ hash }) => specs.get(hash)!)
}
