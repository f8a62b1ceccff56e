// One file from the first of its candidates that has it as it should be. Local copies are linked, downloads are verified
// while they come in, kept under a name of their own until they are whole, and put in the download cache.

import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { locate, shownUrl } from '../buildcache/location.ts'
import { transportErrorCodes } from '../buildcache/transport.ts'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { digestOfFile } from './digest-file.ts'
import type { ArchiveSource, Candidate, Digest } from './source-plan.ts'
import type { StageWorld } from './stage-world.ts'

export interface FetchPlace {
  /** The folder that the file goes to. */
  folder: string
  /** Where downloads are kept. */
  cache: string
  /** For messages: `zlib@1.3 /abcdefg`. */
  shown: string
}

/** Why a candidate could not serve. */
interface Refusal {
  candidate: Candidate
  problem: 'missing' | 'digest' | 'silent' | 'unreadable'
  reason: string
}

/** Errors of one candidate that leave hope for the next. */
const passingCodes = [...transportErrorCodes, 'source-digest']

/**
 * Brings the file and gives its path. One that is there already is checked and kept. Throws SpackError `fetch-failed` with
 * what became of each candidate, or `source-digest` when all that was found had another digest.
 */
export async function fetchArchive(source: ArchiveSource, place: FetchPlace, world: StageWorld): Promise<string> {
  const path = join(place.folder, source.fileName)
  if (isThere(path, source.digest)) return path
  const refusals: Refusal[] = []
  for (const candidate of source.candidates) {
    const refusal = silentBefore(candidate, refusals) ?? (await tryCandidate(candidate, source, path, place, world))
    if (!refusal) {
      for (const { reason, problem } of refusals) if (problem === 'digest') world.warn(reason)
      return path
    }
    refusals.push(refusal)
  }
  throw failure(source, place, refusals)
}

function isThere(path: string, digest: Digest | null): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })) return false
  if (existsSync(path) && (!digest || digestOfFile(path, digest.algorithm) === digest.hex)) return true
  rmSync(path, { force: true })
  return false
}

/** A server that did not answer is not asked for the same file by another name. */
function silentBefore(candidate: Candidate, refusals: readonly Refusal[]): Refusal | undefined {
  const origin = originOf(candidate.url)
  const same = refusals.find((refusal) => refusal.problem === 'silent' && originOf(refusal.candidate.url) === origin)
  return same && { candidate, problem: 'silent', reason: 'that server does not answer' }
}

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url)

const problems: Readonly<Record<string, Refusal['problem']>> = {
  'not-found': 'missing',
  'source-digest': 'digest',
  'mirror-unreachable': 'silent',
}

async function tryCandidate(
  candidate: Candidate,
  source: ArchiveSource,
  path: string,
  place: FetchPlace,
  world: StageWorld,
): Promise<Refusal | undefined> {
  try {
    if (candidate.kind === 'list') return await tryList(candidate, source, path, place, world)
    const location = locate(candidate.url)
    if (location.kind === 'file') linkLocal(location.path, path, source.digest)
    else {
      world.say(`Fetching ${shownUrl(candidate.url)}`)
      await download(candidate, source, path, world)
      if (source.isCachable) keep(path, join(place.cache, source.places.storage), world)
    }
    return undefined
  } catch (error) {
    if (!(error instanceof SpackError) || !passingCodes.includes(error.code)) throw error
    return { candidate, problem: problems[error.code] ?? 'unreadable', reason: error.message }
  }
}

/** The URLs that a page lists for the version, one after the other. */
async function tryList(
  candidate: Candidate,
  source: ArchiveSource,
  path: string,
  place: FetchPlace,
  world: StageWorld,
): Promise<Refusal | undefined> {
  const { findInList } = await import('./list-page.ts')
  world.say(`Searching ${shownUrl(candidate.url)}`)
  const known = new Set(source.candidates.map(({ url }) => url))
  const found = (await findInList({ listUrl: candidate.url, ...candidate.list! }, world.transport)).filter(
    (url) => !known.has(url),
  )
  let refusal: Refusal = { candidate, problem: 'missing', reason: '' }
  for (const url of found) {
    const next = await tryCandidate({ kind: 'url', url }, source, path, place, world)
    if (!next) return undefined
    refusal = next
  }
  return refusal
}

function linkLocal(from: string, path: string, digest: Digest | null): void {
  if (!statSync(from, { throwIfNoEntry: false })?.isFile()) throw new SpackError('not-found', `there is no \`${from}\``)
  if (digest) checkDigest(from, digest, digestOfLocal(from, digest))
  symlinkSync(from, path)
}

function digestOfLocal(path: string, digest: Digest): string {
  try {
    return digestOfFile(path, digest.algorithm)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined || !(error instanceof Error)) throw error
    throw new SpackError('download-failed', `cannot read \`${path}\`: ${error.message}`, { cause: error })
  }
}

function checkDigest(from: string, { algorithm, hex }: Digest, found: string, path: string = from): void {
  if (found === hex) return
  const sizeBytes = statSync(path).size
  throw new SpackError(
    'source-digest',
    `the ${algorithm} of \`${shownUrl(from)}\` is ${found}, not ${hex} as the recipe says (${sizeBytes} bytes${contentHint(path)})`,
  )
}

/** Servers and gateways send pages where an archive should be. */
function contentHint(path: string): string {
  const start = Buffer.alloc(256)
  const file = openSync(path, 'r')
  try {
    readSync(file, start)
  } finally {
    closeSync(file)
  }
  return /^\s*<(!doctype html|html)/i.test(start.toString('latin1')) ? ', a web page and no archive' : ''
}

/** What has come of a download that was interrupted stays, and is gone on with the next time, where a digest will tell. */
async function download(candidate: Candidate, source: ArchiveSource, path: string, world: StageWorld): Promise<void> {
  const part = `${path}.part`
  const { digest } = source
  const isOwn = candidate.kind === 'url' || candidate.kind === 'list'
  const hash = digest ? createHash(digest.algorithm) : undefined
  const resumedBytes = hash ? resume(part, hash) : 0
  if (resumedBytes === 0) rmSync(part, { force: true })
  let receivedBytes = resumedBytes
  let sizeBytes: number | undefined
  const report = (isOver: boolean) => world.progress?.({ url: candidate.url, receivedBytes, sizeBytes, isOver })
  const stream = world.transport.openStream(candidate.url, {
    ...(candidate.credentials ? { credentials: candidate.credentials } : {}),
    ...(isOwn && source.cookie ? { cookie: source.cookie } : {}),
    startAtByte: resumedBytes,
    onSize: (bytes) => {
      sizeBytes = bytes
    },
  })
  let file: number | undefined
  try {
    for await (const piece of stream) {
      // Opened with the first bytes: a server that has nothing leaves nothing.
      file ??= openSync(part, resumedBytes > 0 ? 'a' : 'w', 0o644)
      for (let done = 0; done < piece.length; ) done += writeSync(file, piece, done)
      hash?.update(piece)
      receivedBytes += piece.length
      report(false)
    }
    file ??= openSync(part, 'a', 0o644)
  } finally {
    if (file !== undefined) closeSync(file)
  }
  report(true)
  if (hash && digest) {
    const found = hash.digest('hex')
    if (found !== digest.hex && resumedBytes > 0) {
      rmSync(part, { force: true })
      return await download(candidate, source, path, world)
    }
    try {
      checkDigest(candidate.url, digest, found, part)
    } catch (error) {
      rmSync(part, { force: true })
      throw error
    }
  }
  renameSync(part, path)
}

/** Takes the bytes that are there into the hash; how many they are. */
function resume(part: string, hash: Hash): number {
  const stat = lstatSync(part, { throwIfNoEntry: false })
  if (!stat?.isFile()) return 0
  const file = openSync(part, 'r')
  let total = 0
  try {
    const piece = Buffer.allocUnsafe(1 << 20)
    for (let count = readSync(file, piece); count > 0; count = readSync(file, piece)) {
      hash.update(piece.subarray(0, count))
      total += count
    }
  } finally {
    closeSync(file)
  }
  return total
}

/** Puts a copy in the download cache. Where that cannot be written, the next time costs another download. */
export function keep(path: string, cached: string, world: Pick<StageWorld, 'warn'>): void {
  const temporary = `${cached}.${process.pid}.tmp`
  try {
    makeFolders(dirname(cached))
    copyFileSync(path, temporary, constants.COPYFILE_FICLONE)
    renameSync(temporary, cached)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined || !(error instanceof Error)) throw error
    rmSync(temporary, { force: true })
    world.warn(`\`${path}\` is not kept in the download cache (\`config:source_cache\`): ${error.message}`)
  }
}

function failure(source: ArchiveSource, place: FetchPlace, refusals: readonly Refusal[]): SpackError {
  const lines = refusals.map(({ candidate, problem, reason }) => `  ${where(candidate)}: ${told(problem, reason)}`)
  const detail = lines.join('\n')
  if (refusals.some(({ problem }) => problem === 'digest')) {
    return new SpackError('source-digest', `no archive of \`${place.shown}\` that was found is the one of its recipe`, {
      detail,
      hint:
        'nothing was unpacked. If a download or a mirror is damaged, remove it there (`spack clean --downloads`) and try ' +
        'again; if its makers changed the archive, look at what they changed before the recipe gets the new digest',
    })
  }
  return new SpackError('fetch-failed', `\`${source.fileName}\` of \`${place.shown}\` is nowhere to be had`, {
    detail: source.instructions ? `${detail}\n  ${source.instructions}` : detail,
    hint: source.instructions
      ? `download it by hand into a mirror, as \`${source.places.alias ?? source.places.storage}\``
      : 'look at the network and `spack mirror list`, or put the file in a mirror: `spack mirror create` where there is a network',
  })
}

const told = (problem: Refusal['problem'], reason: string): string => (problem === 'missing' ? 'not there' : reason)

function where({ kind, url, mirror }: Candidate): string {
  const shown = shownUrl(url)
  if (kind === 'list') return `what ${shown} lists`
  if (kind === 'cache') return `download cache (${shown})`
  return mirror === undefined ? shown : `mirror \`${mirror}\` (${shown})`
}
