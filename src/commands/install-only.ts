// `spack install --only package /HASH`: one spec of an environment, in this process. This is what depfiles that Spack made, and
// ours under another SPACK, start for each spec.

import { writeFileSync } from 'node:fs'
import type { Environment } from '../environment/environment.ts'
import { currentBuildPlan } from '../install/build-plan.ts'
import type { StoredPlan } from '../install/install-plan.ts'
import { type InstallerWorld, runInstaller } from '../install/installer.ts'
import { currentPlan } from '../install/plan-file.ts'
import { programs } from '../program.ts'
import { globalWords, settingsKey } from './global-words.ts'
import type { InstallRequest } from './install-request.ts'
import type { Invocation } from './invocation.ts'

/** Installs the spec; gives the exit code. */
export async function installOnly(
  invocation: Invocation,
  environment: Environment,
  hash: string,
  request: InstallRequest,
): Promise<number> {
  const { environ } = invocation
  // A depfile that takes us for another Spack, which makes views each time: it has them made once, at the end.
  if (environ.SPACK_VIEWS_LATER) writeFileSync(environ.SPACK_VIEWS_LATER, '')
  const words = [
    '-e',
    environment.dir,
    ...installerFlags(request),
    ...(invocation.options.debug ? ['--debug'] : []),
    `--use-buildcache=${request.cachePolicies.package}`,
    ...(request.overwrite ? ['--overwrite'] : []),
    `/${hash}`,
  ]
  return await runInstaller(words, {
    environ,
    openPlan: () => planOf(invocation, environment),
    openBuildPlan: buildPlans(invocation, environment),
    command: [...thisProgram(invocation), 'install', '--only=package', ...words],
  })
}

/** What starts `spack` again with the same global flags. */
export const thisProgram = ({ options }: Invocation): string[] => {
  const { node, spack } = programs()
  return [node, spack, ...globalWords(options)]
}

/** The build plan that is kept for the environment under the settings of this command line. */
export const buildPlans =
  (invocation: Invocation, environment: Environment): InstallerWorld['openBuildPlan'] =>
  async ({ settings }, hash, flags) => {
    const key = { environmentDir: environment.dir, flags: settings.flags }
    return await currentBuildPlan(key, hash, invocation.environ, async () => {
      const { makeBuildPlan } = await import('./build-planning.ts')
      return await makeBuildPlan(invocation, environment, flags)
    })
  }

/** Flags of the installer of one spec that hold for all specs. */
export function installerFlags(request: InstallRequest): string[] {
  return [
    ...(request.checkSignatures ? [] : ['--no-check-signature']),
    ...(request.verbose ? ['--verbose'] : []),
    ...(request.showLogOnError ? ['--show-log-on-error'] : []),
    ...request.buildWords,
    // For builds where make has no jobserver: with one job at a time.
    ...(request.jobs === undefined ? [] : [`--jobs=${request.jobs}`]),
  ]
}

/** The plan that is kept for the environment under the settings of this command line. */
export async function planOf(invocation: Invocation, environment: Environment): Promise<StoredPlan> {
  const key = { environmentDir: environment.dir, flags: settingsKey(invocation) }
  return await currentPlan(key, invocation.environ, async () => {
    const { makeInstallPlan } = await import('./planning.ts')
    return await makeInstallPlan(invocation, environment)
  })
}
