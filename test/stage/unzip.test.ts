// Zip archives, made by Python, which writes whatever name it is given.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { unzip } from '../../src/archive/unzip.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const program = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for name, mode, text in json.loads(sys.argv[2]):
        info = zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6))
        info.external_attr = mode << 16
        archive.writestr(info, text)
`
type Member = readonly [name: string, mode: number, text: string]

const file = 0o100644
const link = 0o120777

/** The folder that an archive of these members was unpacked into, and what `unzip` threw. */
async function unpack(...members: Member[]): Promise<{ folder: string; outcome: Promise<void> }> {
  const outer = scratch()
  const [archive, folder] = [join(outer, 'a.zip'), join(outer, 'in')]
  execFileSync('python3', ['-c', program, archive, JSON.stringify(members)])
  mkdirSync(folder)
  const outcome = unzip(archive, folder)
  outcome.catch(() => undefined)
  return { folder, outcome }
}

test('files, modes and links come out as they went in', async () => {
  const { folder, outcome } = await unpack(
    ['a/run', 0o100755, '#!/bin/sh'],
    ['a/b/text', file, 'text'],
    ['a/l', link, 'run'],
  )
  await outcome
  assert.is(statSync(join(folder, 'a/run')).mode & 0o111, 0o111)
  assert.is(readFileSync(join(folder, 'a/b/text'), 'utf8'), 'text')
  assert.is(readlinkSync(join(folder, 'a/l')), 'run')
})

test('names that lead out are refused', async () => {
  for (const name of ['../x', '/x', 'a/../../x', '..\\x']) {
    const { folder, outcome } = await unpack([name, file, 'x'])
    await rejection(outcome, 'archive-refused')
    assert.equal(readdirSync(join(folder, '..')).sort(), ['a.zip', 'in'])
  }
})

test('nothing is written through a link of the archive', async () => {
  const outside = scratch()
  const { outcome } = await unpack(['d', link, outside], ['d/planted', file, 'x'])
  await rejection(outcome, 'archive-refused')
  assert.not(existsSync(join(outside, 'planted')))
})

test('an archive that was cut off is damaged', async () => {
  const { folder, outcome } = await unpack(['a', file, 'x'.repeat(5000)])
  await outcome
  const whole = readFileSync(join(folder, '../a.zip'))
  const cut = join(folder, '../cut.zip')
  execFileSync('python3', ['-c', 'import sys; open(sys.argv[1], "wb").write(sys.stdin.buffer.read())', cut], {
    input: whole.subarray(0, whole.length - 30),
  })
  await rejection(unzip(cut, folder), 'archive-damaged')
})

test.run()
