// Bringing the views of an environment up to date, for all commands that change what is in them.

import type { Environment } from '../environment/environment.ts'
import { withEnvironmentLock } from '../environment/environment-lock.ts'
import { regenerateViews, viewMessages } from '../environment/environment-views.ts'
import { environmentViews, readEnvironmentLockfile } from '../environment/manifest.ts'
import { openStore } from '../store/configured-store.ts'
import { readDatabase } from '../store/transaction.ts'
import { configurationOf } from './configured.ts'
import type { Invocation } from './invocation.ts'

/** Regenerates all views of an environment and says what was done. Throws as `regenerateViews`. */
export async function updateViews(invocation: Invocation, environment: Environment): Promise<void> {
  const configuration = await configurationOf(invocation, environment)
  const views = environmentViews(environment, configuration)
  const lockfile = readEnvironmentLockfile(environment)
  if (views.size === 0 || !lockfile) return
  const store = openStore(configuration)
  const outcomes = await withEnvironmentLock(environment, store.locks, async () => {
    const open = await readDatabase(store)
    const substitute = (text: string) => configuration.substitute(text)
    return await regenerateViews(views.values(), { lockfile, store, open, substitute })
  })
  for (const message of viewMessages(views.values(), outcomes)) invocation.say(`==> ${message}\n`)
}
