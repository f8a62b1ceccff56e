// `spack dependents`: what may depend on a package, or what is installed and does depend on an installed spec.

import { dependentsByName } from '../recipes/possible-dependencies.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { type Deptype, deptypeBits } from '../spec/spec.ts'
import type { Command } from './command.ts'
import { flagOn } from './command.ts'
import { listRelatives } from './installed-relatives.ts'
import { fullName, inColumns, oneSpec, withRecipes } from './recipes.ts'

export const dependents: Command = {
  name: 'dependents',
  summary: 'show packages that depend on another',
  positional: 'spec',
  flags: [
    {
      name: 'installed',
      short: 'i',
      help: 'list installed dependents of an installed spec instead of possible dependents of a package',
    },
    { name: 'transitive', short: 't', help: 'show all transitive dependents' },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'installed')) {
      return await listRelatives(invocation, args, 'dependents', Object.keys(deptypeBits) as Deptype[])
    }
    const spec = oneSpec(args, 'spack dependents')
    return await withRecipes(invocation, (path) => {
      if (!path.isVirtual(spec.name)) path.require(fullName(spec))
      const names = dependentNames(path, spec.name, flagOn(args, 'transitive'))
      invocation.print(names.length ? inColumns(invocation, names) : 'No dependents\n')
      return 0
    })
  },
}

function dependentNames(path: RepositoryPath, name: string, transitive: boolean): string[] {
  const byName = dependentsByName(path)
  const found = new Set<string>(byName.get(name))
  for (const each of transitive ? found : []) {
    for (const dependent of byName.get(each) ?? []) found.add(dependent)
  }
  found.delete(name)
  return [...found].sort()
}
