// `spack gc`: removes what was installed for others that are gone.

import { runtimeDeptypes } from '../spec/node-dependencies.ts'
import type { DagHash, Deptype } from '../spec/spec.ts'
import type { InstallRecord } from '../store/database.ts'
import { unneeded } from '../store/relatives.ts'
import type { Arguments, Command } from './command.ts'
import { flagList, flagOn } from './command.ts'
import { activeEnvironment } from './configured.ts'
import { activeSpecs, allEnvironmentSpecs, type EnvironmentSpecs, specsOfEnvironment } from './environment-specs.ts'
import { updateViews } from './environment-update.ts'
import { confirm, type OpenedStore, openInstalled, specArguments } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { uninstallRecords } from './uninstall.ts'

export const gc: Command = {
  name: 'gc',
  summary: 'remove specs that are now no longer needed',
  positional: '[installed_specs ...]',
  flags: [
    { name: 'except-any-environment', short: 'E', help: 'remove everything unless needed by an environment' },
    {
      name: 'except-environment',
      short: 'e',
      kind: 'list',
      value: 'ENV',
      help: 'remove everything unless needed by specified environment (a name, or a folder)',
    },
    {
      name: 'keep-build-dependencies',
      short: 'b',
      help: 'do not remove installed build-only dependencies of roots (default is to keep only link & run dependencies)',
    },
    { name: 'yes-to-all', short: 'y', help: 'assume "yes" is the answer to every confirmation request' },
  ],
  run: async (invocation, args) => {
    const opened = await openInstalled(invocation, specArguments(args))
    const { database } = opened.open
    const deptypes: Deptype[] = [
      ...runtimeDeptypes,
      ...(flagOn(args, 'keep-build-dependencies') ? ['build' as const] : []),
    ]
    const unused = constrained(unneeded(database, await roots(invocation, args, opened), deptypes), args, opened)
    if (unused.length === 0) {
      invocation.print("==> There are no unused specs. Spack's store is clean.\n")
      return 0
    }
    const specs = opened.installed.specs(unused.map((record) => record.hash))
    if (!flagOn(args, 'yes-to-all') && !(await confirm(invocation, [...specs.values()], 'uninstalled'))) {
      invocation.print('==> Aborting uninstall\n')
      return 0
    }
    await uninstallRecords(invocation, opened, unused, false)
    const environment = await activeEnvironment(invocation)
    if (environment) await updateViews(invocation, environment)
    return 0
  },
}

/** What is kept, together with what it needs. */
async function roots(invocation: Invocation, args: Arguments, opened: OpenedStore): Promise<Iterable<DagHash>> {
  const { database } = opened.open
  const named = flagList(args, 'except-environment')
  const active = await activeSpecs(invocation)
  if (named.length || flagOn(args, 'except-any-environment')) {
    const environments: EnvironmentSpecs[] = await Promise.all(
      named.map((name) => specsOfEnvironment(invocation, name)),
    )
    if (flagOn(args, 'except-any-environment')) {
      environments.push(...(await allEnvironmentSpecs(invocation)), ...(active ? [active] : []))
    }
    return environments.flatMap((environment) => environment.roots)
  }
  if (!active) return [...database.records()].filter((record) => record.isExplicit).map((record) => record.hash)
  invocation.print(`==> Restricting garbage collection to environment '${active.name}'\n`)
  return [...database.hashes().filter((hash) => !active.hashes.has(hash)), ...active.roots]
}

function constrained(
  records: readonly InstallRecord[],
  args: Arguments,
  opened: OpenedStore,
): readonly InstallRecord[] {
  const asked = specArguments(args)
  if (!asked.length) return records
  const found = asked.flatMap((spec) => opened.installed.find({ spec, tree: 'local' }))
  const hashes = new Set(found.map((match) => match.record.hash))
  return records.filter((record) => hashes.has(record.hash))
}
