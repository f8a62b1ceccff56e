// `spack repo`: the package repositories in the configuration.

import { type ConfiguredRepository, configuredRepositories } from '../recipes/configured-repositories.ts'
import { colourize, escapeColour } from '../spec/colour.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Command, flagOn, flagText } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'

const list: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'show registered repositories and their namespaces',
  flags: [
    { name: 'scope', kind: 'string', value: 'SCOPE', help: 'configuration scope to read from' },
    { name: 'names', help: 'show configuration names only' },
    { name: 'namespaces', help: 'show repository namespaces only' },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'names') && flagOn(args, 'namespaces')) {
      throw new SpackError('usage', '`--names` and `--namespaces` exclude each other', { exitCode: 2 })
    }
    const configured = await listed(invocation, args)
    if (flagOn(args, 'names')) {
      for (const name of new Set(configured.map((each) => each.name))) invocation.print(`${name}\n`)
      return 0
    }
    const rows = configured.map(listRow)
    if (flagOn(args, 'namespaces')) {
      for (const [state, namespace] of rows) if (state === '@g{[+]}') invocation.print(`${namespace}\n`)
      return 0
    }
    const width = (column: 1 | 2) => Math.max(0, ...rows.map((row) => row[column].length)) + 3
    for (const [state, name, api, place] of rows) {
      const line = `${state} ${name.padEnd(width(1))} ${api.padEnd(width(2))} ${escapeColour(place)}\n`
      invocation.print(colourize(line, invocation.stdoutHasColour))
    }
    return 0
  },
}

async function listed(invocation: Invocation, args: Arguments): Promise<ConfiguredRepository[]> {
  const made = await configuration(invocation)
  const all = await configuredRepositories(made)
  const scope = flagText(args, 'scope')
  if (scope === undefined) return all
  const own = made.scope(scope).section('repos')?.value
  return all.filter(({ name }) => own?.kind === 'map' && own.entries.has(name))
}

function listRow(each: ConfiguredRepository): [state: string, name: string, api: string, place: string] {
  switch (each.kind) {
    case 'ready':
      return ['@g{[+]}', each.repository.namespace, each.repository.api, each.repository.root]
    case 'not-cloned':
      return ['@K{ - }', each.name, '', each.remote.git]
    case 'broken':
      return ['@r{[-]}', each.name, '', `${each.root}: ${each.error.message}`]
  }
}

const change = async () => await import('./repo-change.ts')

export const repo: Command = {
  name: 'repo',
  summary: 'manage package source repositories',
  subcommands: [
    {
      name: 'create',
      summary: 'create a new package repository',
      load: async () => (await import('./repo-create.ts')).repoCreate,
    },
    list,
    {
      name: 'add',
      summary: "add package repositories to Spack's configuration",
      load: async () => (await change()).repoAdd,
    },
    { name: 'set', summary: 'modify an existing repository configuration', load: async () => (await change()).repoSet },
    {
      name: 'remove',
      aliases: ['rm'],
      summary: "remove a repository from Spack's configuration",
      load: async () => (await change()).repoRemove,
    },
    {
      name: 'update',
      summary: 'update one or more package repositories',
      load: async () => (await import('./repo-update.ts')).repoUpdate,
    },
    {
      name: 'index',
      summary: 'bring the index of recipes up to date, and show what could not be loaded',
      load: async () => (await import('./repo-index.ts')).repoIndex,
    },
    {
      name: 'migrate',
      summary: 'not available: Spack 1.x migrates repositories of Package API v1',
      takesAnything: true,
      run: () => {
        throw new SpackError('not-available', '`spack repo migrate` is not available', {
          hint: 'migrate the repository with Spack 1.x: `spack repo migrate --fix PATH`; what it writes can be used here',
        })
      },
    },
  ],
}
