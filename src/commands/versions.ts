// `spack versions`: the versions that a recipe declares, and those that its sites offer.

import { compareVersions, isDevelop, parseVersion, type Version } from '../spec/version.ts'
import { SpackError } from '../ui/error.ts'
import type { Command } from './command.ts'
import { flagInteger, flagOn } from './command.ts'
import type { Invocation } from './invocation.ts'
import { fullName, inColumns, oneSpec, withRecipes } from './recipes.ts'
import { remoteVersions } from './remote-versions.ts'

export const versions: Command = {
  name: 'versions',
  summary: 'list available versions of a package',
  positional: 'package',
  flags: [
    { name: 'safe', short: 's', help: 'only list safe versions of the package' },
    { name: 'remote', short: 'r', help: 'only list remote versions of the package' },
    { name: 'new', short: 'n', help: 'only list remote versions newer than the latest checksummed version' },
    {
      name: 'jobs',
      short: 'j',
      aliases: ['concurrency'],
      kind: 'integer',
      value: 'JOBS',
      help: 'explicitly set number of parallel jobs',
    },
  ],
  run: async (invocation, args) => {
    const modes = ['safe', 'remote', 'new'].filter((name) => flagOn(args, name))
    if (modes.length > 1) {
      throw new SpackError('usage', `\`--${modes[0]}\` and \`--${modes[1]}\` exclude each other`, { exitCode: 2 })
    }
    const spec = oneSpec(args, 'spack versions')
    return await withRecipes(invocation, async (path) => {
      const recipe = path.recipe(path.require(fullName(spec)))
      const safe = recipe.versions.map(({ version }) => parseVersion(version))
      if (modes[0] !== 'remote' && modes[0] !== 'new') {
        talk(invocation, 'Safe versions (already checksummed):')
        print(invocation, safe)
      }
      if (modes[0] === 'safe') return 0
      const found = await remoteVersions(invocation, recipe, { jobs: flagInteger(args, 'jobs') ?? 32 })
      const isNew = modes[0] === 'new'
      talk(invocation, isNew ? 'New remote versions (not yet checksummed):' : 'Remote versions (not yet checksummed):')
      const offered = [...found.keys()].map(parseVersion)
      const highest = safe
        .filter((each) => !isDevelop(each))
        .sort(compareVersions)
        .at(-1)
      const known = new Set(safe.map(({ key }) => key))
      const shown = offered.filter((each) =>
        isNew ? !highest || compareVersions(each, highest) > 0 : !known.has(each.key),
      )
      print(invocation, shown)
      if (shown.length === 0) warnNone(invocation, recipe.name, found.size)
      return 0
    })
  },
}

/** Words that only a reader at a terminal needs. */
function talk(invocation: Invocation, text: string): void {
  if (invocation.stdoutWidth !== undefined) invocation.print(`==> ${text}\n`)
}

function print(invocation: Invocation, versions: readonly Version[]): void {
  const sorted = [...versions].sort((a, b) => compareVersions(b, a)).map(({ text }) => text)
  invocation.print(inColumns(invocation, sorted, 2))
}

function warnNone(invocation: Invocation, name: string, found: number): void {
  const text = found === 0 ? `Found no versions for ${name}` : `Found no unchecksummed versions for ${name}`
  invocation.say(`==> Warning: ${text}\n`)
}
