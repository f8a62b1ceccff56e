// `spack env`: one file a subcommand.

import type { Command } from './command.ts'
import { envActivate, envDeactivate } from './env-activate.ts'
import { envCreate } from './env-create.ts'
import { envDepfile } from './env-depfile.ts'
import { envList } from './env-list.ts'
import { envRemove, envUntrack } from './env-remove.ts'
import { envRename } from './env-rename.ts'
import { envStatus } from './env-status.ts'
import { envTrack } from './env-track.ts'
import { envView } from './env-view.ts'

export const env: Command = {
  name: 'env',
  summary: 'manage environments',
  subcommands: [
    envActivate,
    envDeactivate,
    envCreate,
    envRemove,
    envRename,
    envList,
    envStatus,
    envView,
    envDepfile,
    envTrack,
    envUntrack,
  ],
}
