// `spack verify libraries`: whether programs and libraries of installed packages find, in their RPATHs, what they need.

import { unresolvedLibraries } from '../install/unresolved-libraries.ts'
import type { StoredSpec } from '../store/query.ts'
import type { Command } from './command.ts'
import { installedMatches, specName } from './installed.ts'
import { withRecipes } from './recipes.ts'

export const verifyLibraries: Command = {
  name: 'libraries',
  summary: 'verify that shared libraries of installed packages can be located in rpaths (Linux only)',
  positional: '[installed_specs ...]',
  run: async (invocation, args) => {
    const found = (await installedMatches(invocation, args)).filter(({ record }) => !record.node.external)
    invocation.say(`==> Checking ${found.length} packages for shared library resolution\n`)
    let broken = 0
    await withRecipes(invocation, (recipes) => {
      const allowed = ({ spec }: StoredSpec): readonly string[] => {
        const place = recipes.find(`${spec.namespace}.${spec.name}`)
        const names = place && recipes.recipe(place).unresolved_libraries
        return Array.isArray(names) ? names.map(String) : []
      }
      for (const each of found) {
        const { path } = each.record
        const missing = path === null ? [] : unresolvedLibraries(path, allowed(each))
        if (missing.length === 0) continue
        broken += 1
        invocation.print(`${specName(each.spec)}: ${path}:\n`)
        for (const { file, names } of missing) invocation.print(`    ${file}: ${names.join(', ')}\n`)
      }
    })
    if (broken === 0) return 0
    invocation.say(`==> Error: libraries that ${broken} of ${found.length} packages need are not found\n`)
    return 1
  },
}
