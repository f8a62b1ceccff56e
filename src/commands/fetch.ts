// `spack fetch`: the archives of specs brought to their stages and to the download cache.

import type { Spec } from '../spec/spec.ts'
import { type Command, flagOn } from './command.ts'
import { concretizerFlags, concretizerOptions, forceFlag } from './concretizer-flags.ts'
import { openInstalled } from './installed.ts'
import { concreteSpecs, environmentSpecs, withDependencies } from './source-request.ts'
import { checksumFlag, inStage, openSourceWork } from './stages.ts'

export const fetch: Command = {
  name: 'fetch',
  summary: 'fetch archives for packages',
  description:
    'With an active environment the specs can be left out; all of its specs are fetched then, or with --missing those that are not installed.',
  positional: '[spec ...]',
  flags: [
    checksumFlag,
    { name: 'missing', short: 'm', help: 'fetch only missing (not yet installed) dependencies' },
    { name: 'dependencies', short: 'D', help: 'also fetch all dependencies' },
    ...concretizerFlags,
    forceFlag,
  ],
  run: async (invocation, args) => {
    const words = [...args.positional, ...args.rest]
    const onlyMissing = flagOn(args, 'missing')
    const asked = words.length
      ? await concreteSpecs(invocation, words, concretizerOptions(args))
      : await environmentSpecs(invocation, 'spack fetch')
    const all = flagOn(args, 'dependencies') || onlyMissing ? withDependencies(asked) : asked
    const ofPackages = all.filter((spec) => !spec.concrete?.external)
    const specs = onlyMissing ? await notInstalled(ofPackages) : ofPackages
    const work = await openSourceWork(invocation, args)
    try {
      for (const spec of specs) await inStage(work, spec, (stage) => stage.fetch())
    } finally {
      work.close()
    }
    return 0

    async function notInstalled(candidates: readonly Spec[]): Promise<Spec[]> {
      const { installed } = await openInstalled(invocation)
      return candidates.filter((spec) => !installed.locate(spec.concrete!.hash)?.record.isInstalled)
    }
  },
}
