// `spack location`: where installed specs, environments and Spack itself are.

import { spackPaths } from '../config/paths.ts'
import { namedOrDir } from '../environment/environment.ts'
import { SpackError } from '../ui/error.ts'
import type { Arguments, Command } from './command.ts'
import { flagOn } from './command.ts'
import { environmentsRoot, requireEnvironment } from './configured.ts'
import { activeSpecs } from './environment-specs.ts'
import { findOne, openInstalled, specArguments } from './installed.ts'
import type { Invocation } from './invocation.ts'

export const location: Command = {
  name: 'location',
  summary: 'print out locations of packages and spack directories',
  positional: '[spec | environment]',
  flags: [
    { name: 'spack-root', short: 'r', help: 'spack installation root' },
    { name: 'install-dir', short: 'i', help: 'install prefix of an installed spec' },
    { name: 'env', short: 'e', help: 'location of the named or current environment' },
    { name: 'first', help: 'use the first match if multiple packages match the spec' },
  ],
  run: async (invocation, args) => {
    invocation.print(`${await locate(invocation, args)}\n`)
    return 0
  },
}

async function locate(invocation: Invocation, args: Arguments): Promise<string> {
  const asked = ['spack-root', 'install-dir', 'env'].filter((name) => flagOn(args, name))
  if (asked.length !== 1) {
    throw new SpackError('usage', 'say what is to be located by one of `--install-dir`, `--env` and `--spack-root`', {
      exitCode: 2,
    })
  }
  switch (asked[0]) {
    case 'spack-root':
      return spackPaths(invocation.environ).root
    case 'env': {
      const [name] = args.positional
      if (name === undefined) return (await requireEnvironment(invocation, 'spack location -e')).dir
      return (await namedOrDir(name, invocation.cwd, () => environmentsRoot(invocation))).dir
    }
    default:
      return await locatePrefix(invocation, args)
  }
}

async function locatePrefix(invocation: Invocation, args: Arguments): Promise<string> {
  const [asked, ...more] = specArguments(args)
  if (!asked || more.length) {
    throw new SpackError('usage', asked ? 'too many specs; give only one' : 'give the spec to be located', {
      exitCode: 2,
    })
  }
  const environment = await activeSpecs(invocation)
  const { installed } = await openInstalled(invocation)
  const { spec, record } = findOne(installed, asked, { hashes: environment?.hashes }, { first: flagOn(args, 'first') })
  if (record.path !== null) return record.path
  throw new SpackError('no-prefix', `the external \`${spec.name}\` has no prefix: it is used by loading modules`)
}
