// The lockfile of an environment, for commands that need one, and whether it has all that the manifest asks for.

import { readFileSync } from 'node:fs'
import type { Environment } from '../environment/environment.ts'
import { type Lockfile, readLockfile } from '../environment/lockfile.ts'
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

/** Whether the lockfile has just the roots that the manifest asks for. */
export async function isConcretized(
  invocation: Invocation,
  environment: Environment,
  lockfile: Lockfile,
): Promise<boolean> {
  // Loaded here: whoever only reads the lockfile does not need the spec language.
  const [{ readUserSpecs }, { printSpec }] = await Promise.all([
    import('../environment/manifest.ts'),
    import('../spec/print.ts'),
  ])
  const listed = await readUserSpecs(environment, await configurationOf(invocation, environment), invocation)
  const asked = new Set(listed.map(({ spec }) => printSpec(spec)))
  const locked = new Set(lockfile.roots.map(({ spec }) => spec))
  return asked.size === locked.size && [...asked].every((text) => locked.has(text))
}
