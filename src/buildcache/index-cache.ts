// Indexes of build caches, kept on disk by their digest. An index that has not changed costs one conditional request: for
// its manifest in layout 3, which names the digest, and for the index itself (or its digest beside it) in layout 2.
//
//   FOLDER/NAME.json     what is known of one index: digest and validators; NAME is made of URL, view and layout
//   FOLDER/DIGEST.json   the index

import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { writeWhole } from '../whole-file.ts'
import { readBlob } from './blob.ts'
import { below, shownUrl } from './location.ts'
import {
  blobOf,
  indexManifestUrl,
  isDigest,
  type ManifestBlob,
  manifestLimitBytes,
  readManifest,
  within,
} from './manifest.ts'
import type { LayoutVersion, Mirror } from './mirror.ts'
import { type Fetched, type Transport, transportErrorCodes, type Validators } from './transport.ts'

/** The longest text that Node holds is a little longer. Spack's public index has 150 MB. */
const indexLimitBytes = 500 << 20

export interface IndexSource {
  mirror: Mirror
  layout: LayoutVersion
}

export interface IndexSettings {
  transport: Transport
  /** Where indexes are kept. */
  folder: string
}

export type IndexAnswer =
  | { kind: 'index'; text: string; digest: string /** Why the copy may be out of date. */; warning?: string }
  | { kind: 'absent' }

/** What the note of an index holds. */
interface Note {
  url: string
  digest: string
  validators: Validators
}

/** A note, and the index that it speaks of. */
interface Known extends Note {
  text: string
}

/** The present index, or the copy at hand when the mirror does not answer. Throws SpackErrors of the transport without one. */
export async function fetchIndex(source: IndexSource, settings: IndexSettings): Promise<IndexAnswer> {
  const known = readKnown(source, settings)
  try {
    return source.layout === 3
      ? await fetchIndexV3(source, settings, known)
      : await fetchIndexV2(source, settings, known)
  } catch (error) {
    if (!(error instanceof SpackError) || !known || !isTemporary(error)) throw error
    return { ...present(known), warning: `${error.message}; the copy from the last time is used` }
  }
}

const isTemporary = (error: SpackError): boolean =>
  [...transportErrorCodes, 'index-expired', 'blob-digest', 'blob-size'].includes(error.code)

async function fetchIndexV3(source: IndexSource, settings: IndexSettings, known?: Known): Promise<IndexAnswer> {
  const url = indexManifestUrl(source.mirror.fetchUrl, source.mirror.view)
  const manifest = await fetchFrom(source, settings, url, manifestLimitBytes, known?.validators)
  if (manifest.kind === 'absent') return forget(source, settings)
  if (manifest.kind === 'unchanged') return present(known!)
  const text = manifest.bytes.toString('utf8')
  const blob = within(url, () => blobOf(readManifest(text, source.mirror.fetchUrl), 'index'))
  const note = { url, digest: blob.digest, validators: manifest.validators }
  if (blob.digest === known?.digest) return replace(source, settings, note, known)
  return replace(source, settings, note, known, await readIndexBlob(source, settings, blob, url))
}

/** The index may be replaced between the two requests; who goes on serving a manifest without its index must renew it. */
async function readIndexBlob(
  source: IndexSource,
  { transport }: IndexSettings,
  blob: ManifestBlob,
  url: string,
): Promise<Buffer> {
  try {
    return await readBlob(transport, blob, { credentials: source.mirror.credentials, limitBytes: indexLimitBytes })
  } catch (error) {
    if (!(error instanceof SpackError) || error.code !== 'not-found') throw error
    throw new SpackError('index-expired', `the index that \`${shownUrl(url)}\` names is no longer there`, {
      hint: `try again; if it stays so, who keeps the mirror must run \`spack buildcache update-index ${source.mirror.name}\``,
      cause: error,
    })
  }
}

async function fetchIndexV2(source: IndexSource, settings: IndexSettings, known?: Known): Promise<IndexAnswer> {
  const url = below(source.mirror.fetchUrl, 'build_cache/index.json')
  const hasValidators = Object.keys(known?.validators ?? {}).length > 0
  if (known && !hasValidators && (await digestBeside(source, settings, url)) === known.digest) return present(known)
  const index = await fetchFrom(source, settings, url, indexLimitBytes, known?.validators)
  if (index.kind === 'absent') return forget(source, settings)
  if (index.kind === 'unchanged') return present(known!)
  const digest = createHash('sha256').update(index.bytes).digest('hex')
  return replace(source, settings, { url, digest, validators: index.validators }, known, index.bytes)
}

/** `index.json.hash`, for servers that know no conditional requests. Absence and nonsense mean that nothing is known. */
async function digestBeside(source: IndexSource, settings: IndexSettings, url: string): Promise<string | undefined> {
  const fetched = await fetchFrom(source, settings, `${url}.hash`, 1024)
  const text = fetched.kind === 'content' ? fetched.bytes.toString('latin1').trim() : ''
  return isDigest('sha256', text) ? text : undefined
}

function fetchFrom(
  { mirror }: IndexSource,
  { transport }: IndexSettings,
  url: string,
  limitBytes: number,
  known?: Validators,
): Promise<Fetched> {
  return transport.fetchBytes(url, { credentials: mirror.credentials, limitBytes, known })
}

const present = ({ text, digest }: Known) => ({ kind: 'index', digest, text }) as const

const indexFile = (folder: string, digest: string): string => join(folder, `${digest}.json`)

/** Where records are in the text of an index: see `index-records.ts`. */
export const recordsFile = (folder: string, digest: string): string => join(folder, `${digest}.records.json`)

function noteFile({ mirror, layout }: IndexSource, { folder }: IndexSettings): string {
  const identity = `${mirror.fetchUrl}\n${mirror.view ?? ''}\n${layout}`
  return join(folder, `${createHash('sha256').update(identity).digest('hex').slice(0, 16)}.json`)
}

/** What is known of an index, with the index; a note without it, or one that makes no sense, is as good as none. */
function readKnown(source: IndexSource, settings: IndexSettings): Known | undefined {
  try {
    const note: Note = JSON.parse(readFileSync(noteFile(source, settings), 'utf8'))
    if (!isDigest('sha256', String(note.digest)) || typeof note.validators !== 'object') return undefined
    return { ...note, text: readFileSync(indexFile(settings.folder, note.digest), 'utf8') }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Keeps what is new. The note comes after its index, and the index that is replaced goes last. */
function replace(
  source: IndexSource,
  settings: IndexSettings,
  note: Note,
  known: Known | undefined,
  index?: Buffer,
): IndexAnswer {
  const { folder } = settings
  makeFolders(folder)
  if (index) writeWhole(indexFile(folder, note.digest), index)
  writeWhole(noteFile(source, settings), JSON.stringify({ ...note, url: shownUrl(note.url) }))
  if (known && known.digest !== note.digest) {
    rmSync(indexFile(folder, known.digest), { force: true })
    rmSync(recordsFile(folder, known.digest), { force: true })
  }
  return { kind: 'index', digest: note.digest, text: index?.toString('utf8') ?? known!.text }
}

function forget(source: IndexSource, settings: IndexSettings): IndexAnswer {
  rmSync(noteFile(source, settings), { force: true })
  return { kind: 'absent' }
}
