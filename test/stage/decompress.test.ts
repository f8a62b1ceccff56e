// Compressed files of all kinds, by the system's tools and, without those, by Python.

import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compressionOf, firstBytes, isTarHeader, isZip } from '../../src/archive/archive-kind.ts'
import { decompressed } from '../../src/archive/decompress.ts'
import { tarEnd, tarMember } from '../../src/archive/tar-writer.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const text = Array.from({ length: 50_000 }, (_, i) => i).join('\n')
const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()

/** A file compressed by a module of Python. */
function compressed(module: 'bz2' | 'lzma'): string {
  const path = join(scratch(), `file.${module}`)
  const program = `import sys, ${module}; open(sys.argv[1], 'wb').write(${module}.compress(sys.stdin.buffer.read()))`
  execFileSync(python, ['-c', program, path], { input: text })
  return path
}

async function content(path: string): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of decompressed(path, compressionOf(firstBytes(path)))) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Runs with no programs but those named. */
async function withPrograms<Result>(
  programs: Readonly<Record<string, string>>,
  act: () => Promise<Result>,
): Promise<Result> {
  const folder = scratch()
  for (const [name, target] of Object.entries(programs)) symlinkSync(target, join(folder, name))
  const path = process.env.PATH
  process.env.PATH = folder
  try {
    return await act()
  } finally {
    process.env.PATH = path
  }
}

test('gzip needs nothing', async () => {
  const path = join(scratch(), 'file.gz')
  writeFileSync(path, gzipSync(text))
  assert.is(await withPrograms({}, () => content(path)), text)
})

for (const module of ['bz2', 'lzma'] as const) {
  test(`${module} by whatever is installed, and by Python alone`, async () => {
    const path = compressed(module)
    assert.is(await content(path), text)
    assert.is(await withPrograms({ python3: python }, () => content(path)), text)
  })
}

test('without any tool the error names those that would do', async () => {
  const path = compressed('lzma')
  const error = await rejection(
    withPrograms({}, () => content(path)),
    'no-tool',
  )
  assert.match(error.hint ?? '', /`xz`, `python3`/)
})

test('a damaged file is named', async () => {
  const path = join(scratch(), 'file.xz')
  writeFileSync(path, Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), Buffer.from('nonsense')]))
  const error = await rejection(content(path), 'archive-damaged')
  assert.match(error.message, /file\.xz/)
})

test('archives are known by their first bytes', () => {
  const header = Buffer.concat([...tarMember({ kind: 'directory', name: 'a', mode: 0o755 }), tarEnd()])
  assert.ok(isTarHeader(header))
  // Before POSIX headers said nothing of themselves.
  const old = Buffer.from(header)
  old.fill(0, 257, 265)
  old.fill(' ', 148, 156)
  const sum = old.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  old.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  assert.ok(isTarHeader(old))
  assert.not(isTarHeader(Buffer.from(text)))
  assert.not(isTarHeader(Buffer.alloc(512)))
  assert.ok(isZip(Buffer.from('PK\x03\x04')))
  assert.is(compressionOf(Buffer.from('text')), 'none')
})

test.run()
