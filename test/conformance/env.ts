// env: whole environments, from the manifest to the lockfile, over the recipes of the kit.

import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withReusable } from '../../src/concretize/more-reusable.ts'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { concretizeEnvironment, type Unify } from '../../src/environment/concretize.ts'
import { environmentAt, environmentScope } from '../../src/environment/environment.ts'
import { type LockedSpecs, readLockfile, writeLockfile } from '../../src/environment/lockfile.ts'
import { loadEnvironment, lockIncluded } from '../../src/environment/manifest.ts'
import { isolated } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { kitWorld } from './kit-world.ts'
import type { Tally } from './tally.ts'

export async function run(folder: string, tally: Tally): Promise<void> {
  const area = join(folder, 'env')
  const cases = readdirSync(area).filter((name) => /^\d\d-/.test(name))
  for (const name of cases) {
    const expected = comparable(readLockfile(readFileSync(join(area, name, 'spack.lock'), 'utf8'), name))
    const started = performance.now()
    await tally.checkAsync(name, expected, async () => comparable(await lock(folder, name)))
    if (process.env.SPACKMAKE_TIMES) console.log(name, `${Math.round(performance.now() - started)} ms`)
  }
}

/** Concretizes a copy of a case; the lockfile goes through its text. */
async function lock(folder: string, name: string): Promise<LockedSpecs> {
  const dir = scratch()
  cpSync(join(folder, 'env'), join(dir, 'env'), { recursive: true })
  const environ = isolated(dir)
  const environment = environmentAt(join(dir, 'env', name), join(dir, 'named'))
  const configuration = await loadConfiguration({
    environ,
    cwd: dir,
    environmentScopes: [environmentScope(environment)],
    environmentDir: environment.dir,
    commandScopes: [{ name: 'kit', level: 'custom', kind: 'folder', path: join(dir, 'env/cfg'), isWritable: false }],
  })
  const { userSpecs, includeConcrete } = await loadEnvironment(environment, configuration, { environ, cwd: dir })
  const here = (path: string) => path.replace(/^\/work-env/, join(dir, 'env'))
  const included = lockIncluded(includeConcrete.map(here))
  const { world, facts } = kitWorld(folder, configuration)
  const { lockfile } = await concretizeEnvironment(
    {
      userSpecs,
      locked: undefined,
      included: new Map([...included].map(([path, locked]) => [path.replace(join(dir, 'env'), '/work-env'), locked])),
      unify: configuration.get('concretizer:unify') as Unify,
      tests: false,
    },
    { facts, forRequests: (specs) => withReusable(world, specs) },
  )
  return readLockfile(writeLockfile(lockfile), name)
}

/** Nodes by name and hash, and roots, without an order. */
function comparable({ roots, nodes, includeConcrete }: LockedSpecs): unknown {
  return {
    roots: roots.map(({ hash, spec }) => `${spec} ${hash}`).sort(),
    nodes: Object.fromEntries(
      [...nodes.values()]
        .map((node) => [`${node.name}/${node.hash}`, node] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    included: [...includeConcrete].map(([path, locked]): unknown => [path, comparable(locked)]),
  }
}
