// `spack list`: the packages that there are.

import { existsSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { packagesWithTags } from '../recipes/package-tags.ts'
import type { Package, RepositoryPath } from '../recipes/repository-path.ts'
import { compareTexts } from '../spec/text-order.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { Arguments, Command } from './command.ts'
import { flagList, flagOn, flagText } from './command.ts'
import type { Invocation } from './invocation.ts'
import { listFormats } from './list-formats.ts'
import { inColumns, withRecipes } from './recipes.ts'

export const list: Command = {
  name: 'list',
  summary: 'list and search available packages',
  positional: '[filter ...]',
  flags: [
    {
      name: 'repo',
      short: 'r',
      aliases: ['namespace'],
      kind: 'list',
      value: 'REPOS',
      help: 'only list packages from the specified repo/namespace',
    },
    { name: 'only-namespace', short: 'N', kind: 'list', value: 'REPOS', help: 'the same as `--repo`' },
    { name: 'search-description', short: 'd', help: 'filtering will also search the description for a match' },
    {
      name: 'format',
      kind: 'string',
      choices: ['name_only', 'version_json', 'html'],
      help: 'format to be used to print the output [default: name_only]',
    },
    { name: 'virtuals', short: 'v', help: 'include virtual packages in list' },
    { name: 'tag', short: 't', aliases: ['tags'], kind: 'list', value: 'TAG', help: 'filter a package query by tag' },
    { name: 'count', help: 'display the number of packages that would be listed' },
    {
      name: 'update',
      kind: 'string',
      value: 'FILE',
      help: 'write output to the specified file, if any package is newer',
    },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'count') && flagText(args, 'update') !== undefined) {
      throw new SpackError('usage', '`--count` and `--update` exclude each other', { exitCode: 2 })
    }
    return await withRecipes(invocation, (path) => show(invocation, args, path))
  },
}

function show(invocation: Invocation, args: Arguments, path: RepositoryPath): number {
  const found = selectPackages(args, path)
  if (flagOn(args, 'count')) {
    invocation.print(`${found.length}\n`)
    return 0
  }
  const format = flagText(args, 'format') ?? 'name_only'
  const file = flagText(args, 'update')
  if (file !== undefined) return update(invocation, resolve(invocation.cwd, file), path, found, format)
  if (format !== 'name_only') {
    invocation.print(listFormats[format]!(path, found))
    return 0
  }
  invocation.print(
    inColumns(
      invocation,
      found.map(({ name }) => name),
    ),
  )
  if (invocation.stdoutWidth !== undefined) invocation.print(`==> ${found.length} packages\n`)
  return 0
}

function selectPackages(args: Arguments, path: RepositoryPath): Package[] {
  const namespaces = [...flagList(args, 'repo'), ...flagList(args, 'only-namespace')]
  const known = path.indexes.map(({ repository }) => repository.namespace)
  const unknown = namespaces.find((each) => !known.includes(each))
  if (unknown !== undefined) {
    throw new SpackError('repository', `no configured repository has the namespace \`${unknown}\``, {
      hint: didYouMean(unknown, known) ?? `there are: ${known.join(', ')}`,
    })
  }
  const tags = flagList(args, 'tag')
  const tagged = tags.length ? packagesWithTags(path, tags) : undefined
  const filters = [...args.positional, ...args.rest].map(globExpression)
  const isFound = (found: Package): boolean => {
    if (!flagOn(args, 'virtuals') && found.index.virtuals.has(found.name)) return false
    if (tagged && !tagged.has(found.name)) return false
    if (filters.length === 0) return true
    if (filters.some((filter) => filter.test(found.name))) return true
    if (!flagOn(args, 'search-description')) return false
    const { description } = path.texts(found)
    return description !== undefined && filters.some((filter) => filter.test(description))
  }
  const packages = namespaces.length
    ? namespaces.flatMap((each) => packagesOf(path, each))
    : path.names.map((name) => path.find(name)!)
  const byName = new Map(packages.filter(isFound).map((each) => [each.name, each]))
  return [...byName.values()].sort((a, b) => compareTexts(a.name, b.name))
}

function packagesOf(path: RepositoryPath, namespace: string): Package[] {
  const { names } = path.indexes.find(({ repository }) => repository.namespace === namespace)!
  return names.map((name) => path.find(`${namespace}.${name}`)!)
}

/** A glob as an expression for whole texts, whatever their case; one without `*` and `?` may stand anywhere in them. */
function globExpression(glob: string): RegExp {
  const whole = /[*?]/.test(glob) ? glob : `*${glob}*`
  const parts = whole.match(/\[!?\]?[^\]]*\]|./gs) ?? []
  const source = parts.map((part) => {
    if (part === '*') return '[^]*'
    if (part === '?') return '[^]'
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
    return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  })
  return new RegExp(`^(?:${source.join('')})$`, 'i')
}

/** Writes the list to a file that is older than the newest recipe. */
function update(
  invocation: Invocation,
  file: string,
  path: RepositoryPath,
  found: readonly Package[],
  format: string,
): number {
  if (existsSync(file) && statSync(file).mtimeMs > newestRecipeMs(path)) {
    invocation.print(`==> File is up to date: ${file}\n`)
    return 0
  }
  invocation.print(`==> Updating file: ${file}\n`)
  const text =
    format === 'name_only' ? found.map(({ name }) => `${name}\n`).join('') : listFormats[format]!(path, found)
  writeFileSync(file, text)
  return 0
}

function newestRecipeMs({ names, find }: RepositoryPath): number {
  const times = names.map((name) => statSync(find(name)!.file, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return times.reduce((newest, each) => Math.max(newest, each), 0)
}
