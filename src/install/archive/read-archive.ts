// An archive of a build cache → the tree that is in it. The lists of what must be relocated come last in an archive, so
// small files wait for them in memory, and great ones go to the staging folder as they come.

import { closeSync, mkdirSync, rmSync, writeSync } from 'node:fs'
import { damaged, refused, type TarMember, tarReader } from '../../archive/tar-reader.ts'
import { buildinfoPath, metadataDir, specPath, timesPath } from '../../store/prefix-metadata.ts'
import { installedMode, type Permissions } from '../permissions.ts'
import { type PrefixTracer, tracePrefixes } from '../relocation/prefix-trace.ts'
import { mostInflation, readContent, type StoredArchive } from './inflate.ts'
import { below, memberPath, parentOf } from './member-path.ts'
import { addMember, emptyTree, type FileEntry, type Tree } from './tree.ts'
import { finishFile, makeFolder, openNewFile } from './write-tree.ts'

export interface Archive {
  tree: Tree
  /** Content of `.spack/binary_distribution`. */
  buildinfo: Buffer
}

export interface ReadOptions {
  /** An empty folder for files that are too big for memory. */
  folder: string
  permissions: Permissions
  /** Called with the content of `.spack/spec.json` as soon as it is there; may throw. */
  checkSpec: (text: string) => void
}

/** Looked into, or replaced: these always wait in memory. */
const metadataPaths = [specPath, buildinfoPath, timesPath]

/** Files up to this size wait in memory, while all of them together stay below the second figure. */
const smallFileBytes = 1 << 20
const waitingBytes = 4 << 20
/** Less is read again sooner than it is traced; and what is no ELF file is hardly ever relocated. */
const tracedFileBytes = 256 << 10
/** A buildinfo lists files; a hundred thousand of them make 10 MB. */
const longestMetadataBytes = 64 << 20

/** Thrown when the prefix turns out to be another than was thought: the archive is read again. */
class OtherPrefix extends Error {
  readonly prefix: string
  constructor(prefix: string) {
    super(prefix)
    this.prefix = prefix
  }
}

/**
 * Reads the whole archive. Throws SpackError `archive-damaged` or `archive-refused`, and what `stored` throws; what was written
 * is left in the folder, which is to be thrown away then.
 */
export async function readArchive(stored: StoredArchive, options: ReadOptions): Promise<Archive> {
  try {
    return await readOnce(stored, options, undefined)
  } catch (error) {
    if (!(error instanceof OtherPrefix)) throw error
    rmSync(options.folder, { recursive: true })
    mkdirSync(options.folder, { mode: 0o700 })
    return await readOnce(stored, options, error.prefix)
  }
}

async function readOnce(
  stored: StoredArchive,
  options: ReadOptions,
  knownPrefix: string | undefined,
): Promise<Archive> {
  const collector = treeCollector(stored, options, knownPrefix)
  const reader = tarReader(collector)
  try {
    await readContent(stored, (piece, isAll) => {
      collector.keepPieces(isAll)
      reader.push(piece)
    })
    reader.finish()
  } finally {
    collector.close()
  }
  return collector.result()
}

function treeCollector(stored: StoredArchive, options: ReadOptions, knownPrefix: string | undefined) {
  const tree = emptyTree()
  const contents = contentWriter(tree, options)
  let prefix = knownPrefix
  /** Folders in front of the first member that tells where the prefix is. */
  let early: { path: string; member: TarMember }[] = []
  let buildinfoName: string | undefined
  let outside: string | undefined
  let totalBytes = 0
  let current: FileEntry | undefined

  const add = (path: string, member: TarMember): void => {
    const inside = below(prefix!, path)
    if (inside === undefined) {
      // Folders above the prefix say nothing; anything else beside it is refused, if this is the prefix at all.
      if (member.kind !== 'directory' || below(path, prefix!) === undefined) outside ??= member.name
    } else if (outside === undefined) {
      const entry = addMember(tree, inside, member, prefix!)
      if (entry.kind === 'file') current = entry
    }
  }
  const begin = (member: TarMember): void => {
    const path = memberPath(member.name)
    totalBytes += member.sizeBytes
    if (stored.sizeBytes !== undefined && totalBytes > stored.sizeBytes * mostInflation) {
      throw refused(member.name, `claims ${member.sizeBytes} bytes, more than so short an archive can hold`)
    }
    if (
      member.kind === 'file' &&
      isBuildinfo(path) &&
      path.length < (buildinfoName?.length ?? Number.POSITIVE_INFINITY)
    )
      buildinfoName = path
    prefix ??= guessPrefix(path, member)
    if (prefix === undefined) {
      early.push({ path, member })
      return
    }
    for (const one of early) add(one.path, one.member)
    early = []
    add(path, member)
    if (current) contents.begin(current, member.sizeBytes, prefix)
  }
  const result = (): Archive => {
    if (buildinfoName === undefined)
      throw damaged('it has no `.spack/binary_distribution`, so it is no package of Spack')
    const truePrefix = parentOf(parentOf(buildinfoName))
    if (truePrefix !== prefix && knownPrefix === undefined) throw new OtherPrefix(truePrefix)
    if (outside !== undefined) throw refused(outside, `is outside of its prefix \`${prefix}\``)
    const buildinfo = tree.get(buildinfoPath)
    if (buildinfo?.kind !== 'file' || !buildinfo.content) throw damaged('its `.spack/binary_distribution` is no file')
    if (tree.get(specPath)?.kind !== 'file') throw damaged('it has no `.spack/spec.json`')
    return { tree, buildinfo: buildinfo.content }
  }
  return {
    keepPieces: contents.keepPieces,
    begin,
    data: (piece: Buffer) => {
      if (current) contents.write(piece)
    },
    end: () => {
      if (current) contents.end()
      if (current?.path === specPath) options.checkSpec(current.content!.toString())
      current = undefined
    },
    result,
    close: contents.close,
  }
}

const isBuildinfo = (path: string): boolean => path.endsWith(`/${buildinfoPath}`)

/** The prefix holds the first `.spack`, or else the first file: files come before folders, and `.spack` before most. */
function guessPrefix(path: string, member: TarMember): string | undefined {
  const parts = path.split('/')
  const at = parts.indexOf(metadataDir)
  if (at > 0) return parts.slice(0, at).join('/')
  return member.kind === 'directory' ? undefined : parentOf(path)
}

const isElf = (start: Buffer): boolean => start.length >= 4 && start.readUInt32BE(0) === 0x7f454c46

/** Takes the content of one file after another, into memory or into the folder. */
function contentWriter(tree: Tree, { folder, permissions }: ReadOptions) {
  let file: FileEntry | undefined
  /** Of a file that waits in memory. */
  let expectedBytes = 0
  let buffer: Buffer | undefined
  let filledBytes = 0
  let waiting = 0
  /** Of one that does not. */
  let descriptor: number | undefined
  let tracer: PrefixTracer | undefined
  /** The prefix in the archive, until it is known whether the file is to be traced. */
  let traceOf: string | undefined
  let keepsPieces = false

  const begin = (entry: FileEntry, sizeBytes: number, prefix: string): void => {
    file = entry
    filledBytes = 0
    const isMetadata = metadataPaths.includes(entry.path)
    if (isMetadata && sizeBytes > longestMetadataBytes)
      throw refused(entry.path, `has the absurd size of ${sizeBytes} bytes`)
    if (isMetadata || (sizeBytes <= smallFileBytes && waiting + sizeBytes <= waitingBytes)) {
      waiting += sizeBytes
      expectedBytes = sizeBytes
    } else {
      makeFolder(tree, folder, parentOf(entry.path))
      descriptor = openNewFile(`${folder}/${entry.path}`, installedMode(permissions, entry.mode))
      traceOf = sizeBytes < tracedFileBytes ? undefined : prefix
    }
  }
  const tracePiece = (piece: Buffer): void => {
    if (traceOf !== undefined) {
      tracer = isElf(piece) ? tracePrefixes(traceOf) : undefined
      file!.trace = tracer
      traceOf = undefined
    }
    tracer?.push(piece)
  }
  const write = (piece: Buffer): void => {
    if (descriptor !== undefined) {
      tracePiece(piece)
      for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done)
    } else if (keepsPieces && piece.length === expectedBytes) buffer = piece
    else {
      buffer ??= Buffer.allocUnsafe(expectedBytes)
      filledBytes += piece.copy(buffer, filledBytes)
    }
  }
  const end = (): void => {
    if (descriptor === undefined) file!.content = buffer ?? Buffer.alloc(0)
    else {
      finishFile(descriptor, file!)
      descriptor = undefined
      tracer = undefined
    }
    buffer = undefined
  }
  const close = (): void => {
    if (descriptor !== undefined) closeSync(descriptor)
    descriptor = undefined
  }
  return {
    /** Whether pieces are parts of a whole that is in memory anyway: then they need not be copied. */
    keepPieces: (keep: boolean) => void (keepsPieces = keep),
    begin,
    write,
    end,
    close,
  }
}
