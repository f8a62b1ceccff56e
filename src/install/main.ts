// The installer of one spec, which make starts for each:
//
//   install.js -e DIR [flags of `spack install`] /HASH    one spec
//   install.js -e DIR --finish                            after the last: database, views

import { resolve } from 'node:path'
import type { StoredPlan } from './install-plan.ts'
import { type InstallerWorld, runInstaller } from './installer.ts'
import { currentPlan, storedPlan } from './plan-file.ts'

const environ = process.env

/** When there is no plan, or one that does not hold any more, the whole program is needed to make another. */
async function openPlan(word: string): Promise<StoredPlan> {
  const stored = storedPlan({ environmentDir: resolve(word) }, environ)
  if (stored) return stored
  const { planningFor } = await import('../commands/planning.ts')
  const { environment, make } = await planningFor(word)
  return await currentPlan({ environmentDir: environment.dir }, environ, make)
}

const openBuildPlan: InstallerWorld['openBuildPlan'] = async (plan, hash, flags) => {
  const { environmentDir, flags: words } = plan.settings
  const { currentBuildPlan } = await import('./build-plan.ts')
  return await currentBuildPlan({ environmentDir, flags: words }, hash, environ, async () => {
    const { buildPlanningFor } = await import('../commands/planning.ts')
    return await buildPlanningFor(environmentDir, flags)
  })
}

const words = process.argv.slice(2)
const command = [process.execPath, process.argv[1]!, ...words]
runInstaller(words, { environ, openPlan, openBuildPlan, command }).then((code) => {
  process.exitCode = code
  // Nothing is left to do then but to free what the system frees anyway.
  process.once('beforeExit', () => process.exit())
})
