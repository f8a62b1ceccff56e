// What commands about recipes have in common: opening the configured repositories, and the specs they are given.

import { usableRepositories } from '../recipes/configured-repositories.ts'
import { openRepositoryPath, type RepositoryPath } from '../recipes/repository-path.ts'
import { parseSpecArguments } from '../spec/parser.ts'
import type { Spec } from '../spec/spec.ts'
import { columns } from '../ui/columns.ts'
import { SpackError } from '../ui/error.ts'
import type { Arguments } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

export interface OpenOptions {
  /** Whether repositories of which there is no clone are cloned (default), or left out. */
  clones?: boolean
  /** Whether indexes are looked at while work goes on: `RepositoryPath.isCurrent` tells whether it was in vain. */
  isConfirmedLater?: boolean
}

/** Opens the configured repositories for `work`, and closes them after it. */
export async function withRecipes<Result>(
  invocation: Invocation,
  work: (path: RepositoryPath) => Promise<Result> | Result,
  options: OpenOptions = {},
): Promise<Result> {
  const path = await openRecipes(invocation, options)
  try {
    return await work(path)
  } finally {
    path.close()
  }
}

/** Opens the configured repositories; the caller closes them. */
export async function openRecipes(
  invocation: Invocation,
  { clones = true, isConfirmedLater }: OpenOptions = {},
): Promise<RepositoryPath> {
  const made = await configuration(invocation)
  const { environ, say } = invocation
  const repositories = await usableRepositories(made, clones ? { environ, say } : undefined)
  return await openRepositoryPath(repositories, { userCache: made.paths.userCache, environ, say, isConfirmedLater })
}

/** The one spec that a command takes, with a name. Throws SpackError `usage`. */
export function oneSpec(args: Arguments, command: string): Spec & { name: string } {
  const words = [...args.positional, ...args.rest]
  const [spec, ...more] = parseSpecArguments(words)
  if (!spec || more.length) {
    throw new SpackError('usage', `\`${command}\` takes one spec, not ${spec ? more.length + 1 : 'none'}`, {
      exitCode: 2,
      hint: `see \`${command} --help\``,
    })
  }
  if (!spec.name) {
    throw new SpackError('usage', `\`${words.join(' ')}\` names no package`, { exitCode: 2 })
  }
  return spec as Spec & { name: string }
}

/** The name of a spec with its namespace, if it has one. */
export const fullName = ({ name, namespace }: Spec): string => (namespace ? `${namespace}.${name}` : String(name))

/** Texts in columns on a terminal, one a line elsewhere; nothing for none. */
export const inColumns = (invocation: Invocation, texts: readonly string[], indent = 0): string =>
  texts.length ? `${columns(texts, { width: invocation.stdoutWidth, indent }).join('\n')}\n` : ''

/** Characters in a line of the output, which has a width also where it is no terminal. */
export const lineWidth = ({ stdoutWidth, environ }: Invocation): number =>
  stdoutWidth ?? (Number(environ.COLUMNS) || 80)
