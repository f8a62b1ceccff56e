// From a fetched file to the tree of its sources. It grows in a folder of its own; whoever asked moves it to its place.

import { closeSync, copyFileSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { compressionOf, firstBytes, isTarHeader, isZip } from '../archive/archive-kind.ts'
import { decompressed } from '../archive/decompress.ts'
import { untar } from '../archive/untar.ts'
import { makeFolders } from '../folders.ts'
import { SpackError } from '../ui/error.ts'
import type { ArchiveSource } from './source-plan.ts'

/**
 * Unpacks `file` into the new folder `container`, and gives the folder in it that is the tree: the only one at its top,
 * hidden things aside, or else the container itself. Throws SpackError `archive-damaged`, `archive-refused`, `no-tool`.
 */
export async function expand(file: string, source: ArchiveSource, container: string): Promise<string> {
  rmSync(container, { recursive: true, force: true })
  makeFolders(container)
  if (!source.expand) {
    copyFileSync(file, join(container, source.fileName))
    return container
  }
  await unpack(file, source, container)
  return topOf(container)
}

/** The tree that an archive holds, also where other things lie beside it. */
function topOf(container: string): string {
  const visible = readdirSync(container).filter((name) => !name.startsWith('.'))
  const [only] = visible
  if (visible.length !== 1 || !statSync(join(container, only!), { throwIfNoEntry: false })?.isDirectory())
    return container
  return join(container, only!)
}

async function unpack(file: string, source: ArchiveSource, container: string): Promise<void> {
  const start = firstBytes(file)
  if (start.length === 0) throw new SpackError('archive-damaged', `\`${file}\` is empty`)
  try {
    if (isZip(start)) {
      const { unzip } = await import('../archive/unzip.ts')
      await unzip(file, container)
    } else await unpackStream(file, start, container, namesTar(source))
  } catch (error) {
    if (error instanceof SpackError && ['archive-damaged', 'archive-refused'].includes(error.code))
      throw named(error, file)
    throw error
  }
}

function named(error: SpackError, file: string): SpackError {
  if (error.message.includes(file)) return error
  const verb = error.code === 'archive-refused' ? 'is refused' : 'cannot be unpacked'
  return new SpackError(
    error.code,
    `the archive \`${file}\` ${verb}: ${error.message.replace(/^the archive cannot be read: /, '')}`,
    {
      hint:
        error.code === 'archive-refused'
          ? 'nothing of it was used; an archive of sources has no reason to be like that: tell its makers, or the recipe’s'
          : 'if its digest is right it is the recipe that must say what it is (`extension=`, `expand=False`)',
      cause: error,
    },
  )
}

/** What is called a tar archive and is none must not pass for a file that was packed alone. */
const namesTar = ({ extension, fileName }: ArchiveSource): boolean =>
  /(^|\.)(tar|tgz|tbz2?|txz)(\.|$)/i.test(extension ?? fileName)

/** A tar archive, packed or not, or a single packed file. */
async function unpackStream(file: string, start: Buffer, container: string, mustBeTar: boolean): Promise<void> {
  const compression = compressionOf(start)
  const content = decompressed(file, compression)
  let beginning: Buffer = Buffer.alloc(0)
  let write: ((piece: Buffer) => void) | undefined
  let finish = (): void => {}
  const open = (): void => {
    if (isTarHeader(beginning)) {
      const tar = untar(container)
      write = tar.push
      finish = tar.finish
    } else if (compression !== 'none' && !mustBeTar) {
      const descriptor = openSync(join(container, unpackedName(file)), 'wx')
      write = (piece) => {
        for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done)
      }
      finish = () => closeSync(descriptor)
    } else throw new SpackError('archive-damaged', `\`${file}\` is no archive of a kind that is known`)
    write(beginning)
  }
  for await (const piece of content) {
    if (write) write(piece)
    else {
      beginning = beginning.length ? Buffer.concat([beginning, piece]) : piece
      if (beginning.length >= 512) open()
    }
  }
  if (!write) open()
  finish()
}

/** `patch` for `patch.gz`. */
const unpackedName = (file: string): string => basename(file).replace(/\.(gz|bz2|xz|Z|zst|lz|lzma)$/i, '')

/** Moves a tree to where sources are expected; what lay hidden beside it goes beside it. */
export function moveTree(top: string, container: string, target: string): void {
  rmSync(target, { recursive: true, force: true })
  if (top !== container) {
    for (const name of readdirSync(container)) {
      const beside = join(dirname(target), name)
      if (join(container, name) !== top && name.startsWith('.')) {
        rmSync(beside, { recursive: true, force: true })
        renameSync(join(container, name), beside)
      }
    }
  }
  renameSync(top, target)
  rmSync(container, { recursive: true, force: true })
}
