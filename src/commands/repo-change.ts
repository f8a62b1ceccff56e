// `spack repo add`, `set`, `remove`: the entries of `repos` in the configuration.

import { resolve } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import { editableScope, editSection } from '../config/edit.ts'
import { type ConfigMap, type ConfigValue, emptyMap, makeNode } from '../config/node.ts'
import { type Scope, sectionFile } from '../config/scope.ts'
import { configuredRepositories, remoteRepository } from '../recipes/configured-repositories.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Arguments, type Command, type Flag, flagList, flagOn, flagText } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { addedRepository } from './repo-added.ts'
import { exactWords, missingWord } from './words.ts'

const scopeFlag: Flag = { name: 'scope', kind: 'string', value: 'SCOPE', help: 'configuration scope to modify' }
const pathFlag: Flag = {
  name: 'path',
  kind: 'list',
  value: 'PATH',
  help: 'relative path to the Spack package repository inside a git repository',
}

export const repoAdd: Command = {
  name: 'add',
  summary: "add package repositories to Spack's configuration",
  positional: 'path_or_repo [destination]',
  flags: [
    {
      name: 'name',
      kind: 'string',
      value: 'NAME',
      help: 'config name for the package repository, defaults to the namespace of the repository',
    },
    pathFlag,
    scopeFlag,
  ],
  run: async (invocation, args) => {
    const [place, destination, ...more] = args.positional
    if (place === undefined) throw missingWord('path_or_repo', 'spack repo add')
    if (more.length) throw new SpackError('usage', `\`${more[0]}\` is one word too many`, { exitCode: 2 })
    const made = await configuration(invocation)
    const scope = editableScope(made, flagText(args, 'scope'))
    const given = { place, destination, paths: flagList(args, 'path'), name: flagText(args, 'name') }
    if (given.name) refuseKnown(scope, given.name)
    const { name, entry } = await addedRepository(invocation, made, given)
    refuseKnown(scope, name)
    await editRepositories(scope, (repositories) => {
      const others = [...repositories.entries]
      repositories.entries.clear()
      // In front: what was added later comes first.
      putEntry(repositories, name, entry)
      for (const [key, each] of others) repositories.entries.set(key, each)
    })
    invocation.print(`==> Added repo to config with name '${name}'.\n`)
    return 0
  },
}

function refuseKnown(scope: Scope, name: string): void {
  if (!entriesOf(scope)?.entries.has(name)) return
  throw new SpackError('repository', `there is a repository \`${name}\` already in the scope \`${scope.name}\``, {
    hint: `take it out first: \`spack repo remove ${name}\``,
  })
}

export const repoSet: Command = {
  name: 'set',
  summary: 'modify an existing repository configuration',
  positional: 'namespace',
  flags: [
    { name: 'destination', kind: 'string', value: 'DIR', help: 'destination to clone git repository into' },
    pathFlag,
    scopeFlag,
  ],
  run: async (invocation, args) => {
    const [name] = exactWords(args, 'spack repo set', 'namespace')
    const made = await configuration(invocation)
    if (!remoteRepository(made, name!)) {
      throw new SpackError('repository', `the repository \`${name}\` is a folder and no git repository`, {
        hint: `only what has an address can be set; for another folder: \`spack config add repos:${name}:/path\``,
      })
    }
    const [destination, paths] = [flagText(args, 'destination'), flagList(args, 'path')]
    await changeRemote(made, editableScope(made, flagText(args, 'scope')), name!, {
      ...(destination ? { destination: resolve(invocation.cwd, destination) } : {}),
      ...(paths.length ? { paths: [...paths] } : {}),
    })
    invocation.print(`==> Updated repo '${name}'\n`)
    return 0
  },
}

/** Sets keys of an entry in one scope, and takes out those that are `null`. */
export async function changeRemote(
  made: Configuration,
  scope: Scope,
  name: string,
  changes: Readonly<Record<string, ConfigValue | null>>,
): Promise<void> {
  const own = entriesOf(scope)?.entries.get(name)?.value
  const before = own?.kind === 'map' ? made.get(['repos', name]) : undefined
  const isOwn = (key: string) => own?.kind === 'map' && own.entries.has(key)
  const kept = Object.entries((before ?? {}) as Record<string, ConfigValue>).filter(([key]) => isOwn(key))
  const merged = Object.entries({ ...Object.fromEntries(kept), ...changes }).filter(([, value]) => value !== null)
  await editRepositories(scope, (repositories) =>
    putEntry(repositories, name, Object.fromEntries(merged) as ConfigValue),
  )
}

export const repoRemove: Command = {
  name: 'remove',
  aliases: ['rm'],
  summary: "remove a repository from Spack's configuration",
  positional: 'namespace_or_path',
  flags: [
    scopeFlag,
    { name: 'all-scopes', help: 'remove from all config scopes (default: highest scope with matching repo)' },
  ],
  run: async (invocation, args) => {
    const [word] = exactWords(args, 'spack repo remove', 'namespace_or_path')
    const made = await configuration(invocation)
    const names = await namesOf(invocation, made, word!)
    const having = scopesHaving(made, names, args)
    if (having.length === 0) throw unknownRepository(made, word!)
    for (const scope of flagOn(args, 'all-scopes') ? having : having.slice(0, 1)) {
      await editRepositories(scope, (repositories) => {
        for (const name of names) repositories.entries.delete(name)
      })
      invocation.print(`==> Removed repository '${word}' from scope '${scope.name}'.\n`)
    }
    return 0
  },
}

/** The scopes that can be changed and have one of some entries, the strongest first. */
function scopesHaving(made: Configuration, names: readonly string[], args: Arguments): Scope[] {
  const given = flagText(args, 'scope')
  const scopes =
    given === undefined ? made.scopes.toReversed().filter(({ isWritable }) => isWritable) : [editableScope(made, given)]
  return scopes.filter((scope) => names.some((name) => entriesOf(scope)?.entries.has(name)))
}

/** The names of the entries that a name, a namespace or a path means. */
async function namesOf(invocation: Invocation, made: Configuration, word: string): Promise<string[]> {
  if (made.entries('repos').some(([name]) => name === word)) return [word]
  const root = resolve(invocation.cwd, word)
  const configured = await configuredRepositories(made)
  const names = new Set(configured.map(({ name }) => name))
  return [...names].filter((name) =>
    configured
      .filter((each) => each.name === name)
      .every((each) => {
        if (each.kind === 'broken') return each.root === root
        return each.kind === 'ready' && (each.repository.namespace === word || each.repository.root === root)
      }),
  )
}

function unknownRepository(made: Configuration, word: string): SpackError {
  const names = made.entries('repos').map(([name]) => name)
  return new SpackError('repository', `no repository that can be removed has the name, namespace or path \`${word}\``, {
    hint: didYouMean(word, names) ?? '`spack repo list` shows them, `spack config blame repos` where they are set',
  })
}

function entriesOf(scope: Scope): ConfigMap | undefined {
  const value = scope.section('repos')?.value
  return value?.kind === 'map' ? value : undefined
}

async function editRepositories(scope: Scope, change: (repositories: ConfigMap) => void): Promise<void> {
  await editSection(scope, 'repos', (sections) => {
    const mark = { file: sectionFile(scope, 'repos')!, line: 0 }
    const own = sections.entries.get('repos')
    if (own && own.value.kind === 'list') {
      throw new SpackError(
        'repository',
        '`repos` is a list of paths, as it was written before repositories had names',
        {
          where: mark.file,
          hint: 'write it as a map first: `NAME: PATH`',
        },
      )
    }
    const value = own?.value.kind === 'map' ? own.value : emptyMap(mark)
    change(value)
    sections.entries.set('repos', { key: 'repos', strategy: own?.strategy ?? 'merge', mark, value })
  })
}

function putEntry(repositories: ConfigMap, name: string, entry: ConfigValue): void {
  const { mark } = repositories
  repositories.entries.set(name, { key: name, strategy: 'merge', mark, value: makeNode(entry, mark) })
}
