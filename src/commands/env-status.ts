// `spack env status`: which environment is active.

import { resolve } from 'node:path'
import { manifestName } from '../environment/environment.ts'
import type { Command } from './command.ts'
import { activeEnvironment } from './configured.ts'

export const envStatus: Command = {
  name: 'status',
  aliases: ['st'],
  summary: 'print active environment status',
  run: async (invocation) => {
    const environment = await activeEnvironment(invocation)
    if (!environment) invocation.print('==> No active environment\n')
    else if (environment.dir === resolve(invocation.cwd)) {
      invocation.print(`==> Using ${manifestName} in current directory: ${environment.dir}\n`)
    } else invocation.print(`==> In environment ${environment.name}\n`)
    return 0
  },
}
