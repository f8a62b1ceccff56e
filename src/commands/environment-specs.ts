// The concrete specs of environments, as far as commands about installed specs want to know: what is in there, and what of it
// was asked for.

import { join } from 'node:path'
import { type Environment, environmentAt, environmentNames, namedOrDir } from '../environment/environment.ts'
import { allRoots, type Lockfile } from '../environment/lockfile.ts'
import { neededHashes } from '../environment/lockfile-roots.ts'
import { readEnvironmentLockfile } from '../environment/manifest.ts'
import type { DagHash } from '../spec/spec.ts'
import { activeEnvironment, environmentsRoot } from './configured.ts'
import type { Invocation } from './invocation.ts'

export interface EnvironmentSpecs extends Environment {
  /** Undefined when it is not concretized; it has no specs then. */
  lockfile: Lockfile | undefined
  roots: readonly DagHash[]
  /** Roots and all that they depend on. */
  hashes: ReadonlySet<DagHash>
}

/** The active environment; undefined when there is none. Throws as `readLockfile`. */
export async function activeSpecs(invocation: Invocation): Promise<EnvironmentSpecs | undefined> {
  const environment = await activeEnvironment(invocation)
  return environment && withSpecs(environment)
}

/** The environment of a name or in a folder. Throws SpackError `no-environment`, and as `readLockfile`. */
export async function specsOfEnvironment(invocation: Invocation, word: string): Promise<EnvironmentSpecs> {
  return withSpecs(await namedOrDir(word, invocation.cwd, () => environmentsRoot(invocation)))
}

/** All named environments. Throws as `readLockfile`. */
export async function allEnvironmentSpecs(invocation: Invocation): Promise<EnvironmentSpecs[]> {
  const root = await environmentsRoot(invocation)
  return environmentNames(root).map((name) => withSpecs(environmentAt(join(root, name), root)))
}

function withSpecs(environment: Environment): EnvironmentSpecs {
  const lockfile = readEnvironmentLockfile(environment)
  if (!lockfile) return { ...environment, lockfile, roots: [], hashes: new Set() }
  const roots = allRoots(lockfile).map((root) => root.hash)
  return { ...environment, lockfile, roots, hashes: neededHashes(lockfile) }
}
