// What `spack repo add` is given: a folder, or an address that is cloned to see what is in it.

import { resolve } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import type { ConfigValue } from '../config/node.ts'
import { loadRemote } from '../recipes/configured-repositories.ts'
import { type Repository, readRepository } from '../recipes/repository.ts'
import { SpackError } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'

export interface GivenRepository {
  /** A folder or an address. */
  place: string
  destination?: string | undefined
  paths: readonly string[]
  name?: string | undefined
}

/** Its name in the configuration and its entry. Throws SpackError `repository`, and as `cloneRepository`. */
export async function addedRepository(
  invocation: Invocation,
  made: Configuration,
  given: GivenRepository,
): Promise<{ name: string; entry: ConfigValue }> {
  const { place, paths } = given
  if (!isAddress(place)) {
    if (given.destination !== undefined || paths.length) {
      const what = paths.length ? '`--path` is' : 'a destination is'
      throw new SpackError('usage', `${what} for git repositories, and \`${place}\` is a folder`, { exitCode: 2 })
    }
    const root = resolve(invocation.cwd, place)
    const repository = await readRepository(root)
    return { name: given.name ?? repository.namespace, entry: root }
  }
  const destination = given.destination === undefined ? undefined : resolve(invocation.cwd, given.destination)
  const entry = { git: place, ...(paths.length ? { paths: [...paths] } : {}), ...(destination ? { destination } : {}) }
  const found = await loadRemote(made, given.name ?? place, entry, invocation)
  return { name: given.name ?? onlyNamespace(found, place), entry }
}

/** As git has it: a colon that no slash stands before, and that is not the one of a drive. */
function isAddress(place: string): boolean {
  const colon = place.indexOf(':')
  return colon > 1 && !place.slice(0, colon).includes('/')
}

function onlyNamespace(found: readonly Repository[], place: string): string {
  const [first, ...more] = found
  if (first && more.length === 0) return first.namespace
  const namespaces = found.map(({ namespace }) => `\`${namespace}\``).join(', ')
  throw new SpackError('repository', `several repositories are in ${place}: ${namespaces}`, {
    hint: 'say how they are called together: `--name NAME`',
  })
}
