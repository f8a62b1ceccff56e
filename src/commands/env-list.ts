// `spack env list`: the named environments, the active one in colour.

import { environmentNames } from '../environment/environment.ts'
import { columns } from '../ui/columns.ts'
import { paint } from '../ui/terminal.ts'
import type { Command } from './command.ts'
import { activeEnvironment, environmentsRoot } from './configured.ts'

export const envList: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list all managed environments',
  run: async (invocation) => {
    const names = environmentNames(await environmentsRoot(invocation))
    const active = await activeEnvironment(invocation)
    const width = invocation.stdoutWidth
    if (width !== undefined) {
      invocation.print(`==> ${names.length || 'No'} environment${names.length === 1 ? '' : 's'}\n`)
    }
    const shown = names.map((name) => paint(invocation.stdoutHasColour && name === active?.name, 'boldGreen', name))
    for (const line of columns(shown, { width, indent: width === undefined ? 0 : 4 })) invocation.print(`${line}\n`)
    return 0
  },
}
