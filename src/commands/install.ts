// `spack install` in an environment: the depfile of `spack env depfile`, driven through make. For one spec alone, as foreign
// depfiles ask for it, the installer runs in this process.

import { SpackError } from '../ui/error.ts'
import type { Arguments, Command } from './command.ts'
import { activeEnvironment } from './configured.ts'
import { type InstallRequest, installFlags, readInstallRequest } from './install-request.ts'
import type { Invocation } from './invocation.ts'

export const install: Command = {
  name: 'install',
  summary: 'build and install packages',
  description:
    'Installs what the lockfile of the active environment holds, or the given specs of it, with all that they need.\n' +
    'What mirrors have no binary of is built from its sources.',
  positional: '[spec ...]',
  flags: installFlags,
  run: runInstall,
}

async function runInstall(invocation: Invocation, args: Arguments): Promise<number> {
  const request = readInstallRequest(args)
  const environment = await activeEnvironment(invocation)
  if (!environment) throw needsEnvironment(request)
  if (request.add) throw needsConcretizer(request.specs.join(' '), environment.name)
  const hash = onlySpec(request)
  if (hash) {
    const { installOnly } = await import('./install-only.ts')
    return await installOnly(invocation, environment, hash, request)
  }
  const { installEnvironment } = await import('./install-environment.ts')
  return await installEnvironment(invocation, environment, request)
}

/** The hash, when one spec is asked for by its whole hash and without what it needs. */
function onlySpec({ specs, only }: InstallRequest): string | undefined {
  const hash = specs.length === 1 && only === 'package' ? /^\/([a-z2-7]{32})$/.exec(specs[0]!) : null
  return hash?.[1]
}

function needsEnvironment({ specs }: InstallRequest): SpackError {
  if (!specs.length) {
    return new SpackError('no-environment', '`spack install` needs an environment', {
      hint: 'activate one with `spack env activate NAME`, or name it: `spack -e NAME install`, `spack -e DIR install`',
    })
  }
  return new SpackError(
    'needs-concretizer',
    `\`${specs.join(' ')}\` would have to be concretized to be installed outside of an environment, which is not possible yet`,
    { hint: 'concretize an environment with Spack, and install from its lockfile: `spack -e DIR install`' },
  )
}

const needsConcretizer = (specs: string, environment: string): SpackError =>
  new SpackError(
    'needs-concretizer',
    `\`${specs}\` cannot be added to the environment \`${environment}\`: it would have to be concretized, which is not possible yet`,
    { hint: 'add and concretize it with Spack, then run `spack install` here' },
  )
