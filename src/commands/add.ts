// `spack add`: more specs for an environment.

import type { Command, Flag } from './command.ts'

export const listFlag = (help: string): Flag => ({
  name: 'list-name',
  short: 'l',
  kind: 'string',
  value: 'LIST_NAME',
  help,
})

export const add: Command = {
  name: 'add',
  summary: 'add a spec to an environment',
  positional: '[spec ...]',
  flags: [listFlag('name of the list to add specs to')],
  run: async (invocation, args) => (await import('./manifest-specs.ts')).addToManifest(invocation, args),
}
