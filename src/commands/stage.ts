// `spack stage`: sources fetched and unpacked, as a build would find them.

import { resolve } from 'node:path'
import { parseSpecArguments } from '../spec/parser.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Command, flagList, flagOn, flagText } from './command.ts'
import { concretizerFlags, concretizerOptions, forceFlag } from './concretizer-flags.ts'
import { openInstalled } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { concreteSpecs, environmentRootSpecs, withDependencies } from './source-request.ts'
import { checksumFlag, inStage, openSourceWork } from './stages.ts'

export const stage: Command = {
  name: 'stage',
  summary: 'expand downloaded archive in preparation for install',
  positional: '[spec ...]',
  flags: [
    checksumFlag,
    {
      name: 'path',
      short: 'p',
      kind: 'string',
      value: 'PATH',
      help: 'path to stage package, does not add to spack tree',
    },
    {
      name: 'exclude',
      short: 'e',
      kind: 'list',
      value: 'EXCLUDE',
      help: 'exclude packages that satisfy the specified specs',
    },
    { name: 'skip-installed', short: 's', help: 'dont restage already installed specs' },
    ...concretizerFlags,
    forceFlag,
  ],
  run: async (invocation, args) => {
    const words = [...args.positional, ...args.rest]
    const path = flagText(args, 'path')
    if (path !== undefined && words.length !== 1) {
      throw new SpackError('usage', '`--path` requires a single spec', {
        exitCode: 2,
        hint: 'see `spack stage --help`',
      })
    }
    const asked = words.length
      ? await concreteSpecs(invocation, words, concretizerOptions(args))
      : withDependencies(await environmentRootSpecs(invocation, 'spack stage'))
    const specs = await withoutSkipped(invocation, args, asked)
    const work = await openSourceWork(invocation, args)
    try {
      for (const spec of specs) {
        const place = await inStage(
          work,
          spec,
          async (stage) => {
            await stage.expand()
            return stage.path
          },
          path === undefined ? undefined : resolve(invocation.cwd, path),
        )
        invocation.say(`==> Staged ${spec.name} in ${place}\n`)
      }
    } finally {
      work.close()
    }
    return 0
  },
}

async function withoutSkipped(invocation: Invocation, args: Arguments, specs: readonly Spec[]): Promise<Spec[]> {
  const excluded = parseSpecArguments(flagList(args, 'exclude'))
  const wanted = specs.filter((spec) => {
    return !spec.concrete?.external && !excluded.some((exclusion) => satisfies(spec, exclusion))
  })
  if (!flagOn(args, 'skip-installed')) return wanted
  const { installed } = await openInstalled(invocation)
  return wanted.filter((spec) => !installed.locate(spec.concrete!.hash)?.record.isInstalled)
}
