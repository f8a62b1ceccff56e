// `spack uninstall`: removes installed packages, unless others need them.

import { formatSpec, shortFormat } from '../spec/format.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import type { InstallRecord } from '../store/database.ts'
import { installedDependents } from '../store/relatives.ts'
import { removeSpecs } from '../store/removal.ts'
import { SpackError } from '../ui/error.ts'
import { listSpecs } from '../ui/spec-listing.ts'
import type { Arguments, Command } from './command.ts'
import { flagOn, flagText } from './command.ts'
import { activeSpecs, allEnvironmentSpecs, type EnvironmentSpecs } from './environment-specs.ts'
import { updateViews } from './environment-update.ts'
import { briefListing, confirm, findEach, type OpenedStore, openInstalled, specArguments } from './installed.ts'
import type { Invocation } from './invocation.ts'

export const uninstall: Command = {
  name: 'uninstall',
  summary: 'remove installed packages',
  description:
    'Removes installed packages that match the given specs, which may be hashes (`/abcdefg`). In an environment only its\n' +
    'own are removed. What was installed only to build others, and nobody asked for, is removed by `spack gc`.',
  positional: '[installed_specs ...]',
  flags: [
    {
      name: 'force',
      short: 'f',
      help: 'remove regardless of whether other packages or environments depend on this one',
    },
    {
      name: 'dependents',
      short: 'R',
      help: 'also uninstall any packages that depend on the ones given via command line',
    },
    { name: 'yes-to-all', short: 'y', help: 'assume "yes" is the answer to every confirmation request' },
    { name: 'remove', help: 'in an environment, remove the specs from its manifest and lockfile as well' },
    { name: 'all', short: 'a', help: 'remove ALL installed packages that match each supplied spec' },
    { name: 'origin', kind: 'string', value: 'ORIGIN', help: 'only remove DB records with the specified origin' },
  ],
  run: runUninstall,
}

async function runUninstall(invocation: Invocation, args: Arguments): Promise<number> {
  const environment = await activeSpecs(invocation)
  const isRemoving = flagOn(args, 'remove')
  if (isRemoving && !environment) throw new SpackError('usage', '`--remove` needs an environment', { exitCode: 2 })
  const opened = await openInstalled(invocation, specArguments(args))
  const matching = findMatching(args, opened, environment)
  const dependents = installedDependents(
    opened.open.database,
    matching.map((record) => record.hash),
  )
  const others = flagOn(args, 'force')
    ? []
    : (await allEnvironmentSpecs(invocation)).filter((other) => other.dir !== environment?.dir)
  if (!flagOn(args, 'force')) {
    refuseIfNeeded(invocation, args, opened, { matching, dependents, others: isRemoving ? [] : others })
  }
  const asked = flagOn(args, 'dependents') ? [...matching, ...dependents] : matching
  if (asked.length === 0) {
    invocation.say('==> Warning: There are no packages to uninstall.\n')
    return 0
  }
  const going = withoutShared(invocation, opened, asked, others)
  if (!flagOn(args, 'yes-to-all') && !(await confirm(invocation, specsOf(opened, going), 'uninstalled'))) {
    invocation.print('==> Aborting uninstall\n')
    return 0
  }
  if (environment && isRemoving) {
    const { removeLockedRoots } = await import('./manifest-specs.ts')
    await removeLockedRoots(invocation, environment, new Set(asked.map(({ hash }) => hash)))
  }
  await uninstallRecords(invocation, opened, going, flagOn(args, 'force'))
  if (environment) await updateViews(invocation, environment)
  return 0
}

/** What no other environment uses; says what those use, which stays installed. */
function withoutShared(
  invocation: Invocation,
  opened: OpenedStore,
  asked: readonly InstallRecord[],
  others: readonly EnvironmentSpecs[],
): InstallRecord[] {
  const isShared = ({ hash }: InstallRecord) => others.some(({ hashes }) => hashes.has(hash))
  const kept = asked.filter(isShared)
  if (kept.length > 0) {
    invocation.print('==> These specs will be removed from the environment only, as other environments use them:\n')
    invocation.print(`${listSpecs(specsOf(opened, kept), briefListing(invocation))}\n`)
  }
  return asked.filter((record) => !isShared(record))
}

function findMatching(
  args: Arguments,
  opened: OpenedStore,
  environment: EnvironmentSpecs | undefined,
): InstallRecord[] {
  const asked = specArguments(args)
  const all = flagOn(args, 'all')
  if (!asked.length && !all) {
    throw new SpackError('usage', '`spack uninstall` needs at least one spec', {
      exitCode: 2,
      hint: '`spack uninstall --all` removes all installed packages',
    })
  }
  const query = {
    tree: 'local',
    hashes: environment?.hashes,
    origin: flagText(args, 'origin'),
    statuses: ['installed', 'deprecated'] as const,
  }
  const among = environment ? `packages in environment \`${environment.name}\`` : 'installed packages'
  const hint = 'use a more specific spec or its hash (`/abcdefg`), or `--all` to remove all that match'
  const found = asked.length
    ? findEach(opened.installed, asked, query, { all, among, hint })
    : opened.installed.find(query)
  return found.map((match) => match.record)
}

interface Needs {
  matching: readonly InstallRecord[]
  dependents: readonly InstallRecord[]
  others: readonly EnvironmentSpecs[]
}

/** Throws SpackError `spec-needed` after listing who needs what. */
function refuseIfNeeded(invocation: Invocation, args: Arguments, opened: OpenedStore, needs: Needs): void {
  const { matching, dependents, others } = needs
  const isNeeded = dependents.length > 0 && !flagOn(args, 'dependents')
  const going = new Set([...matching, ...(flagOn(args, 'dependents') ? dependents : [])].map((record) => record.hash))
  const users = others.filter(({ hashes }) => [...going].some((hash) => hashes.has(hash)))
  if (!isNeeded && users.length === 0) return
  const list = (records: readonly InstallRecord[]) => listSpecs(specsOf(opened, records), briefListing(invocation))
  invocation.print(`==> Refusing to uninstall the following specs\n${list(matching)}`)
  const hints: string[] = []
  if (isNeeded) {
    invocation.print(`\n==> The following dependents are still installed:\n${list(dependents)}`)
    hints.push('use `spack uninstall --dependents` to remove dependents too')
  }
  if (users.length) {
    const names = users.map((environment) => `    ${environment.name}\n`)
    invocation.print(`\n==> The following environments still reference these specs:\n${names.join('')}`)
    hints.push('use `spack env remove` to remove environments')
  }
  invocation.print('\n')
  hints.push('use `spack uninstall --force` to override')
  throw new SpackError('spec-needed', 'there are still dependents', { hint: hints.join('\n      ') })
}

const specsOf = (opened: OpenedStore, records: readonly InstallRecord[]): Spec[] => [
  ...opened.installed.specs(records.map((record) => record.hash)).values(),
]

/** Removes specs and says so of each. Throws as `removeSpecs`. */
export async function uninstallRecords(
  invocation: Invocation,
  opened: OpenedStore,
  records: readonly InstallRecord[],
  force: boolean,
): Promise<void> {
  const specs = opened.installed.specs(records.map((record) => record.hash))
  const name = (hash: DagHash) => formatSpec(specs.get(hash)!, shortFormat)
  await removeSpecs(opened.store, records, {
    force,
    onRemoved: (record) => invocation.print(`==> Successfully uninstalled ${name(record.hash)}\n`),
    onWait: (notice) => invocation.say(`==> ${notice}\n`),
  })
}
