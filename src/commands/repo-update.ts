// `spack repo update`: brings clones of package repositories up to date.

import { editableScope } from '../config/edit.ts'
import { configuredRepositories, remoteRepository } from '../recipes/configured-repositories.ts'
import { currentCommit, type RemoteRepository, updateRepository } from '../recipes/repository-clone.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Command, flagText } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { changeRemote } from './repo-change.ts'

/** What of a repository is wanted; a commit or a tag takes the place of the other. */
const references = ['commit', 'tag', 'branch'] as const

export const repoUpdate: Command = {
  name: 'update',
  summary: 'update one or more package repositories',
  positional: '[names ...]',
  flags: [
    {
      name: 'remote',
      short: 'r',
      kind: 'string',
      value: 'REMOTE',
      help: 'name of remote to check for branches, tags, or commits',
    },
    { name: 'scope', kind: 'string', value: 'SCOPE', help: 'configuration scope to modify' },
    { name: 'branch', short: 'b', kind: 'string', value: 'BRANCH', help: 'name of a branch to change to' },
    { name: 'tag', short: 't', kind: 'string', value: 'TAG', help: 'name of a tag to change to' },
    { name: 'commit', short: 'c', kind: 'string', value: 'COMMIT', help: 'name of a commit to change to' },
  ],
  run: async (invocation, args) => {
    const made = await configuration(invocation)
    const names = args.positional.length ? args.positional : made.entries('repos').map(([name]) => name)
    const wanted = wantedReference(args)
    for (const name of names) {
      const remote = remoteRepository(made, name)
      if (!remote && wanted) {
        throw new SpackError(
          'repository',
          `\`${name}\` is a folder and no git repository: it has no branches to choose from`,
        )
      }
      if (remote) await update(invocation, args, wanted ? { ...withoutPins(remote), ...wanted } : remote)
      else if (args.positional.length) {
        invocation.say(`==> Warning: ${name} is a folder and no git repository: there is nothing to update\n`)
      }
      if (!wanted) continue
      const scope = editableScope(made, flagText(args, 'scope'))
      const pins = { commit: null, tag: null }
      await changeRemote(made, scope, name, { ...pins, ...wanted })
    }
    return 0
  },
}

/** The reference that a flag names. Throws SpackError `usage` unless it is one, for one repository. */
function wantedReference(args: Arguments): Partial<Record<(typeof references)[number], string>> | undefined {
  const given = references.filter((each) => flagText(args, each) !== undefined)
  if (given.length === 0) return undefined
  if (given.includes('commit') && given.includes('tag')) {
    throw new SpackError('usage', '`--commit` and `--tag` exclude each other', { exitCode: 2 })
  }
  if (args.positional.length !== 1) {
    throw new SpackError('usage', `\`--${given[0]}\` is for one repository: name it`, { exitCode: 2 })
  }
  return Object.fromEntries(given.map((each) => [each, flagText(args, each)!]))
}

const withoutPins = ({ commit: _commit, tag: _tag, ...rest }: RemoteRepository): RemoteRepository => rest

async function update(invocation: Invocation, args: Arguments, remote: RemoteRepository): Promise<void> {
  const before = await currentCommit(remote, invocation)
  await updateRepository(remote, flagText(args, 'remote') ?? 'origin', invocation)
  const after = await currentCommit(remote, invocation)
  if (before === after) return invocation.print(`==> ${remote.name}: Already up to date.\n`)
  const configured = await configuredRepositories(await configuration(invocation))
  const broken = configured.find((each) => each.name === remote.name && each.kind === 'broken')
  if (broken?.kind === 'broken') {
    throw new SpackError('repository', `${remote.name} was updated and cannot be used: ${broken.error.message}`, {
      ...(broken.error.where ? { where: broken.error.where } : {}),
      ...(before ? { hint: `go back: \`spack repo update ${remote.name} --commit ${before}\`` } : {}),
    })
  }
  invocation.print(`==> ${remote.name}: Updated successfully.\n`)
}
