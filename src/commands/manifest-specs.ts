// What `spack add` and `spack remove` do to the manifest, and to the lockfile where that is asked for.

import { rmSync } from 'node:fs'
import { writeAtomically } from '../config/edit.ts'
import type { Environment } from '../environment/environment.ts'
import { withEnvironmentLock } from '../environment/environment-lock.ts'
import { writeLockfile } from '../environment/lockfile.ts'
import { withRoots } from '../environment/lockfile-roots.ts'
import { conditionJudge, readEnvironmentLockfile, readUserSpecs } from '../environment/manifest.ts'
import {
  addSpecs,
  changeSpecs,
  removeAllSpecs,
  removeRoots,
  removeSpecs,
  rootList,
} from '../environment/manifest-edit.ts'
import { specReader } from '../environment/spec-reader.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { openStore } from '../store/configured-store.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Arguments, flagOn, flagText } from './command.ts'
import { configuration, configurationOf, requireEnvironment } from './configured.ts'
import { updateViews } from './environment-update.ts'
import { specArguments } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { fullName, withRecipes } from './recipes.ts'

const listOf = (args: Arguments): string => flagText(args, 'list-name') ?? rootList

export async function addToManifest(invocation: Invocation, args: Arguments): Promise<number> {
  const environment = await requireEnvironment(invocation, 'spack add')
  const specs = specArguments(args)
  requireSpecs('add', specs.length > 0)
  const list = listOf(args)
  if (list === rootList) await requirePackages(invocation, specs)
  const { added, present } = await underLock(invocation, environment, () =>
    addSpecs(environment, specs, { list, holds: conditionJudge(invocation.environ) }),
  )
  for (const text of present) invocation.print(`==> Package ${text} was already added to ${environment.name}\n`)
  for (const text of added) invocation.print(`==> Adding ${text} to environment ${environment.name}\n`)
  return 0
}

function requireSpecs(command: string, isGiven: boolean, otherwise?: string): void {
  if (isGiven) return
  const hint = `name specs${otherwise ? `, ${otherwise}` : ''}: \`spack ${command} SPEC …\``
  throw new SpackError('usage', `\`spack ${command}\` needs at least one spec`, { exitCode: 2, hint })
}

/** Each has to name a package or a virtual, or a hash. Throws SpackError `unknown-package` or `anonymous-spec`. */
async function requirePackages(invocation: Invocation, specs: readonly Spec[]): Promise<void> {
  const named = specs.filter(({ abstractHash }) => abstractHash === null)
  const anonymous = named.find(({ name }) => name === null)
  if (anonymous) {
    throw new SpackError('anonymous-spec', `\`${printSpec(anonymous)}\` names no package`, {
      hint: 'an environment lists packages, for instance `zlib@1.3`',
    })
  }
  if (named.length === 0) return
  await withRecipes(invocation, (recipes) => {
    for (const spec of named) if (!recipes.isVirtual(spec.name!)) recipes.require(fullName(spec))
  })
}

export async function removeFromManifest(invocation: Invocation, args: Arguments): Promise<number> {
  const environment = await requireEnvironment(invocation, 'spack remove')
  const queries = specArguments(args)
  requireSpecs('remove', queries.length > 0 || flagOn(args, 'all'), 'or `--all` for an empty environment')
  if (flagOn(args, 'all')) {
    await underLock(invocation, environment, async () => {
      await removeAllSpecs(environment)
      rmSync(environment.lockFile, { force: true })
    })
    invocation.print(`==> All specs have been removed from ${environment.manifestFile}\n`)
    return 0
  }
  const made = await configuration(invocation)
  const removed = await underLock(invocation, environment, () =>
    removeSpecs(environment, queries, {
      list: listOf(args),
      holds: conditionJudge(invocation.environ),
      parse: specReader(made),
      expanded: () => readUserSpecs(environment, made, invocation),
    }),
  )
  for (const query of removed.keys()) {
    invocation.print(`==> ${printSpec(query)} has been removed from ${environment.manifestFile}\n`)
  }
  if (flagOn(args, 'force')) await removeFromLockfile(invocation, environment)
  return 0
}

export async function changeManifest(invocation: Invocation, args: Arguments): Promise<number> {
  const environment = await requireEnvironment(invocation, 'spack change')
  const changes = specArguments(args)
  const matching = flagText(args, 'match-spec')
  const nameless = changes.find(({ name }) => name === null)
  if (changes.length === 0 || (nameless && matching === undefined)) {
    throw new SpackError('usage', 'name what to change: a spec with a name, or `--match-spec`', { exitCode: 2 })
  }
  const made = await configuration(invocation)
  await requireVariants(invocation, changes)
  const outcome = await underLock(invocation, environment, () =>
    changeSpecs(environment, changes, {
      list: listOf(args),
      holds: conditionJudge(invocation.environ),
      parse: specReader(made),
      expanded: () => readUserSpecs(environment, made, invocation),
      match: matching === undefined ? undefined : parseSpec(matching),
      all: flagOn(args, 'all'),
    }),
  )
  for (const { before, after } of outcome) invocation.print(`==> ${before} is now ${after}\n`)
  return 0
}

/** Throws SpackError `unknown-package`, or `unknown-variant` for a variant that the package does not have. */
async function requireVariants(invocation: Invocation, changes: readonly Spec[]): Promise<void> {
  const named = changes.filter(({ name, variants }) => name !== null && variants.size > 0)
  if (named.length === 0) return
  await withRecipes(invocation, (recipes) => {
    for (const spec of named) {
      const declared = recipes.recipe(recipes.require(fullName(spec))).variants.map(({ name }) => name)
      const unknown = [...spec.variants.keys()].find((name) => !declared.includes(name))
      if (unknown === undefined) continue
      throw new SpackError('unknown-variant', `\`${spec.name}\` has no variant \`${unknown}\``, {
        hint: didYouMean(unknown, declared) ?? `see \`spack info ${spec.name}\``,
      })
    }
  })
}

/** Takes the roots that are among `hashes` out of the manifest, the lockfile and the views, and says so. */
export async function removeLockedRoots(
  invocation: Invocation,
  environment: Environment,
  hashes: ReadonlySet<DagHash>,
): Promise<void> {
  const locked = readEnvironmentLockfile(environment)?.roots.filter(({ hash }) => hashes.has(hash)) ?? []
  const roots = new Set(locked.map(({ spec }) => spec))
  const parse = specReader(await configuration(invocation))
  const indirect = await underLock(invocation, environment, () => removeRoots(environment, roots, parse))
  for (const root of roots) {
    if (!indirect.includes(root)) {
      invocation.print(`==> ${root} has been removed from ${environment.manifestFile}\n`)
      continue
    }
    const reason = `it stands in no list itself, but in a matrix or a definition`
    invocation.say(`==> Warning: \`${root}\` stays in ${environment.manifestFile}: ${reason}\n`)
  }
  await removeFromLockfile(invocation, environment)
}

/** Takes those roots out of the lockfile that the manifest no longer asks for, and out of the views. */
async function removeFromLockfile(invocation: Invocation, environment: Environment): Promise<void> {
  const lockfile = readEnvironmentLockfile(environment)
  if (!lockfile) return
  const made = await configurationOf(invocation, environment)
  const asked = new Set((await readUserSpecs(environment, made, invocation)).map(({ spec }) => printSpec(spec)))
  const left = withRoots(lockfile, (spec) => asked.has(spec))
  await underLock(invocation, environment, () => {
    if (left.roots.length > 0 || left.includeConcrete.size > 0) {
      writeAtomically(environment.lockFile, writeLockfile(left))
    } else rmSync(environment.lockFile, { force: true })
  })
  await updateViews(invocation, environment)
}

async function underLock<Result>(
  invocation: Invocation,
  environment: Environment,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  const { locks } = openStore(await configuration(invocation))
  return await withEnvironmentLock(environment, locks, work)
}
