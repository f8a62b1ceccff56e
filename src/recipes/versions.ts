// Versions of a recipe: which is preferred, in what order, and where one comes from in words.

import { compareVersions, parseVersion } from '../spec/version.ts'
import type { Recipe, RecipeVersion } from './recipe.ts'

/** The version that is taken when nothing else is asked for; undefined for a package without versions. */
export function preferredVersion({ versions }: Recipe): RecipeVersion | undefined {
  return versions.reduce<RecipeVersion | undefined>(
    (best, each) => (best === undefined || isBetter(each, best) ? each : best),
    undefined,
  )
}

/** Not deprecated, preferred, finite, no prerelease, newer: the first that tells two apart decides. */
function isBetter(a: RecipeVersion, b: RecipeVersion): boolean {
  const rank = (each: RecipeVersion) =>
    [!each.deprecated, each.preferred === true, !each.develop, !each.prerelease].map(Number)
  const [left, right] = [rank(a), rank(b)]
  const differing = left.findIndex((value, index) => value !== right[index])
  if (differing >= 0) return left[differing]! > right[differing]!
  return compareVersions(parseVersion(a.version), parseVersion(b.version)) > 0
}

/** What stands in URLs of the index for the folder in which the user is: archives that users must get by themselves. */
const workingFolder = '/$working_folder'

/** A URL of the index as it is for somebody in the folder `cwd`. */
const urlSeenFrom = (cwd: string, url: string): string => url.replace(workingFolder, () => cwd)

/** Where the code of a version comes from, for people: a URL, or a repository with what is checked out. */
export function versionSource(recipe: Recipe, version: RecipeVersion, cwd: string): string {
  const given = (name: string): string | undefined => {
    const value = version[name] ?? recipe.source[name]
    return typeof value === 'string' ? value : undefined
  }
  switch (version.fetch) {
    case 'none':
      return ''
    case 'url':
      return urlSeenFrom(
        cwd,
        (typeof version.url === 'string' ? version.url : undefined) ?? version.urls?.[0] ?? 'No URL',
      )
    case 'git':
      return `[git] ${given('git')}${checkedOut(given)}`
    default:
      return `[${version.fetch}] ${given(version.fetch)}`
  }
}

function checkedOut(given: (name: string) => string | undefined): string {
  const [commit, tag, branch] = [given('commit'), given('tag'), given('branch')]
  if (commit) return ` at commit ${commit}`
  if (tag) return ` at tag ${tag}`
  return branch ? ` on branch ${branch}` : ''
}

/** The URLs to try for the archive of a version, in order. */
export const versionUrls = (version: RecipeVersion): readonly string[] =>
  typeof version.url === 'string' ? [version.url] : (version.urls ?? [])
