// Mirrors, as `mirrors.yaml` names them: where binaries and sources are fetched from and pushed to. An entry is a URL, a
// path, or a record whose `fetch` and `push` may be either again.

import { SpackError } from '../ui/error.ts'
import { isUrl } from './location.ts'

export type MirrorContent = 'binary' | 'source'
export type LayoutVersion = 2 | 3

/** How to log in. Holds names of variables; secrets are read when they are needed and stored nowhere. */
export interface Credentials {
  id?: string
  idVariable?: string
  secretVariable?: string
  tokenVariable?: string
}

export interface Mirror {
  name: string
  /** URL with a scheme; paths have become `file://`. */
  fetchUrl: string
  /** Absent when the entry only names where to fetch from. */
  pushUrl?: string
  /** Name of the index to read, where a cache has several. */
  view?: string
  contents: readonly MirrorContent[]
  /** Binaries need a signature by a trusted key. */
  isSigned: boolean
  autopush: boolean
  /** In the order in which they are looked at. Only layout 3 has views. */
  layouts: readonly LayoutVersion[]
  credentials?: Credentials
}

/** What `mirrors.yaml` may hold under a name. */
export type MirrorEntry = string | MirrorRecord

export interface ConnectionRecord {
  url?: string
  view?: string
  access_pair?: { id?: string; id_variable?: string; secret_variable?: string }
  profile?: string | null
  endpoint_url?: string | null
  access_token_variable?: string | null
}

export interface MirrorRecord extends ConnectionRecord {
  fetch?: string | ConnectionRecord
  push?: string | ConnectionRecord
  binary?: boolean
  source?: boolean
  signed?: boolean
  autopush?: boolean
}

export type Direction = 'fetch' | 'push'

/**
 * Reads one entry. `toUrl` makes a `file://` URL of a path (substitutions, and relative to the file that names it). Throws
 * SpackError `mirror-url` when no URL is given.
 */
export function readMirror(
  name: string,
  entry: MirrorEntry,
  toUrl: (path: string, direction: Direction) => string,
): Mirror {
  const record = typeof entry === 'string' ? { url: entry } : entry
  const url = (direction: Direction): string | undefined => {
    const text = connectionValue(record, direction, 'url')
    return !text || isUrl(text) ? text : toUrl(text, direction)
  }
  const fetchUrl = url('fetch')
  if (!fetchUrl) {
    throw new SpackError('mirror-url', `mirror \`${name}\` has no URL to fetch from`, {
      hint: `run \`spack mirror set-url ${name} URL\``,
    })
  }
  const pushUrl = url('push')
  const view = connectionValue(record, 'fetch', 'view')
  const credentials = readCredentials(record)
  return {
    name,
    fetchUrl,
    ...(pushUrl ? { pushUrl } : {}),
    ...(view ? { view } : {}),
    contents: (['binary', 'source'] as const).filter((content) => record[content] ?? true),
    isSigned: record.signed ?? true,
    autopush: record.autopush ?? false,
    layouts: view ? [3] : [3, 2],
    ...(credentials ? { credentials } : {}),
  }
}

/** A value of the more specific connection, else of the whole entry. */
export function connectionValue<Key extends keyof ConnectionRecord>(
  record: MirrorRecord,
  direction: Direction,
  key: Key,
): ConnectionRecord[Key] | undefined {
  const connection = record[direction]
  if (key === 'url' && typeof connection === 'string') return connection as ConnectionRecord[Key]
  const own = typeof connection === 'object' ? connection[key] : undefined
  return own ?? record[key]
}

function readCredentials(record: MirrorRecord): Credentials | undefined {
  const pair = connectionValue(record, 'fetch', 'access_pair')
  const token = connectionValue(record, 'fetch', 'access_token_variable')
  if (!pair && !token) return undefined
  return {
    ...(pair?.id ? { id: pair.id } : {}),
    ...(pair?.id_variable ? { idVariable: pair.id_variable } : {}),
    ...(pair?.secret_variable ? { secretVariable: pair.secret_variable } : {}),
    ...(token ? { tokenVariable: token } : {}),
  }
}

/** Those that may hold build caches. */
export const binaryMirrors = (mirrors: readonly Mirror[]): Mirror[] =>
  mirrors.filter((mirror) => mirror.contents.includes('binary'))
