// `spack mirror create`: a folder with the sources of specs, to be used as a mirror where there is no network.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { FoundRecipe, Recipes } from '../recipes/recipes.ts'
import { parseSpec, parseSpecArguments } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { intersects, satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { compareVersions, parseVersion } from '../spec/version.ts'
import { intersectsVersions, parseVersionList } from '../spec/version-list.ts'
import { addToMirror, type MirrorChanges } from '../stage/mirror-sources.ts'
import { planVersionWithRecipe } from '../stage/plan-sources.ts'
import type { SourcePlan } from '../stage/source-plan.ts'
import { renderError, SpackError, systemErrorCode } from '../ui/error.ts'
import { type Arguments, type Command, flagInteger, flagOn, flagText } from './command.ts'
import { concretizerFlags, concretizerOptions, forceFlag } from './concretizer-flags.ts'
import { activeEnvironment } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { concreteSpecs, environmentSpecs, lockedMatches, withDependencies } from './source-request.ts'
import { checksumFlag, openSourceWork, type SourceWork } from './stages.ts'

const text = (name: string, value: string, help: string) => ({ name, kind: 'string' as const, value, help })

export const mirrorCreate: Command = {
  name: 'create',
  summary: 'create a directory to be used as a spack mirror, and fill it with package archives',
  positional: '[spec ...]',
  flags: [
    { ...text('directory', 'DIRECTORY', 'directory in which to create mirror'), short: 'd' },
    {
      name: 'all',
      short: 'a',
      help: 'mirror all versions of all packages in Spack, or all packages in the current environment if there is an active environment (this requires significant time and space)',
    },
    {
      name: 'jobs',
      short: 'j',
      kind: 'integer',
      value: 'JOBS',
      help: 'use a given number of workers to make the mirror (used in combination with -a)',
    },
    text('file', 'FILE', 'file with specs of packages to put in mirror'),
    text(
      'exclude-file',
      'EXCLUDE_FILE',
      'specs which Spack should not try to add to a mirror (listed in a file, one per line)',
    ),
    text(
      'exclude-specs',
      'EXCLUDE_SPECS',
      'specs which Spack should not try to add to a mirror (specified on command line)',
    ),
    {
      name: 'skip-unstable-versions',
      help: "don't cache versions unless they identify a stable (unchanging) source code",
    },
    { name: 'dependencies', short: 'D', help: 'also fetch all dependencies' },
    {
      ...text(
        'versions-per-spec',
        'VERSIONS_PER_SPEC',
        "the number of versions to fetch for each spec, choose 'all' to retrieve all versions of each package",
      ),
      short: 'n',
    },
    { name: 'private', help: 'for a private mirror, include non-redistributable packages' },
    { ...checksumFlag, short: undefined },
    ...concretizerFlags,
    forceFlag,
  ],
  run: createMirror,
}

/** A version of a package that goes to the mirror. */
interface Candidate {
  /** `zlib@1.3` */
  shown: string
  /** Concrete, or a package at a version. */
  spec: Spec
  plan: () => SourcePlan | Promise<SourcePlan>
}

async function createMirror(invocation: Invocation, args: Arguments): Promise<number> {
  const words = requestedWords(invocation, args)
  const work = await openSourceWork(invocation, args)
  try {
    const all = await candidates(invocation, args, words, work)
    const chosen = all.filter(isIncluded(invocation, args, work.recipes))
    const folder = resolve(invocation.cwd, flagText(args, 'directory') ?? work.settings.cache)
    const workers = flagInteger(args, 'jobs') ?? (flagOn(args, 'all') ? 16 : 1)
    const options = { folder, onlyStable: flagOn(args, 'skip-unstable-versions') }
    return report(
      invocation,
      await mirrorAll(invocation, chosen, workers, (plan) => addToMirror(plan, options, work.world)),
    )
  } finally {
    work.close()
  }
}

function requestedWords(invocation: Invocation, args: Arguments): string[] {
  const words = [...args.positional, ...args.rest]
  const file = flagText(args, 'file')
  const usage = (message: string, hint = 'see `spack mirror create --help`') =>
    new SpackError('usage', message, { exitCode: 2, hint })
  if (file !== undefined && flagOn(args, 'all')) throw usage('`--file` and `--all` exclude each other')
  if (file !== undefined && words.length > 0) throw usage('give specs in a file or on the command line, not both')
  if (flagText(args, 'versions-per-spec') !== undefined && flagOn(args, 'all')) {
    throw usage('`--versions-per-spec` and `--all` exclude each other: all versions are meant already')
  }
  if (file === undefined && words.length === 0 && !flagOn(args, 'all')) {
    throw usage('no specs were given', 'to mirror all packages use `--all` (which takes much time and space)')
  }
  return file === undefined ? words : specLines(invocation, file)
}

function specLines({ cwd }: Invocation, file: string): string[] {
  try {
    const lines = readFileSync(resolve(cwd, file), 'utf8').split('\n')
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
    throw new SpackError('usage', `there is no file \`${file}\` with specs`, { exitCode: 2 })
  }
}

async function candidates(
  invocation: Invocation,
  args: Arguments,
  words: readonly string[],
  work: SourceWork,
): Promise<Candidate[]> {
  if (flagOn(args, 'all')) {
    if (await activeEnvironment(invocation)) {
      return concreteCandidates(invocation, await environmentSpecs(invocation, 'spack mirror create'), work)
    }
    return work.recipes.names().flatMap((name) => {
      const found = work.recipes.require(name)
      return found.recipe.versions.map(({ version }) => versionCandidate(found, version, work))
    })
  }
  const asked = parseSpecArguments(words.filter((word) => !/\.(json|yaml)$/.test(word)))
  const files = words.filter((word) => /\.(json|yaml)$/.test(word))
  const needsConcrete = flagOn(args, 'dependencies')
  const options = concretizerOptions(args)
  const concrete = await concreteSpecs(invocation, files)
  const versions: Candidate[] = []
  for (const spec of asked) {
    const known =
      spec.abstractHash || needsConcrete
        ? await concreteSpecs(invocation, [printSpec(spec)], options)
        : await lockedMatches(invocation, spec)
    concrete.push(...known)
    versions.push(...moreVersions(spec, known, args, work))
  }
  const specs = needsConcrete ? withDependencies(concrete) : concrete
  return [...concreteCandidates(invocation, specs, work), ...versions]
}

function concreteCandidates(invocation: Invocation, specs: readonly Spec[], work: SourceWork): Candidate[] {
  return specs.flatMap((spec) => {
    const shown = `${spec.name}@${spec.versions.map((version) => ('text' in version ? version.text : '')).join('')}`
    if (!spec.concrete?.external) return [{ shown, spec, plan: () => work.plan(spec) }]
    invocation.say(`==> Skipping ${shown} as it is an external spec.\n`)
    return []
  })
}

const versionCandidate = (found: FoundRecipe, version: string, work: SourceWork): Candidate => ({
  shown: `${found.recipe.name}@${version}`,
  spec: parseSpec(`${found.recipe.name}@=${version}`),
  plan: () => planVersionWithRecipe(found, version, work.recipes, work.settings, work.world.environ),
})

/** Versions of the recipe that an abstract spec allows, best first, as many as are wanted besides the concrete ones. */
function moreVersions(asked: Spec, known: readonly Spec[], args: Arguments, work: SourceWork): Candidate[] {
  const wanted = versionsPerSpec(args) - known.length
  if (wanted <= 0 || asked.name === null) return []
  const found = work.recipes.require(asked.name, asked.namespace)
  const fitting = found.recipe.versions.filter(({ version }) => {
    const list = parseVersionList(`=${version}`)
    return intersectsVersions(list, asked.versions) && !known.some((spec) => intersectsVersions(list, spec.versions))
  })
  if (fitting.length === 0 && known.length === 0) {
    throw new SpackError('no-match', `no version in the recipe of \`${asked.name}\` fits \`${printSpec(asked)}\``, {
      hint: `see \`spack versions --safe ${asked.name}\``,
    })
  }
  const ranked = [...fitting].sort(
    (a, b) => preference(b) - preference(a) || compareVersions(parseVersion(b.version), parseVersion(a.version)),
  )
  return ranked.slice(0, wanted).map(({ version }) => versionCandidate(found, version, work))
}

/** As the concretizer prefers them: what the recipe prefers, then what is neither deprecated, in development nor a pre-release. */
const preference = (version: FoundRecipe['recipe']['versions'][number]): number =>
  (version.deprecated ? 0 : 8) + (version.preferred ? 4 : 0) + (version.develop ? 0 : 2) + (version.prerelease ? 0 : 1)

function versionsPerSpec(args: Arguments): number {
  const given = flagText(args, 'versions-per-spec')
  if (given === undefined) return 1
  if (given === 'all') return Number.POSITIVE_INFINITY
  if (/^\d+$/.test(given)) return Number(given)
  throw new SpackError('usage', `\`--versions-per-spec\` is a number or \`all\`, not \`${given}\``, { exitCode: 2 })
}

/** What is not excluded by the user, nor by a licence that forbids to pass the sources on. */
function isIncluded(invocation: Invocation, args: Arguments, recipes: Recipes): (candidate: Candidate) => boolean {
  const file = flagText(args, 'exclude-file')
  const excluded = parseSpecArguments([
    ...(file === undefined ? [] : specLines(invocation, file)),
    ...(flagText(args, 'exclude-specs') ?? '').split(/\s+/).filter(Boolean),
  ])
  const isPrivate = flagOn(args, 'private')
  return ({ spec }) => {
    if (excluded.some((exclusion) => satisfies(spec, exclusion))) return false
    if (isPrivate) return true
    const { recipe } = recipes.require(spec.name!, spec.namespace)
    return !recipe.no_redistribute.some(({ source, when }) => source && (!when || intersects(spec, parseSpec(when))))
  }
}

interface Outcome {
  shown: string
  changes?: MirrorChanges
}

async function mirrorAll(
  invocation: Invocation,
  chosen: readonly Candidate[],
  workers: number,
  add: (plan: SourcePlan) => Promise<MirrorChanges>,
): Promise<Outcome[]> {
  const { default: pLimit } = await import('p-limit')
  const limit = pLimit(workers)
  return await Promise.all(
    chosen.map(({ shown, plan }) =>
      limit(async (): Promise<Outcome> => {
        invocation.say(`==> Adding package ${shown} to mirror\n`)
        try {
          return { shown, changes: await add(await plan()) }
        } catch (error) {
          if (!(error instanceof SpackError) || error.code === 'disk-full') throw error
          const told = renderError(error, { colour: invocation.stderrHasColour, isWarning: true })
          invocation.say(`${told}\n`)
          return { shown }
        }
      }),
    ),
  )
}

function report(invocation: Invocation, outcomes: readonly Outcome[]): number {
  const failed = outcomes.filter(({ changes }) => !changes)
  const count = (fits: (changes: MirrorChanges) => boolean) =>
    outcomes.filter(({ changes }) => changes && fits(changes)).length
  const shown = (number: number) => String(number).padEnd(4)
  invocation.print('==> Archive stats:\n')
  invocation.print(`    ${shown(count(({ present }) => present > 0))} already present\n`)
  invocation.print(`    ${shown(count(({ added }) => added > 0))} added\n`)
  invocation.print(`    ${shown(failed.length)} failed to fetch.\n`)
  if (failed.length === 0) return 0
  invocation.say('==> Error: Failed downloads:\n')
  for (const each of failed) invocation.say(`${each.shown}\n`)
  return 1
}
