// `spack maintainers`: who looks after which packages.

import type { RepositoryPath } from '../recipes/repository-path.ts'
import { paintAs } from '../spec/colour.ts'
import { SpackError } from '../ui/error.ts'
import type { Arguments, Command } from './command.ts'
import { flagOn } from './command.ts'
import type { Invocation } from './invocation.ts'
import { inColumns, withRecipes } from './recipes.ts'

export const maintainers: Command = {
  name: 'maintainers',
  summary: 'get information about package maintainers',
  positional: '[package_or_user ...]',
  flags: [
    { name: 'maintained', help: 'show names of maintained packages' },
    { name: 'unmaintained', help: 'show names of unmaintained packages' },
    { name: 'all', short: 'a', help: 'show maintainers for all packages' },
    { name: 'by-user', help: 'show packages for users instead of users for packages' },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'maintained') && flagOn(args, 'unmaintained')) {
      throw new SpackError('usage', '`--maintained` and `--unmaintained` exclude each other', { exitCode: 2 })
    }
    return await withRecipes(invocation, (path) => show(invocation, args, path))
  },
}

/** As Spack: 1 when there is nothing to show. */
function show(invocation: Invocation, args: Arguments, path: RepositoryPath): number {
  const names = path.names.filter((name) => !isVirtualOnly(path, name))
  const asked = args.positional
  if (flagOn(args, 'maintained') || flagOn(args, 'unmaintained')) {
    const chosen = names.filter((name) => maintainersOf(path, name).length > 0 === flagOn(args, 'maintained'))
    return list(invocation, chosen)
  }
  if (asked.length === 0 && !flagOn(args, 'all')) {
    const what = flagOn(args, 'by-user') ? 'user' : 'package'
    throw new SpackError('usage', `name a ${what}, or give \`--all\``, { exitCode: 2 })
  }
  const groups = flagOn(args, 'by-user')
    ? packagesOfUsers(path, names, asked)
    : new Map((asked.length ? asked : names).map((name) => [name, maintainersOf(path, name)]))
  if (!flagOn(args, 'all')) return list(invocation, [...new Set([...groups.values()].flat())].sort())
  const filled = [...groups].filter(([, values]) => values.length > 0).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [key, values] of filled) {
    const shown = invocation.stdoutHasColour ? paintAs('c', key) : key
    invocation.print(`${shown}: ${[...values].sort().join(', ')}\n`)
  }
  return filled.length ? 0 : 1
}

const isVirtualOnly = (path: RepositoryPath, name: string): boolean => path.find(name)!.index.virtuals.has(name)

const maintainersOf = (path: RepositoryPath, name: string): readonly string[] =>
  path.texts(path.require(name)).maintainers ?? []

function packagesOfUsers(
  path: RepositoryPath,
  names: readonly string[],
  users: readonly string[],
): Map<string, string[]> {
  const wanted = new Set(users.map((user) => user.toLowerCase()))
  const packages = new Map<string, string[]>()
  for (const name of names) {
    for (const user of maintainersOf(path, name)) {
      if (wanted.size === 0 || wanted.has(user.toLowerCase())) packages.set(user, [...(packages.get(user) ?? []), name])
    }
  }
  return packages
}

function list(invocation: Invocation, texts: readonly string[]): number {
  invocation.print(inColumns(invocation, texts))
  return texts.length ? 0 : 1
}
