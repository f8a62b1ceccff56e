// `spack patch`: sources with their patches, as a build would find them before its first phase.

import type { Command } from './command.ts'
import { concretizerFlags, concretizerOptions, forceFlag } from './concretizer-flags.ts'
import { recipePatchFunction } from './recipe-patch.ts'
import { concreteSpecs, environmentRootSpecs, withDependencies } from './source-request.ts'
import { checksumFlag, inStage, openSourceWork } from './stages.ts'

export const patch: Command = {
  name: 'patch',
  summary: 'patch expanded sources in preparation for install',
  positional: '[spec ...]',
  flags: [checksumFlag, ...concretizerFlags, forceFlag],
  run: async (invocation, args) => {
    const words = [...args.positional, ...args.rest]
    const asked = words.length
      ? await concreteSpecs(invocation, words, concretizerOptions(args))
      : withDependencies(await environmentRootSpecs(invocation, 'spack patch'))
    const work = await openSourceWork(invocation, args)
    try {
      for (const spec of asked.filter(({ concrete }) => !concrete?.external)) {
        const function_ = recipePatchFunction(invocation, work.recipes, spec)
        await inStage(work, spec, async (stage) => {
          const outcome = await stage.patch(function_)
          if (outcome === 'nothing-to-do') invocation.say(`==> No patches needed for ${spec.name}\n`)
          if (outcome === 'patched-before') invocation.say(`==> Already patched ${spec.name}\n`)
          invocation.say(`==> Patched ${spec.name} in ${stage.path}\n`)
        })
      }
    } finally {
      work.close()
    }
    return 0
  },
}
