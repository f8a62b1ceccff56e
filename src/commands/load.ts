// `spack load` and `unload`: commands for the shell that make installed packages ready to be used, and take that back.

import type { Change } from '../environment/activation.ts'
import {
  folderChanges,
  programChanges,
  readInspections,
  recipesWithVariables,
} from '../environment/activation-changes.ts'
import { installedPrefix } from '../environment/environment-views.ts'
import { loadedHashes, planLoading, planUnloading } from '../environment/loading.ts'
import { lockedSpecs } from '../environment/locked-specs.ts'
import { outcomesText } from '../environment/shell-text.ts'
import { printSpec } from '../spec/print.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Command, flagOn } from './command.ts'
import { configuration } from './configured.ts'
import { activeSpecs } from './environment-specs.ts'
import { findOne, type OpenedStore, openInstalled, specArguments } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { chosenShell, explainSetup, shellFlags } from './shell-flags.ts'

export const load: Command = {
  name: 'load',
  summary: 'add package to the user environment',
  description:
    'print the commands that set the variables of installed packages and of what they need to link and run; the shell function of setup-env.sh, .fish or .csh evaluates them',
  positional: '[installed_specs ...]',
  flags: [
    ...shellFlags,
    { name: 'first', help: 'load the first match if multiple packages match the spec' },
    { name: 'list', help: 'show loaded packages: same as `spack find --loaded`' },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'list')) return await listLoaded(invocation, args)
    const shell = chosenShell(args)
    if (!shell) return explainSetup(invocation, 'spack load')
    const asked = specArguments(args)
    if (asked.length === 0) {
      throw new SpackError('usage', '`spack load` needs a spec', {
        exitCode: 2,
        hint: '`spack find` shows what is installed, `spack load --list` what is loaded',
      })
    }
    const opened = await openInstalled(invocation, asked)
    const hashes = (await activeSpecs(invocation))?.hashes
    const first = flagOn(args, 'first')
    const specs = asked.map((spec) => findOne(opened.installed, spec, { hashes }, { first }).spec)
    const changes = await changesOf(invocation, opened, specs, false)
    invocation.print(outcomesText(shell, planLoading(invocation.environ, specs.map(hashOf), changes)))
    return 0
  },
}

export const unload: Command = {
  name: 'unload',
  summary: 'remove package from the user environment',
  description:
    'print the commands that take back what `spack load` has done, for some packages or for all that are loaded; the shell function evaluates them',
  positional: '[installed_specs ...]',
  flags: [...shellFlags, { name: 'all', short: 'a', help: 'unload all loaded packages, as without specs' }],
  run: async (invocation, args) => {
    const shell = chosenShell(args)
    if (!shell) return explainSetup(invocation, 'spack unload')
    const asked = specArguments(args)
    if (asked.length && flagOn(args, 'all')) {
      throw new SpackError('usage', '`--all` is for all that is loaded: leave the specs out', { exitCode: 2 })
    }
    const loaded = loadedHashes(invocation.environ) as DagHash[]
    if (asked.length === 0 && loaded.length === 0) {
      invocation.say('==> No package is loaded\n')
      return 0
    }
    const opened = await openInstalled(invocation, asked)
    const going = asked.length ? asked.map((spec) => findLoaded(opened, spec, loaded)) : loaded
    const staying = loaded.filter((hash) => !going.includes(hash))
    const changes = await changesOf(invocation, opened, specsOf(invocation, opened, going), true)
    const needed = await changesOf(invocation, opened, specsOf(invocation, opened, staying), true)
    invocation.print(outcomesText(shell, planUnloading(invocation.environ, going, changes, needed)))
    return 0
  },
}

async function listLoaded(invocation: Invocation, args: Arguments): Promise<number> {
  const { find } = await import('./find.ts')
  return await find.run!(invocation, { ...args, flags: { loaded: true } })
}

const hashOf = (spec: Spec): DagHash => spec.concrete!.hash

function findLoaded({ installed }: OpenedStore, asked: Spec, loaded: readonly DagHash[]): DagHash {
  const query = { hashes: new Set(loaded) }
  if (installed.find({ ...query, spec: asked }).length > 0) return hashOf(findOne(installed, asked, query).spec)
  throw new SpackError('not-loaded', `\`${printSpec(asked)}\` is not loaded`, {
    hint: 'see `spack load --list`',
  })
}

/** The specs of what was loaded; what has been uninstalled since cannot be asked for its changes. */
function specsOf(invocation: Invocation, { installed }: OpenedStore, hashes: readonly DagHash[]): Spec[] {
  const specs = installed.specs(hashes.filter((hash) => installed.locate(hash)?.record.isInstalled))
  for (const hash of hashes) {
    if (specs.has(hash)) continue
    invocation.say(`==> Warning: /${hash.slice(0, 7)} is loaded, but no longer installed: its variables stay\n`)
  }
  return [...specs.values()]
}

/** What packages change: the folders of their prefixes in lists of paths, and what their recipes say. */
async function changesOf(
  invocation: Invocation,
  { store, open }: OpenedStore,
  specs: readonly Spec[],
  isLeaving: boolean,
): Promise<Change[]> {
  if (specs.length === 0) return []
  const settings = await configuration(invocation)
  const lockfile = lockedSpecs(specs)
  const prefixOf = (hash: DagHash) => installedPrefix(open, hash)
  const places = { prefixOf, placementOf: (hash: DagHash) => prefixOf(hash) ?? '/' }
  const changes = folderChanges(wholeDisk, lockfile, readInspections(settings), places)
  const { runChanges } = await import('./run-changes.ts')
  const ofRecipes = await runChanges(invocation, { configuration: settings, store, lockfile, prefixOf, isLeaving })
  if (ofRecipes) return [...changes, ...ofRecipes]
  const others = recipesWithVariables(lockfile, prefixOf)
  if (others.length) {
    invocation.say(`==> Warning: variables that these recipes set themselves are not set: ${others.join(', ')}\n`)
  }
  return [...changes, ...programChanges(wholeDisk, lockfile, places)]
}

/** Packages are where they are, and not in a view. */
const wholeDisk = { root: '/' }
