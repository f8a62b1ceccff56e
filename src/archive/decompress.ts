// The content of a compressed file, as a stream. Node knows gzip; the other kinds are unpacked by the system's tools, and by
// Python where those are not installed.

import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import * as zlib from 'node:zlib'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import type { Compression } from './archive-kind.ts'

const pieceBytes = 1 << 20
const unpackedBytes = 256 << 10

/** Commands that write the content to stdout; the path comes last. The first that is installed is used. */
const commands: Readonly<Record<Exclude<Compression, 'none' | 'gzip'>, readonly (readonly string[])[]>> = {
  bzip2: [['bzip2', '-dc'], pythonCommand('bz2')],
  xz: [['xz', '-dc'], pythonCommand('lzma')],
  lzma: [['xz', '--format=lzma', '-dc'], pythonCommand('lzma')],
  zstd: [['zstd', '-dcq', '--long=31'], ['unzstd', '-c'], pythonCommand('compression.zstd')],
  lzip: [
    ['lzip', '-dc'],
    ['plzip', '-dc'],
    ['xz', '--format=lzip', '-dc'],
  ],
  compress: [
    ['gzip', '-dc'],
    ['uncompress', '-c'],
  ],
}

/** Python's standard library, which every user of recipes has. */
function pythonCommand(module: string): readonly string[] {
  const program = `import ${module} as m, shutil, sys; shutil.copyfileobj(m.open(sys.argv[1], 'rb'), sys.stdout.buffer, 1 << 20)`
  return [process.env.SPACK_PYTHON || 'python3', '-c', program]
}

/**
 * The pieces of the content. Throws SpackError `archive-damaged` when it cannot be unpacked to the end, `no-tool` when
 * nothing is installed that could, and the system's errors.
 */
export async function* decompressed(path: string, compression: Compression): AsyncGenerator<Buffer> {
  if (compression === 'none') yield* createReadStream(path, { highWaterMark: pieceBytes })
  else if (compression === 'gzip') yield* inflated(path, zlib.createGunzip({ chunkSize: unpackedBytes }))
  else if (compression === 'zstd' && 'createZstdDecompress' in zlib) {
    const create = zlib.createZstdDecompress as (options: object) => zlib.Gunzip
    yield* inflated(path, create({ chunkSize: unpackedBytes }))
  } else yield* unpackedByCommand(path, compression)
}

async function* inflated(path: string, inflater: zlib.Gunzip): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: pieceBytes })
  source.on('error', (error) => inflater.destroy(error))
  try {
    yield* source.pipe(inflater) as AsyncIterable<Buffer>
  } catch (error) {
    const code = systemErrorCode(error)
    if (code?.startsWith('Z_') || code?.startsWith('ZSTD') || code === 'ERR_PADDING_2')
      throw damaged(path, String(error))
    throw error
  } finally {
    source.destroy()
    inflater.destroy()
  }
}

async function* unpackedByCommand(
  path: string,
  compression: Exclude<Compression, 'none' | 'gzip'>,
): AsyncGenerator<Buffer> {
  for (const command of commands[compression]) {
    const child = await started([...command, path])
    if (!child) continue
    yield* contentOf(child, path)
    return
  }
  const names = commands[compression].map(([name]) => `\`${name}\``)
  throw new SpackError('no-tool', `\`${path}\` is compressed with ${compression}, and nothing here can unpack that`, {
    hint: `install one of ${names.join(', ')}`,
  })
}

/** undefined when there is no such program. */
function started([name, ...words]: readonly string[]): Promise<ChildProcess | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(name!, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.once('spawn', () => resolve(child))
    child.once('error', (error) => (systemErrorCode(error) === 'ENOENT' ? resolve(undefined) : reject(error)))
  })
}

async function* contentOf(child: ChildProcess, path: string): AsyncGenerator<Buffer> {
  let said = ''
  child.stderr!.on('data', (piece: Buffer) => {
    said = (said + piece.toString('utf8')).slice(-2000)
  })
  const code = new Promise<number | null>((resolve) => void child.once('close', resolve))
  try {
    yield* child.stdout as Readable
    if ((await code) !== 0) throw damaged(path, said.trim().split('\n').at(-1) ?? '')
  } finally {
    child.kill()
  }
}

const damaged = (path: string, why: string): SpackError =>
  new SpackError('archive-damaged', `\`${path}\` cannot be unpacked: ${why || 'it is damaged'}`)
