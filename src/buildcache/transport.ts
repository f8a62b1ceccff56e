// Reading from mirrors: whole small things, and large ones as streams of bytes. Folders are read at once; the web client
// is loaded when the first web address is asked for.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { locate, shownUrl, supportedSchemes } from './location.ts'
import type { Credentials } from './mirror.ts'

/** How the network is used, from configuration and environment. A plain value that can be stored in an install plan. */
export interface NetworkSettings {
  /** Longest wait for a connection, and for the next bytes on it; 0 waits for ever. `config:connect_timeout`. */
  timeoutMs: number
  /** `config:verify_ssl`, and not `--insecure`. */
  verifyTls: boolean
  /** Files with certificates to trust besides Node's own: `config:ssl_certs`. */
  caFiles: readonly string[]
  /** Folder for notes about servers that do not answer; none are kept without it. */
  notesFolder?: string
}

export const defaultNetwork: NetworkSettings = { timeoutMs: 30_000, verifyTls: true, caFiles: [] }

export interface FetchOptions {
  credentials?: Credentials
  /** More than this is refused: indexes and manifests are hostile until checked. */
  limitBytes: number
  /** Validators of the copy that the caller has, as given with it. */
  known?: Validators
}

export interface Validators {
  etag?: string
  lastModified?: string
}

export type Fetched =
  | { kind: 'content'; bytes: Buffer; validators: Validators }
  | { kind: 'absent' }
  /** The copy that the caller has is still the present one. */
  | { kind: 'unchanged' }

export interface StreamOptions {
  credentials?: Credentials
  /** Known size, by which a connection that was cut off is told from the end. */
  sizeBytes?: number
  /** What comes before is there already. */
  startAtByte?: number
  /** Sent along, but to no other server that is redirected to. */
  cookie?: string
  /** Told the whole size once, where the server says it. */
  onSize?: (bytes: number) => void
}

/** The seam to disk and network. Errors are SpackErrors with a code of `transportErrorCodes`. */
export interface Transport {
  fetchBytes: (url: string, options: FetchOptions) => Promise<Fetched>
  /** Throws `not-found` when there is nothing. Interrupted downloads are resumed. */
  openStream: (url: string, options: StreamOptions) => AsyncIterable<Buffer>
}

/** What can go wrong with one mirror while another may still serve. */
export const transportErrorCodes: readonly string[] = [
  'not-found',
  'mirror-unreachable',
  'download-failed',
  'too-large',
  'mirror-scheme',
  'mirror-url',
  'mirror-path',
]

export interface TransportOptions {
  environ: NodeJS.ProcessEnv
  /** Told about retries that take long and servers that are given up. */
  say?: (line: string) => void
  /** Waits between attempts; for tests. */
  sleep?: (milliseconds: number) => Promise<void>
}

/** Opens a transport; connections are kept while it is used, and do not keep the process alive. */
export function openTransport(network: NetworkSettings, options: TransportOptions): Transport {
  let web: Promise<Transport> | undefined
  const openWeb = () => (web ??= import('./http.ts').then((module) => module.openWebTransport(network, options)))
  return {
    async fetchBytes(url, request) {
      const location = locate(url)
      if (location.kind === 'file') return readWhole(location.path, request)
      if (location.kind === 'http') return (await openWeb()).fetchBytes(url, request)
      throw unsupported(url, location.scheme)
    },
    async *openStream(url, request) {
      const location = locate(url)
      if (location.kind === 'file') yield* readPieces(location.path, request.startAtByte ?? 0)
      else if (location.kind === 'http') yield* (await openWeb()).openStream(url, request)
      else throw unsupported(url, location.scheme)
    },
  }
}

function unsupported(url: string, scheme: string): SpackError {
  return new SpackError('mirror-scheme', `\`${shownUrl(url)}\`: mirrors at ${scheme}:// cannot be read`, {
    hint: `what can be read is ${supportedSchemes}`,
  })
}

/** A file's size and time stand in for an ETag: an index of megabytes is not read to learn that it is the same. */
function readWhole(path: string, options: FetchOptions): Fetched {
  const file = openFile(path)
  if (file === undefined) return { kind: 'absent' }
  try {
    const stat = fstatSync(file, { bigint: true })
    const etag = `${stat.size}-${stat.mtimeNs}-${stat.ino}`
    if (options.known?.etag === etag) return { kind: 'unchanged' }
    if (stat.size > options.limitBytes) throw tooLarge(path, options.limitBytes)
    const bytes = Buffer.allocUnsafe(Number(stat.size))
    let filled = 0
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, bytes.length - filled, filled)
      if (count === 0) break
      filled += count
    }
    return { kind: 'content', bytes: bytes.subarray(0, filled), validators: { etag } }
  } catch (error) {
    throw readFailure(path, error)
  } finally {
    closeSync(file)
  }
}

const pieceBytes = 256 * 1024

function* readPieces(path: string, startAtByte: number): Generator<Buffer> {
  const file = openFile(path)
  if (file === undefined) throw notFound(path)
  try {
    for (let at = startAtByte; ; ) {
      const piece = Buffer.allocUnsafe(pieceBytes)
      const count = readPiece(path, file, piece, at)
      if (count === 0) return
      at += count
      yield piece.subarray(0, count)
    }
  } finally {
    closeSync(file)
  }
}

function readPiece(path: string, file: number, piece: Buffer, at: number): number {
  try {
    return readSync(file, piece, 0, piece.length, at)
  } catch (error) {
    throw readFailure(path, error)
  }
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw readFailure(path, error)
  }
}

function readFailure(path: string, error: unknown): unknown {
  if (error instanceof SpackError || !(error instanceof Error)) return error
  return new SpackError('download-failed', `cannot read \`${path}\`: ${error.message}`, { cause: error })
}

export const notFound = (url: string): SpackError =>
  new SpackError('not-found', `there is nothing at \`${shownUrl(url)}\``)

export const tooLarge = (url: string, limitBytes: number): SpackError =>
  new SpackError(
    'too-large',
    `\`${shownUrl(url)}\` is larger than ${limitBytes} bytes, the most that is read of its kind`,
  )
