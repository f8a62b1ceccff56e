// What the words after `spack install` ask for.

import { cachePoliciesValue, parseCachePolicies } from '../depfile/cache-policies.ts'
import type { CachePolicies } from '../depfile/graph.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Flag, flagInteger, flagOn, flagText } from './command.ts'
import { concretizerFlags, forceFlag, type Tests } from './concretizer-flags.ts'

export interface InstallRequest {
  /** As typed; none: the whole environment. */
  specs: readonly string[]
  only: 'package' | 'dependencies' | undefined
  /** `--add`: specs shall become roots. */
  add: boolean
  onlyConcrete: boolean
  cachePolicies: CachePolicies
  /** `-j`; undefined: as configured, or as an outer make says. */
  jobs: number | undefined
  /** Also with `only`, follow dependencies that only builds need. */
  includeBuildDependencies: boolean
  overwrite: boolean
  assumeYes: boolean
  failFast: boolean
  verbose: boolean
  checkSignatures: boolean
  showLogOnError: boolean
  /** `--test`: which packages are tested while they are built. */
  tests: Tests | undefined
  /** Words for the installer of each spec that concern builds from source. */
  buildWords: readonly string[]
}

/** Flags of builds from source, which are passed on to the installer of each spec. */
const buildFlags: readonly Flag[] = [
  { name: 'keep-prefix', help: 'keep the prefix of a failed build' },
  { name: 'keep-stage', help: 'keep the stage of a build that succeeds' },
  { name: 'dont-restage', help: 'build in sources that are there already, as they are' },
  { name: 'source', help: 'install source files in the prefix' },
  { name: 'no-checksum', short: 'n', help: 'do not check digests of sources; those of binaries always are' },
  { name: 'clean', help: 'unset variables that are harmful in builds (default)' },
  { name: 'dirty', help: 'keep the environment of the user in builds' },
  { name: 'test', kind: 'string', choices: ['root', 'all'], help: 'run tests while packages are built' },
  {
    name: 'until',
    short: 'u',
    kind: 'string',
    value: 'PHASE',
    help: 'stop builds after this phase, installing nothing',
  },
  { name: 'stop-at', kind: 'string', value: 'PHASE', help: 'stop builds before this phase, installing nothing' },
]
export const installFlags: readonly Flag[] = [
  {
    name: 'only',
    kind: 'string',
    choices: ['package', 'dependencies'],
    help: 'install only the packages, or only what they need (default: both)',
  },
  { name: 'jobs', short: 'j', kind: 'integer', value: 'JOBS', help: 'how many jobs run at once' },
  { name: 'overwrite', help: 'reinstall existing specs, even if others depend on them' },
  { name: 'fail-fast', help: 'stop everything at the first failure (default: go on with what does not need it)' },
  { name: 'use-cache', help: 'look for binaries in mirrors (default)' },
  { name: 'no-cache', help: 'do not look for binaries in mirrors' },
  { name: 'cache-only', help: 'only install binaries from mirrors, without what only builds would need' },
  {
    name: 'use-buildcache',
    kind: 'string',
    value: cachePoliciesValue,
    help: '`auto` is as --use-cache, `only` as --cache-only, `never` as --no-cache',
  },
  { name: 'no-check-signature', help: 'do not check signatures of binaries (overrides what mirrors say)' },
  { name: 'show-log-on-error', help: 'print the whole log of a failure (always done)' },
  { name: 'verbose', short: 'v', help: 'say more while installing' },
  { name: 'fake', help: 'not possible' },
  { name: 'log-format', kind: 'string', choices: ['junit', 'cdash'], help: 'not possible yet' },
  { name: 'log-file', kind: 'string', value: 'FILE', help: 'not possible yet' },
  { name: 'only-concrete', help: 'only install what is concretized' },
  { name: 'add', help: 'add the specs to the environment as roots' },
  { name: 'no-add', help: 'do not add the specs to the environment (default)' },
  { name: 'yes-to-all', short: 'y', help: 'assume "yes" is the answer to every confirmation request' },
  {
    name: 'concurrent-packages',
    short: 'p',
    kind: 'integer',
    value: 'PACKAGES',
    help: 'how many packages are installed at once; with -j the jobs decide',
  },
  { name: 'include-build-deps', help: 'with --cache-only, also install what only builds would need' },
  ...buildFlags,
  ...concretizerFlags,
  forceFlag,
]

/** Flags of Spack that ask for what cannot be done yet. */
const refused: Readonly<Record<string, string>> = {
  fake: 'nothing is installed for show',
  'log-format': 'reports are not written yet',
  'log-file': 'reports are not written yet',
}

/** Throws SpackError `usage` where flags exclude each other. */
export function readInstallRequest(args: Arguments): InstallRequest {
  refuseTogether(args, ['add', 'no-add'])
  refuseTogether(args, ['clean', 'dirty'])
  refuseTogether(args, ['use-cache', 'no-cache', 'cache-only', 'use-buildcache'])
  refuseImpossible(args)
  return {
    specs: [...args.positional, ...args.rest],
    only: flagText(args, 'only') as InstallRequest['only'],
    add: flagOn(args, 'add'),
    onlyConcrete: flagOn(args, 'only-concrete'),
    cachePolicies: cachePoliciesOf(args),
    jobs: positiveNumber(args, 'jobs') ?? positiveNumber(args, 'concurrent-packages'),
    includeBuildDependencies: flagOn(args, 'include-build-deps'),
    overwrite: flagOn(args, 'overwrite'),
    assumeYes: flagOn(args, 'yes-to-all'),
    failFast: flagOn(args, 'fail-fast'),
    verbose: flagOn(args, 'verbose'),
    checkSignatures: !flagOn(args, 'no-check-signature'),
    showLogOnError: flagOn(args, 'show-log-on-error'),
    tests: flagText(args, 'test') as Tests | undefined,
    buildWords: buildWords(args),
  }
}

const buildWords = (args: Arguments): string[] =>
  buildFlags.flatMap(({ name, kind }) => {
    if (kind !== 'string') return flagOn(args, name) ? [`--${name}`] : []
    const value = flagText(args, name)
    return value === undefined ? [] : [`--${name}=${value}`]
  })

function positiveNumber(args: Arguments, name: string): number | undefined {
  const value = flagInteger(args, name)
  if (value === undefined || value >= 1) return value
  throw new SpackError('usage', `\`--${name} ${value}\` is less than 1`, {
    exitCode: 2,
    hint: 'see `spack install --help`',
  })
}

const isGiven = (args: Arguments, name: string): boolean => args.flags[name] !== false && args.flags[name] !== undefined

function refuseImpossible(args: Arguments): void {
  const name = Object.keys(refused).find((flag) => isGiven(args, flag))
  if (name === undefined) return
  throw new SpackError('usage', `\`--${name}\` cannot be used: ${refused[name]}`, {
    exitCode: 2,
    hint: 'leave it out, or install with Spack',
  })
}

function cachePoliciesOf(args: Arguments): CachePolicies {
  if (flagOn(args, 'cache-only')) return parseCachePolicies('only')
  if (flagOn(args, 'no-cache')) return parseCachePolicies('never')
  return parseCachePolicies(flagText(args, 'use-buildcache'))
}

function refuseTogether(args: Arguments, names: readonly string[]): void {
  const given = names.filter((name) => isGiven(args, name))
  if (given.length < 2) return
  throw new SpackError('usage', `${given.map((name) => `\`--${name}\``).join(' and ')} exclude each other`, {
    exitCode: 2,
    hint: 'see `spack install --help`',
  })
}

/** For words that name nothing. */
export const needsSpec = (): SpackError =>
  new SpackError('no-environment', '`spack install` needs a spec or an environment', {
    hint: 'name a spec, activate an environment with `spack env activate NAME`, or name it: `spack -e NAME install`, `spack -e DIR install`',
  })
