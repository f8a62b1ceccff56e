// `spack restage`: sources as they were fetched, whatever has been done to them since.

import { SpackError } from '../ui/error.ts'
import type { Command } from './command.ts'
import { concreteSpecs } from './source-request.ts'
import { inStage, openSourceWork } from './stages.ts'

export const restage: Command = {
  name: 'restage',
  summary: 'revert checked out package source code',
  positional: 'spec ...',
  run: async (invocation, args) => {
    const words = [...args.positional, ...args.rest]
    if (words.length === 0) {
      throw new SpackError('usage', '`spack restage` needs at least one spec', {
        exitCode: 2,
        hint: 'see `spack restage --help`',
      })
    }
    const specs = await concreteSpecs(invocation, words)
    const work = await openSourceWork(invocation, args)
    try {
      for (const spec of specs) await inStage(work, spec, (stage) => stage.restage())
    } finally {
      work.close()
    }
    return 0
  },
}
