import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { copier } from '../../src/environment/view-copy.ts'
import { toBytes, type ViewSource } from '../../src/environment/view-plan.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { SpackError } from '../../src/ui/error.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('view-copy')

interface World {
  prefix: string
  view: string
  other: string
  /** Copies a file of the prefix to the same place in the view. */
  copy: (path: string) => string
}

/** A package in a store, and one that it was built with. The view's path is shorter unless `viewName` says otherwise. */
function world(viewName = 'v'): World {
  const folder = scratch()
  const store = join(folder, 'a-store-with-a-long-name')
  const [prefix, other] = ['pkg-1', 'lib-2'].map((name) => join(store, name)) as [string, string]
  const view = join(folder, viewName)
  mkdirSync(join(prefix, '.spack'), { recursive: true })
  mkdirSync(join(view, '.spack'), { recursive: true })
  const source: ViewSource = { hash: 'h' as DagHash, label: 'pkg@=1/h', name: 'pkg', prefix, placement: '' }
  const place = copier(() => ({
    prefixes: [
      [prefix, view],
      [other, join(view, 'lib')],
    ],
    storeRoot: store,
    viewRoot: view,
  }))
  const copy = (path: string) => {
    place({ source, path: toBytes(join(prefix, path)) }, toBytes(join(view, path)))
    return join(view, path)
  }
  return { prefix, other, view, copy }
}

test('text is rewritten at any length, with its mode and time', () => {
  const { prefix, other, view, copy } = world('a-view-with-a-much-longer-name-than-that-of-the-store')
  writeFileSync(join(prefix, 'script'), `#!/bin/sh\nexec ${other}/bin/x ${prefix}/share\n`)
  chmodSync(join(prefix, 'script'), 0o555)
  utimesSync(join(prefix, 'script'), 1000, 2000)
  const copied = copy('script')
  assert.is(readFileSync(copied, 'utf8'), `#!/bin/sh\nexec ${view}/lib/bin/x ${view}/share\n`)
  const stat = lstatSync(copied)
  assert.is(stat.mode & 0o777, 0o555)
  assert.is(stat.mtimeMs, 2_000_000)
})

test('what mentions nothing is copied as it is, and metadata always', () => {
  const { prefix, copy } = world()
  writeFileSync(join(prefix, 'plain'), 'x')
  writeFileSync(join(prefix, 'bytes'), Buffer.from([0, 255, 1]))
  writeFileSync(join(prefix, '.spack/spec.json'), `{"path": "${prefix}"}`)
  assert.is(readFileSync(copy('plain'), 'utf8'), 'x')
  assert.equal(readFileSync(copy('bytes')), Buffer.from([0, 255, 1]))
  assert.is(readFileSync(copy('.spack/spec.json'), 'utf8'), `{"path": "${prefix}"}`)
})

test('strings in binaries are replaced where they fit, and the length stays', () => {
  const { prefix, view, copy } = world()
  const before = Buffer.concat([Buffer.from([0]), Buffer.from(`${prefix}/share\0tail`)])
  writeFileSync(join(prefix, 'binary'), before)
  chmodSync(join(prefix, 'binary'), 0o444)
  const after = readFileSync(copy('binary'))
  assert.is(after.length, before.length)
  assert.ok(after.includes(`${view}/share\0`))
  assert.not.ok(after.includes(prefix))
  assert.ok(after.toString('latin1').endsWith('\0tail'))
})

test('a binary without room is refused, with its owner and what helps', () => {
  const { prefix, copy } = world('a-view-with-a-much-longer-name-than-that-of-the-store')
  writeFileSync(join(prefix, 'binary'), Buffer.concat([Buffer.from([0]), Buffer.from(`${prefix}\0`)]))
  assert.throws(
    () => copy('binary'),
    (error: unknown) =>
      error instanceof SpackError &&
      error.code === 'view-copy' &&
      /binary of pkg@=1/.test(error.message) &&
      /shorter/.test(error.hint ?? ''),
  )
})

test('a zero far into a file makes it a binary', () => {
  const { prefix, copy } = world()
  const text = `${prefix}/share\n${'x'.repeat(100_000)}\0`
  writeFileSync(join(prefix, 'late'), text)
  assert.is(readFileSync(copy('late')).length, text.length)
})

test('absolute links are rewritten, relative and odd ones are not', () => {
  const { prefix, other, view, copy } = world()
  symlinkSync(`${other}/share`, join(prefix, 'absolute'))
  symlinkSync('../x', join(prefix, 'relative'))
  symlinkSync(Buffer.from([0x2f, 0xff]), join(prefix, 'odd'))
  assert.is(readlinkSync(copy('absolute')), `${view}/lib/share`)
  assert.is(readlinkSync(copy('relative')), '../x')
  assert.equal(readlinkSync(copy('odd'), 'buffer'), Buffer.from([0x2f, 0xff]))
})

test.run()
