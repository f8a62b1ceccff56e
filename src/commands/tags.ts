// `spack tags`: the tags of packages, and the packages that have them.

import { packagesByTag } from '../recipes/package-tags.ts'
import { SpackError } from '../ui/error.ts'
import type { Command } from './command.ts'
import { flagOn } from './command.ts'
import { activeSpecs } from './environment-specs.ts'
import { openInstalled } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { inColumns, withRecipes } from './recipes.ts'

export const tags: Command = {
  name: 'tags',
  summary: 'show package tags and associated packages',
  description:
    'show package tags and associated packages; without a tag the tags of known packages are listed, with some the packages that have at least one of them',
  positional: '[tag ...]',
  flags: [
    { name: 'installed', short: 'i', help: 'show information for installed packages only' },
    { name: 'all', short: 'a', help: 'show packages for all available tags' },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'all') && args.positional.length) {
      throw new SpackError('usage', '`--all` and tags exclude each other', { exitCode: 2 })
    }
    const installed = flagOn(args, 'installed') ? await installedNames(invocation) : undefined
    if (installed?.size === 0) {
      invocation.print('==> No installed packages\n')
      return 0
    }
    return await withRecipes(invocation, (path) => {
      const known = packagesByTag(path)
      const isShown = (name: string) => installed?.has(name) ?? true
      const tagged = (tag: string) => (known.get(tag.toLowerCase()) ?? []).filter(isShown)
      if (args.positional.length || flagOn(args, 'all')) {
        const asked = args.positional.length ? args.positional : [...known.keys()]
        showPackages(invocation, [...new Set(asked)].sort(), tagged, installed ? 'No installed packages' : 'None')
      } else {
        const names = [...known.keys()].filter((tag) => tagged(tag).length > 0)
        showTags(invocation, names, installed ? 'installed' : 'available')
      }
      return 0
    })
  },
}

async function installedNames(invocation: Invocation): Promise<Set<string>> {
  const environment = await activeSpecs(invocation)
  const { installed } = await openInstalled(invocation)
  return new Set(installed.find({ hashes: environment?.hashes }).map(({ spec }) => spec.name!))
}

function showTags(invocation: Invocation, names: readonly string[], kind: string): void {
  const count = `${names.length} ${kind} package tag${names.length === 1 ? '' : 's'}:\n`
  const heading = invocation.stdoutWidth === undefined ? '' : count
  invocation.print(`${heading}${names.length ? inColumns(invocation, names, 4) : '    None\n'}\n`)
}

function showPackages(
  invocation: Invocation,
  tags: readonly string[],
  tagged: (tag: string) => readonly string[],
  none: string,
): void {
  for (const tag of tags) {
    const names = tagged(tag)
    const heading = invocation.stdoutWidth === undefined ? '' : `${tag}:\n`
    invocation.print(`${heading}${names.length ? inColumns(invocation, names, 4) : `    ${none}\n`}\n`)
  }
  invocation.print('\n')
}
