// How two lockfiles differ, as a text to be read. A node whose own facts are the same and that only has other dependencies is
// named apart: of a hundred new hashes, most follow from a few changes.

import type { SpecNode } from '../spec/node.ts'
import type { FactChange, LockfileChanges, NodeChange } from './lockfile-changes.ts'

/** Lines that tell the changes to a reader; none when there is none. */
export function describeChanges(changes: LockfileChanges): string[] {
  const { added, removed, changed, rootsAdded, rootsRemoved } = changes
  const own = changed.filter(({ facts }) => facts.length > 0)
  const followers = changed.filter(({ facts }) => facts.length === 0)
  if (added.length + removed.length + changed.length + rootsAdded.length + rootsRemoved.length === 0) return []
  return [
    `${added.length} added, ${removed.length} removed, ${changed.length} changed`,
    ...rootsAdded.map((spec) => `  asked for now:  ${spec}`),
    ...rootsRemoved.map((spec) => `  no longer asked for:  ${spec}`),
    ...added.map((node) => `  + ${nodeName(node)}`),
    ...removed.map((node) => `  - ${nodeName(node)}`),
    ...own.flatMap(describeNode),
    ...describeFollowers(followers),
  ]
}

const nodeName = (node: SpecNode): string =>
  `${node.name}@${node.version ?? (node.versions ?? []).join(',')}  /${shortHash(node.hash)}`

const shortHash = (hash: string | undefined): string => (hash ?? '').slice(0, 7)

function describeNode({ before, after, facts, dependencies }: NodeChange): string[] {
  const version = facts.find(({ fact }) => fact === 'version')
  const from = version ? `${version.before} → ${version.after}` : (after.version ?? '')
  const others = facts.filter(({ fact }) => fact !== 'version')
  return [
    `  ~ ${after.name}@${from}  /${shortHash(before.hash)} → /${shortHash(after.hash)}`,
    ...others.map((change) => `      ${factText(change)}`),
    ...(dependencies.length > 0 ? [`      other dependencies: ${dependencies.join(', ')}`] : []),
  ]
}

function factText({ fact, before, after }: FactChange): string {
  if (before === null) return `${fact}: ${after} (new)`
  return after === null ? `${fact}: ${before} (gone)` : `${fact}: ${before} → ${after}`
}

/** Those that are the same but for what is below them, in one line for each set of dependencies. */
function describeFollowers(followers: readonly NodeChange[]): string[] {
  const groups = new Map<string, string[]>()
  for (const { after, dependencies } of followers) {
    const reason = dependencies.join(', ') || 'a dependency further down'
    groups.set(reason, [...(groups.get(reason) ?? []), after.name])
  }
  return [...groups].map(([reason, names]) => `  ~ ${names.join(', ')}: the same, with other ${reason}`)
}
