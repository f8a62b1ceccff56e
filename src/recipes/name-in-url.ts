// The name of a package in the URL of its archive. The places and their order are those that Spack's names came from: the
// first that fits decides.

import { splitUrl, versionInUrl } from './version-url.ts'

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** What stands between name and version, or behind both, and is no part of the name. */
const suffixes = [
  ...['install', '[Ss]rc', '(?:open)?[Ss]ources?', '[._-]open', '[._-]archive', '[._-]std', '[._-]bin', 'Software'],
  ...['release', 'snapshot', 'distrib', 'everywhere', 'latest', 'Linux(?:64)?', 'x86_64', '0\\+bzr'],
  ...['gpl', '[._-]x11', 'gpl'],
]

type Part = 'path' | 'stem' | 'suffix'

const places: readonly (readonly [RegExp, Part])[] = [
  [/github\.com\/[^/]+\/([^/]+)/, 'path'],
  [/gitlab[^/]+\/api\/v4\/projects\/[^/]+%2F([^/]+)/, 'path'],
  [/gitlab[^/]+\/(?!api\/v4\/projects)[^/]+\/([^/]+)/, 'path'],
  [/bitbucket\.org\/[^/]+\/([^/]+)/, 'path'],
  [/pypi\.(?:python\.org|io)\/packages\/source\/[A-Za-z\d]\/([^/]+)/, 'path'],
  [/\?filename=([A-Za-z\d+-]+)$/, 'stem'],
  [/\?f=([A-Za-z\d+-]+)$/, 'stem'],
  [/\?package=([A-Za-z\d+-]+)/, 'stem'],
  [/\?package=([A-Za-z\d]+)/, 'suffix'],
  [/([^/]+)\/download\.php$/, 'path'],
  [/^([A-Za-z\d+._-]+)$/, 'stem'],
]

/** The name as it stands in the URL, or null when none is recognized. */
export function nameInUrl(url: string): string | null {
  const { path, suffix } = splitUrl(url)
  const stem = withoutSuffixes(path.slice(path.lastIndexOf('/') + 1), versionInUrl(url) ?? 'unknown')
  const parts: Record<Part, string> = { path, suffix, stem }
  for (const [place, part] of places) {
    const name = place.exec(parts[part])?.[1]
    if (name !== undefined) return name
  }
  return null
}

function withoutSuffixes(stem: string, version: string): string {
  const ofVersion = [`[._-][rvV]?${escaped(version)}.*`, `V?${escaped(version)}.*`]
  return [...ofVersion, ...suffixes].reduce((text, each) => text.replace(new RegExp(`[._-]?${each}$`), ''), stem)
}

/** A name as packages are called: small letters, digits and dashes. */
export const simplifyName = (name: string): string =>
  name
    .replace(/^l_/, '')
    .toLowerCase()
    .replace(/[_.]/g, '-')
    .replaceAll('++', 'pp')
    .replaceAll('+', '-plus')
    .replace(/^(lua)([^-])/, '$1-$2')
    .replace(/^(bpp)([^-])/, '$1-$2')
