// `spack env`: one file a subcommand, read only when it is called.

import type { Command } from './command.ts'

export const env: Command = {
  name: 'env',
  summary: 'manage environments',
  subcommands: [
    {
      name: 'activate',
      summary: 'set the active environment',
      load: async () => (await import('./env-activate.ts')).envActivate,
    },
    {
      name: 'deactivate',
      summary: 'deactivate the active environment',
      load: async () => (await import('./env-activate.ts')).envDeactivate,
    },
    {
      name: 'create',
      summary: 'create a new environment',
      load: async () => (await import('./env-create.ts')).envCreate,
    },
    {
      name: 'remove',
      aliases: ['rm'],
      summary: 'remove managed environment(s)',
      load: async () => (await import('./env-remove.ts')).envRemove,
    },
    {
      name: 'rename',
      aliases: ['mv'],
      summary: 'rename an existing environment',
      load: async () => (await import('./env-rename.ts')).envRename,
    },
    {
      name: 'list',
      aliases: ['ls'],
      summary: 'list all managed environments',
      load: async () => (await import('./env-list.ts')).envList,
    },
    {
      name: 'status',
      aliases: ['st'],
      summary: 'print active environment status',
      load: async () => (await import('./env-status.ts')).envStatus,
    },
    {
      name: 'view',
      summary: "manage the environment's view",
      load: async () => (await import('./env-view.ts')).envView,
    },
    {
      name: 'depfile',
      summary: 'generate a depfile to exploit parallel builds across specs',
      load: async () => (await import('./env-depfile.ts')).envDepfile,
    },
    {
      name: 'track',
      summary: 'track an environment from a directory in Spack',
      load: async () => (await import('./env-track.ts')).envTrack,
    },
    {
      name: 'untrack',
      summary: 'untrack an environment from a directory in Spack',
      load: async () => (await import('./env-remove.ts')).envUntrack,
    },
  ],
}
