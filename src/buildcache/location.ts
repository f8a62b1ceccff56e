// Where a mirror lies: a folder on this machine or a web server. A mirror may be written as URL or as plain path; what
// lies below it is named by relative paths made of harmless characters.

import { fileURLToPath, pathToFileURL } from 'node:url'
import { SpackError } from '../ui/error.ts'

export type Location =
  | { kind: 'file'; path: string }
  | { kind: 'http'; url: URL }
  /** Known to Spack, but not to us (yet). */
  | { kind: 'unsupported'; scheme: string }

const webSchemes = ['http', 'https']
/** What Spack's mirrors may start with and we cannot read. */
const foreignSchemes = ['s3', 'gs', 'oci', 'oci+http', 'ftp', 'sftp', 'ssh', 'git']

export const supportedSchemes = 'file://, http://, https:// or a plain path'

const schemeOf = (text: string): string | undefined => /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()

/** Whether `text` is a URL, and not a path, as Spack tells them apart. */
export function isUrl(text: string): boolean {
  const scheme = schemeOf(text)
  return scheme === 'file' || webSchemes.includes(scheme ?? '') || foreignSchemes.includes(scheme ?? '')
}

/** The `file://` URL of an absolute path. */
export const fileUrl = (path: string): string => pathToFileURL(path).href.replace(/\/$/, '')

/** Reads a URL or an absolute path. Throws SpackError `mirror-url` for text that is neither. */
export function locate(url: string): Location {
  if (url.startsWith('/')) return { kind: 'file', path: url }
  const scheme = schemeOf(url)
  if (scheme && foreignSchemes.includes(scheme)) return { kind: 'unsupported', scheme }
  try {
    if (scheme === 'file') return { kind: 'file', path: filePath(url) }
    if (scheme && webSchemes.includes(scheme)) return { kind: 'http', url: webUrl(url) }
  } catch (cause) {
    throw notALocation(url, cause)
  }
  throw notALocation(url)
}

/** A URL whose login can be decoded, too. Throws TypeError or URIError. */
function webUrl(text: string): URL {
  const url = new URL(text)
  decodeURIComponent(url.username + url.password)
  return url
}

function notALocation(url: string, cause?: unknown): SpackError {
  return new SpackError('mirror-url', `\`${shownUrl(url)}\` is not a URL or path of a mirror`, {
    hint: `a mirror is ${supportedSchemes}`,
    cause,
  })
}

/** What a URL and a path write in the same way, and no `.` or `..` in it: Node takes a millisecond to say so. */
const plainPath = /^(\/[\w+@=,~-][\w.+@=,~-]*)+$/

/** The path in a `file://` URL. Spaces and other bytes may stand for themselves, as Spack's own files have them. */
function filePath(url: string): string {
  const rest = url.slice('file://'.length).replace(/^localhost(?=\/)/, '')
  if (plainPath.test(rest)) return rest
  return fileURLToPath(`file://${rest.replace(/[?#]/g, encodeURIComponent)}`)
}

/**
 * The URL or path of something below a mirror. Throws SpackError `mirror-path` for a part that could lead out of it, for
 * instance a name with `..` from an index.
 */
export function below(base: string, ...parts: readonly string[]): string {
  for (const part of parts.flatMap((text) => text.split('/'))) {
    if (part === '' || part === '.' || part === '..' || /[\0\\]/.test(part)) {
      throw new SpackError('mirror-path', `\`${parts.join('/')}\` is not a path below a mirror`)
    }
  }
  const relative = parts.join('/')
  if (base.startsWith('/')) return `${base.replace(/\/+$/, '')}/${relative}`
  const quoted = relative.split('/').map(quotePart).join('/')
  const [path, query] = splitQuery(base)
  return `${path.replace(/\/+$/, '')}/${quoted}${query}`
}

const quotePart = (part: string): string => encodeURIComponent(part).replaceAll('%2B', '+')

/** A query belongs to the server (an access token, for instance) and stays at the end. Paths have none. */
function splitQuery(url: string): [string, string] {
  const at = /^https?:/i.test(url) ? url.indexOf('?') : -1
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at)]
}

/** A URL as it may be shown: without user, password and query, which hold secrets. */
export const shownUrl = (url: string): string =>
  url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1***@').replace(/^(https?:[^?]*)\?.*$/i, '$1?…')

/** As `polite_filename` in Spack: what may stand in a file name of a build cache. */
export const politeName = (text: string): string => text.replace(/[^A-Za-z0-9_+.-]/g, '_')
