// `spack mark`: installed packages as asked for (explicit) or as somebody's dependency (implicit), which `spack gc` removes.

import { changeDatabase } from '../store/transaction.ts'
import { SpackError } from '../ui/error.ts'
import type { Command } from './command.ts'
import { flagOn } from './command.ts'
import { findEach, openInstalled, specArguments } from './installed.ts'

export const mark: Command = {
  name: 'mark',
  summary: 'mark packages as explicitly or implicitly installed',
  positional: '[installed_specs ...]',
  flags: [
    { name: 'all', short: 'a', help: 'mark ALL installed packages that match each supplied spec' },
    { name: 'explicit', short: 'e', help: 'mark packages as explicitly installed' },
    { name: 'implicit', short: 'i', help: 'mark packages as implicitly installed' },
  ],
  run: async (invocation, args) => {
    const isExplicit = flagOn(args, 'explicit')
    if (isExplicit === flagOn(args, 'implicit')) {
      throw new SpackError('usage', '`spack mark` needs one of `--explicit` and `--implicit`', { exitCode: 2 })
    }
    const asked = specArguments(args)
    const all = flagOn(args, 'all')
    if (!asked.length && !all) {
      throw new SpackError('usage', '`spack mark` needs at least one spec', {
        exitCode: 2,
        hint: '`spack mark --all` marks all installed packages',
      })
    }
    const { store, installed } = await openInstalled(invocation, asked)
    const query = { tree: 'local' }
    const hint = 'use a more specific spec, or `spack mark --all` to mark all that match'
    const found = asked.length
      ? findEach(installed, asked, query, { all, among: 'installed packages', hint })
      : installed.find(query)
    await changeDatabase(store, (database) => {
      for (const { record } of found) if (database.has(record.hash)) database.change(record.hash, { isExplicit })
    })
    return 0
  },
}
