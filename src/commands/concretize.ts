// `spack concretize`, as far as it goes without a concretizer: it says whether there is anything to concretize. Makefiles call
// it whenever the manifest is newer than the lockfile, which after a checkout says little.

import { existsSync } from 'node:fs'
import { SpackError } from '../ui/error.ts'
import { type Command, flagOn } from './command.ts'
import { requireEnvironment } from './configured.ts'
import { readLocked, requireLocked } from './locked.ts'

export const concretize: Command = {
  name: 'concretize',
  summary: 'concretize an environment and write a lockfile',
  description:
    'Checks that the lockfile of the environment has all that its manifest asks for. Concretizing itself is not\n' +
    'possible yet: what the lockfile lacks has to be concretized with Spack.',
  flags: [
    { name: 'force', short: 'f', help: 'concretize again what is in the lockfile' },
    { name: 'quiet', short: 'q', help: 'say nothing when all is well' },
  ],
  run: async (invocation, args) => {
    const environment = await requireEnvironment(invocation, 'spack concretize')
    if (flagOn(args, 'force') || !existsSync(environment.lockFile)) {
      throw new SpackError('needs-concretizer', `the environment \`${environment.name}\` cannot be concretized yet`, {
        hint: `concretize it with Spack, and its \`${environment.lockFile}\` can be used here`,
      })
    }
    await requireLocked(invocation, environment, readLocked(environment))
    if (!flagOn(args, 'quiet')) invocation.print(`==> The lockfile of ${environment.name} is up to date\n`)
    return 0
  },
}
