// `spack concretize`: the lockfile of an environment from its manifest. Makefiles call it whenever the manifest is newer
// than the lockfile, which after a checkout says little: then the lockfile only becomes newer.

import { statSync, utimesSync } from 'node:fs'
import type { Environment } from '../environment/environment.ts'
import { systemErrorCode } from '../ui/error.ts'
import { type Command, flagInteger, flagOn, flagText } from './command.ts'
import { concretizerFlags, concretizerOptions, forceFlag, type Tests } from './concretizer-flags.ts'
import { configurationOf, requireEnvironment } from './configured.ts'
import { configuredJobs } from './jobs.ts'
import { isForcedBy, isLocked } from './locked.ts'

export const concretize: Command = {
  name: 'concretize',
  summary: 'concretize an environment and write a lockfile',
  flags: [
    forceFlag,
    { name: 'quiet', short: 'q', help: "don't print concretized specs" },
    {
      name: 'test',
      kind: 'string',
      choices: ['root', 'all'],
      help: 'concretize with test dependencies of only root packages or all packages',
    },
    { name: 'non-defaults', help: 'highlight non-default versions or variants' },
    { name: 'jobs', short: 'j', kind: 'integer', value: 'JOBS', help: 'explicitly set number of parallel jobs' },
    ...concretizerFlags,
  ],
  run: async (invocation, args) => {
    const environment = await requireEnvironment(invocation, 'spack concretize')
    const isQuiet = flagOn(args, 'quiet')
    const isForced = flagOn(args, 'force') || isForcedBy(await configurationOf(invocation, environment))
    if (!isForced && !flagText(args, 'test') && (await isLocked(invocation, environment))) {
      markUpToDate(environment)
      if (!isQuiet) invocation.print(`==> The lockfile of ${environment.name} is up to date\n`)
      return 0
    }
    // Loaded here: mostly there is nothing to concretize.
    const { concretizeAndLock, printPlan } = await import('./environment-concretize.ts')
    const plan = await concretizeAndLock(invocation, environment, {
      ...concretizerOptions(args),
      isForced,
      tests: flagText(args, 'test') as Tests | undefined,
      jobs: flagInteger(args, 'jobs') ?? (await configuredJobs(invocation)),
    })
    if (!isQuiet) await printPlan(invocation, args, plan)
    const { updateViews } = await import('./environment-update.ts')
    await updateViews(invocation, environment)
    return 0
  },
}

/** Makes the lockfile newer than the manifest, for rules of make. Who may not write to it need not, where it is. */
function markUpToDate({ lockFile, manifestFile }: Environment): void {
  const now = new Date()
  try {
    utimesSync(lockFile, now, now)
  } catch (error) {
    if (!systemErrorCode(error) || statSync(lockFile).mtimeMs < statSync(manifestFile).mtimeMs) throw error
  }
}
