// What the words after `spack install` ask for.

import { cachePoliciesValue, parseCachePolicies } from '../depfile/cache-policies.ts'
import type { CachePolicies } from '../depfile/graph.ts'
import { SpackError } from '../ui/error.ts'
import { type Arguments, type Flag, flagInteger, flagOn, flagText } from './command.ts'

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
  overwrite: boolean
  assumeYes: boolean
  failFast: boolean
  verbose: boolean
  checkSignatures: boolean
  showLogOnError: boolean
}

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
  { name: 'only-concrete', help: 'only install what is concretized' },
  { name: 'add', help: 'add the specs to the environment as roots' },
  { name: 'no-add', help: 'do not add the specs to the environment (default)' },
  { name: 'yes-to-all', short: 'y', help: 'assume "yes" is the answer to every confirmation request' },
]

/** Throws SpackError `usage` where flags exclude each other. */
export function readInstallRequest(args: Arguments): InstallRequest {
  refuseTogether(args, ['add', 'no-add'])
  refuseTogether(args, ['use-cache', 'no-cache', 'cache-only', 'use-buildcache'])
  const jobs = flagInteger(args, 'jobs')
  if (jobs !== undefined && jobs < 1) {
    throw new SpackError('usage', `\`-j ${jobs}\` is no number of jobs`, { exitCode: 2, hint: 'it is 1 at least' })
  }
  return {
    specs: [...args.positional, ...args.rest],
    only: flagText(args, 'only') as InstallRequest['only'],
    add: flagOn(args, 'add'),
    onlyConcrete: flagOn(args, 'only-concrete'),
    cachePolicies: cachePoliciesOf(args),
    jobs,
    overwrite: flagOn(args, 'overwrite'),
    assumeYes: flagOn(args, 'yes-to-all'),
    failFast: flagOn(args, 'fail-fast'),
    verbose: flagOn(args, 'verbose'),
    checkSignatures: !flagOn(args, 'no-check-signature'),
    showLogOnError: flagOn(args, 'show-log-on-error'),
  }
}

function cachePoliciesOf(args: Arguments): CachePolicies {
  if (flagOn(args, 'cache-only')) return parseCachePolicies('only')
  if (flagOn(args, 'no-cache')) return parseCachePolicies('never')
  return parseCachePolicies(flagText(args, 'use-buildcache'))
}

function refuseTogether(args: Arguments, names: readonly string[]): void {
  const given = names.filter((name) => args.flags[name] !== false && args.flags[name] !== undefined)
  if (given.length < 2) return
  throw new SpackError('usage', `${given.map((name) => `\`--${name}\``).join(' and ')} exclude each other`, {
    exitCode: 2,
    hint: 'see `spack install --help`',
  })
}
