import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { openStore } from '../../src/store/configured-store.ts'
import type { Store } from '../../src/store/store.ts'
import { isolated } from '../support/program.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('configured store')

async function storeOf(...commandSettings: string[]): Promise<Store> {
  const home = scratch()
  return openStore(await loadConfiguration({ environ: isolated(home), cwd: home, commandSettings }))
}

test('without settings it is below the root, with locks', async () => {
  const store = await storeOf()
  assert.match(store.root, /\/spack\/opt\/spack$/)
  assert.is(store.databaseDir, `${store.root}/.spack-db`)
  assert.is(store.unpaddedRoot, store.root)
  assert.equal(store.projections, { all: '{architecture.platform}-{architecture.target}/{name}-{version}-{hash}' })
  assert.equal(store.locks, { enabled: true, databaseTimeoutMs: 60_000, packageTimeoutMs: null })
  assert.equal(store.upstreams, {})
})

test('padding makes the root as long as asked, with the placeholder that Spack knows', async () => {
  const store = await storeOf('config:install_tree:root:/opt/store', 'config:install_tree:padded_length:64')
  assert.is(store.root.length, 64)
  assert.match(store.root, /^\/opt\/store\/__spack_path_placeholder__\/__spack_path_pla/)
  assert.is(store.unpaddedRoot, '/opt/store')
})

test('time-outs are in seconds, and locks can be off', async () => {
  const store = await storeOf('config:locks:false', 'config:db_lock_timeout:5', 'config:package_lock_timeout:7')
  assert.equal(store.locks, { enabled: false, databaseTimeoutMs: 5000, packageTimeoutMs: 7000 })
})

test('templates are lower case, and the hash in them can be shortened', async () => {
  const store = await storeOf('config:install_tree:projections:all:"{NAME}/{hash}"', 'config:install_hash_length:7')
  assert.equal(store.projections, { all: '{name}/{hash:7}' })
  for (const template of ['{name}', '{name}-{hash:5}']) {
    const settings = [`config:install_tree:projections:all:"${template}"`, 'config:install_hash_length:7']
    const error = await rejection(storeOf(...settings), 'store-config')
    assert.match(error.message, template)
  }
})

test('upstreams are found by name', async () => {
  const store = await storeOf('upstreams:site:install_tree:/site/store')
  assert.equal(store.upstreams, { site: '/site/store' })
})

test.run()
