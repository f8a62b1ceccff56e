// Saving the database stops half-way: the old one stays whole, and the next save works.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isolated, spackProgram } from '../support/program.ts'
import { smallStore, type TestStore } from '../support/stores.ts'

const test = suite('failing writes')

/** Runs `spack WORDS` where no file may become longer than a block, as on a disk that is full. */
function withoutSpace(world: TestStore, words: string) {
  const script = 'ulimit -f 1; exec "$@"'
  const program = [process.execPath, spackProgram, '-c', `config:install_tree:root:${world.store.root}`]
  const args = ['-c', script, 'sh', ...program, ...words.split(' ')]
  return spawnSync('sh', args, { encoding: 'utf8', env: isolated(world.home) })
}

for (const words of ['mark -e lib', 'uninstall -y tool', 'reindex']) {
  test(`without space \`spack ${words}\` fails, and the database is what it was`, async () => {
    const world = await smallStore()
    const index = join(world.store.databaseDir, 'index.json')
    const before = readFileSync(index, 'utf8')
    const done = withoutSpace(world, words)
    assert.is(done.status, 1)
    assert.match(done.stderr, `cannot write \`${index}`)
    assert.match(done.stderr, 'free space')
    assert.is(readFileSync(index, 'utf8'), before)
    assert.is((await world.spack('find --format {name}')).stdout, 'app\nlib\nlibc\nmake\ntool\n')
    assert.is((await world.spack('verify manifest tool')).code, 1, 'its prefix is still there, without a manifest')
  })
}

test('what a killed writer left goes with the next save', async () => {
  const world = await smallStore()
  writeFileSync(join(world.store.databaseDir, 'index.json.elsewhere.4711.temp'), '{"database"')
  await world.spack('mark -e lib')
  assert.equal(
    readdirSync(world.store.databaseDir).filter((name) => name.startsWith('index')),
    ['index.json', 'index_verifier'],
  )
  assert.match((await world.spack('find -x --format {name}')).stdout, 'lib\n')
})

test.run()
