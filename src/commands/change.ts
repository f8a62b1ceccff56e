// `spack change`: other parts for a spec that an environment lists.

import { SpackError } from '../ui/error.ts'
import { listFlag } from './add.ts'
import { type Command, flagOn } from './command.ts'

export const change: Command = {
  name: 'change',
  summary: 'change an existing spec in an environment',
  positional: '[spec ...]',
  flags: [
    listFlag('name of the list to change specs in'),
    {
      name: 'match-spec',
      kind: 'string',
      value: 'MATCH_SPEC',
      help: 'change all specs matching match-spec (default is match by spec name)',
    },
    { name: 'all', short: 'a', help: 'change all matching specs (allow changing more than one)' },
    { name: 'concrete', short: 'c', help: 'change concrete specs in the environment' },
    { name: 'concrete-only', short: 'C', help: 'change only concrete specs in the environment' },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'concrete') || flagOn(args, 'concrete-only')) {
      throw new SpackError('not-supported', 'concrete specs of a lockfile cannot be changed in place', {
        hint: 'change what the manifest asks for, then run `spack concretize --force`',
      })
    }
    return (await import('./manifest-specs.ts')).changeManifest(invocation, args)
  },
}
