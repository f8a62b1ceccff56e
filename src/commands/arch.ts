// `spack arch`: what this machine is, in Spack's words.

import { detectHost } from '../config/host.ts'
import { requireTarget, type Target, targetNames } from '../spec/target.ts'
import { columns } from '../ui/columns.ts'
import { SpackError } from '../ui/error.ts'
import { paint } from '../ui/terminal.ts'
import { type Arguments, type Command, flagOn } from './command.ts'
import type { Invocation } from './invocation.ts'

/** Of each row at most one flag can be given. */
const alternatives = [
  ['platform', 'operating-system', 'target'],
  ['family', 'generic'],
  ['frontend', 'backend'],
] as const

export const arch: Command = {
  name: 'arch',
  summary: 'print architecture information about this machine',
  flags: [
    { name: 'generic-target', short: 'g', help: 'show the best generic target (deprecated: `--generic --target`)' },
    { name: 'known-targets', help: 'show a list of all known targets and exit' },
    { name: 'family', help: 'print generic ISA (x86_64, aarch64, ppc64le, ...)' },
    { name: 'generic', help: 'print feature level (x86_64_v3, armv8.4a, ...)' },
    { name: 'platform', short: 'p', help: 'print only the platform' },
    { name: 'operating-system', short: 'o', help: 'print only the operating system' },
    { name: 'target', short: 't', help: 'print only the target' },
    { name: 'frontend', short: 'f', help: 'print frontend (deprecated)' },
    { name: 'backend', short: 'b', help: 'print backend (deprecated)' },
  ],
  run: (invocation, args) => {
    checkAlternatives(args)
    if (flagOn(args, 'known-targets')) invocation.print(knownTargets(invocation))
    else invocation.print(`${describeHost(invocation, args)}\n`)
    return 0
  },
}

function checkAlternatives(args: Arguments): void {
  if (args.positional.length > 0) {
    throw new SpackError('usage', `\`spack arch\` takes no \`${args.positional[0]}\``, { exitCode: 2 })
  }
  for (const names of alternatives) {
    const [first, second] = names.filter((name) => flagOn(args, name))
    if (!second) continue
    throw new SpackError('usage', `\`--${first}\` and \`--${second}\` exclude each other`, { exitCode: 2 })
  }
}

function describeHost(invocation: Invocation, args: Arguments): string {
  for (const name of ['frontend', 'backend'] as const) {
    if (flagOn(args, name)) invocation.say(`==> Warning: \`--${name}\` is deprecated and means nothing\n`)
  }
  const { platform, os, target } = detectHost()
  const facts = requireTarget(target)
  if (flagOn(args, 'generic-target')) return facts.generic
  const shown = flagOn(args, 'family') ? facts.family : flagOn(args, 'generic') ? facts.generic : target
  if (flagOn(args, 'platform')) return platform
  if (flagOn(args, 'operating-system')) return os
  return flagOn(args, 'target') ? shown : `${platform}-${os}-${shown}`
}

/** All targets by vendor and family, the oldest first; those of no vendor by name. */
function knownTargets({ stdoutHasColour, stdoutWidth }: Invocation): string {
  const targets = targetNames.map(requireTarget)
  const groups = new Map<string, Target[]>([['Generic architectures (families)', []]])
  for (const target of targets) {
    const title =
      target.vendor === 'generic' ? 'Generic architectures (families)' : `${target.vendor} - ${target.family}`
    groups.set(title, [...(groups.get(title) ?? []), target])
  }
  const [generic, ...others] = [...groups].map(([title, members]) => {
    const names = members.sort((a, b) => a.ancestors.length - b.ancestors.length).map(({ name }) => name)
    return { title, names }
  })
  generic!.names.sort()
  others.sort((a, b) => (a.title < b.title ? -1 : 1))
  return [generic!, ...others]
    .map(({ title, names }) => {
      const heading = title.split(' - ').map((part) => paint(stdoutHasColour, 'boldBlue', part))
      return `${heading.join(' - ')}\n${columns(names, { indent: 4, width: stdoutWidth }).join('\n')}\n\n`
    })
    .join('')
}
