// Unpacks a zip archive into an empty folder of ours, with modes and links as `unzip` would. Links come last, so that
// nothing is written through them.

import { closeSync, futimesSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { makeFolders } from '../folders.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { memberPath, refused } from './untar.ts'

const fileTypeMask = 0o170000
const linkType = 0o120000
const folderType = 0o040000
const longestTarget = 4096
const modeMask = 0o777 & ~process.umask()

/** Throws SpackError `archive-damaged` and `archive-refused`, and the system's errors. */
export async function unzip(file: string, folder: string): Promise<void> {
  const archive = await opened(file)
  const links: { path: string; target: string; name: string }[] = []
  try {
    for (;;) {
      const entry = await nextEntry(archive)
      if (!entry) break
      const link = await unpackEntry(archive, entry, folder)
      if (link) links.push(link)
    }
  } finally {
    archive.close()
  }
  for (const { path, target, name } of links) {
    try {
      symlinkSync(target, path)
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') throw refused(name, 'is more than one of file, folder and link')
      throw error
    }
  }
}

/** Of a link: where it goes and to what. */
async function unpackEntry(
  archive: ZipFile,
  entry: Entry,
  folder: string,
): Promise<{ path: string; target: string; name: string } | undefined> {
  // Names are bytes here as in tar archives, for messages too.
  const name = Buffer.from(entry.fileName.replaceAll('\\', '/')).toString('latin1')
  const relative = Buffer.from(memberPath(name), 'latin1').toString('utf8')
  const path = `${folder}/${relative}`
  const mode = entry.externalFileAttributes >>> 16
  if (name.endsWith('/') || (mode & fileTypeMask) === folderType) {
    makeFolder(path, name)
    return undefined
  }
  makeFolder(dirname(path), name)
  const content = await promisify(archive.openReadStream.bind(archive) as OpenReadStream)(entry)
  if ((mode & fileTypeMask) === linkType) {
    if (entry.uncompressedSize > longestTarget) throw refused(name, 'is a link to a name that is too long')
    const pieces: Buffer[] = []
    for await (const piece of contentOf(content)) pieces.push(piece)
    return { path, target: Buffer.concat(pieces).toString('utf8'), name }
  }
  await writeFile(content, path, mode, entry.getLastModDate().getTime() / 1000)
  return undefined
}

type OpenReadStream = (entry: Entry, done: (error: Error | null, stream: Readable) => void) => void

function makeFolder(path: string, name: string): void {
  try {
    makeFolders(path)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'EEXIST' || code === 'ENOTDIR') throw refused(name, 'is more than one of file, folder and link')
    throw error
  }
}

async function writeFile(content: Readable, path: string, mode: number, timeSeconds: number): Promise<void> {
  rmSync(path, { force: true })
  // Archives made on other systems have no modes.
  const descriptor = openSync(path, 'wx', ((mode & 0o777 || 0o644) & modeMask) | 0o200)
  try {
    for await (const piece of contentOf(content)) {
      for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done)
    }
    futimesSync(descriptor, timeSeconds, timeSeconds)
  } finally {
    closeSync(descriptor)
  }
}

/** The pieces of a member; what is wrong with them is the archive's fault. */
async function* contentOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream as AsyncIterable<Buffer>
  } catch (error) {
    throw damaged(error)
  }
}

async function opened(file: string): Promise<ZipFile> {
  const open = promisify(
    yauzl.open as (path: string, options: yauzl.Options, done: (error: Error | null, archive: ZipFile) => void) => void,
  )
  try {
    // Names are checked by `memberPath`, which says more about them.
    return await open(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: false })
  } catch (error) {
    throw damaged(error)
  }
}

function nextEntry(archive: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      for (const event of ['entry', 'end', 'error']) archive.removeAllListeners(event)
      act()
    }
    archive.once('entry', (entry: Entry) => settle(() => resolve(entry)))
    archive.once('end', () => settle(() => resolve(undefined)))
    archive.once('error', (error) => settle(() => reject(damaged(error))))
    archive.readEntry()
  })
}

function damaged(error: unknown): unknown {
  // The disk's faults are not the archive's.
  if (!(error instanceof Error) || error instanceof SpackError || systemErrorCode(error)?.startsWith('E')) return error
  const code = /^invalid relative path|^absolute path|^invalid characters in fileName/.test(error.message)
    ? 'archive-refused'
    : 'archive-damaged'
  return new SpackError(code, error.message, { cause: error })
}
