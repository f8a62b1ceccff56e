// The repositories that the `repos` section names, in order of precedence: the first that has a package supplies it.
//
//     repos:
//       mine: ~/my-recipes/spack_repo/mine
//       builtin:
//         git: https://github.com/spack/spack-packages.git
//         destination: ~/spack-packages       # otherwise below the user's cache
//         paths: [repos/spack_repo/builtin]   # otherwise what `spack-repo-index.yaml` of the clone says

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import type { ConfigValue } from '../config/node.ts'
import { SpackError } from '../ui/error.ts'
import { type Repository, readRepository } from './repository.ts'

export type ConfiguredRepository =
  | { kind: 'ready'; name: string; repository: Repository }
  /** A git repository of which there is no clone yet. */
  | { kind: 'not-cloned'; name: string; git: string; destination: string }
  | { kind: 'broken'; name: string; root: string; error: SpackError }

/** All configured repositories, the one of highest precedence first. */
export async function configuredRepositories(configuration: Configuration): Promise<ConfiguredRepository[]> {
  const lists = configuration.entries('repos').map(async ([name, entry]) => {
    const places = await repositoryRoots(configuration, name, entry)
    if ('git' in places) return [{ kind: 'not-cloned' as const, name, ...places }]
    return await Promise.all(places.roots.map((root) => tryRead(name, root)))
  })
  return (await Promise.all(lists)).flat()
}

/**
 * The repositories that can be used. Throws SpackError `repository` for one that is broken, and when none is left;
 * those that are not cloned yet are passed over.
 */
export async function usableRepositories(configuration: Configuration): Promise<Repository[]> {
  const configured = await configuredRepositories(configuration)
  const broken = configured.find((each) => each.kind === 'broken')
  if (broken?.kind === 'broken') throw broken.error
  const ready = configured.flatMap((each) => (each.kind === 'ready' ? [each.repository] : []))
  if (ready.length > 0) return ready
  const missing = configured.find((each) => each.kind === 'not-cloned')
  if (missing?.kind === 'not-cloned') throw notCloned(missing)
  throw new SpackError('repository', 'no package repository is configured', {
    hint: 'name one: `spack config add repos:NAME:/path/to/spack_repo/NAME`',
  })
}

export const notCloned = ({ name, git, destination }: { name: string; git: string; destination: string }): SpackError =>
  new SpackError('repository', `the package repository \`${name}\` is not there yet: there is no \`${destination}\``, {
    hint: `clone it: \`git clone --depth=1 ${git} ${destination}\``,
  })

async function tryRead(name: string, root: string): Promise<ConfiguredRepository> {
  try {
    return { kind: 'ready', name, repository: await readRepository(root) }
  } catch (error) {
    if (error instanceof SpackError) return { kind: 'broken', name, root, error }
    throw error
  }
}

type Roots = { roots: string[] } | { git: string; destination: string }

async function repositoryRoots(configuration: Configuration, name: string, entry: ConfigValue): Promise<Roots> {
  if (typeof entry === 'string') {
    const root = configuration.path(['repos', name])
    return { roots: [root ?? entry] }
  }
  const git = textAt(configuration, name, 'git')
  if (git === undefined) {
    throw new SpackError('repository', `the repository \`${name}\` has neither a path nor a \`git\``, {
      hint: 'see `spack config get repos`',
    })
  }
  const hash = base32(createHash('sha1').update(git).digest()).slice(-7)
  const destination =
    configuration.path(['repos', name, 'destination']) ?? join(configuration.paths.userCache, 'package_repos', hash)
  if (!existsSync(destination)) return { git, destination }
  const paths = configuration.get(['repos', name, 'paths'])
  const below = Array.isArray(paths) ? paths.map(String) : await indexedPaths(destination)
  return { roots: below.map((path) => join(destination, path)) }
}

function textAt(configuration: Configuration, name: string, key: string): string | undefined {
  const value = configuration.get(['repos', name, key])
  return typeof value === 'string' ? value : undefined
}

/** Where the repositories of a clone are, by its `spack-repo-index.yaml`; without one the clone is the repository. */
async function indexedPaths(destination: string): Promise<string[]> {
  const file = join(destination, 'spack-repo-index.yaml')
  if (!existsSync(file)) return ['.']
  const { parse } = await import('yaml')
  const index = parse(readFileSync(file, 'utf8')) as { repo_index?: { paths?: unknown } } | null
  const paths = index?.repo_index?.paths
  if (!Array.isArray(paths)) {
    throw new SpackError('repository', 'the index of repositories has no list `repo_index: paths:`', { where: file })
  }
  return paths.map(String)
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

function base32(bytes: Buffer): string {
  let bits = 0n
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte)
  return Array.from({ length: (bytes.length * 8) / 5 }, (_, index) => {
    return alphabet[Number((bits >> BigInt(bytes.length * 8 - 5 * (index + 1))) & 31n)]
  }).join('')
}
