// `spack pkg`: recipes and their history.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { usableRepositories } from '../recipes/configured-repositories.ts'
import { openGit } from '../recipes/git.ts'
import { packageFolder, packageName, type Repository } from '../recipes/repository.ts'
import { parseSpec, parseSpecArguments } from '../spec/parser.ts'
import { satisfies } from '../spec/satisfies.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type Arguments, type Command, flagOn, flagText } from './command.ts'
import { configuration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { fullName, inColumns, oneSpec, withRecipes } from './recipes.ts'

/** The repository whose history is looked at: `builtin`, or else the first. */
async function historic(invocation: Invocation): Promise<Repository> {
  const all = await usableRepositories(await configuration(invocation), invocation)
  return all.find(({ namespace }) => namespace === 'builtin') ?? all[0]!
}

/** Names of the packages that a revision has. */
async function packagesAt(invocation: Invocation, { packages }: Repository, revision: string): Promise<Set<string>> {
  refuseOption(revision)
  const git = openGit(invocation.environ)
  const listed = await git.run(packages, ['ls-tree', '-d', '--name-only', '-z', revision, './'])
  const folders = listed.split('\0').filter((name) => name && !name.startsWith('.') && name !== '__pycache__')
  return new Set(folders.map(packageName))
}

function refuseOption(revision: string): void {
  if (revision.startsWith('-')) throw new SpackError('usage', `\`${revision}\` is no revision`, { exitCode: 2 })
}

const revisions = ({ positional }: Args): [string, string] => [positional[0] ?? 'HEAD^', positional[1] ?? 'HEAD']
type Args = Pick<Arguments, 'positional'>

async function difference(invocation: Invocation, args: Args): Promise<{ removed: string[]; added: string[] }> {
  const repository = await historic(invocation)
  const [before, after] = await Promise.all(revisions(args).map((each) => packagesAt(invocation, repository, each)))
  const without = (a: Set<string>, b: Set<string>) => [...a].filter((name) => !b.has(name)).sort()
  return { removed: without(before!, after!), added: without(after!, before!) }
}

const list: Command = {
  name: 'list',
  summary: 'list packages associated with a particular spack git revision',
  positional: '[rev]',
  run: async (invocation, args) => {
    const names = await packagesAt(invocation, await historic(invocation), args.positional[0] ?? 'HEAD')
    invocation.print(inColumns(invocation, [...names].sort()))
    return 0
  },
}

const diff: Command = {
  name: 'diff',
  summary: 'compare packages available in two different git revisions',
  positional: '[rev1] [rev2]',
  run: async (invocation, args) => {
    const [before, after] = revisions(args)
    const { removed, added } = await difference(invocation, args)
    if (removed.length) invocation.print(`${before}:\n${inColumns(invocation, removed, 4)}\n`)
    if (added.length) invocation.print(`${after}:\n${inColumns(invocation, added, 4)}`)
    return 0
  },
}

const oneSided = (name: 'added' | 'removed'): Command => ({
  name,
  summary: `show packages ${name} since a commit`,
  positional: '[rev1] [rev2]',
  run: async (invocation, args) => {
    invocation.print(inColumns(invocation, (await difference(invocation, args))[name]))
    return 0
  },
})

const changed: Command = {
  name: 'changed',
  summary: 'show packages changed since a commit',
  positional: '[rev1] [rev2]',
  flags: [
    {
      name: 'type',
      short: 't',
      kind: 'string',
      value: 'TYPE',
      help: "types of changes to show (A: added, R: removed, C: changed); default is 'C'",
    },
  ],
  run: async (invocation, args) => {
    const types = (flagText(args, 'type') ?? 'C').toUpperCase()
    if (!/^[ARC]+$/.test(types)) {
      throw new SpackError('usage', `\`${types}\` names no types of changes: they are A, R and C`, { exitCode: 2 })
    }
    const repository = await historic(invocation)
    const [before, after] = revisions(args)
    for (const each of [before, after]) refuseOption(each)
    const { removed, added } = await difference(invocation, args)
    const words = ['diff', '--name-only', '--no-renames', '--relative', '-z', before, after, '--', '.']
    const files = (await openGit(invocation.environ).run(repository.packages, words)).split('\0').filter(Boolean)
    const touched = new Set(files.filter((file) => file.includes('/')).map((file) => packageName(file.split('/')[0]!)))
    const gone = new Set([...removed, ...added])
    const shown = [
      ...(types.includes('C') ? [...touched].filter((name) => !gone.has(name)) : []),
      ...(types.includes('A') ? added : []),
      ...(types.includes('R') ? removed : []),
    ]
    invocation.print(inColumns(invocation, shown.sort()))
    return 0
  },
}

const add: Command = {
  name: 'add',
  summary: 'add a package to the git stage with `git add`',
  positional: 'package ...',
  run: async (invocation, args) => {
    if (args.positional.length === 0) throw new SpackError('usage', 'name the packages to add', { exitCode: 2 })
    const { packages } = await historic(invocation)
    const folders = args.positional.map((name) => packageFolder(name))
    await openGit(invocation.environ).run(packages, ['add', '--', ...folders])
    return 0
  },
}

/** So many characters fit in a command line everywhere. */
const commandLineLength = 100_000

const grep: Command = {
  name: 'grep',
  summary: 'grep for strings in package.py files from all repositories',
  positional: 'grep_args ...',
  takesAnything: true,
  run: async (invocation, args) => {
    const words = args.positional
    if (words.length === 0 || words.includes('--help')) {
      invocation.print('usage: spack pkg grep grep_args ...\n\nruns grep, with these arguments, on all recipes\n')
      return words.length === 0 ? 2 : 0
    }
    return await withRecipes(invocation, (path) => {
      const files = path.names.map((name) => path.find(name)!.file)
      const program = invocation.environ.SPACK_GREP || 'grep'
      let code = 1
      for (const group of groupsOf(files)) {
        const end = runGrep(invocation, program, words, group)
        if (end > 1) return end
        if (end === 0) code = 0
      }
      return code
    })
  },
}

/** Of several files each; a lone last one joins the group before it, since grep would not name it. */
function groupsOf(files: readonly string[]): string[][] {
  const groups: string[][] = []
  let room = 0
  for (const [index, file] of files.entries()) {
    if (room < file.length + 1 && !(index === files.length - 1 && groups.length)) {
      groups.push([])
      room = commandLineLength
    }
    groups.at(-1)!.push(file)
    room -= file.length + 1
  }
  return groups
}

function runGrep(invocation: Invocation, program: string, words: readonly string[], files: readonly string[]): number {
  const colour = invocation.stdoutHasColour ? ['--color=always'] : []
  const { status, stdout, stderr, error } = spawnSync(program, [...colour, ...words, ...files], {
    env: invocation.environ,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  if (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
    throw new SpackError('no-tool', `there is no \`${program}\``, { hint: 'name a grep in `$SPACK_GREP`' })
  }
  invocation.print(stdout)
  invocation.say(stderr)
  return status ?? 2
}

const source: Command = {
  name: 'source',
  summary: 'dump source code for a package',
  positional: 'spec',
  flags: [{ name: 'canonical', short: 'c', help: 'not available: only its hash is kept; see `spack pkg hash`' }],
  run: async (invocation, args) => {
    if (flagOn(args, 'canonical')) {
      throw new SpackError('not-available', 'the canonical source of a recipe is not kept, only its hash', {
        hint: `see \`spack pkg hash ${args.positional.join(' ')}\``,
      })
    }
    const spec = oneSpec(args, 'spack pkg source')
    return await withRecipes(invocation, (path) => {
      const { file } = path.require(fullName(spec))
      if (invocation.stdoutWidth !== undefined) invocation.print(`==> Source for ${file}:\n`)
      invocation.print(readFileSync(file, 'utf8'))
      return 0
    })
  },
}

const hash: Command = {
  name: 'hash',
  summary: 'dump canonical source code hash for a package spec',
  positional: 'spec ...',
  run: async (invocation, args) => {
    const specs = parseSpecArguments([...args.positional, ...args.rest])
    return await withRecipes(invocation, (path) => {
      for (const spec of specs) {
        const { recipe_hash: known } = path.recipe(path.require(fullName(spec)))
        if (known === undefined) throw new SpackError('recipe', `there is no hash of the recipe of \`${spec.name}\``)
        if (typeof known === 'string') invocation.print(`${known}\n`)
        else {
          const bits = known.conditions.map((each, bit) => (satisfies(spec, parseSpec(each)) ? 1 << bit : 0))
          invocation.print(`${known.hashes[known.table[bits.reduce((sum, bit) => sum + bit, 0)]!]}\n`)
        }
      }
      return 0
    })
  },
}

export const pkg: Command = {
  name: 'pkg',
  summary: 'query packages associated with particular git revisions',
  subcommands: [add, list, diff, oneSided('added'), changed, oneSided('removed'), grep, source, hash],
}
