// `spack install SPEC` outside of an environment: the specs are concretized, and installed as an environment of their own,
// which lies in the user's cache while it is worked on and goes when all is installed.

import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Environment, environmentAt } from '../environment/environment.ts'
import { lockedSpecs } from '../environment/locked-specs.ts'
import { writeLockfile } from '../environment/lockfile.ts'
import { makeFolders } from '../folders.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { readSpecWords } from './concrete-matches.ts'
import { concretizeRequests } from './concretize-requests.ts'
import { testedPackages } from './concretizer-flags.ts'
import type { WorldOptions } from './concretizer-world.ts'
import { configuration } from './configured.ts'
import { installEnvironment } from './install-environment.ts'
import { type InstallRequest, needsSpec } from './install-request.ts'
import type { Invocation } from './invocation.ts'

/** How long what could not be installed is kept, to be tried again. */
const keptMs = 7 * 24 * 3600 * 1000

/** Concretizes and installs specs; gives the exit code. Throws as `concretizeRequests` and `installEnvironment`. */
export async function installSpecs(
  invocation: Invocation,
  request: InstallRequest,
  options: WorldOptions,
): Promise<number> {
  const asked = await readSpecWords(invocation, request.specs)
  if (!asked.length) throw needsSpec()
  const specs = await concretizeRequests(invocation, asked, { ...options, tests: testedPackages(request.tests, asked) })
  const environment = await makeEnvironment(invocation, asked, specs)
  const title = `for ${asked.map((spec) => (spec.concrete ? `${spec.name}/${spec.concrete.hash.slice(0, 7)}` : printSpec(spec))).join(', ')}`
  const code = await installEnvironment(
    invocation,
    environment,
    { ...request, specs: [], onlyConcrete: true },
    { title },
  )
  if (code === 0) rmSync(environment.dir, { recursive: true, force: true })
  return code
}

async function makeEnvironment(
  invocation: Invocation,
  asked: readonly Spec[],
  specs: readonly Spec[],
): Promise<Environment> {
  const folder = join((await configuration(invocation)).paths.userCache, 'installs')
  makeFolders(folder)
  forgetOld(folder)
  const dir = mkdtempSync(join(folder, `${specs[0]!.name}-${specs[0]!.concrete!.hash.slice(0, 7)}-`))
  const environment = environmentAt(dir, folder)
  writeFileSync(environment.manifestFile, 'spack:\n  specs: []\n  view: false\n')
  writeFileSync(environment.lockFile, writeLockfile(lockedSpecs(specs, asked)))
  return environment
}

function forgetOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - changedMs > keptMs) rmSync(path, { recursive: true, force: true })
  }
}
