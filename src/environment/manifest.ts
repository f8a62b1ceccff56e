// What a manifest says beyond settings: the specs that are asked for, the views, and the environments whose locked specs
// are taken over. Settings themselves (`packages`, `config`…) are a scope of the configuration.

import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { holdsCondition } from '../config/condition.ts'
import type { Configuration } from '../config/configuration.ts'
import { detectHost, type Host } from '../config/host.ts'
import { type ConfigMap, plainValue } from '../config/node.ts'
import { readSettingsFile } from '../config/settings-file.ts'
import { parseSpec } from '../spec/parser.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { type Environment, isEnvironmentDir, lockfileName } from './environment.ts'
import { type LockedSpecs, type Lockfile, readLockfile } from './lockfile.ts'
import { expandItems, type ListedSpec } from './matrix.ts'
import { readDefinitions, readSpecList, whereOf } from './spec-list.ts'
import { specReader } from './spec-reader.ts'
import { readViews, type ViewDescriptor, type ViewSetting } from './view-descriptor.ts'

/** An environment whose manifest is read and found right. */
export interface LoadedEnvironment extends Environment {
  /** The abstract roots, in order; one may be there several times. */
  userSpecs: readonly ListedSpec[]
  views: ReadonlyMap<string, ViewDescriptor>
  /** Folders of the environments that `include_concrete` names. */
  includeConcrete: readonly string[]
  /** Undefined when the environment is not concretized. */
  lockfile: Lockfile | undefined
}

/** What a manifest may depend on besides files. */
export interface World {
  environ: NodeJS.ProcessEnv
  cwd: string
}

/**
 * Reads the whole environment. `configuration` has the manifest as a scope. Throws SpackError with file and line for
 * what is wrong in the manifest, what it includes, or the lockfile.
 */
export async function loadEnvironment(
  environment: Environment,
  configuration: Configuration,
  world: World,
  { withLockfile } = { withLockfile: true },
): Promise<LoadedEnvironment> {
  const manifest = await readManifest(environment)
  const userSpecs = expandUserSpecs(environment, manifest, configuration, world)
  const views = environmentViews(environment, configuration)
  const includeConcrete = includedEnvironments(manifest, configuration, world.cwd)
  const lockfile = withLockfile ? readEnvironmentLockfile(environment) : undefined
  if (!lockfile) for (const dir of includeConcrete) checkIncluded(dir)
  return { ...environment, userSpecs, views, includeConcrete, lockfile }
}

/** The specs that the manifest asks for, with lists and matrices expanded. */
export async function readUserSpecs(
  environment: Environment,
  configuration: Configuration,
  world: Pick<World, 'environ'>,
): Promise<ListedSpec[]> {
  return expandUserSpecs(environment, await readManifest(environment), configuration, world)
}

function expandUserSpecs(
  environment: Environment,
  manifest: ConfigMap,
  configuration: Configuration,
  { environ }: Pick<World, 'environ'>,
): ListedSpec[] {
  checkForbiddenSettings(environment, configuration)
  const definitions = readDefinitions(configuration.sectionNode('definitions'), conditionJudge(environ))
  const specs = manifest.entries.get('specs')?.value
  return expandItems(readSpecList(specs, definitions), { parse: specReader(configuration) })
}

/** The views that the manifest asks for, by name. */
export function environmentViews(environment: Environment, configuration: Configuration): Map<string, ViewDescriptor> {
  const setting = configuration.get('view') as ViewSetting
  return readViews(setting, environment.dir, (path) => configuration.substitute(path))
}

/** The lockfile of an environment, or undefined when it has none. Throws as `readLockfile`. */
export function readEnvironmentLockfile({ lockFile }: Pick<Environment, 'lockFile'>): Lockfile | undefined {
  return existsSync(lockFile) ? readLockfile(readFileSync(lockFile, 'utf8'), lockFile) : undefined
}

/** Absolute paths of the environments of which a manifest takes over the locked specs. */
function includedEnvironments(manifest: ConfigMap, configuration: Configuration, cwd: string): string[] {
  const list = manifest.entries.get('include_concrete')?.value
  const items = list?.kind === 'list' ? list.items : []
  return items.map((item) => resolve(cwd, configuration.substitute(String(plainValue(item)))))
}

/**
 * What `include_concrete` brings in: roots and nodes of each folder's lockfile, those with several of them with the
 * first only. Throws SpackError `include-concrete`.
 */
export function lockIncluded(dirs: readonly string[]): Map<string, LockedSpecs> {
  const included = new Map<string, LockedSpecs>()
  const seenRoots = new Set<string>()
  const seenNodes = new Set<string>()
  for (const dir of dirs) {
    checkIncluded(dir)
    const lockfile = readEnvironmentLockfile({ lockFile: join(dir, lockfileName) })
    if (!lockfile) {
      throw new SpackError('include-concrete', `the included environment \`${dir}\` is not concretized`, {
        hint: `run \`spack -e ${dir} concretize\``,
      })
    }
    included.set(dir, {
      roots: lockfile.roots.filter(({ hash }) => isFirst(seenRoots, hash)),
      nodes: new Map([...lockfile.nodes].filter(([hash]) => isFirst(seenNodes, hash))),
      includeConcrete: lockfile.includeConcrete,
    })
  }
  return included
}

function isFirst(seen: Set<string>, key: string): boolean {
  const isNew = !seen.has(key)
  seen.add(key)
  return isNew
}

function checkIncluded(dir: string): void {
  if (isEnvironmentDir(dir)) return
  throw new SpackError('include-concrete', `the included environment \`${dir}\` does not exist`, {
    hint: '`include_concrete` in `spack.yaml` lists folders of environments, as absolute paths',
  })
}

/** What stands below `spack:`. */
async function readManifest({ manifestFile }: Environment): Promise<ConfigMap> {
  const file = await readSettingsFile(manifestFile, 'manifest')
  if (file) return file.content
  throw new SpackError('no-environment', `there is no manifest \`${manifestFile}\``, {
    hint: '`spack env create` makes one',
  })
}

/** Where environments are cannot depend on which environment is active. */
function checkForbiddenSettings({ manifestFile }: Environment, configuration: Configuration): void {
  const scope = configuration.scopes.find(({ path }) => path === manifestFile)
  const config = scope?.section('config')?.value
  const entry = config?.kind === 'map' ? config.entries.get('environments_root') : undefined
  if (!entry) return
  throw new SpackError('environment-setting', 'an environment cannot set `config:environments_root`', {
    where: whereOf(entry.mark),
    hint: 'set it for all: `spack config --scope user add config:environments_root:…`',
  })
}

/** Decides conditions about this machine, which is looked at when the first condition asks. */
export function conditionJudge(environ: NodeJS.ProcessEnv): (condition: string) => boolean {
  let host: Host | undefined
  let arch: Spec | undefined
  return (condition) => {
    host ??= detectHost()
    const { platform, os, target } = host
    arch ??= parseSpec(`platform=${platform} os=${os} target=${target}`)
    const self = arch
    return holdsCondition(condition, {
      platform,
      os,
      target,
      hostname: hostname(),
      environ,
      satisfies: (text) => satisfies(self, parseSpec(text)),
    })
  }
}
