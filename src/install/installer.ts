// What the installer of one spec does with its command line. Nothing may be imported here that a spec which is already there
// does not need: hundreds of starts a build make a millisecond matter.

import type { Jobserver } from '../depfile/jobserver.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { stderr, stdout } from '../ui/output.ts'
import type { Failure } from './failure.ts'
import { type InstallerArguments, readInstallerArguments } from './install-flags.ts'
import type { PlannedSpec, StoredPlan } from './install-plan.ts'
import { isInstalled } from './publish.ts'
import type { BuildWorld } from './source-build.ts'

/** What differs between the two programs that install a spec: `install.js` and `spack install --only package /HASH`. */
export interface InstallerWorld {
  environ: NodeJS.ProcessEnv
  /** The plan of an environment, by its folder or name. */
  openPlan: (word: string) => Promise<StoredPlan>
  openBuildPlan: BuildWorld['openBuildPlan']
  /** What starts all this again, for whoever reads of a failure. */
  command: readonly string[]
}

/**
 * `-e DIR [flags of spack install] /HASH` installs a spec, `-e DIR --finish` comes after the last. Prints what happened, and
 * gives the exit code.
 */
export async function runInstaller(words: readonly string[], world: InstallerWorld): Promise<number> {
  const notes: string[] = []
  let spec: PlannedSpec | undefined
  try {
    const args = readInstallerArguments(words)
    const note = (line: string) => {
      notes.push(line)
      if (args.verbose) stderr.write(`==> ${line}\n`)
    }
    const warn = (line: string) => {
      notes.push(line)
      stderr.write(`==> Warning: ${line}\n`)
    }
    for (const { flag, reason } of args.ignored) note(`\`${flag}\` is ignored: ${reason}`)
    const plan = await world.openPlan(args.environment!)
    if (args.finish) {
      const { finishInstall } = await import('./finish.ts')
      await finishInstall(plan, { note, say: (line) => stderr.write(`==> ${line}\n`) })
      return 0
    }
    spec = plannedSpec(plan, args.hash!)
    await installOne(plan, spec, args, { environ: world.environ, note, warn, openBuildPlan: world.openBuildPlan })
    return 0
  } catch (error) {
    await showFailure({ error, notes, spec, command: world.command }, world.environ)
    return error instanceof SpackError ? error.exitCode : 1
  }
}

function plannedSpec(plan: StoredPlan, hash: string): PlannedSpec {
  const matches = plan.hashes(hash)
  const spec = matches.length === 1 ? plan.spec(matches[0]!) : undefined
  if (spec) return spec
  const { environmentDir } = plan.settings
  const what = matches.length > 1 ? 'names several specs' : 'names no spec'
  throw new SpackError('no-such-spec', `\`/${hash}\` ${what} of the environment \`${environmentDir}\``, {
    hint:
      matches.length > 1
        ? `write more of the hash: ${matches.join(', ')}`
        : '`spack env depfile` again if the lockfile changed',
  })
}

async function installOne(
  plan: StoredPlan,
  spec: PlannedSpec,
  args: InstallerArguments,
  world: Pick<BuildWorld, 'environ' | 'note' | 'warn' | 'openBuildPlan'>,
): Promise<void> {
  const { environ, note, openBuildPlan } = world
  if (!args.overwrite && spec.kind === 'package' && isInstalled(spec.hash, spec.name, spec.prefix!)) {
    note(`${spec.name}@${spec.version} /${spec.hash.slice(0, 7)} is installed in ${spec.prefix}`)
    return
  }
  const { installSpec } = await import('./install-spec.ts')
  const { cachePolicy, checkSignatures, overwrite, build } = args
  const outcome = await installSpec(
    plan,
    spec,
    { cachePolicy, checkSignatures, overwrite, build },
    {
      ...world,
      withoutSlot: (wait) => withoutSlot(wait, environ),
      building: { openBuildPlan, jobserver: () => joinJobserver(environ) },
    },
  )
  const { outcomeLine } = await import('./outcome.ts')
  stdout.write(`${outcomeLine(plan, spec, outcome, { environ, progress: args.progress })}\n`)
}

/** Who waits for a lock lends its job slot to others: a build that holds the lock may be waiting for just that. */
async function withoutSlot<Result>(wait: () => Promise<Result>, environ: NodeJS.ProcessEnv): Promise<Result> {
  const jobserver = await joinJobserver(environ)
  if (!jobserver) return await wait()
  try {
    return await jobserver.withoutSlot(wait)
  } finally {
    jobserver.close()
  }
}

async function joinJobserver(environ: NodeJS.ProcessEnv): Promise<Jobserver | null> {
  const { Jobserver } = await import('../depfile/jobserver.ts')
  return Jobserver.join(environ)
}

async function showFailure(failure: Failure, environ: NodeJS.ProcessEnv): Promise<void> {
  const { failureText } = await import('./failure.ts')
  const { wantsColour } = await import('../ui/terminal.ts')
  const colour = wantsColour(undefined, environ, stderr)
  const isOurMistake = !(failure.error instanceof SpackError) && systemErrorCode(failure.error) === undefined
  stderr.write(failureText(failure, { colour, debug: isOurMistake }))
}
