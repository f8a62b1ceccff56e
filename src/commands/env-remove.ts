// `spack env remove` and `spack env untrack`: named environments go, or only their names.

import { lstatSync, realpathSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Environment, environmentAt, environmentNames, removeEnvironment } from '../environment/environment.ts'
import { loadEnvironment } from '../environment/manifest.ts'
import { renderError, SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Arguments, type Command, flagOn } from './command.ts'
import { activeEnvironment, configurationOf, environmentsRoot } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { askYesOrNo } from './question.ts'

const flags = [
  { name: 'yes-to-all', short: 'y', help: 'assume "yes" is the answer to every confirmation request' },
  { name: 'force', short: 'f', help: 'also when it is active or included in other environments; asks nothing' },
] as const

export const envRemove: Command = {
  name: 'remove',
  aliases: ['rm'],
  summary: 'remove managed environment(s)',
  description:
    'remove named environments; of those that are tracked only the name. Others are just folders: remove them yourself',
  positional: 'env ...',
  flags,
  run: (invocation, args) => removeAll(invocation, args, 'remove'),
}

export const envUntrack: Command = {
  name: 'untrack',
  summary: 'untrack an environment from a directory in Spack',
  positional: 'env ...',
  flags,
  run: (invocation, args) => removeAll(invocation, args, 'untrack'),
}

type Verb = 'remove' | 'untrack'

async function removeAll(invocation: Invocation, args: Arguments, verb: Verb): Promise<number> {
  const words = [...new Set([...args.positional, ...args.rest])]
  if (!words.length) throw new SpackError('usage', `\`spack env ${verb}\` needs a name`, { exitCode: 2 })
  const root = await environmentsRoot(invocation)
  const names = environmentNames(root)
  const complain = (error: SpackError) =>
    invocation.say(`${renderError(error, { colour: invocation.stderrHasColour })}\n`)
  const found: Environment[] = []
  const isForced = flagOn(args, 'force')
  for (const word of words) {
    const refusal = await refusalOf(word, names, root, verb, isForced, invocation)
    if (refusal) complain(refusal)
    else found.push({ ...environmentAt(join(root, word), root), name: word, dir: join(root, word) })
  }
  if (found.length && !isForced && !flagOn(args, 'yes-to-all')) {
    const listed = found.map(({ name }) => name).join(', ')
    const answer = await askYesOrNo(invocation, `==> Really ${verb} ${listed}? [y/N] `)
    if (answer === undefined) {
      throw new SpackError('not-confirmed', `nobody says whether to ${verb} ${listed}`, {
        hint: 'nothing was done; add `-y` (`--yes-to-all`) to go ahead without a question',
      })
    }
    if (!answer) {
      invocation.say('==> Nothing was done\n')
      return 0
    }
  }
  for (const environment of found) invocation.say(`==> ${removeOne(environment)}\n`)
  return found.length < words.length ? 1 : 0
}

async function refusalOf(
  name: string,
  names: readonly string[],
  root: string,
  verb: Verb,
  isForced: boolean,
  invocation: Invocation,
): Promise<SpackError | undefined> {
  if (!names.includes(name)) {
    const hint = didYouMean(name, names) ?? '`spack env list` shows the named environments'
    return new SpackError('no-environment', `there is no environment \`${name}\``, { hint })
  }
  const isTracked = lstatSync(join(root, name)).isSymbolicLink()
  if (verb === 'untrack' && !isTracked) {
    return new SpackError(
      'environment-untracked',
      `\`${name}\` is not tracked, it lives among the named environments`,
      {
        hint: `\`spack env remove ${name}\` removes it altogether`,
      },
    )
  }
  if (isForced) return undefined
  const path = realpathSync(join(root, name))
  const active = await activeEnvironment(invocation)
  if (active && realpathSync(active.dir) === path) {
    return new SpackError('environment-active', `\`${name}\` is active`, { hint: 'first `spack env deactivate`' })
  }
  const user = await findUser(path, names, root, invocation)
  if (user === undefined || isTracked) return undefined
  return new SpackError('environment-used', `\`${name}\` is included in the environment \`${user}\``, {
    hint: '`--force` removes it nevertheless',
  })
}

/** An environment that takes over the specs of the one at `path`. Environments that cannot be read use nothing. */
async function findUser(
  path: string,
  names: readonly string[],
  root: string,
  invocation: Invocation,
): Promise<string | undefined> {
  for (const name of names) {
    const other = environmentAt(join(root, name), root)
    if (realpathSync(other.dir) === path) continue
    try {
      const loaded = await loadEnvironment(other, await configurationOf(invocation, other), invocation)
      if (loaded.includeConcrete.includes(path)) return name
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
    }
  }
  return undefined
}

function removeOne(environment: Environment): string {
  const { dir, name } = environment
  if (lstatSync(dir).isSymbolicLink()) {
    const kept = realpathSync(dir)
    unlinkSync(dir)
    return `Untracked the environment ${name}; it is still in ${kept}`
  }
  removeEnvironment(environment)
  return `Removed the environment ${name}`
}
