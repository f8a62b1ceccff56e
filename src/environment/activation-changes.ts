// Which variables an environment changes: those of `env_vars` in its settings, and those that make the programs of a view
// found. What recipes add is asked of them elsewhere.

import { statSync } from 'node:fs'
import { join, normalize } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import { isObject, objectEntries, objectMember } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import type { Change } from './activation.ts'
import { allNodes, allRoots, type LockedSpecs } from './lockfile.ts'
import type { ViewDescriptor } from './view-descriptor.ts'
import { keptRecipe } from './view-extensions.ts'
import { runtimeOrder, viewOrder } from './view-packages.ts'

/** Folder below a prefix → variables that list such folders. */
export type Inspections = readonly (readonly [folder: string, names: readonly string[]])[]

/** `modules:prefix_inspections`, in the order of the configuration. */
export const readInspections = (configuration: Configuration): Inspections =>
  configuration
    .entries('modules:prefix_inspections')
    .map(([folder, names]) => [normalize(folder).replace(/\/$/, ''), names as readonly string[]])

const environmentCommands: Readonly<Record<string, 'set' | 'prepend' | 'append' | 'remove'>> = {
  set: 'set',
  prepend_path: 'prepend',
  append_path: 'append',
  remove_path: 'remove',
}

/** The changes of `env_vars`, in its order. Throws SpackError `variable-name`. */
export const readEnvVars = (configuration: Configuration): Change[] =>
  commandChanges(configuration.entries('env_vars'), (command, name) => {
    const place = configuration.origin(['env_vars', command, name]) ?? configuration.origin(['env_vars', command])
    return badName(name, '`env_vars`', place && `${place.file}:${place.line}`)
  })

/** Names end up in the text of shells: `refusal` is thrown for what is none. */
function commandChanges(
  commands: readonly (readonly [command: string, argument: unknown])[],
  refusal: (command: string, name: string) => SpackError,
): Change[] {
  return commands.flatMap(([command, argument]): Change[] => {
    const checked = (name: string): string => {
      if (isVariableName(name)) return name
      throw refusal(command, name)
    }
    if (Array.isArray(argument)) return argument.map((name) => ({ kind: 'unset', name: checked(String(name)) }))
    const kind = environmentCommands[command]
    if (!kind || !isObject(argument)) return []
    return objectEntries(argument).map(([name, value]) => ({ kind, name: checked(name), value: String(value) }))
  })
}

export const isVariableName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

const badName = (name: string, where: string, place?: string): SpackError =>
  new SpackError('variable-name', `\`${name}\` in ${where} is not the name of a variable`, {
    where: place,
    hint: 'names have letters, digits and `_`, and begin with no digit',
  })

/** The folders of a view itself, whether they are there or not: they may come with the next regeneration. */
export const viewChanges = (view: ViewDescriptor, inspections: Inspections): Change[] =>
  inspections.flatMap(([folder, names]) =>
    names.map((name): Change => ({ kind: 'prepend', name, value: pathBelow(view.root, folder) })),
  )

const systemPrefixes = ['/', '/usr', '/usr/local']
const systemFolders = new Set(
  systemPrefixes.flatMap((prefix) =>
    ['', 'bin', 'bin64', 'include', 'lib', 'lib64'].map((folder) => pathBelow(prefix, folder)),
  ),
)

/** Where the places of packages are; `/` for those that are in no view. */
type ViewRoot = Pick<ViewDescriptor, 'root'>

export interface PackagePlaces {
  /** The prefix of a spec that is installed. */
  prefixOf: (hash: DagHash) => string | undefined
  /** Its place below the view's root. */
  placementOf: (hash: DagHash) => string
}

/**
 * The folders of installed roots, and of what they need to link and run, those of a root before those of what it needs.
 * Places are those of the view; externals have none there.
 */
export function folderChanges(
  view: ViewRoot,
  lockfile: LockedSpecs,
  inspections: Inspections,
  places: PackagePlaces,
): Change[] {
  const inspected = viewOrder(installedRoots(lockfile, places.prefixOf), allNodes(lockfile), 'all').reverse()
  return inspected.flatMap((node) => foldersOf(node, view, inspections, places))
}

/**
 * Without recipes, what can be told of the changes that packages make for themselves: the programs of what is needed to
 * run, and what externals set.
 */
export function programChanges(view: ViewRoot, lockfile: LockedSpecs, places: PackagePlaces): Change[] {
  const order = runtimeOrder(installedRoots(lockfile, places.prefixOf), allNodes(lockfile)).reverse()
  const externalsFirst = [...order.filter(({ node }) => node.external), ...order.filter(({ node }) => !node.external)]
  return externalsFirst.flatMap(({ node, isRun }) => [
    ...(isRun ? foldersOf(node, view, programFolders, places) : []),
    ...externalChanges(node),
  ])
}

function foldersOf(
  node: SpecNode,
  view: ViewRoot,
  below: Inspections,
  { prefixOf, placementOf }: PackagePlaces,
): Change[] {
  const prefix = prefixOf(node.hash as DagHash)
  if (prefix === undefined) return []
  const place = node.external ? prefix : pathBelow(view.root, placementOf(node.hash as DagHash))
  return below
    .filter(([folder]) => isInspected(pathBelow(prefix, folder)))
    .flatMap(([folder, names]) =>
      names.map((name): Change => ({ kind: 'prepend', name, value: pathBelow(place, folder) })),
    )
}

/** Changes of recipes, which know prefixes, with the places in the view instead. */
export function changesInView(
  changes: readonly Change[],
  view: ViewDescriptor,
  lockfile: LockedSpecs,
  { prefixOf, placementOf }: PackagePlaces,
): Change[] {
  const places = new Map<string, string>()
  for (const { hash, external } of viewOrder(installedRoots(lockfile, prefixOf), allNodes(lockfile), 'all')) {
    const prefix = external ? undefined : prefixOf(hash as DagHash)
    if (prefix !== undefined) places.set(prefix, pathBelow(view.root, placementOf(hash as DagHash)))
  }
  if (places.size === 0) return [...changes]
  const pattern = new RegExp(
    [...places.keys()].map((prefix) => prefix.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'),
    'g',
  )
  const moved = (text: string) => text.replace(pattern, (prefix) => places.get(prefix)!)
  return changes
    .map((change) => ('value' in change ? { ...change, value: moved(change.value) } : change))
    .filter((change) => !isPythonsOwn(change, view))
}

/** Where the view's Python looks by itself; in other virtual environments it would be in the way. */
const isPythonsOwn = (change: Change, { root }: ViewDescriptor): boolean =>
  change.kind === 'prepend' &&
  change.name === 'PYTHONPATH' &&
  change.value.startsWith(`${root}/lib/`) &&
  /^python[^/]+\/site-packages$/.test(change.value.slice(root.length + '/lib/'.length))

const programFolders: Inspections = [
  ['bin', ['PATH']],
  ['bin64', ['PATH']],
]

/** Hashes of the roots that are installed, each once. */
export const installedRoots = (lockfile: LockedSpecs, prefixOf: PackagePlaces['prefixOf']): DagHash[] =>
  [...new Set(allRoots(lockfile).map(({ hash }) => hash))].filter((hash) => prefixOf(hash) !== undefined)

/** `extra_attributes:environment` of an external in `packages.yaml`. */
function externalChanges({ name, external }: SpecNode): Change[] {
  const environment = objectMember(external?.extra_attributes, 'environment')
  if (!isObject(environment)) return []
  return commandChanges(objectEntries(environment), (_command, variable) =>
    badName(variable, `the \`environment\` of the external \`${name}\``),
  )
}

const isInspected = (path: string): boolean =>
  !systemFolders.has(path) && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Names of installed packages whose recipes set variables of their own, by the copies that prefixes have of them. */
export function recipesWithVariables(lockfile: LockedSpecs, prefixOf: (hash: DagHash) => string | undefined): string[] {
  const names = viewOrder(installedRoots(lockfile, prefixOf), allNodes(lockfile), 'all')
    .filter((node) => !node.external)
    .filter(({ name, hash }) => {
      const prefix = prefixOf(hash as DagHash)
      return prefix !== undefined && /def setup_(dependent_)?run_environment\b/.test(keptRecipe(prefix, name))
    })
    .map(({ name }) => name)
  return [...new Set(names)]
}

function pathBelow(root: string, folder: string): string {
  return join(root, folder).replace(/(.)\/$/, '$1')
}
