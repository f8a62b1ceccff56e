// `spack add` and `spack remove`: lists of manifests change, and nothing else in the file does.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { environmentAt } from '../../src/environment/environment.ts'
import { addSpecs, removeSpecs } from '../../src/environment/manifest-edit.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { write } from '../detection/detection-world.ts'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const recipe = (name: string, more = '') =>
  `from spack.package import *\n\n\nclass ${name}(Package):\n    version("1.3", sha256="${'a'.repeat(64)}")\n${more}`

interface EditWorld {
  home: string
  dir: string
  manifest: () => string
  run: (...words: string[]) => ReturnType<typeof runCommand>
}

function editWorld(manifest: string): EditWorld {
  const home = scratch()
  const root = join(home, 'spack_repo/tiny')
  write(join(root, 'repo.yaml'), 'repo:\n  namespace: tiny\n  api: v2.2\n')
  for (const name of ['Zlib', 'Bzip2', 'Cmake', 'Hdf5', 'Xz', 'Lz4']) {
    write(join(root, 'packages', name.toLowerCase(), 'package.py'), recipe(name, '    provides("compression")\n'))
  }
  write(join(home, 'user-config/repos.yaml'), `repos::\n  tiny: ${root}\n`)
  const dir = join(home, 'env')
  write(join(dir, 'spack.yaml'), manifest)
  return {
    home,
    dir,
    manifest: () => readFileSync(join(dir, 'spack.yaml'), 'utf8'),
    run: (...words) => runCommand(home, words, { environmentDir: dir }),
  }
}

const full = `# top
spack:
  definitions:
  - compilers: ['%gcc']
  - pkgs: [zlib, bzip2]  # things
    when: 'platform == "no-such"'
  - pkgs: [lz4]
  specs:
  - zlib@1.3   # why
  # about hdf5
  - hdf5+mpi
  - matrix:
    - [cmake]
    - ['@3.20', '@3.21']
  - $pkgs
  view: false   # not now
`

test('specs are added at the end, in canonical form, once; virtuals are packages too', async () => {
  const { run, manifest, dir } = editWorld(full)
  const { stdout } = await run('add', 'xz', 'hdf5~mpi', '^zlib+pic', 'compression', 'zlib@1.3')
  assert.is(
    stdout,
    `==> Package zlib@1.3 was already added to ${dir}
==> Adding xz to environment ${dir}
==> Adding hdf5~mpi ^zlib+pic to environment ${dir}
==> Adding compression to environment ${dir}
`,
  )
  assert.is(manifest(), full.replace('  - $pkgs\n', '  - $pkgs\n  - xz\n  - hdf5~mpi ^zlib+pic\n  - compression\n'))
})

test('`-l` adds to the part of a definition that holds here', async () => {
  const { run, manifest } = editWorld(full)
  await run('add', '-l', 'pkgs', 'xz')
  assert.is(manifest(), full.replace('[lz4]', '[lz4, xz]'))
  const error = await rejection(run('add', '-l', 'pkg', 'xz'), 'no-list')
  assert.is(error.hint, 'did you mean `pkgs`?')
})

test('a manifest without a list, or with an empty one, gets one', async () => {
  for (const specs of ['', '  specs: []\n']) {
    const { run, manifest } = editWorld(`spack:\n  # mine\n${specs}  view: false\n`)
    await run('add', 'zlib')
    assert.match(manifest(), /^ {2}specs:\n {2}- zlib\n/m)
    assert.match(manifest(), '  # mine\n')
  }
})

test('an unknown package, no package and a broken spec change nothing', async () => {
  const { run, manifest } = editWorld(full)
  const unknown = await rejection(run('add', 'xz', 'zlbi'), 'unknown-package')
  assert.match(unknown.hint ?? '', 'did you mean `zlib`?')
  await rejection(run('add', '@1.2'), 'anonymous-spec')
  await rejection(run('add', 'zlib@@'), 'spec-syntax')
  assert.is(manifest(), full)
})

test('what satisfies the query is removed, and comments stay', async () => {
  const { run, manifest, dir } = editWorld(full)
  const { stdout } = await run('remove', 'hdf5', 'zlib@1.2:')
  assert.is(
    stdout,
    `==> hdf5 has been removed from ${dir}/spack.yaml\n==> zlib@1.2: has been removed from ${dir}/spack.yaml\n`,
  )
  assert.is(manifest(), full.replace('  - zlib@1.3   # why\n', '').replace('  - hdf5+mpi\n', ''))
  await run('remove', '-l', 'pkgs', 'lz4')
  assert.match(manifest(), '  - pkgs: []\n')
})

test('what a matrix or another list brings in is refused with its line; so is what is not there', async () => {
  const { run, manifest } = editWorld(full)
  const matrix = await rejection(run('remove', 'cmake@3.20'), 'no-match')
  assert.match(matrix.where ?? '', 'spack.yaml:12')
  const listed = await rejection(run('remove', 'lz4'), 'no-match')
  assert.match(listed.where ?? '', 'spack.yaml:7')
  const unknown = await rejection(run('remove', 'hdf55'), 'no-match')
  assert.is(unknown.hint, 'did you mean `hdf5`?')
  assert.is(manifest(), full)
})

test('--all empties the list and removes the lockfile', async () => {
  const { run, manifest, dir } = editWorld(full)
  writeFileSync(join(dir, 'spack.lock'), '{}')
  await run('remove', '-a')
  assert.match(manifest(), '  - pkgs: [lz4]\n  specs: []\n  view: false   # not now\n')
  assert.not.ok(existsSync(join(dir, 'spack.lock')))
})

test('change exchanges parts of a spec and leaves the rest, and its comment', async () => {
  const { run, manifest } = editWorld(full)
  const { stdout } = await run('change', 'zlib@1.2', 'target=x86_64')
  assert.is(stdout, '==> zlib@1.3 is now zlib@1.2 target=x86_64\n')
  assert.is(manifest(), full.replace('zlib@1.3   # why', 'zlib@1.2 target=x86_64   # why'))
  await run('change', '--match-spec', 'hdf5', '@1.14 cflags=-O3')
  assert.match(manifest(), '  - hdf5@1.14 cflags=-O3 +mpi\n')
  await run('change', '-l', 'pkgs', 'lz4@2')
  assert.match(manifest(), '  - pkgs: [lz4@2]\n')
})

test('change of nothing, several, a matrix or an unknown variant is refused', async () => {
  const { run, manifest } = editWorld(full.replace('  - zlib@1.3 ', '  - zlib@1.2\n  - zlib@1.3 '))
  const before = manifest()
  await rejection(run('change', 'zlib@1.1'), 'ambiguous')
  await rejection(run('change', 'cmake@3.22'), 'no-match')
  await rejection(run('change', '@3.22'), 'usage')
  const variant = await rejection(run('change', '--all', 'zlib+picc'), 'unknown-variant')
  assert.match(variant.hint ?? '', 'spack info zlib')
  assert.is(manifest(), before)
  await run('change', '--all', 'zlib@1.1')
  assert.is(manifest().match(/zlib@1\.1/g)?.length, 2)
})

const hashOf = (letter: string) => letter.repeat(32)

const lockedNode = (name: string, letter: string, dependency?: string) => ({
  name,
  version: '1.3',
  arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
  namespace: 'tiny',
  parameters: {},
  package_hash: 'p',
  dependencies: dependency
    ? [{ name: 'zlib', hash: hashOf(dependency), parameters: { deptypes: ['link'], virtuals: [] } }]
    : [],
  hash: hashOf(letter),
})

test('--force takes the root out of the lockfile, with what only it needed', async () => {
  const { run, dir } = editWorld('spack:\n  specs: [hdf5, xz]\n  view: false\n')
  const nodes = [lockedNode('hdf5', 'h', 'z'), lockedNode('zlib', 'z'), lockedNode('xz', 'x')]
  const lockfile = {
    _meta: { 'file-type': 'spack-lockfile', 'lockfile-version': 6, 'specfile-version': 5 },
    roots: [
      { hash: hashOf('h'), spec: 'hdf5' },
      { hash: hashOf('x'), spec: 'xz' },
    ],
    concrete_specs: Object.fromEntries(nodes.map((node) => [node.hash, node])),
  }
  const file = join(dir, 'spack.lock')
  writeFileSync(file, JSON.stringify(lockfile))
  await run('remove', 'hdf5')
  assert.is(JSON.parse(readFileSync(file, 'utf8')).roots.length, 2)
  await run('add', 'hdf5')
  await run('remove', '-f', 'hdf5')
  const left = JSON.parse(readFileSync(file, 'utf8'))
  assert.equal(left.roots, [{ hash: hashOf('x'), spec: 'xz' }])
  assert.equal(Object.keys(left.concrete_specs), [hashOf('x')])
  await run('remove', '-f', 'xz')
  assert.not.ok(existsSync(file))
})

test('adding and removing what was not there gives the same text, and comments survive anything', async () => {
  const dir = join(scratch(), 'env')
  mkdirSync(dir)
  const environment = environmentAt(dir, scratch())
  const layouts = ['  - ', '    - ', '  -   ']
  const request = { list: 'specs', holds: () => true, parse: parseSpec, expanded: async () => [] }
  for (let seed = 0; seed < 60; seed++) {
    const pick = (count: number, salt: number) => ((seed * 7919 + salt * 104729) >>> 3) % count
    const dash = layouts[pick(3, 1)]!
    const names = Array.from({ length: 1 + pick(5, 2) }, (_, i) => `pkg${i}`)
    const items = names.map((name, i) => {
      const above = pick(3, i + 3) === 0 ? `${dash.replace(/-.*/, '')}# above ${name}\n` : ''
      const blank = pick(4, i + 5) === 0 ? '\n' : ''
      return `${blank}${above}${dash}${name}${pick(2, i) ? `  # behind ${name}` : ''}\n`
    })
    const isFlow = seed % 5 === 0
    const list = isFlow ? `  specs: [${names.join(', ')}]  # flow\n` : `  specs:\n${items.join('')}`
    const text = `# top ${seed}\nspack:\n${list}  # below\n  view: false\n`
    writeFileSync(environment.manifestFile, text)
    const now = () => readFileSync(environment.manifestFile, 'utf8')
    await addSpecs(environment, [parseSpec('new+x'), parseSpec('newer')], request)
    await removeSpecs(environment, [parseSpec('new'), parseSpec('newer')], request)
    assert.is(now(), text)
    await removeSpecs(environment, [parseSpec(names[pick(names.length, 9)]!)], request)
    const comments = (some: string) => some.match(/# (?!behind).*/g)
    assert.equal(comments(now()), comments(text))
  }
})

test.run()
