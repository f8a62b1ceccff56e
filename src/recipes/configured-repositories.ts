// The repositories that the `repos` section names, in order of precedence: the first that has a package supplies it.
//
//     repos:
//       mine: ~/my-recipes/spack_repo/mine
//       builtin:
//         git: https://github.com/spack/spack-packages.git
//         destination: ~/spack-packages       # otherwise below the user's cache
//         paths: [repos/spack_repo/builtin]   # otherwise what `spack-repo-index.yaml` of the clone says

import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import type { ConfigValue } from '../config/node.ts'
import { sha1Of } from '../digest.ts'
import { base32 } from '../spec/base32.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Repository, readRepository } from './repository.ts'
import { type CloneOptions, cloneRepository, isCloned, type RemoteRepository } from './repository-clone.ts'

export type ConfiguredRepository =
  | { kind: 'ready'; name: string; repository: Repository }
  /** A git repository of which there is no clone yet. */
  | { kind: 'not-cloned'; name: string; remote: RemoteRepository }
  | { kind: 'broken'; name: string; root: string; error: SpackError }

/** All configured repositories, the one of highest precedence first. */
export async function configuredRepositories(configuration: Configuration): Promise<ConfiguredRepository[]> {
  const lists = configuration.entries('repos').map(([name, entry]) => repositoriesOf(configuration, name, entry))
  return (await Promise.all(lists)).flat()
}

/**
 * The repositories that can be used. With a `world`, those of which there is no clone are cloned, and what cannot be used
 * is said there and passed over as long as something is left. Throws SpackError `repository` for one that is broken, for
 * two of one namespace, and when none is left.
 */
export async function usableRepositories(configuration: Configuration, world?: CloneOptions): Promise<Repository[]> {
  const configured = await configuredRepositories(configuration)
  const found = world
    ? (await Promise.all(configured.map((each) => cloned(configuration, each, world)))).flat()
    : configured
  const ready = found.flatMap((each) => (each.kind === 'ready' ? [each] : []))
  const troubles = found.flatMap((each) => {
    if (each.kind === 'broken') return [each.error]
    return each.kind === 'not-cloned' ? [notCloned(each.remote)] : []
  })
  refuseSameNamespace(ready)
  const isHopeless = ready.length === 0 || (!world && found.some(({ kind }) => kind === 'broken'))
  if (troubles.length > 0 && isHopeless) throw troubles[0]
  if (ready.length > 0) {
    for (const { message, where } of world ? troubles : []) {
      world?.say?.(`==> Warning: ${where ? `${where}: ` : ''}${message}; it is left out\n`)
    }
    return ready.map(({ repository }) => repository)
  }
  throw new SpackError('repository', 'no package repository is configured', {
    hint: 'name one: `spack repo add /path/to/spack_repo/NAME`',
  })
}

/** The repositories of an entry, cloned if need be. */
async function cloned(
  configuration: Configuration,
  each: ConfiguredRepository,
  world: CloneOptions,
): Promise<ConfiguredRepository[]> {
  if (each.kind !== 'not-cloned') return [each]
  const { name, remote } = each
  try {
    await cloneRepository(remote, world)
  } catch (error) {
    if (error instanceof SpackError) return [{ kind: 'broken', name, root: remote.destination, error }]
    throw error
  }
  const [, entry] = configuration.entries('repos').find(([key]) => key === name)!
  return await repositoriesOf(configuration, name, entry)
}

function refuseSameNamespace(ready: readonly { name: string; repository: Repository }[]): void {
  for (const [index, { name, repository }] of ready.entries()) {
    const other = ready.slice(0, index).find((each) => each.repository.namespace === repository.namespace)
    if (!other) continue
    const roots = [other, { name, repository }].map((each) => `  ${each.name}: ${each.repository.root}`)
    throw new SpackError('repository', `two repositories have the namespace \`${repository.namespace}\``, {
      detail: roots.join('\n'),
      hint: `take one of them out: \`spack repo remove ${other.name === name ? other.repository.root : name}\``,
    })
  }
}

const notCloned = ({ name, destination }: RemoteRepository): SpackError =>
  new SpackError('repository', `the package repository \`${name}\` is not there yet: there is no \`${destination}\``, {
    hint: `clone it: \`spack repo update ${name}\``,
  })

/** The entry of `repos` that has an address. Throws SpackError `repository` when there is no entry of that name. */
export function remoteRepository(configuration: Configuration, name: string): RemoteRepository | undefined {
  const entries = configuration.entries('repos')
  const found = entries.find(([key]) => key === name)
  if (!found) {
    const names = entries.map(([key]) => key)
    throw new SpackError('repository', `no repository \`${name}\` is configured`, {
      hint:
        didYouMean(name, names) ?? (names.length ? `there are: ${names.join(', ')}` : 'see `spack repo add --help`'),
    })
  }
  return typeof found[1] === 'string' ? undefined : describeRemote(configuration, name)
}

/** The repositories at an address that is not configured yet, which is cloned. Throws SpackError when one is broken. */
export async function loadRemote(
  configuration: Configuration,
  name: string,
  entry: { git: string; destination?: string; paths?: readonly string[] },
  world: CloneOptions,
): Promise<Repository[]> {
  const destination = entry.destination ?? defaultDestination(configuration, entry.git)
  const remote: RemoteRepository = { name, git: entry.git, destination }
  if (!isCloned(destination)) await cloneRepository(remote, world)
  const found = await readClone(remote, entry.paths)
  const broken = found.find((each) => each.kind === 'broken')
  if (broken?.kind === 'broken') throw broken.error
  return found.flatMap((each) => (each.kind === 'ready' ? [each.repository] : []))
}

function describeRemote(configuration: Configuration, name: string): RemoteRepository {
  const text = (key: string): string | undefined => {
    const value = configuration.get(['repos', name, key])
    return typeof value === 'string' ? value : undefined
  }
  const git = text('git')
  if (git === undefined) {
    throw new SpackError('repository', `the repository \`${name}\` has neither a path nor a \`git\``, {
      hint: 'see `spack config get repos`',
    })
  }
  const [commit, tag, branch] = [text('commit'), text('tag'), text('branch')]
  const destination = configuration.path(['repos', name, 'destination']) ?? defaultDestination(configuration, git)
  return {
    name,
    git,
    destination,
    ...(commit ? { commit } : {}),
    ...(tag ? { tag } : {}),
    ...(branch ? { branch } : {}),
  }
}

/** Below the user's cache, by the address. */
function defaultDestination(configuration: Configuration, git: string): string {
  const hash = base32(sha1Of(git)).slice(-7)
  return join(configuration.paths.userCache, 'package_repos', hash)
}

async function repositoriesOf(
  configuration: Configuration,
  name: string,
  entry: ConfigValue,
): Promise<ConfiguredRepository[]> {
  if (typeof entry === 'string') {
    const found = await tryRead(name, configuration.path(['repos', name]) ?? entry)
    return [found.kind === 'broken' ? { ...found, error: locatedError(found.error, configuration, name) } : found]
  }
  const remote = describeRemote(configuration, name)
  if (!isCloned(remote.destination)) return [{ kind: 'not-cloned', name, remote }]
  const paths = configuration.get(['repos', name, 'paths'])
  return await readClone(remote, Array.isArray(paths) ? paths.map(String) : undefined)
}

/** The repositories in a clone: at `paths`, or where it says itself. */
async function readClone(remote: RemoteRepository, paths?: readonly string[]): Promise<ConfiguredRepository[]> {
  const { name } = remote
  try {
    const below = paths ?? (await indexedPaths(remote.destination))
    return await Promise.all(checkedPaths(remote, below).map((path) => tryRead(name, join(remote.destination, path))))
  } catch (error) {
    if (error instanceof SpackError) return [{ kind: 'broken', name, root: remote.destination, error }]
    throw error
  }
}

/** Paths of a file that came with a clone lead nowhere else. */
function checkedPaths({ name, destination }: RemoteRepository, paths: readonly string[]): readonly string[] {
  const bad = paths.find((path) => isAbsolute(path) || path.split('/').includes('..'))
  if (bad === undefined) return paths
  throw new SpackError(
    'repository',
    `the path \`${bad}\` of the repository \`${name}\` leads out of \`${destination}\``,
  )
}

async function tryRead(name: string, root: string): Promise<ConfiguredRepository> {
  try {
    return { kind: 'ready', name, repository: await readRepository(root) }
  } catch (error) {
    if (error instanceof SpackError) return { kind: 'broken', name, root, error }
    throw error
  }
}

/** What is wrong with a repository, with the line that configures it. */
function locatedError(error: SpackError, configuration: Configuration, name: string): SpackError {
  const place = configuration.origin(['repos', name])
  if (error.where || !place?.line) return error
  const { code, message, detail, hint } = error
  return new SpackError(code, message, { where: `${place.file}:${place.line}`, detail, hint, cause: error })
}

/** Where the repositories of a clone are, by its `spack-repo-index.yaml`; without one the clone is the repository. */
async function indexedPaths(destination: string): Promise<string[]> {
  const file = join(destination, 'spack-repo-index.yaml')
  if (!existsSync(file)) return ['.']
  const { parse } = await import('yaml')
  let index: { repo_index?: { paths?: unknown } } | null
  try {
    index = parse(readFileSync(file, 'utf8')) as typeof index
  } catch (error) {
    throw new SpackError('repository', 'the index of repositories is no YAML', { where: file, cause: error })
  }
  const paths = index?.repo_index?.paths
  if (!Array.isArray(paths)) {
    throw new SpackError('repository', 'the index of repositories has no list `repo_index: paths:`', { where: file })
  }
  return paths.map(String)
}
