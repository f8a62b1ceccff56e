// A single version, exact or from git, and the order among versions. The rules are those of Spack's documentation
// ("Version specifiers"): components are separated by `.`, `-`, `_` or a change between digits and letters; text sorts
// before numbers, numbers before the special names; `alpha`, `beta` and `rc` at the very end sort before the release.

import { SpackError } from '../ui/error.ts'

/** Names of branches that rank above every number, lowest first. */
export const infinityNames = ['stable', 'nightly', 'trunk', 'head', 'master', 'main', 'develop'] as const

/** What may end a version, lowest first. `final` is the rank of every version without such an ending. */
const prereleaseKinds = ['alpha', 'beta', 'rc', 'final'] as const
export type PrereleaseKind = (typeof prereleaseKinds)[number]

export interface Prerelease {
  kind: PrereleaseKind
  /** Decimal digits without leading zeros, or null when there are none. */
  number: string | null
}

export interface Version {
  readonly kind: 'version'
  /** As it was written. */
  readonly text: string
  /** Code unit order of keys is version order; equal keys are equal versions, whatever their separators. */
  readonly key: string
  /** Decimal digits without leading zeros (of any length), or letters. */
  readonly release: readonly string[]
  readonly prerelease: Prerelease
  /** What stood after each component, those of the pre-release included. */
  readonly separators: readonly string[]
}

/** `git.REF`, a commit, or either with `=VERSION`: the version as which it counts in comparisons. */
export interface GitVersion {
  readonly kind: 'git'
  readonly text: string
  readonly ref: string
  readonly isCommit: boolean
  readonly hasPrefix: boolean
  /** null until somebody has looked at the repository. */
  readonly as: Version | null
}

export type ConcreteVersion = Version | GitVersion

const final: Prerelease = { kind: 'final', number: null }
const validVersion = /^[A-Za-z0-9_.-][=A-Za-z0-9_.-]*$/
const commitSha = /^[a-f0-9]{40}$/
const infinityRank = new Map<string, number>(infinityNames.map((name, rank) => [name, rank]))

const cacheLimit = 20_000
const parsed = new Map<string, Version>()

/**
 * Reads one version that is no git version. Versions are interned by text while the table is small; two texts may
 * still be equal versions, which is told by their keys. Throws SpackError `version-syntax`.
 */
export function parseVersion(text: string): Version {
  let version = parsed.get(text)
  if (version) return version
  version = readVersion(text)
  if (parsed.size >= cacheLimit) parsed.clear()
  parsed.set(text, version)
  return version
}

function readVersion(text: string): Version {
  const trimmed = text.trim()
  if (trimmed && !validVersion.test(trimmed)) {
    throw new SpackError('version-syntax', `\`${trimmed}\` is not a version`, {
      hint: 'a version consists of letters, digits, `.`, `-` and `_`',
    })
  }
  const release: string[] = []
  const separators: string[] = []
  // As /([0-9]+|[a-zA-Z]+)([_.-]*)/g, which would take most of the time of reading a spec.
  for (let at = 0; at < trimmed.length; ) {
    const kind = characterKind(trimmed.charCodeAt(at))
    const start = at++
    if (kind === 'separator') continue
    while (at < trimmed.length && characterKind(trimmed.charCodeAt(at)) === kind) at++
    const component = trimmed.slice(start, at)
    const separatorStart = at
    while (at < trimmed.length && isSeparator(trimmed.charCodeAt(at))) at++
    release.push(kind === 'digit' ? withoutLeadingZeros(component) : component)
    separators.push(trimmed.slice(separatorStart, at))
  }
  const prerelease = takePrerelease(release)
  return { kind: 'version', text, key: encodeKey(release, prerelease), release, prerelease, separators }
}

/** `=`, which a version may have inside, parts components as well, and is no separator that is kept. */
function characterKind(code: number): 'digit' | 'letter' | 'separator' {
  if (code >= 48 && code <= 57) return 'digit'
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? 'letter' : 'separator'
}

/** `-`, `.` and `_`. */
const isSeparator = (code: number): boolean => code === 45 || code === 46 || code === 95

/** Cuts a pre-release off the end of `components`, which must not be all there is. */
function takePrerelease(components: string[]): Prerelease {
  const last = components.at(-1)
  const beforeLast = components.at(-2)
  if (components.length >= 3 && isPrereleaseKind(beforeLast) && isNumeric(last!)) {
    components.length -= 2
    return { kind: beforeLast, number: last! }
  }
  if (components.length >= 2 && isPrereleaseKind(last)) {
    components.length -= 1
    return last === 'final' ? final : { kind: last, number: null }
  }
  return final
}

const isPrereleaseKind = (word: string | undefined): word is PrereleaseKind =>
  prereleaseKinds.some((kind) => kind === word)

/** Reads one exact version or git version, as it follows `@=`. Throws SpackError `version-syntax`. */
export function parseConcreteVersion(text: string): ConcreteVersion {
  return isGitText(text) ? parseGitVersion(text) : parseVersion(text)
}

/** Whether `text` is read as a git version: `git.` in front, a full commit, or an inner `=`. */
export const isGitText = (text: string): boolean =>
  text.startsWith('git.') || commitSha.test(text) || text.indexOf('=', 1) > 0

function parseGitVersion(text: string): GitVersion {
  const hasPrefix = text.startsWith('git.')
  const [ref, asText, ...rest] = (hasPrefix ? text.slice(4) : text).split('=')
  if (rest.length) {
    throw new SpackError('version-syntax', `git version \`${text}\` has more than one \`=\``, {
      hint: 'write `git.REF=VERSION`',
    })
  }
  const as = asText === undefined ? null : parseVersion(asText)
  const printedRef = ref && hasPrefix ? `git.${ref}` : ref!
  return {
    kind: 'git',
    text: as ? `${printedRef}=${as.text}` : printedRef,
    ref: ref!,
    isCommit: commitSha.test(ref!),
    hasPrefix,
    as,
  }
}

/** The version as which a git version counts. Throws SpackError `git-version-unresolved` when that is not known. */
export function comparableVersion(version: ConcreteVersion): Version {
  if (version.kind === 'version') return version
  if (version.as) return version.as
  throw new SpackError('git-version-unresolved', `it is not known which version \`${version.text}\` counts as`, {
    hint: `write it as \`${version.text}=VERSION\``,
  })
}

/** Negative, zero or positive; separators and leading zeros do not take part. */
export const compareVersions = (a: Version, b: Version): number => compareKeys(a.key, b.key)

export const compareKeys = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

/** Whether a special name (`develop`, `main`…) is part of the version. */
export const isDevelop = (version: Version): boolean => version.release.some((part) => infinityRank.has(part))

export const isPrerelease = (version: Version): boolean => version.prerelease.kind !== 'final'

/** The first `count` components of the release; all but the last `-count` when negative. */
export function upTo(version: Version, count: number): Version {
  const kept = version.release.slice(0, count)
  const text = kept.map((part, index) => (index + 1 < kept.length ? part + version.separators[index] : part))
  return parseVersion(text.join(''))
}

export const dotted = (version: Version): Version => parseVersion(version.text.replace(/[-_]/g, '.'))
export const underscored = (version: Version): Version => parseVersion(version.text.replace(/[-.]/g, '_'))
export const dashed = (version: Version): Version => parseVersion(version.text.replace(/[._]/g, '-'))
export const joined = (version: Version): Version => parseVersion(version.text.replace(/[-._]/g, ''))

/** The version for programs that only know numbers: text components become 0. */
export function dottedNumeric(version: Version): string {
  const numbers = version.release.map((part) => (isNumeric(part) ? part : '0'))
  if (isPrerelease(version)) {
    numbers.push('0')
    if (version.prerelease.number !== null) numbers.push(version.prerelease.number)
  }
  return numbers.join('.')
}

/** The text made anew from the components: leading zeros, and what stood before the first component, are gone. */
export function canonicalText(version: Version): string {
  const { release, prerelease, separators } = version
  let text = release.map((part, index) => part + separators[index]).join('')
  if (prerelease.kind !== 'final') text += prerelease.kind
  if (prerelease.number !== null) text += separators[release.length] + prerelease.number
  return text
}

// Keys. A component starts with its kind, the end of a release is below every kind, and each component says where it
// ends, so that comparing two keys compares components one by one.
const endMark = '\x00'
const textMark = '\x01'
const numberMark = '\x02'
const infinityMark = '\x03'

function encodeKey(release: readonly string[], prerelease: Prerelease): string {
  let key = ''
  for (const component of release) key += encodeComponent(component)
  return key + encodeEnd(prerelease)
}

const finalEnd = `${endMark}${prereleaseKinds.indexOf('final')}`

function encodeEnd({ kind, number }: Prerelease): string {
  if (kind === 'final' && number === null) return finalEnd
  return endMark + prereleaseKinds.indexOf(kind) + (number === null ? '' : encodeNumber(number))
}

function encodeComponent(component: string): string {
  if (isNumeric(component)) return encodeNumber(component)
  const rank = infinityRank.get(component)
  return rank === undefined ? textMark + component + endMark : encodeInfinity(rank)
}

const encodeInfinity = (rank: number): string => infinityMark + String.fromCharCode(rank + 1)

/** More digits are a larger number; the count is written with a digit of base 255 for each 255 digits. */
function encodeNumber(digits: string): string {
  const count = '\xff'.repeat(Math.floor(digits.length / 255)) + String.fromCharCode(digits.length % 255)
  return numberMark + count + digits
}

/** The key of the least version above everything that starts with `version`: 1.2 → that of 1.3, 1.2rc1 → of 1.2rc2. */
export function keyAbove(version: Version): string {
  const { release, prerelease } = version
  if (version === highestVersion) return encodeInfinity(infinityNames.length + 1) + encodeEnd(final)
  if (prerelease.kind !== 'final') {
    const number = prerelease.number === null ? '0' : increment(prerelease.number)
    return encodeKey(release, { kind: prerelease.kind, number })
  }
  const head = release.slice(0, -1).map(encodeComponent).join('')
  return head + encodeAbove(release.at(-1) ?? '') + encodeEnd(prerelease)
}

function encodeAbove(component: string): string {
  if (isNumeric(component)) return encodeNumber(increment(component))
  const rank = infinityRank.get(component)
  if (rank !== undefined) return encodeInfinity(rank + 1)
  let above = nextText(component)
  while (infinityRank.has(above)) above = nextText(above)
  return encodeComponent(above)
}

/** The next text in the alphabet A–Z, a–z: what follows everything that starts with `text` at this length. */
function nextText(text: string): string {
  const last = text.at(-1)
  if (last === undefined || last === 'z') return `${text}A`
  return text.slice(0, -1) + (last === 'Z' ? 'a' : String.fromCharCode(last.charCodeAt(0) + 1))
}

const increment = (digits: string): string =>
  digits.length < 15 ? String(Number(digits) + 1) : String(BigInt(digits) + 1n)

function isNumeric(component: string): boolean {
  const code = component.charCodeAt(0)
  return code >= 48 && code <= 57
}

const withoutLeadingZeros = (digits: string): string =>
  digits.startsWith('0') ? digits.replace(/^0+(?=.)/, '') : digits

/** Below and above every version that can be written: the ends of an open range. */
export const lowestVersion: Version = unwritten({ kind: 'alpha', number: null }, '')
export const highestVersion: Version = unwritten(final, encodeInfinity(infinityNames.length))

function unwritten(prerelease: Prerelease, encodedRelease: string): Version {
  return {
    kind: 'version',
    text: '',
    key: encodedRelease + encodeEnd(prerelease),
    release: [],
    prerelease,
    separators: [],
  }
}
