// From what a recipe says of a version or a resource to a source: which kind of fetch, from where, checked how.

import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue } from '../recipes/json-value.ts'
import { archiveExtension } from '../recipes/version-url.ts'
import { SpackError } from '../ui/error.ts'
import { checkoutPlaces, filePlaces, storedCandidates } from './mirror-places.ts'
import type {
  ArchivedCheckout,
  ArchiveSource,
  Candidate,
  CommandSource,
  Digest,
  GitSource,
  MirrorPlaces,
} from './source-plan.ts'
import type { StageSettings } from './stage-settings.ts'

/** Arguments of a fetch as a recipe declares them, with those of the package that hold for all versions. */
export interface FetchFacts {
  given: JsonObject
  /** URLs of an archive in the order to try. */
  urls: readonly string[]
  /** `NAME/NAME-VERSION`, as mirrors show it to people. */
  alias: string
  /** For messages: `zlib@1.3`. */
  shown: string
  /** A page that lists archives, for when all URLs fail. */
  list?: { url: string; depth: number; version: string }
  /** What the recipe gives only to those who run it. */
  dynamic?: { submodules?: readonly string[] | boolean }
}

const digestNames: readonly Digest['algorithm'][] = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']
const algorithmByDigits: Readonly<Record<number, Digest['algorithm']>> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
}

/** The digest among the arguments; of several, the one that is hardest to forge. Throws SpackError `recipe`. */
function declaredDigest(given: JsonObject, shown: string): Digest | null {
  const named = digestNames.findLast((name) => given[name] !== undefined)
  const text = named ? given[named] : given.checksum
  if (text === undefined) return null
  const digest = digestOf(String(text))
  if (digest) return digest
  throw new SpackError('recipe', `the recipe of \`${shown}\` has a digest that is none: \`${text}\``, {
    hint: 'find the right one with `spack checksum`, and correct the recipe',
  })
}

/** What the digits are a digest by: as in Spack their number tells, whatever a recipe calls them. */
export function digestOf(digits: string): Digest | undefined {
  const hex = digits.toLowerCase()
  const algorithm = algorithmByDigits[hex.length]
  return algorithm && /^[0-9a-f]+$/.test(hex) ? { algorithm, hex } : undefined
}

/** How the index writes the folder that a recipe was loaded in: some expect there what must be downloaded by hand. */
const workingFolder = /\/?\$working_folder/

/** An archive or a single file. */
export function archiveSource(facts: FetchFacts, settings: StageSettings): ArchiveSource {
  const { given, alias, shown } = facts
  const urls = facts.urls.map((each) => each.replace(workingFolder, settings.workingFolder))
  const declared = declaredDigest(given, shown)
  const expand = given.expand !== false
  const extension = typeof given.extension === 'string' && given.extension ? given.extension : null
  const [url] = urls
  if (url === undefined) throw noUrl(shown)
  const places = filePlaces(alias, declared, extension ?? (expand ? archiveExtension(url) : ''))
  const isCachable = given.no_cache !== true && declared !== null
  const options = given.fetch_options as { cookie?: unknown } | undefined
  return {
    kind: 'archive',
    fileName: downloadName(url),
    digest: settings.checksum ? declared : null,
    expand,
    extension: extension?.replace(/^\./, '') ?? null,
    candidates: [
      ...stored(places, isCachable, settings),
      ...urls.map((each): Candidate => ({ kind: 'url', url: each })),
      ...listCandidates({ ...facts, urls }),
    ],
    places,
    isCachable,
    ...(typeof options?.cookie === 'string' ? { cookie: options.cookie } : {}),
  }
}

function listCandidates({ list, urls }: FetchFacts): Candidate[] {
  if (!list) return []
  const { url, depth, version } = list
  return [{ kind: 'list', url, list: { depth, version, expectedUrls: urls } }]
}

const noUrl = (shown: string): SpackError =>
  new SpackError('no-source', `the recipe of \`${shown}\` has no URL that leads to this version`, {
    hint: 'choose a version of `spack versions --safe`, or give the version a `url` in the recipe',
  })

const stored = (places: MirrorPlaces, isCachable: boolean, settings: StageSettings): Candidate[] =>
  settings.skipStored
    ? []
    : storedCandidates(places, { cache: isCachable ? settings.cache : null, mirrors: settings.mirrors })

/** The name under which a download is saved: the end of its URL, query included, as far as files can be called that. */
export function downloadName(url: string): string {
  const rest = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')
  const query = rest.search(/[?#]/)
  const path = query < 0 ? rest : rest.slice(0, query)
  const whole = path.slice(path.lastIndexOf('/') + 1) + (query < 0 ? '' : rest.slice(query))
  const name = whole.replace(/[\x00-\x1f/]/g, '_').slice(0, longestName)
  return name === '' ? '_' : name.replace(/^\./, '_')
}

/** What file systems allow, less what is added while the file grows. */
const longestName = 240

const textOrNull = (value: JsonValue | undefined): string | null =>
  value === undefined || value === null || value === '' ? null : String(value)

/** A checkout by git. */
export function gitSource(facts: FetchFacts, settings: StageSettings): GitSource {
  const { given, alias, shown, dynamic } = facts
  const url = textOrNull(given.git)
  if (url === null) {
    throw new SpackError('no-source', `\`${shown}\` comes from git, and its recipe does not say from where`, {
      hint: 'the recipe needs `git = "https://…"`',
    })
  }
  const commit = textOrNull(given.commit)
  const sparsePaths = textList(given.git_sparse_paths)
  const identity = commit === null ? null : `git/${urlPath(url)}/${commit}${sparseMark(sparsePaths)}`
  return {
    kind: 'git',
    url,
    commit,
    tag: textOrNull(given.tag),
    branch: textOrNull(given.branch),
    submodules: dynamic?.submodules ?? submodulesOf(given.submodules),
    submodulesDelete: textList(given.submodules_delete),
    fullRepository: given.get_full_repo === true,
    sparsePaths,
    archive: checkout(alias, identity, given, settings),
  }
}

const submodulesOf = (value: JsonValue | undefined): boolean | readonly string[] =>
  Array.isArray(value) ? value.map(String) : Boolean(value)

const textList = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : []

const urlPath = (url: string): string => url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '').replace(/[?#].*$/, '')

function sparseMark(paths: readonly string[]): string {
  if (paths.length === 0) return ''
  return `_${createHash('sha1').update(paths.join('_')).digest('hex')}`
}

function checkout(
  alias: string,
  identity: string | null,
  given: JsonObject,
  settings: StageSettings,
): ArchivedCheckout {
  const extension = typeof given.extension === 'string' && given.extension ? given.extension : 'tar.gz'
  const places = checkoutPlaces(alias, identity, extension)
  const isCachable = given.no_cache !== true && identity !== null
  return { candidates: stored(places, isCachable, settings), places, isCachable }
}

/** A checkout by the command of another system of version control. */
export function commandSource(kind: CommandSource['kind'], facts: FetchFacts, settings: StageSettings): CommandSource {
  const { given, alias, shown } = facts
  const url = textOrNull(given[kind])
  if (url === null) throw new SpackError('no-source', `the recipe of \`${shown}\` has no address for \`${kind}\``)
  const revision = textOrNull(given.revision)
  const [branch, date] = [textOrNull(given.branch), textOrNull(given.date)]
  const identity = commandIdentity(kind, url, { revision, branch, date })
  return { kind, url, revision, branch, date, archive: checkout(alias, identity, given, settings) }
}

function commandIdentity(
  kind: CommandSource['kind'],
  url: string,
  { revision, branch, date }: Pick<CommandSource, 'revision' | 'branch' | 'date'>,
): string | null {
  if (kind === 'cvs') {
    if (branch === null && date === null) return null
    // `:pserver:anonymous@host:/cvsroot%module=name`: what follows the last colon, without a port.
    const path = url
      .slice(url.lastIndexOf(':') + 1)
      .split('/')
      .slice(1)
      .join('/')
    return `cvs/${path}${branch === null ? '' : `%branch=${branch}`}${date === null ? '' : `%date=${date}`}`
  }
  return kind === 'go' || revision === null ? null : `${kind}/${urlPath(url)}/${revision}`
}
