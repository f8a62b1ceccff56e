// What may follow `@`: a list of exact versions, ranges and git versions, kept sorted and merged. `1.2` alone is the
// range of everything that starts with 1.2, `=1.2` is that version. Lists are values: operations return new ones.

import { SpackError } from '../ui/error.ts'
import {
  type ConcreteVersion,
  canonicalText,
  comparableVersion,
  compareKeys,
  highestVersion,
  isDevelop,
  isGitText,
  keyAbove,
  lowestVersion,
  parseConcreteVersion,
  parseVersion,
  type Version,
} from './version.ts'

/** Everything from `first` to what starts with `last`, both included. */
export interface VersionRange {
  readonly kind: 'range'
  readonly text: string
  readonly first: Version
  readonly last: Version
  /** Key of the least version above the range. */
  readonly endKey: string
}

export type VersionItem = ConcreteVersion | VersionRange

/** Sorted by `compareItems`; no two items overlap or touch. */
export type VersionList = readonly VersionItem[]

/** `:`, every version. */
const anyRange: VersionRange = makeRange(lowestVersion, highestVersion)
export const anyVersion: VersionList = [anyRange]

const cacheLimit = 20_000
const parsed = new Map<string, VersionList>()

/**
 * Reads what follows `@` (without it); blanks are ignored. Throws SpackError `version-syntax` or `version-range-empty`.
 */
export function parseVersionList(text: string): VersionList {
  let list = parsed.get(text)
  if (list) return list
  const bare = text.includes(' ') ? text.replaceAll(' ', '') : text
  const items = bare.includes(',') ? bare.split(',').map(parseItem) : [parseItem(bare)]
  list = items.length === 1 ? items : makeVersionList(items)
  if (parsed.size >= cacheLimit) parsed.clear()
  parsed.set(text, list)
  return list
}

/** Reads one element of a list: `1.2`, `=1.2`, `1.2:1.4`, `git.main=1.2`. Throws as `parseVersionList`. */
export function parseItem(text: string): VersionItem {
  if (text.includes(':')) {
    const [first, last, ...rest] = text.split(':')
    if (rest.length) {
      throw new SpackError('version-syntax', `version range \`${text}\` has more than one \`:\``, {
        hint: 'separate ranges by commas: `1:2,4:5`',
      })
    }
    return makeRange(first ? parseVersion(first) : lowestVersion, last ? parseVersion(last) : highestVersion)
  }
  if (text.startsWith('=')) return parseConcreteVersion(text.slice(1))
  if (isGitText(text)) return parseConcreteVersion(text)
  const version = parseVersion(text)
  return makeRange(version, version)
}

/** The range from `first` to `last`. Throws SpackError `version-range-empty` when nothing can be in it. */
function makeRange(first: Version, last: Version): VersionRange {
  const endKey = keyAbove(last)
  const text = rangeText(first, last, last.text)
  if (endKey < first.key) {
    throw new SpackError('version-range-empty', `version range \`${text}\` is empty`, {
      hint: 'write the lower version first',
    })
  }
  return { kind: 'range', text, first, last, endKey }
}

/** A range from where one starts to where one ends. Its last version is spelled from its components, as Spack does. */
function joinRange(start: VersionRange, end: VersionRange): VersionRange {
  const text = rangeText(start.first, end.last, canonicalText(end.last))
  if (start === end && text === start.text) return start
  return { kind: 'range', text, first: start.first, last: end.last, endKey: end.endKey }
}

function rangeText(first: Version, last: Version, lastText: string): string {
  const isOpenBelow = first === lowestVersion
  if (last === highestVersion) return isOpenBelow ? ':' : `${first.text}:`
  if (isOpenBelow) return `:${lastText}`
  return first.key === last.key ? first.text : `${first.text}:${lastText}`
}

/** The canonical text of a list, without `@`; empty for an empty list. */
export function printVersionList(list: VersionList): string {
  return list.length === 1 ? printItem(list[0]!) : list.map(printItem).join(',')
}

const printItem = (item: VersionItem): string => (item.kind === 'version' ? `=${item.text}` : item.text)

/** The members of a node dictionary: `version` for one exact version, else `versions`. */
export function versionListNode(list: VersionList): { version: string } | { versions: string[] } {
  const exact = exactVersion(list)
  return exact ? { version: exact.text } : { versions: list.map((item) => item.text) }
}

/** The only version of the list when it is an exact or git version, else null. */
export function exactVersion(list: VersionList): ConcreteVersion | null {
  const item = list.length === 1 ? list[0]! : null
  return item && item.kind !== 'range' ? item : null
}

/** As `exactVersion`, but `1.2` counts as the version 1.2: how Spack's files before format 5 were written. */
export function namedVersion(list: VersionList): ConcreteVersion | null {
  const item = list.length === 1 ? list[0]! : null
  if (item?.kind !== 'range') return item
  return keyAbove(item.first) === item.endKey ? item.first : null
}

export const isAnyVersion = (list: VersionList): boolean =>
  list.length === 1 && list[0]!.kind === 'range' && equalItems(list[0]!, anyRange)

/** The least and the greatest exact version of the list; ranges and git versions do not count. */
export const lowestExact = (list: VersionList): Version | null => list.find(isExact) ?? null
export const highestExact = (list: VersionList): Version | null => list.findLast(isExact) ?? null
/** The greatest exact version without a special name such as `develop`. */
export const highestNumeric = (list: VersionList): Version | null =>
  list.findLast((item): item is Version => isExact(item) && !isDevelop(item)) ?? null
/** What Spack prefers where nothing else decides: the highest numeric version, else the highest. */
export const preferredExact = (list: VersionList): Version | null => highestNumeric(list) ?? highestExact(list)

const isExact = (item: VersionItem): item is Version => item.kind === 'version'

// Order: by where an item starts; there an exact version comes first, then a git version, then a range.
const kindRank = { version: 0, git: 1, range: 2 } as const

/** Negative, zero or positive. Throws SpackError `git-version-unresolved` for a git version without `=VERSION`. */
export function compareItems(a: VersionItem, b: VersionItem): number {
  return a === b ? 0 : compareKeys(startKey(a), startKey(b)) || compareSameStart(a, b)
}

const startKey = (item: VersionItem): string => (item.kind === 'range' ? item.first : comparableVersion(item)).key

function compareSameStart(a: VersionItem, b: VersionItem): number {
  if (a.kind === 'range' && b.kind === 'range') return compareKeys(a.endKey, b.endKey)
  if (a.kind === 'git' && b.kind === 'git') return compareKeys(a.ref, b.ref)
  return kindRank[a.kind] - kindRank[b.kind]
}

/** Lexicographic order of two lists. What a git version without `=VERSION` counts as is not known: it comes last. */
export function compareVersionLists(a: VersionList, b: VersionList): number {
  if (a === b) return 0
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [left, right] = [a[i]!, b[i]!]
    const isSame = left === right
    const order = isSame ? 0 : compareKeys(placeOf(left), placeOf(right)) || compareSameStart(left, right)
    if (order) return order
  }
  return a.length - b.length
}

const placeOf = (item: VersionItem): string => (item.kind === 'git' && !item.as ? highestVersion.key : startKey(item))

/** Whether two items are the same set of versions, whatever their spelling. */
function equalItems(a: VersionItem, b: VersionItem): boolean {
  if (a === b) return true
  if (a.kind === 'git' && b.kind === 'git') return a.ref === b.ref && a.as?.key === b.as?.key
  if (a.kind === 'range' && b.kind === 'range') return a.first.key === b.first.key && a.endKey === b.endKey
  return a.kind === 'version' && b.kind === 'version' && a.key === b.key
}

export const equalVersionLists = (a: VersionList, b: VersionList): boolean =>
  a === b || (a.length === b.length && a.every((item, index) => equalItems(item, b[index]!)))

/** Whether every version of `a` is one of `b`. A git version is in a range when the version it counts as is. */
export function satisfiesVersions(a: VersionList, b: VersionList): boolean {
  return a === b || a.every((item) => b.some((bound) => itemSatisfies(item, bound)))
}

/** Whether a version is one of a list. */
export const isIn = (version: ConcreteVersion, list: VersionList): boolean =>
  list.length === 1 ? itemSatisfies(version, list[0]!) : list.some((bound) => itemSatisfies(version, bound))

function itemSatisfies(a: VersionItem, b: VersionItem): boolean {
  if (b.kind !== 'range') return a.kind !== 'range' && equalConcrete(a, b)
  if (a.kind === 'range') return a.first.key >= b.first.key && a.endKey <= b.endKey
  return isInRange(a, b)
}

/** A git version never equals a released one, also when it counts as that. */
const equalConcrete = (a: ConcreteVersion, b: ConcreteVersion): boolean => a.kind === b.kind && equalItems(a, b)

function isInRange(version: ConcreteVersion, range: VersionRange): boolean {
  const { key } = comparableVersion(version)
  return key >= range.first.key && key < range.endKey
}

/** Whether some version may be in both lists. Throws SpackError `git-version-unresolved` where that is not known. */
export function intersectsVersions(a: VersionList, b: VersionList): boolean {
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (itemsIntersect(a[i]!, b[j]!)) return true
    if (compareItems(a[i]!, b[j]!) < 0) i++
    else j++
  }
  return false
}

/** Whether two items may be the same version. Throws as `intersectsVersions`. */
export function itemsIntersect(a: VersionItem, b: VersionItem): boolean {
  if (a.kind === 'range' && b.kind === 'range') return a.first.key < b.endKey && b.first.key < a.endKey
  if (a.kind === 'range') return isInRange(b as ConcreteVersion, a)
  return b.kind === 'range' ? isInRange(a, b) : equalConcrete(a, b)
}

/** Longer lists are sorted before they are merged: inserting in the middle, time and again, takes the square of their length. */
const insertionLimit = 500

/**
 * A list of `items`, sorted and merged. Where equal ends are spelled differently (`1.2` and `1-2`) the order of the
 * items decides which spelling stays, as in Spack.
 */
export function makeVersionList(items: readonly VersionItem[]): VersionList {
  const list: VersionItem[] = []
  for (const item of items.length > insertionLimit ? [...items].sort(compareItems) : items) addItem(list, item)
  return list
}

export function unionVersions(a: VersionList, b: VersionList): VersionList {
  const list = [...a]
  for (const item of b) addItem(list, item)
  return list
}

/** The versions that are in both lists; empty when there are none. */
export function intersectVersions(a: VersionList, b: VersionList): VersionList {
  const [only, otherOnly] = [a[0], b[0]]
  if (a.length === 1 && b.length === 1 && only?.kind === 'range' && otherOnly?.kind === 'range') {
    const overlap = intersectItems(only, otherOnly)
    if (overlap === only) return a
    return overlap ? [overlap] : []
  }
  const list: VersionItem[] = []
  addOverlaps(list, a, b)
  addOverlaps(list, b, a)
  return list
}

/** What each item of `a` shares with its two neighbours in `b`; an item that spans more is met from the other side. */
function addOverlaps(list: VersionItem[], a: VersionList, b: VersionList): void {
  for (const item of a) {
    const index = insertionIndex(b, item)
    for (const neighbour of [b[index - 1], b[index]]) {
      const overlap = neighbour && intersectItems(neighbour, item)
      if (overlap) addItem(list, overlap)
    }
  }
}

/** What two items share, or null. */
export function intersectItems(a: VersionItem, b: VersionItem): VersionItem | null {
  if (a.kind !== 'range' || b.kind !== 'range') {
    if (!itemsIntersect(a, b)) return null
    return a.kind === 'range' ? b : a
  }
  const start = b.first.key > a.first.key ? b : a
  const end = b.endKey < a.endKey ? b : a
  return start.first.key < end.endKey ? joinRange(start, end) : null
}

function addItem(list: VersionItem[], item: VersionItem): void {
  let index = insertionIndex(list, item)
  if (item.kind !== 'range') {
    const isCovered = [list[index - 1], list[index]].some((near) => near && itemsIntersect(item, near))
    if (!isCovered) list.splice(index, 0, item)
    return
  }
  let merged = item
  const absorb = (near: VersionItem | undefined): boolean => {
    const union = near && uniteWithRange(merged, near)
    if (union) merged = union
    return Boolean(union)
  }
  let count = 0
  while (absorb(list[index - 1])) {
    index--
    count++
  }
  while (absorb(list[index + count])) count++
  list.splice(index, count, merged)
}

/** The union when it is one range, else null. Ranges that only touch are one: `1:2` and `3:4` make `1:4`. */
function uniteWithRange(range: VersionRange, item: VersionItem): VersionRange | null {
  if (item.kind !== 'range') return isInRange(item, range) ? range : null
  if (range.first.key > item.endKey || item.first.key > range.endKey) return null
  return joinRange(item.first.key < range.first.key ? item : range, item.endKey > range.endKey ? item : range)
}

/** Index of the first item of `list` that is not below `item`. */
function insertionIndex(list: VersionList, item: VersionItem): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareItems(list[middle]!, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}
