// A store that somebody else owns: it can be looked at, and attempts to change it say why they fail.

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { journalDir, recordIntent } from '../../src/store/journal.ts'
import { publish } from '../support/prefixes.ts'
import { isolated, type Outcome, spackProgram } from '../support/program.ts'
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

test('a store that is not there yet is empty', () => {
  const home = scratch()
  chmodSync(home, 0o755)
  const done = spawnSync(process.execPath, [spackProgram, '-c', `config:install_tree:root:${home}/none`, 'find'], {
    encoding: 'utf8',
    env: isolated(home),
  })
  assert.is(done.stderr, '')
  assert.is(done.stdout, '')
  assert.not(existsSync(join(home, 'none')))
})

test.run()
