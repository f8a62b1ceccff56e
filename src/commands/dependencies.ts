// `spack dependencies`: what a package may depend on, or what an installed spec does depend on.

import { possibleDependencies } from '../recipes/possible-dependencies.ts'
import { type Deptype, deptypeBits } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { Arguments, Command } from './command.ts'
import { flagOn, flagText } from './command.ts'
import { listRelatives } from './installed-relatives.ts'
import type { Invocation } from './invocation.ts'
import { machineSpec } from './machine.ts'
import { fullName, inColumns, oneSpec, withRecipes } from './recipes.ts'

export const dependencies: Command = {
  name: 'dependencies',
  summary: 'show dependencies of a package',
  positional: 'spec',
  flags: [
    {
      name: 'installed',
      short: 'i',
      help: 'list installed dependencies of an installed spec instead of possible dependencies of a package',
    },
    { name: 'transitive', short: 't', help: 'show all transitive dependencies' },
    {
      name: 'deptype',
      kind: 'string',
      value: 'DEPTYPE',
      help: 'comma-separated list of deptypes to traverse (default=build,link,run,test)',
    },
    { name: 'no-expand-virtuals', short: 'V', help: 'do not expand virtual dependencies' },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'installed')) return await listRelatives(invocation, args, 'dependencies', deptypesOf(args))
    return await listPossible(invocation, args)
  },
}

const allDeptypes = Object.keys(deptypeBits) as Deptype[]

/** The deptypes that `--deptype` names. Throws SpackError `usage`. */
function deptypesOf(args: Arguments): Deptype[] {
  const text = flagText(args, 'deptype') ?? 'all'
  if (text === 'all') return allDeptypes
  return text.split(',').map((word) => {
    const known = allDeptypes.find((type) => type === word.trim())
    if (known) return known
    throw new SpackError('usage', `\`${word}\` is no deptype`, {
      exitCode: 2,
      hint: didYouMean(word, allDeptypes) ?? `there are: ${allDeptypes.join(', ')}`,
    })
  })
}

async function listPossible(invocation: Invocation, args: Arguments): Promise<number> {
  const spec = oneSpec(args, 'spack dependencies')
  const expandVirtuals = !flagOn(args, 'no-expand-virtuals')
  const options = {
    deptypes: deptypesOf(args),
    transitive: flagOn(args, 'transitive'),
    expandVirtuals,
    machine: machineSpec(),
  }
  return await withRecipes(invocation, (path) => {
    const found = possibleDependencies(path, fullName(spec), options)
    const names = new Set([...found.packages, ...(expandVirtuals ? [] : found.virtuals)])
    names.delete(spec.name)
    invocation.print(names.size ? inColumns(invocation, [...names].sort()) : 'No dependencies\n')
    return 0
  })
}
