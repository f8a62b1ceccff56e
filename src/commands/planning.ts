// What the installers of an environment's specs must know, worked out once with all that it takes: configuration, lockfile,
// specs, store, mirrors, keys.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { binaryRequest } from '../buildcache/binary.ts'
import { keyringInputs, loadKeyring } from '../buildcache/keyring.ts'
import { binaryMirrors } from '../buildcache/mirror.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Environment } from '../environment/environment.ts'
import { lockfileSpecs } from '../environment/locked-specs.ts'
import { allNodes, allRoots, type Lockfile, readLockfile } from '../environment/lockfile.ts'
import { environmentViews } from '../environment/manifest.ts'
import type { ViewDescriptor } from '../environment/view-descriptor.ts'
import type { BuildPlan } from '../install/build-plan.ts'
import { builtAs } from '../install/built-as.ts'
import type { InstallPlan, PlannedSpec } from '../install/install-plan.ts'
import type { MadePlan } from '../install/plan-file.ts'
import { fileStamp, type PlanInputs, variableValues, watchedEnviron } from '../install/plan-inputs.ts'
import { programs } from '../program.ts'
import { printJson } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import { dependencyHashes, runtimeDeptypes } from '../spec/node-dependencies.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { openStore, prefixOf } from '../store/layout.ts'
import type { Store } from '../store/store.ts'
import { readDatabase } from '../store/transaction.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { configurationOf, requireEnvironment } from './configured.ts'
import { settingsKey } from './global-words.ts'
import { configuredPermissions } from './install-permissions.ts'
import { type Invocation, processInvocation } from './invocation.ts'
import { configuredMirrors, networkSettings } from './mirrors.ts'

/**
 * Makes the plan of an environment. Throws SpackError `no-lockfile`, `prefix-taken` when two of its specs have one prefix, and what
 * reading configuration, lockfile and database throw.
 */
export async function makeInstallPlan(invocation: Invocation, environment: Environment): Promise<MadePlan> {
  const startMs = Date.now()
  const asked = new Set<string>()
  const watched = { ...invocation, environ: watchedEnviron(invocation.environ, asked) }
  const configuration = await configurationOf(watched, environment)
  const store = openStore(configuration)
  const { gpgHome } = configuration.paths
  const files = [
    // Another build of this program may want to know other things.
    programs().install,
    ...scopeFiles(configuration),
    environment.lockFile,
    ...keyringInputs(gpgHome),
    ...Object.values(store.upstreams).map((root) => join(root, '.spack-db', 'index.json')),
  ]
  const inputs: PlanInputs = {
    files: Object.fromEntries(files.map((file) => [file, fileStamp(file)])),
    variables: variableValues(invocation.environ, asked),
  }
  const plan: InstallPlan = {
    settings: {
      inputs,
      environmentDir: environment.dir,
      flags: settingsKey(invocation),
      store,
      mirrors: binaryMirrors(configuredMirrors(configuration)),
      network: networkSettings(configuration),
      keyring: await loadKeyring(gpgHome),
      views: plannedViews(environment, configuration),
    },
    specs: await planSpecs(configuration, store, readLock(environment)),
  }
  return { plan, isDoubtful: files.some((file) => isNewerThan(file, startMs)) }
}

/** For a process that knows nothing but the name or folder of an environment: which one it is, and how to make its plan. */
export async function planningFor(word: string): Promise<{ environment: Environment; make: () => Promise<MadePlan> }> {
  const invocation = installerInvocation(word)
  const environment = await requireEnvironment(invocation, 'the installer')
  return { environment, make: () => makeInstallPlan(invocation, environment) }
}

/** The same for building from source. */
export async function buildPlanningFor(word: string, flags: { checksum: boolean }): Promise<BuildPlan> {
  const { makeBuildPlan } = await import('./build-planning.ts')
  const invocation = installerInvocation(word)
  return await makeBuildPlan(invocation, await requireEnvironment(invocation, 'the installer'), flags)
}

const installerInvocation = (word: string): Invocation =>
  processInvocation({
    ...{ environment: word, noEnvironment: false, configScopes: [], configSettings: [] },
    ...{ debug: false, verbose: false, insecure: false },
  })

/** All files that settings come from or may come from. */
export function scopeFiles(configuration: Configuration): string[] {
  return configuration.scopes.flatMap(({ kind, path }) => {
    if (path === undefined) return []
    if (kind !== 'folder' || !existsSync(path) || !statSync(path).isDirectory()) return [path]
    return [
      path,
      ...readdirSync(path)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => join(path, name)),
    ]
  })
}

const isNewerThan = (file: string, timeMs: number): boolean =>
  (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= timeMs

function plannedViews(environment: Environment, configuration: Configuration): ViewDescriptor[] {
  const substituted = (templates: ViewDescriptor['projections']) =>
    Object.fromEntries(Object.entries(templates).map(([when, template]) => [when, configuration.substitute(template)]))
  const views = environmentViews(environment, configuration).values()
  return Array.from(views, (view) => ({ ...view, projections: substituted(view.projections) }))
}

function readLock({ lockFile, dir }: Environment): Lockfile {
  try {
    return readLockfile(readFileSync(lockFile, 'utf8'), lockFile)
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
    throw new SpackError('no-lockfile', `the environment \`${dir}\` has no lockfile`, {
      hint: `run \`spack -e ${dir} concretize\``,
    })
  }
}

async function planSpecs(configuration: Configuration, store: Store, lockfile: Lockfile): Promise<PlannedSpec[]> {
  const nodes = allNodes(lockfile)
  const specs = lockfileSpecs(lockfile)
  const explicit = new Set(allRoots(lockfile).map(({ hash }) => hash))
  const places = await installedPlaces(store)
  const prefixOfSpec = (spec: Spec): string | null => {
    const { hash, external } = spec.concrete!
    return (!external && places(hash)?.prefix) || prefixOf(store, spec)
  }
  const planned = [...nodes].map(([hash, node]): PlannedSpec => {
    const kind = node.external ? 'external' : (places(hash)?.kind ?? 'package')
    const spec = specs.get(hash)!
    return {
      ...{ hash, name: node.name, version: node.version ?? '', kind },
      prefix: prefixOfSpec(spec),
      isExplicit: explicit.has(hash),
      ...(kind === 'package' ? binaryOf(nodes, spec, prefixOfSpec) : {}),
      permissions: configuredPermissions(configuration, node.name),
      needs: dependencyHashes(node, runtimeDeptypes),
      ...(kind === 'external' ? { nodesText: printJson(nodesBelow(nodes, hash)) } : {}),
    }
  })
  refuseSharedPrefixes(planned)
  return planned
}

/** Which binary to look for, and what is to be done with it. */
function binaryOf(nodes: ReadonlyMap<DagHash, SpecNode>, spec: Spec, prefixOf: (spec: Spec) => string | null) {
  const { hash, buildSpec } = spec.concrete!
  const origin = builtAs(spec, prefixOf)
  return {
    request: binaryRequest(nodes.get(buildSpec?.concrete?.hash ?? hash)!),
    ...(origin ? { builtAs: origin } : {}),
  }
}

/** Where specs are that the database knows: by other projections than today's, or in an upstream. */
async function installedPlaces(
  store: Store,
): Promise<(hash: DagHash) => { kind: 'package' | 'upstream'; prefix: string } | undefined> {
  const { database, upstreams } = await readDatabase(store)
  return (hash) => {
    const own = database.record(hash)
    if (own?.isInstalled && own.path !== null) return { kind: 'package', prefix: own.path }
    for (const upstream of upstreams) {
      const record = upstream.database.record(hash)
      if (record?.isInstalled && record.path !== null) return { kind: 'upstream', prefix: record.path }
    }
    return undefined
  }
}

/** A node and all that it depends on, each once. */
function nodesBelow(
  nodes: ReadonlyMap<DagHash, SpecNode>,
  hash: DagHash,
  found: Set<SpecNode> = new Set(),
): SpecNode[] {
  const node = nodes.get(hash)!
  if (!found.has(node)) {
    found.add(node)
    for (const { hash: child } of node.dependencies ?? []) nodesBelow(nodes, child as DagHash, found)
  }
  return [...found]
}

function refuseSharedPrefixes(specs: readonly PlannedSpec[]): void {
  const owners = new Map<string, PlannedSpec>()
  for (const spec of specs) {
    if (spec.kind !== 'package' || spec.prefix === null) continue
    const other = owners.get(spec.prefix)
    if (other) {
      const [one, two] = [other, spec].map(({ name, version, hash }) => `\`${name}@${version} /${hash.slice(0, 7)}\``)
      throw new SpackError('prefix-taken', `${one} and ${two} would have the same prefix \`${spec.prefix}\``, {
        hint: 'let `config:install_tree:projections` have `{hash}` in it',
      })
    }
    owners.set(spec.prefix, spec)
  }
}
