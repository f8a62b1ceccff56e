// Archives that mean harm, or that are merely old, against a folder that nothing may leave.

import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type TarMember, tarEnd, tarMember } from '../../src/archive/tar-writer.ts'
import { untar } from '../../src/archive/untar.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const file = (name: string, text: string, mode = 0o644): TarMember => ({
  kind: 'file',
  name,
  mode,
  content: Buffer.from(text),
})

/** Unpacks members in pieces of `pieceBytes`; gives the folder, which lies in one of its own. */
function unpack(members: readonly TarMember[], pieceBytes = 700): string {
  const outer = scratch()
  const folder = join(outer, 'in')
  mkdirSync(folder)
  const bytes = Buffer.concat([...members.flatMap(tarMember), tarEnd()])
  const reader = untar(folder)
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes))
  reader.finish()
  return folder
}

async function refusal(...members: TarMember[]): Promise<string> {
  const error = await rejection((async () => void unpack(members))(), 'archive-refused')
  return error.message
}

test('files, folders and links come out as they went in', () => {
  const folder = unpack([
    { kind: 'directory', name: 'a', mode: 0o755 },
    file('a/run', '#!/bin/sh\n', 0o755),
    file('a/deep/below/text', 'x'.repeat(3000)),
    { kind: 'symlink', name: 'a/link', target: 'run', mode: 0o777 },
    { kind: 'symlink', name: 'a/outside', target: '/usr/share/automake/INSTALL', mode: 0o777 },
    { kind: 'hardlink', name: 'a/same', target: 'a/run', mode: 0o755 },
  ])
  assert.is(readFileSync(join(folder, 'a/deep/below/text'), 'utf8').length, 3000)
  assert.is(statSync(join(folder, 'a/run')).mode & 0o777, 0o755)
  assert.is(readlinkSync(join(folder, 'a/link')), 'run')
  assert.is(readlinkSync(join(folder, 'a/outside')), '/usr/share/automake/INSTALL')
  assert.is(statSync(join(folder, 'a/same')).ino, statSync(join(folder, 'a/run')).ino)
})

test('of members with one name the last counts', () => {
  const folder = unpack([file('a', 'first'), file('a', 'second')])
  assert.is(readFileSync(join(folder, 'a'), 'utf8'), 'second')
})

test('names that lead out are refused', async () => {
  assert.match(await refusal(file('/etc/x', '')), /"\/etc\/x" has an absolute name/)
  assert.match(await refusal(file('a/../../x', '')), /has `\.\.` in its name/)
  assert.match(await refusal({ kind: 'hardlink', name: 'a', target: '../secret', mode: 0o644 }), /has `\.\.`/)
  assert.match(await refusal({ kind: 'hardlink', name: 'a', target: '/etc/passwd', mode: 0o644 }), /absolute/)
})

test('nothing is written through a link of the archive', async () => {
  const outside = scratch()
  const link: TarMember = { kind: 'symlink', name: 'd', target: outside, mode: 0o777 }
  assert.match(await refusal(link, file('d/planted', 'x')), /more than one of file, folder and link/)
  assert.match(await refusal(file('d/planted', 'x'), link), /more than one of file, folder and link/)
  assert.equal(readdirSync(outside), [])
})

test('a hard link to a link is that link, and not the file that it points to', () => {
  const folder = unpack([
    { kind: 'symlink', name: 'l', target: '/etc/passwd', mode: 0o777 },
    { kind: 'hardlink', name: 'h', target: 'l', mode: 0o644 },
  ])
  assert.ok(lstatSync(join(folder, 'h')).isSymbolicLink())
})

test('a file that replaces a folder is refused', async () => {
  assert.match(await refusal(file('a/b', ''), file('a', '')), /more than one/)
  assert.match(await refusal(file('a', ''), file('a/b', '')), /more than one/)
})

test('names in other encodings stay what they are', () => {
  const [header] = tarMember(file('caf_', ''))
  header![3] = 0xe9
  const sum = header!.fill(' ', 148, 156).reduce((total, byte) => total + byte, 0)
  header!.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const folder = scratch()
  const reader = untar(folder)
  reader.push(Buffer.concat([header!, tarEnd()]))
  reader.finish()
  assert.equal(readdirSync(folder, { encoding: 'buffer' }), [Buffer.from('caf\xe9', 'latin1')])
})

test('an archive that ends in the middle is damaged', async () => {
  const folder = scratch()
  const reading = async () => {
    const reader = untar(folder)
    reader.push(Buffer.concat(tarMember(file('a', 'x'.repeat(2000)))).subarray(0, 1500))
    reader.finish()
  }
  await rejection(reading(), 'archive-damaged')
  assert.ok(existsSync(join(folder, 'a')))
})

test.run()
