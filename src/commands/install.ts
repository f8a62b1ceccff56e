// `spack install`: the depfile of `spack env depfile`, driven through make; outside of an environment that of the specs that
// are named. For one spec alone, as foreign depfiles ask for it, the installer runs in this process.

import { type Arguments, type Command, flagOn } from './command.ts'
import { concretizerOptions } from './concretizer-flags.ts'
import { activeEnvironment } from './configured.ts'
import { type InstallRequest, installFlags, needsSpec, readInstallRequest } from './install-request.ts'
import type { Invocation } from './invocation.ts'

export const install: Command = {
  name: 'install',
  summary: 'build and install packages',
  description:
    'Installs what the lockfile of the active environment holds, or the given specs of it, with all that they need;\n' +
    'outside of an environment the given specs, which are concretized first.\n' +
    'What mirrors have no binary of is built from its sources.',
  positional: '[spec ...]',
  flags: installFlags,
  run: runInstall,
}

async function runInstall(invocation: Invocation, args: Arguments): Promise<number> {
  const request = readInstallRequest(args)
  const environment = await activeEnvironment(invocation)
  if (!environment && !request.specs.length) throw needsSpec()
  if (!environment) {
    const { installSpecs } = await import('./install-specs.ts')
    return await installSpecs(invocation, request, concretizerOptions(args))
  }
  if (request.add) await (await import('./manifest-specs.ts')).addToManifest(invocation, args)
  const hash = onlySpec(request)
  if (hash) {
    const { installOnly } = await import('./install-only.ts')
    return await installOnly(invocation, environment, hash, request)
  }
  const { installEnvironment } = await import('./install-environment.ts')
  const wanted = request.add ? { ...request, specs: [] } : request
  const concretizer = { ...concretizerOptions(args), isForced: flagOn(args, 'force') }
  return await installEnvironment(invocation, environment, wanted, { concretizer })
}

/** The hash, when one spec is asked for by its whole hash and without what it needs. */
function onlySpec({ specs, only }: InstallRequest): string | undefined {
  const hash = specs.length === 1 && only === 'package' ? /^\/([a-z2-7]{32})$/.exec(specs[0]!) : null
  return hash?.[1]
}
