#!/usr/bin/env node
// The installer of one spec, which make starts for each:
//
//   install.js -e DIR [flags of `spack install`] /HASH    one spec
//   install.js -e DIR --finish                            after the last: database, views
//
// Nothing may be imported here that a spec which is already there does not need: hundreds of starts a build make a
// millisecond matter.

import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type InstallerArguments, readInstallerArguments } from './install-flags.ts'
import type { PlannedSpec, StoredPlan } from './install-plan.ts'
import { keepPlan, storedPlan } from './plan-file.ts'
import { isInstalled } from './publish.ts'

const environ = process.env

async function main(words: readonly string[]): Promise<number> {
  const notes: string[] = []
  let spec: PlannedSpec | undefined
  try {
    const args = readInstallerArguments(words)
    const note = (line: string) => {
      notes.push(line)
      if (args.verbose) process.stderr.write(`==> ${line}\n`)
    }
    for (const { flag, reason } of args.ignored) note(`\`${flag}\` is ignored: ${reason}`)
    const plan = storedPlan(args.environment!, environ) ?? (await newPlan(args.environment!))
    if (args.finish) {
      const { recordInstalled } = await import('./finish.ts')
      await recordInstalled(plan, note)
      return 0
    }
    spec = plannedSpec(plan, args.hash!)
    await installOne(plan, spec, args, note)
    return 0
  } catch (error) {
    await showFailure(error, notes, spec, words)
    return error instanceof SpackError ? error.exitCode : 1
  }
}

/** No plan, or one that does not hold any more: the whole program is needed to make another. */
async function newPlan(word: string): Promise<StoredPlan> {
  const { makePlanFor } = await import('../commands/planning.ts')
  return keepPlan(await makePlanFor(word), environ)
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
  note: (line: string) => void,
): Promise<void> {
  if (!args.overwrite && spec.kind === 'package' && isInstalled(spec.hash, spec.name, spec.prefix!)) {
    note(`${spec.name}@${spec.version} /${spec.hash.slice(0, 7)} is installed in ${spec.prefix}`)
    return
  }
  const { installSpec } = await import('./install-spec.ts')
  const { cachePolicy, checkSignatures, overwrite } = args
  const outcome = await installSpec(
    plan,
    spec,
    { cachePolicy, checkSignatures, overwrite },
    { environ, note, withoutSlot },
  )
  const { outcomeLine } = await import('./outcome.ts')
  process.stdout.write(`${outcomeLine(plan, spec, outcome, { environ, progress: args.progress })}\n`)
}

/** Who waits for a lock lends its job slot to others: a build that holds the lock may be waiting for just that. */
async function withoutSlot<Result>(wait: () => Promise<Result>): Promise<Result> {
  const { Jobserver } = await import('../depfile/jobserver.ts')
  const jobserver = Jobserver.join(environ)
  if (!jobserver) return await wait()
  try {
    return await jobserver.withoutSlot(wait)
  } finally {
    jobserver.close()
  }
}

async function showFailure(
  error: unknown,
  notes: readonly string[],
  spec: PlannedSpec | undefined,
  words: readonly string[],
): Promise<void> {
  const { failureText } = await import('./failure.ts')
  const { wantsColour } = await import('../ui/terminal.ts')
  const colour = wantsColour(undefined, environ, process.stderr)
  const command = [process.execPath, process.argv[1]!, ...words]
  const isOurMistake = !(error instanceof SpackError) && systemErrorCode(error) === undefined
  process.stderr.write(failureText({ error, notes, spec, command }, { colour, debug: isOurMistake }))
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})
