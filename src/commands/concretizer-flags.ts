// The flags that commands have that concretize: what may be reused, and which versions may be chosen.

import type { Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Flag, flagOn } from './command.ts'
import type { WorldOptions } from './concretizer-world.ts'

export const concretizerFlags: readonly Flag[] = [
  { name: 'fresh', short: 'U', help: 'do not reuse installed deps; build newest configuration' },
  { name: 'reuse', help: 'reuse installed packages/buildcaches when possible' },
  { name: 'fresh-roots', aliases: ['reuse-deps'], help: 'concretize with fresh roots and reused dependencies' },
  { name: 'deprecated', help: 'allow concretizer to select deprecated versions' },
]

/** For commands that may concretize an environment, or find specs in one. */
export const forceFlag: Flag = {
  name: 'force',
  short: 'f',
  help: 'allow changes to concretized specs in spack.lock (in an env)',
}

const words = [
  ['fresh', false],
  ['reuse', true],
  ['fresh-roots', 'dependencies'],
] as const

/** What the flags ask for. Throws SpackError `usage` when they contradict each other. */
export function concretizerOptions(args: Arguments): WorldOptions {
  const given = words.filter(([name]) => flagOn(args, name))
  if (given.length > 1) {
    const [first, second] = given.map(([name]) => `\`--${name}\``)
    throw new SpackError('usage', `${first} and ${second} exclude each other`, { exitCode: 2 })
  }
  return {
    ...(given[0] ? { reuse: given[0][1] } : {}),
    ...(flagOn(args, 'deprecated') ? { allowDeprecated: true } : {}),
  }
}

/** `--test`: whether roots or all packages have their test dependencies. */
export type Tests = 'root' | 'all'

/** The packages that have their test dependencies, or whether all do. */
export const testedPackages = (tests: Tests | undefined, roots: readonly Spec[]): boolean | ReadonlySet<string> =>
  tests === 'all' || (tests === 'root' && new Set(roots.flatMap(({ name }) => name ?? [])))
