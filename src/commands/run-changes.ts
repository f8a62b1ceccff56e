// What packages change for themselves when they are to be run: `setup_run_environment` and `setup_dependent_run_environment`
// of their recipes. Asking recipes takes Python's start and more, so answers are kept, each in one small file:
// `USER_CACHE/spackmake/run-environments/KEY.json`, where KEY is made of the roots' DAG hashes and all prefixes. An entry
// holds as long as the recipes and the build systems of their repositories are what they were. Losing entries costs time only.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import { writeAtomically } from '../config/edit.ts'
import type { Change } from '../environment/activation.ts'
import { installedRoots, isVariableName } from '../environment/activation-changes.ts'
import { allNodes, type LockedSpecs } from '../environment/lockfile.ts'
import { viewOrder } from '../environment/view-packages.ts'
import { fileStamp, inputsHold, type PlanInputs } from '../install/plan-inputs.ts'
import type { RunEnvironment } from '../recipes/build-protocol.ts'
import { configuredRepositories, usableRepositories } from '../recipes/configured-repositories.ts'
import { packageFolder, type Repository } from '../recipes/repository.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import type { Store } from '../store/store.ts'
import { renderError, SpackError, systemErrorCode } from '../ui/error.ts'
import { version } from '../version.ts'
import type { Invocation } from './invocation.ts'

export interface Runnable {
  configuration: Configuration
  store: Store
  lockfile: LockedSpecs
  /** The prefix of a spec that is installed. */
  prefixOf: (hash: DagHash) => string | undefined
  /**
   * Whether the environment is active, and changes are to be taken back: those that were made, whatever recipes say now.
   * Scripts that recipes source may say less the second time, so what they say then is not kept.
   */
  isLeaving: boolean
}

/**
 * The changes of installed roots and of what they need, with prefixes as they are in the store. undefined when no repository
 * is there, and when recipes cannot answer, which is said: an environment without some variables is better than none.
 */
export async function runChanges(invocation: Invocation, runnable: Runnable): Promise<Change[] | undefined> {
  const { configuration, lockfile, prefixOf, isLeaving } = runnable
  const roots = installedRoots(lockfile, prefixOf)
  const configured = await configuredRepositories(configuration)
  if (roots.length === 0 || !configured.some(({ kind }) => kind === 'ready')) return undefined
  try {
    const repositories = await usableRepositories(configuration)
    const nodes = viewOrder(roots, allNodes(lockfile), 'all')
    const file = entryFile(runnable, roots, nodes, repositories)
    const entry = recall(file)
    const known = entry && (isLeaving || inputsHold(entry.inputs, invocation.environ)) ? entry.made : undefined
    if (known) return changesOf(known, invocation)
    const inputs = { files: stamps(recipeFiles(nodes, repositories)), variables: {} }
    const { askRecipes } = await import('./run-environment.ts')
    const made = await askRecipes(invocation, runnable, roots, repositories)
    if (!isLeaving) keep(file, { inputs, made }, invocation)
    return changesOf(made, invocation)
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    const text = renderError(error, { colour: invocation.stderrHasColour, isWarning: true })
    invocation.say(`${text}\n`)
    return undefined
  }
}

const kinds: Readonly<Record<string, Change['kind']>> = {
  set: 'set',
  unset: 'unset',
  prepend_path: 'prepend',
  append_path: 'append',
  remove_path: 'remove',
  remove_first_path: 'remove',
  remove_last_path: 'remove',
  append_flags: 'append',
  remove_flags: 'remove',
}

/** Nothing is ever twice in a list that an environment changes. */
const needless = new Set(['prune_duplicate_paths'])

/** What shells can be told of the changes; what they cannot is said. */
function changesOf({ changes }: RunEnvironment, invocation: Invocation): Change[] {
  return changes.flatMap(([word, name, value, separator]): Change[] => {
    const kind = kinds[word]
    if (kind && isVariableName(name)) return listed(kind, name, value, separator)
    if (!needless.has(word)) {
      invocation.say(
        `==> Warning: a recipe's \`${word}\` of the variable \`${name}\` is left out: no shell is told of it\n`,
      )
    }
    return []
  })
}

/** A change for each entry of a list, as only single ones can be taken back. */
function listed(kind: Change['kind'], name: string, value: string, separator: string): Change[] {
  if (kind === 'set') return [{ kind, name, value }]
  if (kind === 'unset') return [{ kind, name }]
  const entries = value.split(separator)
  const ordered = kind === 'prepend' ? entries.reverse() : entries
  return ordered.map((entry) => ({ kind, name, value: entry, ...(separator === ':' ? {} : { separator }) }))
}

interface Entry {
  inputs: PlanInputs
  made: RunEnvironment
}

function entryFile(
  { configuration, prefixOf }: Runnable,
  roots: readonly DagHash[],
  nodes: readonly SpecNode[],
  repositories: readonly Repository[],
): string {
  const prefixes = nodes.map(({ hash }) => [hash, prefixOf(hash as DagHash)])
  const places = repositories.map(({ namespace, root }) => [namespace, root])
  const key = createHash('sha256')
    .update(JSON.stringify([version, roots, prefixes, places]))
    .digest('hex')
  return join(configuration.paths.userCache, 'spackmake/run-environments', `${key.slice(0, 32)}.json`)
}

function recall(file: string): Entry | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw new SpackError('cache', `cannot read \`${file}\``, { cause: error, hint: `remove it: \`rm ${file}\`` })
  }
  return parseEntry(text)
}

/** undefined for what is damaged: it is made anew. */
function parseEntry(text: string): Entry | undefined {
  try {
    return JSON.parse(text) as Entry
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function keep(file: string, entry: Entry, invocation: Invocation): void {
  try {
    writeAtomically(file, JSON.stringify(entry))
    dropOldest(dirname(file))
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    invocation.say(`==> Warning: what recipes set is not kept for the next activation: ${error.message}\n`)
  }
}

const mostEntries = 200

/** Entries whose prefixes or roots have changed are never asked for again. */
function dropOldest(folder: string): void {
  const names = readdirSync(folder)
  if (names.length <= mostEntries) return
  const ages = names.map((name) => {
    const path = join(folder, name)
    return { path, changedMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }
  })
  ages.sort((one, other) => other.changedMs - one.changedMs)
  for (const { path } of ages.slice(mostEntries / 2)) rmSync(path, { force: true })
}

/** Recipes, and what recipes derive from. */
function recipeFiles(nodes: readonly SpecNode[], repositories: readonly Repository[]): string[] {
  const recipes = nodes.flatMap(({ name, namespace }) =>
    repositories
      .filter((repository) => repository.namespace === namespace)
      .map(({ packages }) => join(packages, packageFolder(name), 'package.py')),
  )
  const shared = repositories.flatMap(({ root }) => {
    const folder = join(root, 'build_systems')
    if (fileStamp(folder) === null) return [folder]
    return [folder, ...readdirSync(folder).map((name) => join(folder, name))]
  })
  // A folder's time changes when Python keeps compiled code in it.
  return [...recipes, ...shared.filter((path) => !path.endsWith('__pycache__'))]
}

const stamps = (files: readonly string[]): PlanInputs['files'] =>
  Object.fromEntries(files.map((file) => [file, fileStamp(file)]))
