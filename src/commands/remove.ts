// `spack remove`: fewer specs for an environment.

import { listFlag } from './add.ts'
import type { Command } from './command.ts'

export const remove: Command = {
  name: 'remove',
  summary: 'remove specs from an environment',
  positional: '[spec ...]',
  flags: [
    { name: 'all', short: 'a', help: 'remove all specs from (clear) the environment' },
    listFlag('name of the list to remove specs from'),
    { name: 'force', short: 'f', help: 'remove concretized spec (if any) immediately' },
  ],
  run: async (invocation, args) => (await import('./manifest-specs.ts')).removeFromManifest(invocation, args),
}
