// `spack reindex`: the database made anew from the prefixes in the store.

import { openStore } from '../store/configured-store.ts'
import { databaseVersion } from '../store/database.ts'
import { reindex as reindexStore } from '../store/reindex.ts'
import { renderError } from '../ui/error.ts'
import type { Command } from './command.ts'
import { configuration } from './configured.ts'

export const reindex: Command = {
  name: 'reindex',
  summary: "rebuild Spack's package database",
  run: async (invocation) => {
    const store = openStore(await configuration(invocation))
    const { database, backup, missing, problems } = await reindexStore(store)
    for (const problem of problems)
      invocation.say(`${renderError(problem, { colour: invocation.stderrHasColour, isWarning: true })}\n`)
    for (const spec of missing) {
      invocation.say(
        `==> Warning: \`${spec}\` was recorded as installed and is not there; it is recorded as missing now\n`,
      )
    }
    if (backup) invocation.print(`==> Created a backup copy of the DB at\n  ${backup}\n`)
    invocation.print(`==> The DB at ${database.file} has been reindexed to v${databaseVersion}\n`)
    if (backup) invocation.print('  If you need to restore, replace it with the backup.\n')
    return 0
  },
}
