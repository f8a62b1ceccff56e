// `spack audit`: checks of recipes.

import { type AuditGroup, auditGroups, audit as auditRecipes, type Issue } from '../recipes/audit.ts'
import { colourize } from '../spec/colour.ts'
import { SpackError } from '../ui/error.ts'
import type { Command } from './command.ts'
import type { Invocation } from './invocation.ts'
import { withRecipes } from './recipes.ts'

const packages: Command = {
  name: 'packages',
  summary: 'audit package recipes',
  positional: '[PKG ...]',
  run: async (invocation, args) =>
    await withRecipes(invocation, (path) => {
      const names = args.positional.length ? args.positional : path.names
      const results = auditGroups.map((group) => report(invocation, group, auditRecipes(group, path, names)))
      const failures = path.indexes.flatMap((index) => index.failures)
      const broken = args.positional.length ? [] : failures
      for (const { name, message, where } of broken) invocation.say(`${where ?? name}: ${message}\n`)
      return results.some((count) => count > 0) || broken.length > 0 ? 1 : 0
    }),
}

/** Prints what a group found; returns how many issues that were. */
function report(invocation: Invocation, { name }: AuditGroup, issues: readonly Issue[]): number {
  const count = `${issues.length} issue${issues.length === 1 ? '' : 's'} found`
  const status = issues.length ? `@*r{${count}}` : '@*g{passed}'
  invocation.print(`${name}: ${colourize(status, invocation.stdoutHasColour)}\n`)
  const digits = String(issues.length).length
  for (const [index, { package: owner, summary, detail }] of issues.entries()) {
    invocation.print(`${String(index + 1).padStart(digits)}. ${owner}: ${summary}\n${detail ? `    ${detail}\n` : ''}`)
  }
  return issues.length
}

const list: Command = {
  name: 'list',
  summary: 'list available checks and exits',
  run: (invocation) => {
    invocation.print(colourize('@*b{packages}:\n', invocation.stdoutHasColour))
    for (const { title, checks } of auditGroups) {
      invocation.print(`  ${title}\n`)
      if (invocation.options.verbose) {
        for (const [index, check] of checks.entries()) invocation.print(`    ${index + 1}. ${check.title}\n`)
        invocation.print('\n')
      }
    }
    invocation.print('\n')
    return 0
  },
}

const unavailable = (name: string, why: string): Command => ({
  name,
  summary: `not available: ${why}`,
  takesAnything: true,
  run: () => {
    throw new SpackError('not-available', `\`spack audit ${name}\` is not available: ${why}`)
  },
})

export const audit: Command = {
  name: 'audit',
  summary: 'audit configuration files, packages, etc.',
  subcommands: [
    unavailable('configs', 'settings are checked whenever they are read'),
    unavailable('externals', 'the examples of installations that it needs are tests of Spack'),
    unavailable('packages-https', 'it asks thousands of servers'),
    packages,
    list,
  ],
}
