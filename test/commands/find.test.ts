import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journalDir } from '../../src/store/journal.ts'
import { changeDatabase } from '../../src/store/transaction.ts'
import { rejection } from '../support/rejection.ts'
import { addEnvironment, hashOf, nodes, short, smallStore } from '../support/stores.ts'

const test = suite('find')
const heading = (text: string) => `-- ${text} ${'-'.repeat(61 - text.length)}\n`
const group = heading('linux-debian12-x86_64 / no compilers')

test('one spec a line under a heading; columns on a terminal, with their number', async () => {
  const { spack } = await smallStore()
  assert.is((await spack('find')).stdout, `${group}app@2.0\nlib@1.0\nlibc@2.36\nmake@4.4\ntool@1.0\n`)
  const { stdout } = await spack('find', { width: 30 })
  assert.is(
    stdout.split('\n').slice(1).join('\n'),
    'app@2.0  libc@2.36  tool@1.0\nlib@1.0  make@4.4\n==> 5 installed packages\n',
  )
})

test('what is shown of each spec', async () => {
  const { spack, prefixOf, store } = await smallStore()
  const shown = async (words: string) => (await spack(`find ${words} app`)).stdout.replace(group, '')
  assert.is(await shown('-l'), `${short(nodes.app)} app@2.0\n`)
  assert.is(await shown('-L'), `${nodes.app.hash} app@2.0\n`)
  assert.is(await shown('-N'), 'builtin.app@2.0\n')
  assert.is(await shown('-v'), 'app@2.0 build_system=generic\n')
  assert.is(await shown('-p'), `app@2.0  ${prefixOf(nodes.app)}\n`)
  assert.is(await shown('-d'), 'app@2.0\n    lib@1.0\n        libc@2.36\n    make@4.4\n\n')
  assert.is(await shown('-I'), '[+]  app@2.0\n')
  assert.is(await shown('-H'), `/${nodes.app.hash}\n`)
  assert.is(await shown('--format {name}-{version}'), 'app-2.0\n')
  assert.is(await shown('--format {prefix}'), `${prefixOf(nodes.app)}\n`)
  assert.is(await shown('--format {spack_install}'), `${store.root}\n`)
  assert.is(await shown('--no-groups'), 'app@2.0\n')
  assert.is(await shown('--specfile-format'), '[v5] app@2.0\n')
  assert.is((await spack('find --groups --format {name} app')).stdout, `${group}app\n`)
  assert.equal(JSON.parse(await shown('--json')), [nodes.app])
  assert.equal(JSON.parse(await shown('--json -d')), [nodes.app, nodes.lib, nodes.libc, nodes.make])
})

test('which specs are shown', async () => {
  const { spack, store } = await smallStore()
  await changeDatabase(store, (database) => database.change(hashOf(nodes.make), { isInstalled: false }))
  const names = async (words: string) => (await spack(`find --format {name} ${words}`)).stdout.split('\n').slice(0, -1)
  assert.equal(await names('-x'), ['app', 'tool'])
  assert.equal(await names('-X'), ['lib', 'libc'])
  assert.equal(await names('-m'), ['app', 'lib', 'libc', 'make', 'tool'])
  assert.equal(await names('-M'), ['make'])
  assert.equal(await names('-e'), ['libc'])
  assert.equal(await names('--only-deprecated'), [])
  assert.equal(await names(`/${short(nodes.lib)}`), ['lib'])
  assert.equal(await names('^lib'), ['app', 'tool'])
  assert.equal(await names('lib tool@1: lib'), ['lib', 'tool'])
  assert.equal(await names('--start-date 2020-09-01'), ['app', 'lib', 'libc', 'tool'])
  assert.equal(await names('--end-date 2020-01-01'), [])
  assert.equal(
    (await spack('find --loaded --format {name}', { environ: { SPACK_LOADED_HASHES: nodes.lib.hash! } })).stdout,
    'lib\n',
  )
})

test('what matches nothing, and flags that exclude each other are errors', async () => {
  const { spack } = await smallStore()
  assert.match((await rejection(spack('find nosuch'))).message, 'no package matches the query: nosuch')
  assert.is((await rejection(spack('find -x -X'))).exitCode, 2)
  assert.match((await rejection(spack('find -c'))).message, 'needs an environment')
  assert.match((await rejection(spack('find --start-date soon'))).message, '`soon` is no date')
})

test('in an environment: what was asked for, with its state, then what of it is installed', async () => {
  const { spack, home } = await smallStore()
  addEnvironment(home, 'demo', [nodes.app, nodes.oldApp], ['app@2.0', 'app@1.0', 'later'])
  const head =
    '==> In environment demo\n==> 3 root specs\n-- no arch / no compilers ---------------------------------------\n'
  const roots = '[+] app@2.0\n -  app@1.0\n -  later\n'
  const sorted = roots.split('\n').filter(Boolean).sort()
  const { stdout } = await spack('find', { environment: 'demo' })
  assert.ok(stdout.startsWith(head))
  const [shownRoots, list] = stdout.slice(head.length).split('\n\n') as [string, string]
  assert.equal(shownRoots.split('\n').sort(), sorted)
  assert.is(list, `${group}app@2.0\nlib@1.0\nlibc@2.36\nmake@4.4\n`)
  const all = (await spack('find -c', { environment: 'demo' })).stdout.split('\n\n')[1]
  assert.is(all, `${group} -   app@1.0\n[+]  app@2.0\n[+]  lib@1.0\n[e]  libc@2.36\n[+]  make@4.4\n`)
  const only = (await spack('find -r', { environment: 'demo' })).stdout
  assert.equal(only.slice(head.length).trimEnd().split('\n').sort(), sorted)
})

test('a damaged journal entry is said and hides nothing', async () => {
  const { spack, store } = await smallStore()

  mkdirSync(journalDir(store), { recursive: true })
  writeFileSync(join(journalDir(store), 'x.json'), '')
  const { stdout, stderr } = await spack('find app')
  assert.match(stdout, 'app@2.0')
  assert.match(stderr, '==> Warning: cannot read the journal entry')
})

test('an install tree that there is not is an error', async () => {
  const { spack } = await smallStore()
  const error = await rejection(spack('find --install-tree loca'), 'install-tree')
  assert.is(error.hint, 'did you mean `local`?')
  assert.is((await spack('find --install-tree upstream')).stdout, '')
})

test.run()
