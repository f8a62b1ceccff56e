// `spack compiler find` and `spack compiler remove`.

import type { Configuration } from '../config/configuration.ts'
import { editableScope } from '../config/edit.ts'
import { detectHost } from '../config/host.ts'
import { type Scope, sectionFile } from '../config/scope.ts'
import { compilerNames, configuredCompilers, findCompilers } from '../detection/compilers.ts'
import { type ConfiguredExternal, configuredExternals } from '../detection/configured-externals.ts'
import { completeExternal } from '../detection/external-spec.ts'
import { removeExternals } from '../detection/record-externals.ts'
import { recipeOf } from '../detection/tagged-packages.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { parseSpec } from '../spec/parser.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { printVersionList } from '../spec/version-list.ts'
import { columns } from '../ui/columns.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Arguments, flagOn, flagText } from './command.ts'
import { configuration, forgetConfiguration } from './configured.ts'
import { checkedJobs, sayWarnings } from './external-find.ts'
import type { Invocation } from './invocation.ts'
import { withRecipes } from './recipes.ts'

export function findNewCompilers(invocation: Invocation, args: Arguments): Promise<number> {
  return withRecipes(invocation, async (recipes) => {
    const made = await configuration(invocation)
    const scope = editableScope(made, flagText(args, 'scope'))
    const folders = [...args.positional, ...args.rest]
    const { environ, cwd } = invocation
    const paths = folders.length > 0 ? folders : undefined
    const found = await findCompilers(made, recipes, scope, { environ, cwd, paths, jobs: checkedJobs(args) })
    sayWarnings(invocation, found)
    const { length } = found.added
    if (length > 0) {
      invocation.print(
        `==> Added ${length} new compiler${length > 1 ? 's' : ''} to ${sectionFile(scope, 'packages')}\n`,
      )
      printNames(
        invocation,
        found.added.map(({ spec }) => spec),
      )
    } else invocation.print('==> Found no new compilers\n')
    forgetConfiguration(invocation)
    invocation.print('==> Compilers are defined in the following files:\n')
    printColumns(invocation, compilerFiles(await configuration(invocation), recipes))
    return 0
  })
}

/** The files of all scopes that have compilers and can be changed, the strongest first. */
function compilerFiles(made: Configuration, recipes: RepositoryPath): string[] {
  const scopes = made.scopes.toReversed().filter((scope) => scope.isWritable)
  return scopes
    .filter((scope) => configuredCompilers(made, recipes, scope).length > 0)
    .map((scope) => sectionFile(scope, 'packages') ?? scope.name)
}

const nameOf = ({ name, versions }: Spec): string => `${name}@${printVersionList(versions)}`

const printNames = (invocation: Invocation, specs: readonly Spec[]): void =>
  printColumns(invocation, specs.map(nameOf).sort().reverse())

function printColumns(invocation: Invocation, texts: readonly string[]): void {
  for (const line of columns(texts, { indent: 4, width: invocation.stdoutWidth })) invocation.print(`${line}\n`)
}

interface Candidate {
  scope: Scope
  external: ConfiguredExternal
  node: Spec
}

export function removeCompilers(invocation: Invocation, args: Arguments): Promise<number> {
  return withRecipes(invocation, async (recipes) => {
    const [word, ...others] = [...args.positional, ...args.rest]
    if (word === undefined || others.length > 0) {
      throw new SpackError('usage', 'name one compiler, for instance `gcc@12`', { exitCode: 2 })
    }
    const made = await configuration(invocation)
    const all = candidates(made, recipes, flagText(args, 'scope'))
    const wanted = parseSpec(word)
    const matches = all.filter(({ node }) => satisfies(node, wanted))
    if (matches.length === 0) throw noMatch(word, all)
    const nodes = matches.map(({ node }) => node)
    if (matches.length > 1 && !flagOn(args, 'all')) {
      throw new SpackError('ambiguous', `multiple compilers match the spec \`${word}\`:`, {
        detail: nodes.map((node) => `    ${nameOf(node)}`).join('\n'),
        hint: 'use a stricter spec to select only one, or `spack compiler remove -a` to remove all of them',
      })
    }
    for (const scope of new Set(matches.map((each) => each.scope))) {
      const doomed = matches.filter((each) => each.scope === scope).map(({ external }) => external)
      await removeExternals(scope, doomed)
    }
    invocation.print('==> The following compilers have been removed:\n\n')
    printNames(invocation, nodes)
    invocation.print('\n')
    return 0
  })
}

/** The compilers of a scope, or of all that can be changed, the strongest first. */
function candidates(made: Configuration, recipes: RepositoryPath, scopeName: string | undefined): Candidate[] {
  const scopes =
    scopeName === undefined
      ? made.scopes.toReversed().filter((scope) => scope.isWritable)
      : [editableScope(made, scopeName)]
  const names = new Set(compilerNames(recipes))
  return scopes.flatMap((scope) =>
    configuredExternals(made, scope).flatMap((external): Candidate[] => {
      if (!names.has(external.package)) return []
      const node = completeExternal(external.spec, recipeOf(recipes, external.package), detectHost())
      return node ? [{ scope, external, node }] : []
    }),
  )
}

function noMatch(word: string, all: readonly Candidate[]): SpackError {
  const known = [...new Set(all.map(({ node }) => nameOf(node).replace('@=', '@')))]
  const hint =
    didYouMean(word, [...known, ...all.map(({ node }) => node.name ?? '')]) ??
    (known.length > 0 ? `there are: ${known.join(', ')}` : 'no scope that can be changed has compilers')
  return new SpackError('no-compiler', `no compiler matches \`${word}\``, { hint })
}
