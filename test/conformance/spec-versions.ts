// spec/versions: parsing, order and set operations of versions (`versions.json`).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  compareVersions,
  dashed,
  dotted,
  dottedNumeric,
  type GitVersion,
  infinityNames,
  isDevelop,
  isPrerelease,
  joined,
  parseConcreteVersion,
  parseVersion,
  underscored,
  upTo,
  type Version,
} from '../../src/spec/version.ts'
import {
  compareItems,
  exactVersion,
  highestExact,
  highestNumeric,
  intersectItems,
  intersectsVersions,
  intersectVersions,
  itemsIntersect,
  lowestExact,
  makeVersionList,
  namedVersion,
  parseItem,
  parseVersionList,
  preferredExact,
  printVersionList,
  satisfiesVersions,
  unionVersions,
  type VersionItem,
  type VersionList,
  versionListNode,
} from '../../src/spec/version-list.ts'
import { isError, without } from './expected.ts'
import type { Tally } from './tally.ts'

interface Case {
  [member: string]: unknown
  input: string
  a: string
  b: string
}

type Section = 'single' | 'compare' | 'compare_ranges' | 'parse' | 'relations'
interface Vectors extends Record<Section, Case[]> {
  sorted: { input: string[]; sorted: string[] }[]
  lists: { items: string[]; ok: boolean }[]
}

export function run(folder: string, tally: Tally): void {
  const vectors = JSON.parse(readFileSync(join(folder, 'spec/versions.json'), 'utf8')) as Vectors
  for (const one of vectors.single) {
    tally.check(`single ${one.input}`, without(one, 'error_class'), () => orRejected(one, () => describeSingle(one)))
  }
  for (const one of vectors.compare) {
    tally.check(`compare ${one.a} ${one.b}`, one.cmp, () =>
      sign(compareItems(parseConcreteVersion(one.a), parseConcreteVersion(one.b))),
    )
  }
  for (const one of vectors.compare_ranges) {
    tally.check(`compare_ranges ${one.a} ${one.b}`, one.cmp, () =>
      sign(compareItems(parseItem(one.a), parseItem(one.b))),
    )
  }
  for (const { input, sorted } of vectors.sorted) {
    tally.check(`sorted ${input.join(' ')}`, sorted, () =>
      input
        .map(parseVersion)
        .sort(compareVersions)
        .map(({ text }) => text),
    )
  }
  for (const one of vectors.parse) {
    tally.check(`parse ${one.input}`, without(one, 'error_class'), () => orRejected(one, () => describeList(one)))
  }
  for (const one of vectors.relations) checkRelation(one, tally)
  for (const one of vectors.lists) tally.check(`lists ${one.items.join(' ')}`, one, () => describeItems(one.items))
}

function orRejected(one: Case, describe: () => object): object {
  try {
    return { input: one.input, ok: true, ...describe() }
  } catch {
    return { input: one.input, ok: false }
  }
}

const sign = (order: number): string => (order < 0 ? '<' : order > 0 ? '>' : '=')

function describeSingle(one: Case): object {
  const version = parseVersion(one.input)
  const texts = { dotted, underscored, dashed, joined }
  const counts = Object.keys((one.up_to as object | undefined) ?? {})
  const { kind, number } = version.prerelease
  return {
    str: version.text,
    release: version.release.map(describeComponent),
    prerelease: isPrerelease(version) ? [kind, ...(number === null ? [] : [Number(number)])] : null,
    separators: version.separators,
    isdevelop: isDevelop(version),
    is_prerelease: isPrerelease(version),
    len: version.release.length,
    ...Object.fromEntries(Object.entries(texts).map(([name, form]) => [name, form(version).text])),
    dotted_numeric_string: dottedNumeric(version),
    up_to: Object.fromEntries(counts.map((count) => [count, upTo(version, Number(count)).text])),
  }
}

function describeComponent(component: string): unknown {
  if (infinityNames.some((name) => name === component)) return { infinity: component }
  if (!/^[0-9]/.test(component)) return component
  return Number.isSafeInteger(Number(component)) ? Number(component) : { bigint: component }
}

function describeList({ input }: Case): object {
  const list = parseVersionList(input)
  const isList = input.includes(',')
  const [item] = list
  return {
    kind: isList ? 'list' : item!.kind,
    str: isList ? printVersionList(list) : item!.text,
    list_str: printVersionList(list),
    items: list.map(describeItem),
    concrete: exactVersion(list)?.text ?? null,
    collapsed: namedVersion(list)?.text ?? null,
    dict: versionListNode(list),
    ...(!isList && item?.kind === 'git' ? describeGit(item) : {}),
  }
}

function describeItem(item: VersionItem): object {
  if (item.kind === 'range') return { range: item.text }
  if (item.kind === 'version') return { version: item.text }
  const { ref, text, isCommit, hasPrefix, as } = item
  return { git: ref, text, commit: isCommit, prefix: hasPrefix, as: as?.text ?? null }
}

function describeGit(item: GitVersion): object {
  return {
    ref: item.ref,
    is_commit: item.isCommit,
    commit_sha: item.isCommit ? item.ref : null,
    has_git_prefix: item.hasPrefix,
    std_version: item.as?.text ?? null,
  }
}

/** Every answer of a pair by itself, since one of them may be an error. */
function checkRelation(one: Case, tally: Tally): void {
  const [a, b] = [one.a, one.b].map(parseVersionList) as [VersionList, VersionList]
  const isList = [one.a, one.b].some((text) => text.includes(','))
  const answers: Record<string, () => unknown> = {
    a_satisfies_b: () => satisfiesVersions(a, b),
    b_satisfies_a: () => satisfiesVersions(b, a),
    intersects: () => (isList ? intersectsVersions(a, b) : itemsIntersect(a[0]!, b[0]!)),
    union: () => printVersionList(unionVersions(a, b)),
    intersection: () => printVersionList(intersectVersions(a, b)),
    raw_union: () => printRaw(unionVersions(a, b), isList),
    raw_intersection: () =>
      isList ? printRaw(intersectVersions(a, b), true) : printRaw(overlapOf(a[0]!, b[0]!), false),
  }
  const actual: Record<string, unknown> = { a: one.a, b: one.b }
  const expected: Record<string, unknown> = { ...one }
  for (const [name, answer] of Object.entries(answers)) {
    if (isRefusalOfKinds(one[name])) {
      // The reference has no such operation on these kinds of values; as lists (above) they have an answer.
      delete expected[name]
      tally.leftOut++
      continue
    }
    if (isError(one[name])) expected[name] = 'rejected'
    try {
      actual[name] = answer()
    } catch {
      actual[name] = 'rejected'
    }
  }
  tally.check(`relations ${one.a} ${one.b}`, expected, () => actual)
}

function overlapOf(a: VersionItem, b: VersionItem): VersionList {
  const overlap = intersectItems(a, b)
  return overlap ? [overlap] : []
}

const isRefusalOfKinds = (value: unknown): boolean =>
  isError(value) && ['NotImplementedError', 'TypeError'].includes(value.error_class)

function printRaw(list: VersionList, isList: boolean): string {
  return isList || list.length !== 1 ? `[${printVersionList(list)}]` : printVersionList(list)
}

function describeItems(items: readonly string[]): object {
  const list = makeVersionList(items.flatMap(parseVersionList))
  const text = (version: Version | null) => version?.text ?? null
  return {
    items,
    ok: true,
    str: printVersionList(list),
    lowest: text(lowestExact(list)),
    highest: text(highestExact(list)),
    highest_numeric: text(highestNumeric(list)),
    preferred: text(preferredExact(list)),
    length: list.length,
  }
}
