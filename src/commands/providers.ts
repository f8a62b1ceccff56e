// `spack providers`: who provides a virtual.

import type { RepositoryPath } from '../recipes/repository-path.ts'
import { equalSpecs } from '../spec/compare.ts'
import { constrain } from '../spec/constrain.ts'
import { parseSpec, parseSpecArguments } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { intersects } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { listSpecs } from '../ui/spec-listing.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { Arguments, Command } from './command.ts'
import type { Invocation } from './invocation.ts'
import { inColumns, withRecipes } from './recipes.ts'

export const providers: Command = {
  name: 'providers',
  summary: 'list packages that provide a particular virtual package',
  description:
    'list packages that provide a particular virtual package; without one, the virtual packages themselves are listed',
  positional: '[virtual_package ...]',
  run: async (invocation, args) => await withRecipes(invocation, (path) => list(invocation, args, path)),
}

function list(invocation: Invocation, args: Arguments, path: RepositoryPath): number {
  const names = [...path.virtuals()].flatMap(([name, { providers }]) => (providers.length ? [name] : []))
  const asked = parseSpecArguments([...args.positional, ...args.rest])
  const onTerminal = invocation.stdoutWidth !== undefined
  if (asked.length === 0) {
    invocation.print(`${onTerminal ? 'Virtual packages:\n' : ''}${inColumns(invocation, names, 4)}\n`)
    return 0
  }
  const wrong = asked.find(({ name }) => !names.includes(name ?? ''))
  if (wrong) {
    const text = printSpec(wrong)
    const known = wrong.name && path.find(wrong.name) ? `\`${text}\` is a package and no virtual` : undefined
    throw new SpackError('not-virtual', known ?? `there is no virtual \`${text}\``, {
      hint: didYouMean(wrong.name ?? '', names) ?? '`spack providers` lists the virtuals',
    })
  }
  for (const virtual of asked) {
    if (onTerminal) invocation.print(`${printSpec(virtual)}:\n`)
    const { stdoutHasColour: colour, stdoutWidth: width } = invocation
    invocation.print(`${listSpecs(providersOf(path, virtual), { colour, width })}\n`)
  }
  return 0
}

/** Each provider with the condition under which it provides something of the virtual. */
function providersOf(path: RepositoryPath, virtual: Spec): Spec[] {
  const found: Spec[] = []
  for (const { provider, provides, when } of path.virtuals().get(virtual.name!)!.providers) {
    if (!intersects(parseSpec(provides), virtual, { nodeOnly: true })) continue
    const spec = parseSpec(provider)
    if (when) constrain(spec, parseSpec(when))
    if (!found.some((each) => equalSpecs(each, spec))) found.push(spec)
  }
  return found
}
