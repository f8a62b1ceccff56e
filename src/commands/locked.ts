// The lockfile of an environment, for commands that need one, and whether it has all that the manifest asks for.

import { existsSync, readFileSync } from 'node:fs'
import type { Configuration } from '../config/configuration.ts'
import type { Environment } from '../environment/environment.ts'
import { type LockedSpecs, type Lockfile, readLockfile, writeLockfile } from '../environment/lockfile.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { configurationOf } from './configured.ts'
import type { Invocation } from './invocation.ts'

/** Throws SpackError `not-concretized` when there is none, and as `readLockfile`. */
export function readLocked(environment: Environment): Lockfile {
  try {
    return readLockfile(readFileSync(environment.lockFile, 'utf8'), environment.lockFile)
  } catch (cause) {
    if (systemErrorCode(cause) !== 'ENOENT') throw cause
    throw new SpackError('not-concretized', `the environment \`${environment.name}\` has no lockfile`, {
      where: environment.lockFile,
      hint: 'run `spack concretize`, or copy a `spack.lock` there',
      cause,
    })
  }
}

/** Whether the configuration has everything concretized again each time: `concretizer:force`. */
export const isForcedBy = (settings: Configuration): boolean => settings.get('concretizer:force') === true

/**
 * Whether an environment has a lockfile with just what its manifest asks for, and what included ones have locked. Throws as
 * `loadEnvironment`.
 */
export async function isLocked(invocation: Invocation, environment: Environment): Promise<boolean> {
  if (!existsSync(environment.lockFile)) return false
  // Loaded here: whoever only reads the lockfile does not need the spec language.
  const [{ loadEnvironment, lockIncluded }, { printSpec }] = await Promise.all([
    import('../environment/manifest.ts'),
    import('../spec/print.ts'),
  ])
  const settings = await configurationOf(invocation, environment)
  const { userSpecs, includeConcrete, lockfile } = await loadEnvironment(environment, settings, invocation)
  const asked = new Set(userSpecs.map(({ spec }) => printSpec(spec)))
  const locked = new Set(lockfile!.roots.map(({ spec }) => spec))
  if (asked.size !== locked.size || ![...asked].every((text) => locked.has(text))) return false
  const textOf = (included: LockedSpecs['includeConcrete']) =>
    writeLockfile({ roots: [], nodes: new Map(), includeConcrete: included })
  return textOf(lockIncluded(includeConcrete)) === textOf(lockfile!.includeConcrete)
}
