// Finding the version in a URL, and putting another one in its place. The expressions and their order are those that
// Spack's recipes were written against: the first that fits decides, and recipes rely on which one that is.

const archiveExtensions = [
  ...['tar', 'TAR'].flatMap((tar) => ['gz', 'bz2', 'xz', 'Z'].map((compression) => `${tar}.${compression}`)),
  ...['tar', 'TAR', 'gz', 'bz2', 'xz', 'Z', 'zip', 'tgz', 'tbz2', 'tbz', 'txz', 'whl'],
]

/** What may stand behind the version in the name of an archive, stripped one after the other. */
const architectures = [
  'ia32',
  'intel',
  'amd64',
  'linux64',
  'x64',
  '64bit',
  'x86[_-]64',
  'i586_64',
  'x86',
  'i[36]86',
  'ppc64(?:le)?',
]
const suffixes = [
  ...['[Ii]nstall', 'all', 'code', '[Ss]ources?', 'file', 'full', 'single', 'with[a-zA-Z_-]+', 'rock', 'src(?:_0)?'],
  ...['public', 'bin', 'binary', 'run', '[Uu]niversal', 'jar', 'complete', 'dynamic', 'oss', 'gem', 'tar', 'sh'],
  ...['release', 'bin', 'stable', '[Ff]inal', 'rel', 'orig', 'dist', '\\+', 'gpl'],
  ...[...architectures, 'armv?(?:7l|6l|64)'],
  ...['cpp', 'gtk', 'incubating', '[Ll]inux(?:_64)?', 'LINUX', '[Uu]ni?x', '[Ss]un[Oo][Ss]', '[Mm]ac[Oo][Ss][Xx]?'],
  ...['[Oo][Ss][Xx]', '[Dd]arwin(?:64)?', '[Aa]pple', '[Ww]indows', '[Ww]in(?:64|32)?', '[Cc]ygwin(?:64|32)?'],
  ...['[Mm]ingw', 'centos', ...architectures, 'armv?(?:7l|6l|64)?', '-(?:py|cp)[23].*'],
].map((suffix) => new RegExp(`[._-]?${suffix}$`))

type Part = 'stem' | 'path' | 'suffix'

/** Where a version stands, by the part of the URL that is looked at. */
const versionPlaces: readonly (readonly [RegExp, Part])[] = [
  // Separators and digits only: libpng-1.6.27, v3.3.0
  [/^[a-zA-Z+._-]+[._-]v?(\d[\d._-]*)$/, 'stem'],
  [/^v?(\d[\d._-]*)$/, 'stem'],
  // No separator, or a single kind of it: turbolinux702, panda-2016-03-07, tinyxml_2_6_2, jpegsrc.v9b
  [/^[a-zA-Z+]*(\d[\da-zA-Z]*)$/, 'stem'],
  [/^[a-zA-Z+-]*(\d[\da-zA-Z-]*)$/, 'stem'],
  [/^[a-zA-Z+_]*(\d[\da-zA-Z_]*)$/, 'stem'],
  [/^[a-zA-Z+.]*(\d[\da-zA-Z.]*)$/, 'stem'],
  // Two kinds: gmp-6.0.0a, icu4c-57_1, superlu_dist_4.1, fer_source.v696, Bridger_r2014-12-01, sowing-1.1.23-p1
  [/^[a-zA-Z\d+-]+-v?(\d[\da-zA-Z.]*)$/, 'stem'],
  [/^[a-zA-Z\d+-]+-v?(\d[\da-zA-Z_]*)$/, 'stem'],
  [/^[a-zA-Z\d+_]+_v?(\d[\da-zA-Z.]*)$/, 'stem'],
  [/^[a-zA-Z\d+_]+\.v?(\d[\da-zA-Z.]*)$/, 'stem'],
  [/^[a-zA-Z\d+]+_r?(\d[\da-zA-Z-]*)$/, 'stem'],
  [/^(?:[a-zA-Z\d+-]+-)?v?(\d[\da-zA-Z.-]*)$/, 'stem'],
  [/^[a-zA-Z+]+v?(\d[\da-zA-Z.-]*)$/, 'stem'],
  // Three kinds: the_silver_searcher-0.32.0, TH.data_1.0-8, pypar-2.1.5_108, STAR-CCM+11.06.010_02
  [/^[a-zA-Z\d+_]+-v?(\d[\da-zA-Z.]*)$/, 'stem'],
  [/^[a-zA-Z\d+.]+_v?(\d[\da-zA-Z.-]*)$/, 'stem'],
  [/^[a-zA-Z\d+-]+-v?(\d[\da-zA-Z._]*)$/, 'stem'],
  [/^[a-zA-Z\d+._]+-v?(\d[\da-zA-Z.]*)$/, 'stem'],
  [/^[a-zA-Z+-]+(\d[\da-zA-Z._]*)$/, 'stem'],
  [/^[a-zA-Z\d+_-]+-v?(\d[\da-zA-Z.]*)$/, 'stem'],
  // Bazaar's revisions, queries, folders
  [/bzr(\d[\da-zA-Z._-]*)$/, 'stem'],
  [/[?&](?:sha|ref|version)=[a-zA-Z\d+-]*[_-]?v?(\d[\da-zA-Z._-]*)$/, 'suffix'],
  [/[?&](?:filename|f|get)=[a-zA-Z\d+-]+[_-]v?(\d[\da-zA-Z.]*)/, 'stem'],
  [/github\.com\/[^/]+\/[^/]+\/releases\/download\/[a-zA-Z+._-]*v?(\d[\da-zA-Z._-]*)\//, 'path'],
  [/gitlab\.com\/[^/]+\/.+\/-\/releases\/[a-zA-Z+._-]*v?(\d[\da-zA-Z._-]*)\/downloads\//, 'path'],
  [/(\d[\da-zA-Z._-]*)\/[^/]+$/, 'path'],
]

const found = new Map<string, string | null>()

/** The text of the version in a URL, or null when none is recognized. */
export function versionInUrl(url: string): string | null {
  const known = found.get(url)
  if (known !== undefined) return known
  const version = findVersion(url)
  found.set(url, version)
  return version
}

/** The URL with `version` wherever its own version stands; a URL without one as it is. */
export function substituteVersion(url: string, version: string): string {
  const own = versionInUrl(url)
  return own === null ? url : url.split(own).join(version)
}

function findVersion(url: string): string | null {
  const { path, suffix } = splitUrl(url)
  const parts: Record<Part, string> = { path, suffix, stem: stripSuffixes(path.slice(path.lastIndexOf('/') + 1)) }
  for (const [place, part] of versionPlaces) {
    const version = place.exec(parts[part])?.[1]
    if (version !== undefined) return version
  }
  return null
}

const stripSuffixes = (stem: string): string => suffixes.reduce((text, suffix) => text.replace(suffix, ''), stem)

/** A URL without the extension of its archive, and what followed that: a query, a fragment or `/download`. */
export function splitUrl(url: string): { path: string; suffix: string } {
  const [, base = url, download = ''] = /^(.*(?:sourceforge\.net|sf\.net)\/.*)(\/download)$/.exec(url) ?? []
  const whole = stripExtension(base)
  if (whole !== null) return { path: whole, suffix: download }
  const query = base.search(/[?#]/)
  if (query < 0) return { path: base, suffix: download }
  const path = base.slice(0, query)
  // An empty query or fragment leaves no sign.
  const rest = base.slice(query).replace(/[?#]$/, '')
  return { path: stripExtension(path) ?? path, suffix: rest + download }
}

function stripExtension(path: string): string | null {
  const extension = extensionOf(path)
  return extension === undefined ? null : path.slice(0, -extension.length - 1)
}

const extensionOf = (path: string): string | undefined => archiveExtensions.find((each) => path.endsWith(`.${each}`))

/** `tar.gz` for the URL of an archive of that kind, empty where the URL does not tell. */
export function archiveExtension(url: string): string {
  const github = /github\.com\/.+\/(zip|tar)ball\//.exec(url)
  if (github) return github[1] === 'zip' ? 'zip' : 'tar.gz'
  const plain = url.replace(/^(.*(?:sourceforge\.net|sf\.net)\/.*)\/download$/, '$1')
  return extensionOf(plain) ?? extensionOf(plain.replace(/[?#].*$/, '')) ?? ''
}
