// A store that somebody else owns: it can be looked at, and attempts to change it say why they fail.

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journalDir, recordIntent } from '../../src/store/journal.ts'
import { publish } from '../support/prefixes.ts'
import { isolated, type Outcome, runSpack, spackProgram } from '../support/program.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { hashOf, nodes, smallStore, type TestStore } from '../support/stores.ts'

const test = suite('read-only store')
const isRoot = process.getuid?.() === 0
const nobody = 65534

/** Runs `spack` as a user who may not write in the store: root may always, and is not used. */
function asOther(world: TestStore, words: string): Outcome {
  const home = scratch()
  chmodSync(home, 0o777)
  chmodSync(world.home, 0o755)
  const done = spawnSync(
    process.execPath,
    [spackProgram, '-c', `config:install_tree:root:${world.store.root}`, ...words.split(' ')],
    { encoding: 'utf8', env: isolated(home), cwd: home, ...(isRoot ? { uid: nobody, gid: nobody } : {}) },
  )
  return { code: done.status, stdout: done.stdout, stderr: done.stderr }
}

async function readOnlyStore(): Promise<TestStore> {
  const world = await smallStore()
  if (!isRoot) for (const folder of [world.store.databaseDir, world.store.root]) chmodSync(folder, 0o555)
  if (!isRoot) chmodSync(join(world.store.databaseDir, 'lock'), 0o444)
  return world
}

test('it is listed, with what its owner has in the journal', async () => {
  const world = await smallStore()
  const prefix = world.prefixOf(nodes.oldApp)
  recordIntent(world.store, { hash: hashOf(nodes.oldApp), name: 'app', prefix, isExplicit: true, timeSeconds: 5 })
  publish(prefix, nodes.oldApp, Object.values(nodes))
  if (!isRoot) chmodSync(world.store.databaseDir, 0o555)
  const { code, stdout, stderr } = asOther(world, 'find --format {name}@{version} app')
  assert.is(stderr, '')
  assert.is(code, 0)
  assert.is(stdout, 'app@1.0\napp@2.0\n')
  assert.ok(existsSync(journalDir(world.store)), 'the journal is left to those who may write')
})

for (const words of ['mark -e lib', 'uninstall -y tool', 'reindex', 'gc -y']) {
  test(`\`spack ${words}\` says what it cannot write`, async () => {
    const world = await readOnlyStore()
    const { code, stderr } = asOther(world, words)
    assert.is(code, 1)
    assert.match(stderr, `\`${world.store.databaseDir}/`)
    assert.match(stderr, 'cannot be written')
    assert.match(stderr, 'hint:')
    assert.is((await world.spack('find --format {name}')).stdout, 'app\nlib\nlibc\nmake\ntool\n')
  })
}

test('what is no longer recorded and cannot be removed is told of', async () => {
  const world = await smallStore()
  const platform = dirname(world.prefixOf(nodes.tool))
  chmodSync(world.store.databaseDir, 0o777)
  for (const name of readdirSync(world.store.databaseDir)) chmodSync(join(world.store.databaseDir, name), 0o666)
  chmodSync(platform, 0o555)
  const { code, stderr } = asOther(world, 'uninstall -y tool')
  chmodSync(platform, 0o755)
  assert.is(code, 1)
  assert.match(stderr, `cannot remove \`${world.prefixOf(nodes.tool)}\`: permission denied`)
  assert.match(stderr, 'hint: `tool` is no longer recorded')
  assert.is((await world.spack('find --format {name}')).stdout, 'app\nlib\nlibc\nmake\n')
})

/** Runs `spack` in a world of its own with a store at `root`. */
const withRoot = (home: string, root: string, ...words: string[]): Outcome =>
  runSpack(['-c', `config:install_tree:root:${root}`, ...words], { env: isolated(home), cwd: home })

test('a store that is not there yet is empty', () => {
  const home = scratch()
  assert.equal(withRoot(home, join(home, 'none'), 'find'), { code: 0, stdout: '', stderr: '' })
  assert.not(existsSync(join(home, 'none')))
})

for (const words of ['find', 'reindex', '-L reindex', 'gc -y']) {
  test(`\`spack ${words}\` says which setting leads to what is no folder`, () => {
    const home = scratch()
    writeFileSync(join(home, 'file'), '')
    const { code, stdout, stderr } = withRoot(home, join(home, 'file/store'), ...words.split(' '))
    assert.is(code, 1)
    assert.is(stdout, '')
    assert.match(stderr, `\`${home}/file/store/.spack-db/`)
    assert.match(stderr, 'a part of its path is no folder')
    assert.match(stderr, /hint: .*`config:install_tree:root`/)
  })
}

test('a database that the system does not give is told of, and nothing is made of it', async () => {
  const world = await smallStore()
  const index = join(world.store.databaseDir, 'index.json')
  renameSync(index, `${index}.mine`)
  mkdirSync(index)
  for (const words of ['find', 'mark -e lib', 'reindex']) {
    const error = await rejection(world.spack(words), 'database-unreadable')
    assert.is(error.message, `cannot read \`${index}\`: it is a folder`)
  }
})

test.run()
