// The lockfile of an environment, for commands that need one, and whether it has all that the manifest asks for.

import { readFileSync } from 'node:fs'
import type { Environment } from '../environment/environment.ts'
import { type Lockfile, readLockfile } from '../environment/lockfile.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { configuration } from './configured.ts'
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

/** Throws SpackError `needs-concretizer` when the manifest asks for something that is not in the lockfile. */
export async function requireLocked(
  invocation: Invocation,
  environment: Environment,
  lockfile: Lockfile,
): Promise<void> {
  // Loaded here: whoever only reads the lockfile does not need the spec language.
  const [{ readUserSpecs }, { printSpec }] = await Promise.all([
    import('../environment/manifest.ts'),
    import('../spec/print.ts'),
  ])
  const listed = await readUserSpecs(environment, await configuration(invocation), invocation)
  const locked = new Set(lockfile.roots.map(({ spec }) => spec))
  const missing = listed.map(({ spec }) => printSpec(spec)).filter((text) => !locked.has(text))
  if (!missing.length) return
  const names = missing.map((text) => `\`${text}\``).join(', ')
  throw new SpackError('needs-concretizer', `the lockfile of the environment \`${environment.name}\` lacks ${names}`, {
    where: environment.lockFile,
    hint: 'concretize it with Spack, or install what is in the lockfile with `spack install --only-concrete`',
  })
}
