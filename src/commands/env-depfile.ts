// `spack env depfile`: the Makefile of an environment that is concretized.

import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { cachePoliciesValue, parseCachePolicies } from '../depfile/cache-policies.ts'
import { depfileGraph, depfileText } from '../depfile/depfile.ts'
import { compileSparingly } from '../engine.ts'
import type { Environment } from '../environment/environment.ts'
import { programs } from '../program.ts'
import { openStore } from '../store/configured-store.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { faultInWords } from '../ui/system-fault.ts'
import { type Arguments, type Command, flagOn, flagText } from './command.ts'
import { configuration, requireEnvironment } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'

export const envDepfile: Command = {
  name: 'depfile',
  summary: 'generate a depfile to exploit parallel builds across specs',
  description: 'generate a Makefile that installs the environment in parallel; it has to be concretized',
  positional: '[specs ...]',
  flags: [
    {
      name: 'make-prefix',
      aliases: ['make-target-prefix'],
      kind: 'string',
      value: 'TARGET',
      help: "put TARGET/ before targets and variables, '' for nothing (default: the environment's own folder)",
    },
    { name: 'make-disable-jobserver', help: 'do not connect installers to the jobserver of make' },
    {
      name: 'use-buildcache',
      kind: 'string',
      value: cachePoliciesValue,
      help: 'with `only`, build dependencies that are not needed are left out; passed on to the installer',
    },
    { name: 'output', short: 'o', kind: 'string', value: 'FILE', help: 'write to FILE and not to stdout' },
    { name: 'generator', short: 'G', kind: 'string', choices: ['make'], help: 'the type of depfile' },
  ],
  run: async (invocation, args) => {
    const environment = await requireEnvironment(invocation, 'spack env depfile')
    const text = await makeDepfile(invocation, environment, args)
    const output = flagText(args, 'output')
    if (output === undefined) invocation.print(text)
    else replaceFile(resolve(invocation.cwd, output), text)
    return 0
  },
}

async function makeDepfile(invocation: Invocation, environment: Environment, args: Arguments): Promise<string> {
  const cachePolicies = parseCachePolicies(flagText(args, 'use-buildcache'))
  const specs = [...args.positional, ...args.rest]
  const store = openStore(await configuration(invocation))
  compileSparingly()
  const lockfile = readLocked(environment)
  const graph = await depfileGraph(lockfile, specs, cachePolicies)
  if (!graph.roots.length) invocation.say(`==> Warning: ${emptinessOf(environment, specs)}\n`)
  return await depfileText(graph, lockfile, {
    environmentDir: environment.dir,
    store,
    prefix: flagText(args, 'make-prefix'),
    jobserver: !flagOn(args, 'make-disable-jobserver'),
    overview: true,
    programs: programs(),
  })
}

const emptinessOf = ({ name }: Environment, specs: readonly string[]): string =>
  specs.length
    ? `no spec of the environment \`${name}\` matches ${specs.map((spec) => `\`${spec}\``).join(' or ')}`
    : `the environment \`${name}\` has no specs`

/** Make may read the file while it is written, and would take a half one for the whole. */
function replaceFile(path: string, text: string): void {
  const target = existsSync(path) ? realpathSync(path) : path
  const isSpecial = existsSync(target) && !statSync(target).isFile()
  const fresh = isSpecial ? target : `${target}.${process.pid}.tmp`
  try {
    writeFileSync(fresh, text)
    if (fresh !== target) renameSync(fresh, target)
  } catch (cause) {
    if (fresh !== target) rmSync(fresh, { force: true })
    if (systemErrorCode(cause) === undefined) throw cause
    throw new SpackError(
      'unwritable',
      `the depfile cannot be written: ${faultInWords(cause as NodeJS.ErrnoException)}`,
      { cause },
    )
  }
}
