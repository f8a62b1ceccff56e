// `spack verify versions`: whether recipes still know the versions that are installed, and do not deprecate them.

import type { RepositoryPath } from '../recipes/repository-path.ts'
import type { Spec } from '../spec/spec.ts'
import type { Command } from './command.ts'
import { installedMatches, specName } from './installed.ts'
import { withRecipes } from './recipes.ts'

export const verifyVersions: Command = {
  name: 'versions',
  summary: 'check that all versions of installed packages are known to their recipes and not deprecated',
  positional: '[installed_specs ...]',
  run: async (invocation, args) => {
    const found = await installedMatches(invocation, args)
    const faults = await withRecipes(invocation, (recipes) =>
      found.flatMap(({ spec, record }) => {
        const fault = faultOf(spec, recipes)
        return fault === undefined ? [] : [`    ${specName(spec)} in ${record.path}: ${fault}\n`]
      }),
    )
    if (faults.length === 0) return 0
    invocation.print(faults.join(''))
    invocation.say(`==> Error: ${faults.length} installed packages have unknown or deprecated versions\n`)
    return 1
  },
}

function faultOf(spec: Spec, recipes: RepositoryPath): string | undefined {
  const place = recipes.find(`${spec.namespace}.${spec.name}`)
  if (!place) return `no configured repository has a recipe of ${spec.namespace}.${spec.name}`
  const text = spec.versions[0]!.text.replace(/^=/, '')
  const version = recipes.recipe(place).versions.find((each) => each.version === text)
  if (!version) return 'its recipe does not know this version'
  return version.deprecated ? 'this version is deprecated' : undefined
}
