// `spack repo index`: the index of recipes, and what could not be loaded.

import { resolve } from 'node:path'
import { configuredRepositories, usableRepositories } from '../recipes/configured-repositories.ts'
import { openIndex, type RecipeIndex } from '../recipes/recipe-index.ts'
import { type Repository, readRepository } from '../recipes/repository.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Arguments, type Command, flagOn } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

export const repoIndex: Command = {
  name: 'index',
  summary: 'bring the index of recipes up to date, and show what could not be loaded',
  description:
    'Recipes are indexed whenever they are needed; this does it now. REPOSITORY is a folder or a configured namespace; without one all configured repositories are meant. With --export the facts of all packages are printed, one JSON object a line, sorted by name.',
  positional: '[repository]',
  flags: [{ name: 'export', help: 'print the whole index' }],
  run: async (invocation, args) => {
    const { chosen, importable } = await chosenRepositories(invocation, args)
    const userCache = (await configuration(invocation)).paths.userCache
    const { environ, say } = invocation
    const indexes: RecipeIndex[] = []
    for (const repository of importable)
      indexes.push(await openIndex(repository, { userCache, importable, environ, say }))
    const isVirtual = (name: string) => indexes.some(({ virtuals }) => virtuals.has(name))
    let failed = 0
    for (const each of indexes.filter(({ repository }) => chosen.includes(repository))) {
      if (flagOn(args, 'export')) exportIndex(invocation, each, isVirtual)
      else invocation.print(`${each.repository.namespace}: ${each.names.length} packages\n`)
      for (const { name, message, where } of each.failures) invocation.say(`${where ?? name}: ${message}\n`)
      for (const { name, message, where } of each.warnings) {
        invocation.say(`==> Warning: ${where}: \`${name}\`: ${message}\n`)
      }
      failed += each.failures.length
    }
    for (const each of indexes) each.close()
    return failed > 0 ? 1 : 0
  },
}

function exportIndex(invocation: Invocation, each: RecipeIndex, isVirtual: (name: string) => boolean): void {
  for (const name of each.names) invocation.print(`${JSON.stringify(each.recipe(name, isVirtual))}\n`)
}

async function chosenRepositories(
  invocation: Invocation,
  args: Arguments,
): Promise<{ chosen: Repository[]; importable: Repository[] }> {
  const [wanted, ...more] = args.positional
  if (more.length > 0) throw new SpackError('usage', 'give at most one repository', { exitCode: 2 })
  if (wanted?.includes('/')) {
    const named = await readRepository(resolve(invocation.cwd, wanted))
    const configured = await configuredRepositories(await configuration(invocation))
    const others = configured.flatMap((each) => (each.kind === 'ready' ? [each.repository] : []))
    return { chosen: [named], importable: [named, ...others.filter(({ namespace }) => namespace !== named.namespace)] }
  }
  const importable = await usableRepositories(await configuration(invocation), invocation)
  if (wanted === undefined) return { chosen: importable, importable }
  const chosen = importable.filter(({ namespace }) => namespace === wanted)
  if (chosen.length > 0) return { chosen, importable }
  const namespaces = importable.map(({ namespace }) => namespace)
  throw new SpackError('repository', `no configured repository has the namespace \`${wanted}\``, {
    hint: didYouMean(wanted, namespaces) ?? `there are: ${namespaces.join(', ')}`,
  })
}
