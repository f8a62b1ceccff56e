// `spack external find` and `spack external list`.

import type { Configuration } from '../config/configuration.ts'
import { editableScope } from '../config/edit.ts'
import { type Scope, sectionFile } from '../config/scope.ts'
import { configuredExternals } from '../detection/configured-externals.ts'
import { type Detection, detectPackages } from '../detection/detect.ts'
import { forbidBuilding, recordExternals } from '../detection/record-externals.ts'
import { type DetectablePackage, detectablePackages, recipeOf } from '../detection/tagged-packages.ts'
import { specOf } from '../recipes/constraint-text.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import type { Spec } from '../spec/spec.ts'
import { columns } from '../ui/columns.ts'
import { SpackError } from '../ui/error.ts'
import { listSpecs } from '../ui/spec-listing.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { type Arguments, flagInteger, flagList, flagOn, flagText } from './command.ts'
import { configuration } from './configured.ts'
import { readDefaultManifests } from './external-manifest.ts'
import type { Invocation } from './invocation.ts'
import { withRecipes } from './recipes.ts'

const usualTags = ['core-packages', 'build-tools']

export function findExternals(invocation: Invocation, args: Arguments): Promise<number> {
  return withRecipes(invocation, async (recipes) => {
    if (flagOn(args, 'all') || flagList(args, 'tag').length + args.positional.length + args.rest.length === 0) {
      await readDefaultManifests(invocation, recipes)
    }
    const made = await configuration(invocation)
    const scope = editableScope(made, flagText(args, 'scope'))
    // What is wrong with the file comes before the wait.
    configuredExternals(made)
    const targets = chooseTargets(invocation, recipes, args)
    const detection = await detectPackages(targets, recipes, {
      environ: invocation.environ,
      cwd: invocation.cwd,
      paths: flagList(args, 'path').length > 0 ? flagList(args, 'path') : undefined,
      jobs: checkedJobs(args),
    })
    sayWarnings(invocation, detection)
    const added = await record(invocation, detection, recipes, made, scope, !flagOn(args, 'not-buildable'))
    if (added.length === 0) {
      invocation.print('==> No new external packages detected\n')
      return 0
    }
    const file = sectionFile(scope, 'packages')
    invocation.print(`==> The following specs have been detected on this system and added to ${file}\n`)
    invocation.print(listSpecs(added, { colour: invocation.stdoutHasColour, width: invocation.stdoutWidth }))
    return 0
  })
}

/** Says what a detection has to say to the user; with `--debug` also why files were passed over. */
export function sayWarnings(invocation: Invocation, { warnings, notes }: Omit<Detection, 'found'>): void {
  for (const warning of warnings) invocation.say(`==> Warning: ${warning}\n`)
  if (invocation.options.debug) for (const note of notes) invocation.say(`==> ${note}\n`)
}

/** The number of `-j`. Throws SpackError `usage` when it is below one. */
export function checkedJobs(args: Arguments): number | undefined {
  const jobs = flagInteger(args, 'jobs')
  if (jobs === undefined || jobs >= 1) return jobs
  throw new SpackError('usage', '`--jobs` is at least 1', { exitCode: 2 })
}

/** The packages to look for, sorted by name. Says which names cannot be looked for. */
function chooseTargets(invocation: Invocation, recipes: RepositoryPath, args: Arguments): DetectablePackage[] {
  const names = [...args.positional, ...args.rest]
  const tags = flagOn(args, 'all') || names.length > 0 ? ['detectable'] : flagList(args, 'tag')
  const wanted = tags.length > 0 ? tags : usualTags
  const tagged = wanted.flatMap((tag) => detectablePackages(recipes, tag))
  const candidates = [...new Map(tagged.map((each) => [each.name, each])).values()]
  for (const name of names) {
    if (!candidates.some((each) => isNamed(each, name))) sayUnknown(invocation, recipes, name)
  }
  const excluded = flagList(args, 'exclude')
  return candidates
    .filter((each) => names.length === 0 || names.some((name) => isNamed(each, name)))
    .filter((each) => !excluded.some((name) => isNamed(each, name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** By its name, or its name with the namespace in front. As in Spack the name may be a regular expression. */
function isNamed({ name, repository }: DetectablePackage, wanted: string): boolean {
  const full = `${repository.namespace}.${name}`
  if (wanted === name || wanted === full) return true
  try {
    return new RegExp(`(?:^|\\.)(?:${wanted})$`).test(full)
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

function sayUnknown(invocation: Invocation, recipes: RepositoryPath, name: string): void {
  const isKnown = recipes.find(name) !== undefined
  const hint = isKnown ? undefined : didYouMean(name, recipes.names)
  const reason = isKnown
    ? `\`${name}\` cannot be detected: its recipe names neither executables nor libraries`
    : `there is no package \`${name}\`${hint ? `; ${hint}` : ''}`
  invocation.say(`==> Warning: ${reason}\n`)
}

/** Writes what is new. With `isBuildable` false the virtuals that it provides come from externals only, too. */
async function record(
  invocation: Invocation,
  { found }: Detection,
  recipes: RepositoryPath,
  made: Configuration,
  scope: Scope,
  isBuildable: boolean,
): Promise<Spec[]> {
  const recorded = await recordExternals(found, made, scope, { isBuildable })
  sayWarnings(invocation, { warnings: recorded.warnings, notes: [] })
  const added = recorded.added.map(({ spec }) => spec)
  if (isBuildable || added.length === 0) return added
  const provided = added.flatMap(({ name }) => recipeOf(recipes, name ?? '')?.provides ?? [])
  const virtuals = new Set(provided.map(({ spec }) => specOf(spec).name ?? ''))
  return [...added, ...(await forbidBuilding(virtuals, made, scope)).map(specOf)]
}

export function listDetectable(invocation: Invocation): Promise<number> {
  return withRecipes(invocation, (recipes) => {
    invocation.print('==> Detectable packages per repository\n')
    const detectable = detectablePackages(recipes, 'detectable')
    for (const { repository } of recipes.indexes) {
      const names = detectable.filter((each) => each.repository === repository).map(({ name }) => name)
      if (names.length === 0) continue
      invocation.print(`Repository: ${repository.namespace}\n`)
      for (const line of columns(names, { indent: 4, width: invocation.stdoutWidth })) invocation.print(`${line}\n`)
    }
    return 0
  })
}
