// `spack checksum`: digests of versions that a recipe has not yet, or a check of those that it has.

import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Recipe } from '../recipes/recipe.ts'
import { candidateUrls } from '../recipes/version-fetch.ts'
import { preferredVersion, versionUrls } from '../recipes/versions.ts'
import { parseSpec } from '../spec/parser.ts'
import { parseVersion } from '../spec/version.ts'
import { intersectsVersions, isAnyVersion } from '../spec/version-list.ts'
import { SpackError } from '../ui/error.ts'
import { archiveDigests, versionLines } from './archive-digests.ts'
import { type Arguments, type Command, flagInteger, flagOn } from './command.ts'
import { editFiles } from './editor.ts'
import type { Invocation } from './invocation.ts'
import { chooseVersions } from './question.ts'
import { addVersions } from './recipe-versions.ts'
import { fullName, withRecipes } from './recipes.ts'
import { newestFirst, remoteVersions } from './remote-versions.ts'
import { missingWord } from './words.ts'

export const checksum: Command = {
  name: 'checksum',
  summary: 'checksum available versions of a package',
  description:
    'checksum available versions of a package: those that its sites offer (`spack checksum zlib@1.2` takes those from 1.2.0 to 1.2.13), or exact ones, without a search (`spack checksum zlib 1.2.13`)',
  positional: 'package [versions ...]',
  flags: [
    { name: 'keep-stage', help: 'accepted for compatibility; archives are not kept' },
    { name: 'batch', short: 'b', help: "don't ask which versions to checksum" },
    { name: 'latest', short: 'l', help: 'checksum the latest available version' },
    { name: 'preferred', short: 'p', help: 'checksum the known Spack preferred version' },
    { name: 'add-to-package', short: 'a', help: 'add new versions to package' },
    { name: 'verify', help: 'verify known package checksums' },
    { name: 'jobs', short: 'j', kind: 'integer', value: 'JOBS', help: 'explicitly set number of parallel jobs' },
  ],
  run: async (invocation, args) => {
    const [word, ...versions] = args.positional
    if (word === undefined) throw missingWord('package', 'spack checksum')
    if (flagOn(args, 'add-to-package') && flagOn(args, 'verify')) {
      throw new SpackError('usage', '`--add-to-package` and `--verify` exclude each other', { exitCode: 2 })
    }
    const spec = parseSpec(word)
    return await withRecipes(invocation, async (path) => {
      const found = path.require(fullName(spec))
      const recipe = path.recipe(found)
      refuseManual(recipe)
      const urls = await chosenUrls(invocation, args, recipe, versions, (version) =>
        isAnyVersion(spec.versions) ? true : intersectsVersions([parseVersion(version)], spec.versions),
      )
      const jobs = flagInteger(args, 'jobs') ?? availableParallelism()
      const digests = await archiveDigests(invocation, recipe.name, urls, { jobs })
      if (flagOn(args, 'verify')) return verify(invocation, recipe, digests)
      const lines = versionLines(digests)
      invocation.print(`\n${lines.join('\n')}\n\n`)
      if (flagOn(args, 'add-to-package')) await addToRecipe(invocation, args, found.file, recipe.name, lines)
      return 0
    })
  },
}

function refuseManual(recipe: Recipe): void {
  if (recipe.manual_download !== true) return
  throw new SpackError('manual-download', `the archives of \`${recipe.name}\` have to be downloaded by hand`, {
    hint: `put the digest of what you downloaded into the recipe: \`sha256sum FILE\`, \`spack edit ${recipe.name}\``,
  })
}

/** The URLs of the versions that are asked for, or of those that the user chooses of all. */
async function chosenUrls(
  invocation: Invocation,
  args: Arguments,
  recipe: Recipe,
  given: readonly string[],
  isWanted: (version: string) => boolean,
): Promise<(readonly [version: string, url: string])[]> {
  let remote: Map<string, string> | undefined
  const offered = async () =>
    (remote ??= await remoteVersions(invocation, recipe, { jobs: flagInteger(args, 'jobs') ?? 32 }))
  const wanted = [...given]
  if (flagOn(args, 'latest'))
    wanted.push(
      ...newestFirst(await offered())
        .slice(0, 1)
        .map(([version]) => version),
    )
  const preferred = flagOn(args, 'preferred') ? preferredVersion(recipe) : undefined
  if (preferred) wanted.push(preferred.version)
  const chosen: [string, string][] = []
  for (const version of new Set(wanted)) {
    if (recipe.versions.find((each) => each.version === version)?.deprecated) {
      invocation.say(`==> Warning: Version ${version} is deprecated\n`)
    }
    const url = recipeUrl(recipe, version) ?? (await offered()).get(version)
    if (url !== undefined) chosen.push([version, url])
    else invocation.say(`==> Warning: no URL of ${recipe.name} leads to version ${version}\n`)
  }
  if (wanted.length === 0) {
    const all = newestFirst(await offered()).filter(([version]) => isWanted(version))
    // Where the recipe knows the URL, that is what will be installed.
    chosen.push(...all.map(([version, url]): [string, string] => [version, declaredUrl(recipe, version) ?? url]))
  }
  if (chosen.length === 0) {
    throw new SpackError('no-versions', `no remote versions of \`${recipe.name}\` were found`, {
      hint: `name a version: \`spack checksum ${recipe.name} VERSION\``,
    })
  }
  if (chosen.length > 1 && wanted.length === 0 && !flagOn(args, 'batch')) {
    const selected = await chooseVersions(invocation, recipe.name, chosen)
    if (selected) return selected
  }
  invocation.print(`==> Found ${chosen.length} version${chosen.length === 1 ? '' : 's'} of ${recipe.name}\n`)
  return chosen
}

function declaredUrl(recipe: Recipe, version: string): string | undefined {
  const declared = recipe.versions.find((each) => each.version === version)
  return declared && versionUrls(declared)[0]
}

/** The URL that the recipe gives for a version, which it need not declare. */
function recipeUrl(recipe: Recipe, version: string): string | undefined {
  const declared = declaredUrl(recipe, version)
  if (declared !== undefined) return declared
  const { url, urls, list_url } = recipe.source
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  const bases = { url: text(url), urls: Array.isArray(urls) ? urls.map(String) : [], list_url: text(list_url) }
  const own = recipe.versions.flatMap((each) => {
    const known = versionUrls(each)[0]
    return known === undefined ? [] : [[each.version, known] as const]
  })
  return candidateUrls(version, { bases }, own)[0]
}

/** As many results as are shown. */
const mostResults = 10

function verify(invocation: Invocation, recipe: Recipe, digests: ReadonlyMap<string, string>): number {
  const width = Math.max(...[...digests.keys()].map((version) => version.length))
  const rows = [...digests].map(([version, digest]) => {
    const declared = recipe.versions.find((each) => each.version === version)
    const known = declared?.sha256 ?? declared?.checksum
    const [mark, text] = !declared ? ['-', 'No previous checksum'] : known === digest ? ['=', 'Correct'] : ['x', digest]
    return { mark, line: `  ${version.padEnd(width)}  [${mark}] ${text}` }
  })
  const correct = rows.filter(({ mark }) => mark === '=').length
  const wrong = rows.filter(({ mark }) => mark === 'x')
  const shown =
    rows.length > mostResults ? [...wrong, ...rows.filter(({ mark }) => mark !== 'x')].slice(0, mostResults) : rows
  const lines = shown.map(({ line }) => line)
  if (rows.length > shown.length) lines.push(`  and ${rows.length - shown.length} more`)
  invocation.print(`==> Verified ${correct} of ${rows.length}\n  \n${lines.join('\n')}\n  \n`)
  if (wrong.length === 0) return 0
  throw new SpackError('source-digest', `the recipe of \`${recipe.name}\` has other digests than its archives`, {
    hint: `either may be wrong: compare with what the project publishes, then \`spack edit ${recipe.name}\``,
  })
}

async function addToRecipe(
  invocation: Invocation,
  args: Arguments,
  file: string,
  name: string,
  lines: readonly string[],
): Promise<void> {
  const { text, added } = addVersions(readFileSync(file, 'utf8'), lines)
  if (added > 0) writeFileSync(file, text)
  invocation.print(`==> Added ${added} new versions to ${name} in ${file}\n`)
  if (!flagOn(args, 'batch') && process.stdin.isTTY) await editFiles(invocation, [file])
}
