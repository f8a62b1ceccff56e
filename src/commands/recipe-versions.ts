// Adding versions to the text of a recipe, in front of the first one that is older.

import { compareVersions, parseVersion } from '../spec/version.ts'

const directive = /^[ \t]+version\(\s*"([^"]+)"/gm

/** The text with those lines added whose versions it has not, and how many those are. Newest lines come first. */
export function addVersions(text: string, lines: readonly string[]): { text: string; added: number } {
  const declared = [...text.matchAll(directive)].map((match) => ({ at: match.index, version: parseVersion(match[1]!) }))
  const known = new Set(declared.map(({ version }) => version.key))
  const fresh = lines.flatMap((line) => {
    const version = parseVersion(/"([^"]+)"/.exec(line)![1]!)
    if (known.has(version.key)) return []
    const older = declared.find((each) => compareVersions(each.version, version) < 0)
    return older ? [{ at: older.at, line: `${line}  # FIXME\n` }] : []
  })
  let result = text
  // From behind, so that places stay true.
  for (const { at, line } of fresh.toReversed().sort((a, b) => b.at - a.at)) {
    result = result.slice(0, at) + line + result.slice(at)
  }
  return { text: result, added: fresh.length }
}
