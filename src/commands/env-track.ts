// `spack env track`: gives an environment in a folder a name, by a link below the environments root.

import { symlinkSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { checkEnvironmentName, isEnvironmentDir, isNamedEnvironment, manifestName } from '../environment/environment.ts'
import { makeFolders } from '../folders.ts'
import { SpackError } from '../ui/error.ts'
import { type Command, flagText } from './command.ts'
import { environmentsRoot } from './configured.ts'

export const envTrack: Command = {
  name: 'track',
  summary: 'track an environment from a directory in Spack',
  positional: 'dir',
  flags: [
    { name: 'name', short: 'n', kind: 'string', value: 'NAME', help: 'custom environment name' },
    { name: 'yes-to-all', short: 'y', help: 'accepted for compatibility; nothing is asked' },
  ],
  run: async (invocation, args) => {
    const [dir, ...others] = args.positional
    if (dir === undefined || others.length) {
      throw new SpackError('usage', '`spack env track` needs one folder', { exitCode: 2 })
    }
    const path = resolve(invocation.cwd, dir)
    if (!isEnvironmentDir(path)) {
      throw new SpackError('no-environment', `\`${path}\` is no environment: it has no \`${manifestName}\``)
    }
    const name = flagText(args, 'name') ?? basename(path)
    checkEnvironmentName(name)
    const root = await environmentsRoot(invocation)
    if (isNamedEnvironment(name, root)) {
      throw new SpackError('environment-exists', `there is an environment \`${name}\` already`, {
        hint: `give it another name: \`spack env track --name NAME ${dir}\``,
      })
    }
    const link = join(root, name)
    makeFolders(dirname(link))
    symlinkSync(path, link)
    invocation.say(`==> Tracking environment in ${path}\n==> Activate with: spack env activate ${name}\n`)
    return 0
  },
}
