// How the code of a version is fetched: the kind, and the URLs to try in their order.

import { compareVersions, isDevelop, isPrerelease, parseVersion } from '../spec/version.ts'
import type { Declarations, DeclaredUrls, UrlBases } from './declaration.ts'
import type { JsonObject } from './json-value.ts'
import type { FetchKind, RecipeVersion } from './recipe.ts'
import { substituteVersion, versionInUrl } from './version-url.ts'

/** The order in which the index has the arguments of a fetch. */
const argumentOrder = [
  ...['preferred', 'deprecated', 'sha256', 'sha384', 'sha512', 'sha224', 'sha1', 'md5', 'checksum', 'url', 'extension'],
  ...['expand', 'fetch_options', 'no_cache', 'git', 'commit', 'tag', 'branch', 'get_full_repo', 'git_sparse_paths'],
  ...['submodules', 'submodules_delete', 'svn', 'hg', 'cvs', 'revision', 'date'],
]

/** Arguments of a fetch in the order of the index; those that it does not know come last. */
export function inOrder(given: JsonObject): JsonObject {
  const rank = (name: string) => (argumentOrder.indexOf(name) + argumentOrder.length + 1) % (argumentOrder.length + 1)
  return Object.fromEntries(Object.entries(given).sort(([a], [b]) => rank(a) - rank(b)))
}

const digests = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'checksum']

/** Kinds of fetch in the order in which they are thought of, with the arguments that speak for them. */
const kinds: readonly { kind: Exclude<FetchKind, 'none'>; arguments: readonly string[] }[] = [
  { kind: 'url', arguments: digests },
  { kind: 'go', arguments: [] },
  {
    kind: 'git',
    arguments: ['tag', 'branch', 'commit', 'submodules', 'get_full_repo', 'submodules_delete', 'git_sparse_paths'],
  },
  { kind: 'cvs', arguments: ['branch', 'date'] },
  { kind: 'svn', arguments: ['revision'] },
  { kind: 'hg', arguments: ['revision'] },
]

/** The declared versions with their kind of fetch and URLs. */
export function describeVersions(declared: Declarations): RecipeVersion[] {
  const urls = new Map<string, DeclaredUrls & { bases: UrlBases }>()
  let bases: UrlBases = { url: null, urls: [], list_url: null }
  for (const entry of declared.urls ?? []) {
    bases = entry.bases ?? bases
    urls.set(entry.version, { ...entry, bases })
  }
  const own = ownUrls(declared)
  return declared.versions.map(([text, given]) => {
    const version = parseVersion(text)
    const described: RecipeVersion = { version: text, ...inOrder(given), fetch: 'none' }
    delete (described as Partial<RecipeVersion>).fetch
    if (isDevelop(version)) described.develop = true
    if (isPrerelease(version)) described.prerelease = true
    described.fetch = fetchKind(declared, given)
    const entry = urls.get(text)
    // A URL of its own is the only one that is tried.
    if (described.fetch === 'url' && entry && given.url === undefined) described.urls = candidateUrls(text, entry, own)
    return described
  })
}

function fetchKind(declared: Declarations, given: JsonObject): FetchKind {
  if (declared.urls === null) return 'none'
  const explicit = kinds.find(({ kind }) => given[kind] !== undefined)
  if (explicit) return explicit.kind
  const { source } = declared
  const has = (kind: FetchKind) => source[kind] !== undefined
  const implied = kinds.find((each) => {
    return (each.kind === 'url' || has(each.kind)) && each.arguments.some((name) => given[name] !== undefined)
  })
  if (implied) return implied.kind
  return kinds.find(({ kind }) => has(kind))?.kind ?? 'none'
}

const ownUrls = (declared: Declarations): readonly (readonly [string, string])[] =>
  declared.versions.flatMap(([version, { url }]) => (typeof url === 'string' ? [[version, url] as const] : []))

/**
 * The URLs of a version: its own, the recipe's rule, then the package's with the version put in. Without any of these
 * the URL of the nearest version, which is the next lower one, or else the next higher.
 */
export function candidateUrls(
  version: string,
  entry: Pick<DeclaredUrls, 'custom' | 'text'> & { bases: UrlBases },
  own: readonly (readonly [string, string])[],
): string[] {
  const text = entry.text ?? version
  const { bases } = entry
  const urls = own.filter(([each]) => each === version).map(([, url]) => url)
  if (typeof entry.custom === 'string' && !urls.includes(entry.custom)) urls.push(entry.custom)
  for (const base of [bases.url, ...bases.urls, bases.list_url]) {
    if (base && versionInUrl(base) !== null) urls.push(substituteVersion(base, text))
  }
  if (urls.length > 0) return urls
  const fallback = bases.url ?? bases.urls[0] ?? nearestUrl(version, own)
  return fallback ? [substituteVersion(fallback, text)] : []
}

function nearestUrl(version: string, own: readonly (readonly [string, string])[]): string | undefined {
  const target = parseVersion(version)
  const sorted = own.map(([each, url]) => ({ version: parseVersion(each), url }))
  sorted.sort((a, b) => compareVersions(a.version, b.version))
  const lower = sorted.findLast((each) => compareVersions(each.version, target) <= 0)
  return (lower ?? sorted[0])?.url
}
