// Folders with all that lead to them.

import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeFolders } from '../src/folders.ts'
import { scratch } from './support/scratch.ts'

const codeOf = (work: () => void): unknown => {
  try {
    work()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
  return undefined
}

test('a folder is made with those above it, and may be there already', () => {
  const dir = scratch()
  for (let times = 0; times < 2; times++) makeFolders(join(dir, 'a/b/c'), 0o700)
  for (const path of ['a', 'a/b', 'a/b/c']) assert.is(statSync(join(dir, path)).mode & 0o777, 0o700)
  mkdirSync(join(dir, 'real'))
  symlinkSync('real', join(dir, 'link'))
  makeFolders(join(dir, 'link'))
  makeFolders(join(dir, 'link/below/it'))
  assert.ok(statSync(join(dir, 'real/below/it')).isDirectory())
})

test('a path that cannot be a folder is refused at once', () => {
  const dir = scratch()
  writeFileSync(join(dir, 'file'), '')
  symlinkSync('nowhere', join(dir, 'dangling'))
  assert.is(
    codeOf(() => makeFolders(join(dir, 'file'))),
    'EEXIST',
  )
  assert.is(
    codeOf(() => makeFolders(join(dir, 'file/below'))),
    'ENOTDIR',
  )
  assert.ok(codeOf(() => makeFolders(join(dir, 'dangling/below'))))
})

test('a folder that takes no entries is told, not tried for ever', function refused() {
  if (process.platform !== 'linux') return
  assert.is(
    codeOf(() => makeFolders('/proc/spackmake/store')),
    'ENOENT',
  )
})

test.run()
