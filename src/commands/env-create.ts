// `spack env create`: a new environment, named or in a folder.

import { join, resolve } from 'node:path'
import { checkEnvironmentName, isNamedEnvironment, namedOrDir } from '../environment/environment.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Command, type Flag, flagList, flagOn, flagText } from './command.ts'
import { configuration, configurationOf, environmentsRoot } from './configured.ts'
import { updateViews } from './environment-update.ts'
import type { Invocation } from './invocation.ts'

/** Flags that `env activate --create` takes too. */
export const keepRelativeFlag: Flag = {
  name: 'keep-relative',
  help: 'leave relative paths of develop, repos and mirrors in the manifest as they are',
}

export const envCreate: Command = {
  name: 'create',
  summary: 'create a new environment',
  description:
    'create a new environment, from a manifest (spack.yaml), a lockfile (its name ends in .lock or .json) or another environment',
  positional: 'env [envfile]',
  flags: [
    { name: 'dir', short: 'd', help: 'create an environment in a specific directory' },
    keepRelativeFlag,
    { name: 'without-view', help: 'do not maintain a view for this environment' },
    { name: 'with-view', kind: 'string', value: 'PATH', help: 'maintain the view at PATH' },
    { name: 'include-concrete', kind: 'list', value: 'ENV', help: 'take over the concrete specs of ENV' },
  ],
  run: async (invocation, args) => {
    const [word, envfile, ...others] = [...args.positional, ...args.rest]
    if (word === undefined || others.length) {
      throw new SpackError('usage', '`spack env create` needs a name or folder, and at most one file', { exitCode: 2 })
    }
    if (flagOn(args, 'without-view') && flagText(args, 'with-view') !== undefined) {
      throw new SpackError('usage', '`--with-view` and `--without-view` exclude each other', { exitCode: 2 })
    }
    await createFrom(invocation, args, word, envfile)
    return 0
  },
}

/** Creates the environment that a name or folder stands for, as the flags say; gives its folder. */
export async function createFrom(
  invocation: Invocation,
  args: Arguments,
  word: string,
  envfile: string | undefined,
): Promise<string> {
  const root = await environmentsRoot(invocation)
  const isDir = flagOn(args, 'dir') || word.includes('/') || word === '.' || word === '..'
  if (!isDir) checkEnvironmentName(word)
  const dir = isDir ? resolve(invocation.cwd, word) : join(root, word)
  const viewPath = flagText(args, 'with-view')
  const includes = flagList(args, 'include-concrete').map((name) => namedOrDir(name, invocation.cwd, async () => root))
  const { createEnvironment } = await import('../environment/create.ts')
  const environment = await createEnvironment(
    dir,
    {
      from: envfile === undefined ? undefined : sourcePath(envfile, root, invocation.cwd),
      view: flagOn(args, 'without-view') ? false : viewPath && resolve(invocation.cwd, viewPath),
      keepRelative: flagOn(args, 'keep-relative'),
      includeConcrete: (await Promise.all(includes)).map((included) => included.dir),
    },
    {
      environ: invocation.environ,
      environmentsRoot: root,
      unify: (await configuration(invocation)).get('concretizer:unify') !== false,
      configurationOf: (other) => configurationOf(invocation, other),
    },
  )
  const what = isDir ? 'independent environment' : `environment ${word}`
  invocation.say(`==> Created ${what} in: ${environment.dir}\n==> Activate with: spack env activate ${word}\n`)
  await updateViews(invocation, environment)
  return environment.dir
}

/** A named environment goes before a file of the same name, as in Spack. */
const sourcePath = (word: string, root: string, cwd: string): string =>
  isNamedEnvironment(word, root) ? join(root, word) : resolve(cwd, word)
