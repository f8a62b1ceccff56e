// The command line of the per-spec installer: the flags of `spack install`, because SPACK_INSTALL_FLAGS is passed on to it.
// An own small reader: this is the start of each of hundreds of processes.

import { SpackError } from '../ui/error.ts'
import type { CachePolicy } from './install-spec.ts'

/** How specs are built from source. */
export interface BuildOptions {
  keepStage: boolean
  /** Of a build that failed. */
  keepPrefix: boolean
  dontRestage: boolean
  /** Put the sources into the prefix. */
  installSource: boolean
  /** undefined: as configured. */
  dirty: boolean | undefined
  test: 'root' | 'all' | undefined
  /** The last phase. */
  until: string | undefined
  /** Stop before this phase. */
  stopBefore: string | undefined
  /** Jobs of one build where there is no jobserver; undefined: as configured. */
  jobs: number | undefined
  checksum: boolean
  /** Show the log while it is written. */
  verbose: boolean
  /** Show Python's traces. */
  debug: boolean
}

export interface InstallerArguments {
  /** `-e`: folder (or name) of the environment. */
  environment: string | undefined
  /** `/HASH`, without the slash. */
  hash: string | undefined
  /** `--finish` instead of a hash. */
  finish: boolean
  cachePolicy: CachePolicy
  checkSignatures: boolean | undefined
  overwrite: boolean
  build: BuildOptions
  verbose: boolean
  /** `3/54`, when the caller counts. */
  progress: string | undefined
  /** Flags that were given and say nothing to this program, with the reason. */
  ignored: { flag: string; reason: string }[]
}

interface FlagRow {
  /** All spellings. */
  names: readonly string[]
  takesValue?: boolean
  /** What it does; a row without is ignored, and says why. */
  apply?: (into: InstallerArguments, value: string) => void
  reason?: string
}

const forMake = 'make decides how much goes on at once'
const forConcretizer = 'the lockfile decides what is installed'
const forReports = 'reports are not written'

const table: readonly FlagRow[] = [
  { names: ['-e', '--env'], takesValue: true, apply: (into, value) => void (into.environment = value) },
  { names: ['--finish'], apply: (into) => void (into.finish = true) },
  { names: ['--progress'], takesValue: true, apply: (into, value) => void (into.progress = value) },
  {
    names: ['--use-buildcache'],
    takesValue: true,
    apply: (into, value) => void (into.cachePolicy = readPolicy(value)),
  },
  { names: ['--use-cache'], apply: (into) => void (into.cachePolicy = 'auto') },
  { names: ['--cache-only'], apply: (into) => void (into.cachePolicy = 'only') },
  { names: ['--no-cache'], apply: (into) => void (into.cachePolicy = 'never') },
  { names: ['--no-check-signature'], apply: (into) => void (into.checkSignatures = false) },
  { names: ['--overwrite'], apply: (into) => void (into.overwrite = true) },
  { names: ['-v', '--verbose'], apply: (into) => void (into.verbose = into.build.verbose = true) },
  { names: ['-j', '--jobs'], takesValue: true, apply: (into, value) => void (into.build.jobs = readJobs(value)) },
  { names: ['--keep-prefix'], apply: (into) => void (into.build.keepPrefix = true) },
  { names: ['--keep-stage'], apply: (into) => void (into.build.keepStage = true) },
  { names: ['--dont-restage'], apply: (into) => void (into.build.dontRestage = true) },
  { names: ['--source'], apply: (into) => void (into.build.installSource = true) },
  { names: ['--clean'], apply: (into) => void (into.build.dirty = false) },
  { names: ['--dirty'], apply: (into) => void (into.build.dirty = true) },
  { names: ['-n', '--no-checksum'], apply: (into) => void (into.build.checksum = false) },
  { names: ['--test'], takesValue: true, apply: (into, value) => void (into.build.test = readTest(value)) },
  { names: ['-u', '--until'], takesValue: true, apply: (into, value) => void (into.build.until = value) },
  { names: ['--stop-at'], takesValue: true, apply: (into, value) => void (into.build.stopBefore = value) },
  { names: ['--debug'], apply: (into) => void (into.build.debug = true) },
  { names: ['--show-log-on-error'], reason: 'the log of a failure is always shown' },
  { names: ['--fail-fast'], reason: 'make stops at the first failure unless it is called with -k' },
  { names: ['-p', '--concurrent-packages'], takesValue: true, reason: forMake },
  { names: ['--only'], takesValue: true, reason: 'make sees to the dependencies' },
  { names: ['--only-concrete', '--no-add', '--add'], reason: forConcretizer },
  { names: ['-y', '--yes-to-all'], reason: 'no questions are asked' },
  { names: ['-U', '--fresh', '--fresh-roots', '--reuse', '--reuse-deps', '-f', '--force'], reason: forConcretizer },
  { names: ['--deprecated'], reason: forConcretizer },
  { names: ['--include-build-deps'], reason: forConcretizer },
  { names: ['--log-format', '--log-file'], takesValue: true, reason: forReports },
]

/** Flags of `spack install` that ask for something else than what this program does. */
const refusedFlags: Readonly<Record<string, string>> = {
  '--fake': 'nothing is ever installed for show',
}

/** Reads the words after the program's name. Throws SpackError `usage` (exit code 2). */
export function readInstallerArguments(words: readonly string[]): InstallerArguments {
  const into: InstallerArguments = {
    environment: undefined,
    hash: undefined,
    finish: false,
    cachePolicy: 'auto',
    checkSignatures: undefined,
    overwrite: false,
    build: defaultBuildOptions(),
    verbose: false,
    progress: undefined,
    ignored: [],
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word.startsWith('/')) takeHash(into, word)
    else i += takeFlag(into, word, words[i + 1])
  }
  if (into.environment === undefined) throw usage('`-e DIR` is missing: the folder of the environment')
  if (into.finish === (into.hash !== undefined)) throw usage('one `/HASH` is wanted, or `--finish`')
  return into
}

const defaultBuildOptions = (): BuildOptions => ({
  keepStage: false,
  keepPrefix: false,
  dontRestage: false,
  installSource: false,
  dirty: undefined,
  test: undefined,
  until: undefined,
  stopBefore: undefined,
  jobs: undefined,
  checksum: true,
  verbose: false,
  debug: false,
})

function readJobs(value: string): number {
  const jobs = Number(value)
  if (Number.isInteger(jobs) && jobs >= 1) return jobs
  throw usage(`\`--jobs ${value}\` is no number of jobs`)
}

function readTest(value: string): 'root' | 'all' {
  if (value === 'root' || value === 'all') return value
  throw usage(`\`--test=${value}\` is none of root, all`)
}

function takeHash(into: InstallerArguments, word: string): void {
  if (!/^\/[a-z2-7]{1,32}$/.test(word)) throw usage(`\`${word}\` is no hash`)
  if (into.hash !== undefined) throw usage('only one spec can be installed at a time')
  into.hash = word.slice(1)
}

/** Gives the number of further words that belong to the flag. */
function takeFlag(into: InstallerArguments, word: string, next: string | undefined): number {
  const [, name = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? /^(-[a-zA-Z])(.+)$/s.exec(word) ?? []
  if (Object.hasOwn(refusedFlags, name)) throw usage(`\`${name}\` cannot be used here: ${refusedFlags[name]}`)
  const row = table.find(({ names }) => names.includes(name))
  if (!row || (value !== undefined && !row.takesValue)) throw usage(`\`${word}\` is not a flag of the installer`)
  const given = value ?? (row.takesValue ? next : '')
  if (given === undefined) throw usage(`\`${name}\` needs a value`)
  if (row.apply) row.apply(into, given)
  else into.ignored.push({ flag: name, reason: row.reason! })
  return row.takesValue && value === undefined ? 1 : 0
}

const policies: readonly string[] = ['auto', 'only', 'never']

/** `auto`, or `package:auto,dependencies:never`; here the spec is always the package. A bare word is for both. */
function readPolicy(text: string): CachePolicy {
  let policy: string = 'auto'
  for (const part of text.split(',')) {
    const [, what, name] = /^(?:(package|dependencies):)?(\w+)$/.exec(part) ?? []
    if (!name || !policies.includes(name))
      throw usage(`\`--use-buildcache=${text}\`: \`${part}\` is none of auto, only, never`)
    if (what !== 'dependencies') policy = name
  }
  return policy as CachePolicy
}

const usage = (message: string): SpackError =>
  new SpackError('usage', message, { exitCode: 2, hint: 'usage: install.js -e DIR [flags of `spack install`] /HASH' })
