// A lockfile in any bad state stops the depfile with one clear error, and no Makefile is written.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SpecNode } from '../../src/spec/node.ts'
import { scratch } from '../support/scratch.ts'
import { makeTinyCache, tinyKey } from '../support/tiny-cache.ts'
import { makeWorld } from '../support/world.ts'

const test = suite('faults of a lockfile')

interface LockfileText {
  _meta: Record<string, unknown>
  roots: { hash: string; spec: string }[]
  concrete_specs: Record<string, SpecNode>
}

const cache = await makeTinyCache(
  scratch(),
  [{ name: 'base' }, { name: 'tool', dependencies: ['base'] }],
  await tinyKey(),
)
const good = readFileSync(cache.lockfile, 'utf8')

const edited = (edit: (lockfile: LockfileText) => void): string => {
  const lockfile: LockfileText = JSON.parse(good)
  edit(lockfile)
  return JSON.stringify(lockfile)
}
const node = (lockfile: LockfileText, name: string) => lockfile.concrete_specs[cache.hashOf(name)]!

const faults: Record<string, [text: string, mention: RegExp]> = {
  truncated: [good.slice(0, good.length >> 1), /spack\.lock/],
  empty: ['', /spack\.lock/],
  'of a newer version': [edited((lock) => void (lock._meta['lockfile-version'] = 99)), /99/],
  'with a missing node': [edited((lock) => void delete lock.concrete_specs[cache.hashOf('base')]), /base/],
  'with a root that is not there': [edited((lock) => void (lock.roots[0]!.hash = 'a'.repeat(32))), /aaaaaaa/],
  'with a cycle': [
    edited((lock) => {
      const parameters = { deptypes: ['link'], virtuals: [] }
      const edge = { name: 'tool', hash: cache.hashOf('tool'), parameters }
      Object.assign(node(lock, 'base'), { dependencies: [edge] })
    }),
    /circle|cycle/,
  ],
  'with a list for its nodes': [edited((lock) => void Object.assign(lock, { concrete_specs: [] })), /concrete_specs/],
}

for (const [what, [text, mention]] of Object.entries(faults)) {
  test(`a lockfile ${what}`, () => {
    const world = makeWorld({ lockfile: cache.lockfile, mirror: cache.mirror })
    writeFileSync(join(world.folder, 'spack.lock'), text)
    const outcome = world.spack('-e', '.', 'env', 'depfile', '-o', 'Makefile')
    assert.is.not(outcome.code, 0)
    assert.match(outcome.stderr, mention)
    assert.match(outcome.stderr, /spack\.lock/)
    assert.not.match(outcome.stderr, /internal error|\n {4}at /)
    assert.not(existsSync(join(world.folder, 'Makefile')))
    assert.is(readFileSync(join(world.folder, 'spack.lock'), 'utf8'), text)
  })
}

test('two packages that project to one prefix are both named', () => {
  const config = `  config:\n    install_tree:\n      projections:\n        all: same-place\n`
  const world = makeWorld({ lockfile: cache.lockfile, mirror: cache.mirror, keyFile: cache.keyFile, manifest: config })
  const depfile = world.spack('-e', '.', 'env', 'depfile', '--use-buildcache', 'only', '-o', 'Makefile')
  const outcome = depfile.code === 0 ? world.make('-j2') : depfile
  assert.is.not(outcome.code, 0)
  const text = outcome.stdout + outcome.stderr
  assert.match(text, /base/)
  assert.match(text, /tool/)
  assert.match(text, /same-place/)
})

test.run()
