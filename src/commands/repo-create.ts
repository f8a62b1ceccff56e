// `spack repo create`: a new, empty repository of recipes.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeFolders } from '../folders.ts'
import { isNamespace, newestApi } from '../recipes/repository.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type Command, flagText } from './command.ts'
import { exactWords } from './words.ts'

export const repoCreate: Command = {
  name: 'create',
  summary: 'create a new package repository',
  positional: 'directory namespace',
  flags: [
    {
      name: 'subdirectory',
      short: 'd',
      kind: 'string',
      value: 'SUBDIR',
      help: "subdirectory to store packages in the repository (default 'packages')",
    },
  ],
  run: (invocation, args) => {
    const [directory, namespace] = exactWords(args, 'spack repo create', 'directory', 'namespace')
    const subdirectory = flagText(args, 'subdirectory') ?? 'packages'
    if (!isNamespace(namespace!)) {
      throw new SpackError('repository', `\`${namespace}\` is no namespace`, {
        hint: 'a namespace is a word of small letters, digits and `_`, or several joined by dots',
      })
    }
    if (!/^[a-z_]\w*$/.test(subdirectory)) {
      throw new SpackError('repository', `\`${subdirectory}\` is no name of a Python package`, {
        hint: 'leave `--subdirectory` out for `packages`',
      })
    }
    const root = join(resolve(invocation.cwd, directory!), 'spack_repo', ...namespace!.split('.'))
    makeRepository(root, namespace!, subdirectory)
    invocation.print(`==> Created repo with namespace '${namespace}'.\n`)
    invocation.print(`==> To register it with spack, run this command:\n  spack repo add ${root}\n`)
    return 0
  },
}

function makeRepository(root: string, namespace: string, subdirectory: string): void {
  try {
    makeFolders(root)
    if (readdirSync(root).length > 0) {
      throw new SpackError('repository', `\`${root}\` is there already, and is not empty`, {
        hint: 'choose another directory or namespace',
      })
    }
    mkdirSync(join(root, subdirectory))
    const lines = ['repo:', `  namespace: '${namespace}'`]
    if (subdirectory !== 'packages') lines.push(`  subdirectory: '${subdirectory}'`)
    writeFileSync(join(root, 'repo.yaml'), `${[...lines, `  api: ${newestApi}`].join('\n')}\n`)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined || !(error instanceof Error)) throw error
    throw new SpackError('repository', `no repository can be made in \`${root}\`: ${error.message}`, { cause: error })
  }
}
