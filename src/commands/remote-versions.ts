// Versions that the sites of a package offer: links on their pages that look like the archives which the recipe knows.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pLimit from 'p-limit'
import type { Transport } from '../buildcache/transport.ts'
import { listUrls } from '../recipes/list-urls.ts'
import type { Recipe } from '../recipes/recipe.ts'
import { substituteVersion, versionInUrl } from '../recipes/version-url.ts'
import { versionUrls } from '../recipes/versions.ts'
import { parseVersion } from '../spec/version.ts'
import { linksBelow } from '../stage/list-page.ts'
import { SpackError } from '../ui/error.ts'
import type { Invocation } from './invocation.ts'
import { invocationTransport } from './mirrors.ts'

/** URLs by version. What cannot be read is said, and passed over as long as something can. */
export async function remoteVersions(
  invocation: Invocation,
  recipe: Recipe,
  options: { jobs: number },
): Promise<Map<string, string>> {
  const { list_url, list_depth } = recipe.source
  return await findArchives(invocation, knownUrls(recipe), {
    ...options,
    ...(typeof list_url === 'string' ? { listUrl: list_url } : {}),
    depth: typeof list_depth === 'number' ? list_depth : 0,
  })
}

/** The URLs that the recipe has for all its versions. */
function knownUrls(recipe: Recipe): string[] {
  const { url, urls } = recipe.source
  const own = recipe.versions.flatMap((version) => (typeof version.url === 'string' ? [version.url] : []))
  const computed = recipe.versions.flatMap((version) => versionUrls(version).slice(0, 1))
  const ofPackage = [url, ...(Array.isArray(urls) ? urls : [])].filter((each) => typeof each === 'string')
  return [...new Set([...ofPackage, ...own, ...computed.slice(0, 1)])]
}

export interface ArchiveQuery {
  jobs: number
  listUrl?: string
  depth?: number
}

/** As `remoteVersions`, for archives of which some URLs are known. */
export async function findArchives(
  invocation: Invocation,
  urls: readonly string[],
  { jobs, listUrl, depth = 0 }: ArchiveQuery,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  if (urls.length === 0) return found
  const transport = await invocationTransport(invocation)
  const pages = [...new Set([...(listUrl ? [listUrl] : []), ...urls.flatMap(listUrls)])].flatMap((page) =>
    page.endsWith('/') || page.includes('?') ? [page] : [page, `${page}/`],
  )
  const links = await linksOf(invocation, transport, pages, depth, jobs)
  const patterns = [...new Set(urls.flatMap(namePattern))].map((source) => new RegExp(source))
  const expected = new Set<string>()
  for (const link of links.filter((each) => patterns.some((pattern) => pattern.test(each))).sort()) {
    const version = versionInUrl(link.replace(/#.*$/, ''))
    if (version === null || !/^[\w.+-]+$/.test(version) || expected.has(version)) continue
    found.set(version, link)
    if (urls.some((url) => substituteVersion(url, version) === link)) expected.add(version)
  }
  for (const url of urls) {
    const version = versionInUrl(url)
    if (version !== null && !found.has(version)) found.set(version, url)
  }
  return found
}

/** Links of all pages that could be read. Throws when there was none. */
async function linksOf(
  invocation: Invocation,
  transport: Transport,
  pages: readonly string[],
  depth: number,
  jobs: number,
): Promise<string[]> {
  const limit = pLimit(Math.max(1, jobs))
  const failures: SpackError[] = []
  const read = async (page: string): Promise<string[]> => {
    try {
      if (page.startsWith('file:')) return filesIn(page)
      return await linksBelow({ listUrl: page, depth }, transport)
    } catch (error) {
      if (!(error instanceof SpackError)) throw error
      failures.push(error)
      return []
    }
  }
  const links = await Promise.all(pages.map((page) => limit(() => read(page))))
  const serious = failures.filter(({ code }) => code !== 'not-found')
  for (const { message } of serious) invocation.say(`==> Warning: ${message}\n`)
  if (failures.length === pages.length && serious[0]) throw serious[0]
  return links.flat()
}

/** A folder of this machine is a list by itself. */
function filesIn(page: string): string[] {
  const folder = fileURLToPath(page)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder).map((name) => pathToFileURL(join(folder, name)).href)
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** The name of the archive, whatever its version: a whole name, and not that of its signature or of `NAME-extras`. */
function namePattern(url: string): string[] {
  const version = versionInUrl(url)
  if (version === null) return []
  const parts = url.split(version).map(escaped).join('(\\d.*)')
  const name = parts.slice(parts.lastIndexOf('\\/') + 2)
  return [`/${name}(?:/download)?(?:#sha256=.*)?$`]
}

/** Newest first. */
export const newestFirst = (found: ReadonlyMap<string, string>): [version: string, url: string][] =>
  [...found].sort(([a], [b]) => (parseVersion(a).key < parseVersion(b).key ? 1 : -1))
