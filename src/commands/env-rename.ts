// `spack env rename`: another name for a named environment, or another folder for one that has none.

import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import {
  checkEnvironmentName,
  environmentAt,
  isEnvironmentDir,
  isNamedEnvironment,
} from '../environment/environment.ts'
import { makeFolders } from '../folders.ts'
import { SpackError } from '../ui/error.ts'
import { type Command, flagOn } from './command.ts'
import { activeEnvironment, environmentsRoot } from './configured.ts'
import { updateViews } from './environment-update.ts'

export const envRename: Command = {
  name: 'rename',
  aliases: ['mv'],
  summary: 'rename an existing environment',
  description: 'rename a named environment, or move one in a folder; not to or from the active one',
  positional: 'from to',
  flags: [
    { name: 'dir', short: 'd', help: 'both are directories' },
    { name: 'force', short: 'f', help: 'replace an environment that is there already' },
  ],
  run: async (invocation, args) => {
    const [from, to, ...others] = args.positional
    if (from === undefined || to === undefined || others.length) {
      throw new SpackError('usage', '`spack env rename` needs the old name and the new one', { exitCode: 2 })
    }
    const root = await environmentsRoot(invocation)
    const isDir = flagOn(args, 'dir')
    if (!isDir) checkEnvironmentName(to)
    const [oldDir, newDir] = [from, to].map((word) => (isDir ? resolve(invocation.cwd, word) : join(root, word)))
    if (isDir ? !isEnvironmentDir(oldDir!) : !isNamedEnvironment(from, root)) {
      throw new SpackError('no-environment', `there is no environment \`${from}\``, {
        hint: '`spack env list` shows the named environments',
      })
    }
    const active = (await activeEnvironment(invocation))?.dir
    const inUse = [oldDir, newDir].find((dir) => dir === active)
    if (inUse) {
      const message = `\`${inUse === oldDir ? from : to}\` is active`
      throw new SpackError('environment-active', message, { hint: 'first `spack env deactivate`' })
    }
    if (existsSync(newDir!) && !flagOn(args, 'force')) {
      throw new SpackError('environment-exists', `there is \`${to}\` already`, { hint: '`--force` replaces it' })
    }
    replaceFolder(oldDir!, newDir!)
    invocation.say(`==> Renamed environment ${from} to ${to}\n`)
    // Views lead to the old place.
    await updateViews(invocation, environmentAt(newDir!, root))
    return 0
  },
}

/** What was there is moved out of the way first, so that one of the two is there at every instant. */
function replaceFolder(from: string, to: string): void {
  makeFolders(dirname(to))
  const aside = join(dirname(to), `.replaced-${process.pid}`)
  if (existsSync(to)) renameSync(to, aside)
  renameSync(from, to)
  rmSync(aside, { recursive: true, force: true })
}
