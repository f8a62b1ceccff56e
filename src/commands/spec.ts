// `spack spec`: what would be installed for a spec.

import { SpackError } from '../ui/error.ts'
import { type Command, flagOn } from './command.ts'
import { readSpecWords } from './concrete-matches.ts'
import { concretizeRequests } from './concretize-requests.ts'
import { concretizerFlags, concretizerOptions, forceFlag } from './concretizer-flags.ts'
import { activeEnvironment } from './configured.ts'
import { asksForWhole, checkTreeFlags, specTrees, treeFlags, wholeSpecs } from './spec-trees.ts'

export const spec: Command = {
  name: 'spec',
  summary: 'show what would be installed, given a spec',
  positional: '[spec ...]',
  flags: [...treeFlags, ...concretizerFlags, forceFlag],
  run: async (invocation, args) => {
    checkTreeFlags(args)
    const asked = await readSpecWords(invocation, [...args.positional, ...args.rest])
    const environment = asked.length ? undefined : await activeEnvironment(invocation)
    if (!asked.length && !environment) {
      throw new SpackError('usage', '`spack spec` needs a spec, or an active environment', {
        exitCode: 2,
        hint: 'name a spec, its hash (`/abcdefg`) or a file `spec.json`, or an environment: `spack -e DIR spec`',
      })
    }
    const options = concretizerOptions(args)
    const specs = environment
      ? await (await import('./environment-plan.ts')).planEnvironment(invocation, environment, {
          ...options,
          isForced: flagOn(args, 'force'),
        })
      : await concretizeRequests(invocation, asked, options)
    const print = asksForWhole(args) ? wholeSpecs(specs, args, invocation) : specTrees(invocation, args, specs)
    invocation.print(await print)
    return 0
  },
}
