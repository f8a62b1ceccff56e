// What recipes say of the virtuals in queries of installed specs.

import type { PackageFacts } from '../spec/facts.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

/**
 * The facts that answer queries: undefined when all names in them are of packages, for then no recipe is needed, and when no
 * repository is there. None is cloned for a query.
 */
export async function queryFacts(
  invocation: Invocation,
  asked: readonly Spec[],
  isPackage: (name: string) => boolean,
): Promise<PackageFacts | undefined> {
  const names = asked.filter(({ concrete }) => !concrete).flatMap((spec) => [...traverseNodes([spec])])
  if (names.every(({ name }) => name === null || isPackage(name))) return undefined
  // Loaded here: most queries need no recipes.
  const { configuredRepositories } = await import('../recipes/configured-repositories.ts')
  const configured = await configuredRepositories(await configuration(invocation))
  if (!configured.some(({ kind }) => kind === 'ready')) return undefined
  const [{ virtualFacts }, { withRecipes }] = await Promise.all([
    import('../recipes/virtual-facts.ts'),
    import('./recipes.ts'),
  ])
  return await withRecipes(invocation, (path) => virtualFacts(path.virtuals()), { clones: false })
}
