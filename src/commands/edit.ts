// `spack edit`: recipes, and classes of build systems, in the user's editor.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { usableRepositories } from '../recipes/configured-repositories.ts'
import { packageFolder, packageFolders, packageName, type Repository, readRepository } from '../recipes/repository.ts'
import { SpackError } from '../ui/error.ts'
import { closestFew } from '../ui/suggestion.ts'
import { type Arguments, type Command, flagOn, flagText } from './command.ts'
import { configuration } from './configured.ts'
import { editFiles } from './editor.ts'
import type { Invocation } from './invocation.ts'

/** What Spack has as Python files of its own, and there is nothing of here. */
const ownFiles = ['command', 'docs', 'test', 'module'] as const

export const edit: Command = {
  name: 'edit',
  summary: 'open package files in `$EDITOR`',
  positional: '[package ...]',
  flags: [
    { name: 'build-system', short: 'b', help: 'edit the build system with the supplied name or fullname' },
    { name: 'command', short: 'c', help: 'not available: commands are no files of Python here' },
    { name: 'docs', short: 'd', help: 'not available' },
    { name: 'test', short: 't', help: 'not available' },
    { name: 'module', short: 'm', help: 'not available' },
    {
      name: 'repo',
      short: 'r',
      kind: 'string',
      value: 'REPO',
      help: 'path to repo to edit package or build system in',
    },
    {
      name: 'namespace',
      short: 'N',
      kind: 'string',
      value: 'NAMESPACE',
      help: 'namespace of package or build system to edit',
    },
  ],
  run: async (invocation, args) => {
    const own = ownFiles.find((name) => flagOn(args, name))
    if (own) {
      throw new SpackError(
        'not-available',
        `\`spack edit --${own}\` is not available: there are no Python files of that kind`,
      )
    }
    // Without the index: a recipe that cannot be loaded is the one that must be edited.
    const repositories = await chosenRepositories(invocation, args)
    const first = repositories[0]!
    const files = flagOn(args, 'build-system')
      ? args.positional.map((name) => buildSystemFile(repositories, name))
      : args.positional.map((name) => recipeFile(repositories, name))
    const folder = flagOn(args, 'build-system') ? join(first.root, 'build_systems') : first.packages
    await editFiles(invocation, files.length ? files : [folder])
    return 0
  },
}

/** The repositories that `--repo` or `--namespace` means, or all that are configured. */
export async function chosenRepositories(invocation: Invocation, args: Arguments): Promise<Repository[]> {
  const [folder, namespace] = [flagText(args, 'repo'), flagText(args, 'namespace')]
  if (folder !== undefined) return [await readRepository(resolve(invocation.cwd, folder))]
  const all = await usableRepositories(await configuration(invocation), invocation)
  if (namespace === undefined) return all
  const found = all.filter((each) => each.namespace === namespace)
  if (found.length > 0) return found
  throw new SpackError('repository', `no configured repository has the namespace \`${namespace}\``, {
    hint: `there are: ${all.map((each) => each.namespace).join(', ')}`,
  })
}

function splitName(given: string): [namespace: string | undefined, name: string] {
  const dot = given.lastIndexOf('.')
  return dot < 0 ? [undefined, given] : [given.slice(0, dot), given.slice(dot + 1)]
}

function recipeFile(repositories: readonly Repository[], given: string): string {
  const [namespace, name] = splitName(given)
  const looked = repositories.filter((each) => namespace === undefined || each.namespace === namespace)
  for (const { packages } of looked) {
    const file = join(packages, packageFolder(name), 'package.py')
    if (existsSync(file)) return file
  }
  const names = looked.flatMap((each) => packageFolders(each).map(packageName))
  const near = closestFew(name, names).map((each) => `\`${each}\``)
  throw new SpackError('unknown-package', `there is no package \`${given}\``, {
    hint: near.length ? `did you mean ${near.join(', ')}?` : `\`spack create --name ${name}\` makes it`,
  })
}

function buildSystemFile(repositories: readonly Repository[], given: string): string {
  const [namespace, name] = splitName(given)
  const looked = repositories.filter((each) => namespace === undefined || each.namespace === namespace)
  const files = looked.map(({ root }) => join(root, 'build_systems', `${name.replaceAll('-', '_')}.py`))
  const found = files.find((file) => existsSync(file))
  if (found) return found
  throw new SpackError('no-build-system', `there is no build system \`${given}\``, {
    detail: files.map((file) => `  ${file}`).join('\n'),
  })
}
