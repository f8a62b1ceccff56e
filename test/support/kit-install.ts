// An environment of the kit, installed from the kit's caches into a store of its own, in this process.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trustKeys } from '../../src/buildcache/key-store.ts'
import { processInvocation } from '../../src/commands/invocation.ts'
import { makeInstallPlan } from '../../src/commands/planning.ts'
import { environmentAt } from '../../src/environment/environment.ts'
import { recordInstalled } from '../../src/install/finish.ts'
import type { PlannedSpec, StoredPlan } from '../../src/install/install-plan.ts'
import { type InstallOptions, installSpec } from '../../src/install/install-spec.ts'
import { keepPlan } from '../../src/install/plan-file.ts'
import { systemErrorCode } from '../../src/ui/error.ts'
import { noFlags } from './invocation.ts'
import { isolated } from './program.ts'
import { scratch } from './scratch.ts'

/** What the kit's environments call the folder of its caches. */
const mirrorPlaceholder = '/work-mirror'

export interface KitEnvironment {
  /** Root of the store. */
  root: string
  environ: NodeJS.ProcessEnv
  environmentDir: string
  /** A folder with the environment, the settings and nothing of the user's. */
  home: string
}

export interface KitEnvironmentOptions {
  /** Folder with the caches and the key. */
  caches: string
  /** Folder with `spack.yaml` and `spack.lock`. */
  environment: string
  root: string
  trust?: boolean
}

/** Copies an environment of the kit, points its mirrors to the caches and trusts their key. */
export async function kitEnvironment(options: KitEnvironmentOptions): Promise<KitEnvironment> {
  const home = scratch()
  const environ = isolated(home)
  const environmentDir = join(home, 'env')
  cpSync(options.environment, environmentDir, { recursive: true, mode: 0 })
  const manifest = readFileSync(join(options.environment, 'spack.yaml'), 'utf8')
  rmSync(join(environmentDir, 'spack.yaml'))
  writeFileSync(join(environmentDir, 'spack.yaml'), manifest.replaceAll(mirrorPlaceholder, options.caches))
  mkdirSync(environ.SPACK_USER_CONFIG_PATH!, { recursive: true })
  const settings = `config:\n  install_tree:\n    root: ${options.root}\n`
  writeFileSync(join(environ.SPACK_USER_CONFIG_PATH!, 'config.yaml'), settings)
  if (options.trust !== false) {
    const key = join(options.caches, 'key.pub')
    await trustKeys(join(environ.SPACK_ROOT!, 'opt/spack/gpg'), readFileSync(key), key)
  }
  return { root: options.root, environ, environmentDir, home }
}

/** The plan of an environment, as its installers find it. */
export async function kitPlan({ environ, environmentDir }: KitEnvironment): Promise<StoredPlan> {
  const invocation = {
    ...processInvocation(noFlags),
    environ,
  }
  return keepPlan(
    await makeInstallPlan(invocation, environmentAt(environmentDir, join(environ.SPACK_ROOT!, 'none'))),
    environ,
  )
}

export interface KitOutcome {
  spec: PlannedSpec
  /** Undefined when it went well. */
  error: unknown
}

/**
 * Installs the roots and what they need to run, dependencies first, going on after failures, and finishes. By name. As with
 * Spack, what was only needed to build is left out.
 */
export async function installAll(
  environment: KitEnvironment,
  options: Partial<InstallOptions> = {},
): Promise<Map<string, KitOutcome>> {
  const plan = await kitPlan(environment)
  const outcomes = new Map<string, KitOutcome>()
  for (const spec of neededInOrder(plan.specs())) {
    const outcome: KitOutcome = { spec, error: undefined }
    try {
      const world = {
        environ: environment.environ,
        note: () => {},
        warn: () => {},
        withoutSlot: async <Result>(wait: () => Promise<Result>) => await wait(),
      }
      await installSpec(plan, spec, { cachePolicy: 'only', overwrite: false, ...options }, world)
    } catch (error) {
      if (systemErrorCode(error)) throw error
      outcome.error = error
    }
    outcomes.set(spec.name, outcome)
  }
  await recordInstalled(plan, () => {})
  plan.close()
  return outcomes
}

function neededInOrder(specs: readonly PlannedSpec[]): PlannedSpec[] {
  const ordered = new Set<PlannedSpec>()
  const visit = (spec: PlannedSpec) => {
    for (const hash of spec.needs) {
      const needed = specs.find((other) => other.hash === hash)
      if (needed && !ordered.has(needed)) visit(needed)
    }
    ordered.add(spec)
  }
  for (const spec of specs) if (spec.isExplicit) visit(spec)
  return [...ordered]
}

const made: string[] = []
process.on('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true })
})

/** A new folder with a path as short as can be had, for binaries that cannot become longer. */
export function shortFolder(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
  for (const name of [...letters, ...[...letters].flatMap((one) => [...letters].map((other) => one + other))]) {
    const path = `/tmp/${name}`
    try {
      mkdirSync(path)
      made.push(path)
      return path
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error
    }
  }
  throw new Error('all short names in /tmp are taken')
}

/** A new folder whose path has this many characters. */
export function folderOfLength(length: number): string {
  const start = `/tmp/sm-${process.pid}-`
  const path = start.padEnd(length, 'x')
  mkdirSync(path)
  made.push(path)
  return path
}
