// Where the URLs of a recipe lead nowhere any more, the page that lists its archives may still know one: `list_url`, and the
// pages that it links to, as deep as the recipe says.

import type { Transport } from '../buildcache/transport.ts'
import { versionInUrl } from '../recipes/version-url.ts'
import { parseVersion } from '../spec/version.ts'
import { SpackError } from '../ui/error.ts'
import { downloadName } from './recipe-source.ts'

const pageLimitBytes = 32 << 20
/** Listings of great projects have some hundreds of folders; more is a maze. */
const mostPages = 500
const looksLikeFile =
  /\.(tar|tgz|tbz2?|txz|zip|gz|bz2|xz|Z|zst|whl|jar|sh|run|exe|rpm|deb|sig|asc|md5|sha\d+|txt|pdf|png|jpg)([?#]|$)/i

export interface ListQuery {
  listUrl: string
  /** Pages linked from the list that are looked at as well: 0 for none. */
  depth: number
  version: string
  /** What the archive is called where the recipe expects it. */
  expectedUrls: readonly string[]
}

/** URLs of the version's archive, likeliest first. Throws SpackError of the transport when the list itself cannot be read. */
export async function findInList(query: ListQuery, transport: Transport): Promise<string[]> {
  const links = await linksBelow(query, transport)
  const names = query.expectedUrls.map(downloadName)
  const wanted = parseVersion(query.version).key
  const exact = links.filter((link) => names.includes(downloadName(link)))
  const alike = links.filter((link) => {
    const found = versionInUrl(link)
    if (found === null || !/^[\w.+-]+$/.test(found) || parseVersion(found).key !== wanted) return false
    return names.some((name) => shapeOf(name, query.version) === shapeOf(downloadName(link), found))
  })
  return [...new Set([...exact, ...alike])]
}

/** What a name is without its version: other separators, an extension of another compression. */
const shapeOf = (name: string, version: string): string =>
  name
    .replace(/[?#].*$/, '')
    .replace(/\.(tar\.\w+|tgz|tbz2?|txz|zip)$/i, '')
    .split(version)[0]!
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')

/** All links of a page and of those below it that it leads to. Throws as `findInList`. */
export async function linksBelow(
  { listUrl, depth }: Pick<ListQuery, 'listUrl' | 'depth'>,
  transport: Transport,
): Promise<string[]> {
  const seen = new Set<string>([listUrl])
  const links = new Set<string>()
  let pages = [listUrl]
  for (let level = 0; level <= depth && pages.length > 0; level++) {
    const next: string[] = []
    for (const page of pages) {
      for (const link of await linksOf(page, transport, level === 0)) {
        links.add(link)
        if (seen.has(link) || looksLikeFile.test(link) || !isBelow(link, listUrl) || seen.size >= mostPages) continue
        seen.add(link)
        next.push(link)
      }
    }
    pages = next
  }
  return [...links]
}

/** Other servers, and other parts of this one, are none of the list's business. */
function isBelow(link: string, listUrl: string): boolean {
  const [a, b] = [new URL(link), new URL(listUrl)]
  return a.origin === b.origin && a.pathname.startsWith(b.pathname.replace(/[^/]*$/, ''))
}

async function linksOf(page: string, transport: Transport, mustBeThere: boolean): Promise<string[]> {
  let text: string
  try {
    const fetched = await transport.fetchBytes(page, { limitBytes: pageLimitBytes })
    if (fetched.kind !== 'content') throw new SpackError('not-found', `there is nothing at \`${page}\``)
    text = fetched.bytes.toString('utf8')
  } catch (error) {
    if (mustBeThere || !(error instanceof SpackError)) throw error
    return []
  }
  // GitHub gives parts of its pages only to those who ask for them.
  const fragments = [...text.matchAll(/<include-fragment\s[^>]*?src\s*=\s*"([^"]*)"/gi)].map(([, source]) => source!)
  const parts = fragments.filter((source) => URL.canParse(source, page)).map((source) => new URL(source, page).href)
  const more = parts.filter((part) => part !== page && new URL(part).origin === new URL(page).origin)
  const nested = await Promise.all(more.map((part) => linksOf(part, transport, false)))
  const own = [...text.matchAll(/<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi)].flatMap(([, a, b, c]) => {
    const target = (a ?? b ?? c ?? '').replaceAll('&amp;', '&').trim()
    if (!URL.canParse(target, page)) return []
    const url = new URL(target, page)
    url.hash = ''
    return /^(https?|file):$/.test(url.protocol) ? [url.href] : []
  })
  return [...own, ...nested.flat()]
}
