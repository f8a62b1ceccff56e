import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { journalDir, recordIntent } from '../../src/store/journal.ts'
import { reindex } from '../../src/store/reindex.ts'
import { type Store, storeFrom } from '../../src/store/store.ts'
import { changeDatabase, readDatabase } from '../../src/store/transaction.ts'
import { storeAt } from '../support/bare-store.ts'
import { publish, specFileText, specNode } from '../support/prefixes.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('reindex')

// app ──▶ lib ──▶ make (build)
const make = specNode('make')
const lib = specNode('lib', [[make, 'build']])
const app = specNode('app', [[lib, 'link']])
const all = [app, lib, make]
const hashOf = (node: SpecNode): DagHash => node.hash as DagHash
const prefixIn = (store: Store, node: SpecNode): string =>
  join(store.root, 'linux', 'x86_64', `${node.name}-${node.hash}`)
const indexOf = (store: Store): string => join(store.databaseDir, 'index.json')

function install(store: Store, node: SpecNode, isExplicit = false): void {
  const spec = { hash: hashOf(node), name: node.name, prefix: prefixIn(store, node) }
  recordIntent(store, { ...spec, isExplicit, timeSeconds: 100.5 })
  publish(spec.prefix, node, all)
}

const picture = async (store: Store): Promise<string[]> => {
  const { database } = await readDatabase(store)
  return [...database.records()]
    .map((record) => {
      const words = [record.isInstalled ? 'installed' : 'missing', record.isExplicit ? 'explicit' : 'implicit']
      return `${record.node.name} ${words.join(' ')} ${record.refCount}`
    })
    .sort()
}

test('an intact database comes out as it was, save for the order', async () => {
  const store = storeAt(scratch())
  for (const node of all.toReversed()) install(store, node, node === app)
  const before = await picture(store)
  const old = JSON.parse(readFileSync(indexOf(store), 'utf8'))
  const { backup, missing, problems } = await reindex(store)
  assert.equal(await picture(store), before)
  assert.equal([missing, problems], [[], []])
  assert.equal(JSON.parse(readFileSync(backup!, 'utf8')), old)
  assert.equal(JSON.parse(readFileSync(indexOf(store), 'utf8')), old)
})

for (const [what, damage] of [
  ['cut off', (text: string) => text.slice(0, text.length / 2)],
  ['with a broken record', (text: string) => text.replace('"name":"lib"', '"name":lib')],
  ['of version 0.9.3', (text: string) => text.replace('"version":"8"', '"version":"0.9.3"')],
  ['empty', () => ''],
] as const) {
  test(`from a database that is ${what}, prefixes alone say what is installed`, async () => {
    const store = storeAt(scratch())
    for (const node of [lib, app]) install(store, node)
    await readDatabase(store)
    writeFileSync(indexOf(store), damage(readFileSync(indexOf(store), 'utf8')))
    const error = await rejection(readDatabase(store).then(({ database }) => [...database.records()]))
    assert.match(error.message, indexOf(store))
    assert.match(error.hint!, '`spack reindex`')
    const { backup } = await reindex(store)
    assert.ok(existsSync(backup!))
    assert.equal(await picture(store), [
      'app installed explicit 0',
      'lib installed explicit 1',
      'make missing implicit 1',
    ])
    const { database } = await readDatabase(store)
    const changed = statSync(prefixIn(store, app)).ctimeMs / 1000
    assert.is(database.record(hashOf(app))!.timeSeconds, changed)
    assert.is(database.record(hashOf(make))!.path, null)
  })
}

test('a spec file that the system does not give is told of and passed over', async () => {
  const store = storeAt(scratch())
  for (const node of [make, lib]) install(store, node)
  const file = join(prefixIn(store, make), '.spack/spec.json')
  rmSync(file)
  mkdirSync(file)
  const { problems } = await reindex(store)
  assert.equal(
    problems.map(({ code, message }) => [code, message]),
    [['spec-file-unreadable', `cannot read \`${file}\`: it is a folder`]],
  )
  assert.equal(await picture(store), ['lib installed implicit 0', 'make missing implicit 1'])
})

test('a database of a newer version is left alone', async () => {
  const store = storeAt(scratch())
  install(store, make)
  await readDatabase(store)
  const newer = readFileSync(indexOf(store), 'utf8').replace('"version":"8"', '"version":"9"')
  writeFileSync(indexOf(store), newer)
  for (const work of [() => reindex(store), () => readDatabase(store)]) {
    await rejection(work() as Promise<unknown>, 'database-newer')
  }
  assert.is(readFileSync(indexOf(store), 'utf8'), newer)
})

test('a database of version 7 is read, not written, and brought up to date', async () => {
  const store = storeAt(scratch())
  const oldNode = { ...make, compiler: { name: 'gcc', version: '12.2.0' }, annotations: undefined }
  const record = { spec: oldNode, path: '/s', installed: true, explicit: true, ref_count: 0, installation_time: 7 }
  mkdirSync(store.databaseDir)
  writeFileSync(indexOf(store), JSON.stringify({ database: { version: '7', installs: { [make.hash!]: record } } }))
  const { database } = await readDatabase(store)
  assert.equal(database.record(hashOf(make))!.node.annotations, {
    original_specfile_version: 4,
    compiler: 'gcc@=12.2.0',
  })
  assert.is((database.record(hashOf(make))!.node as { compiler?: unknown }).compiler, undefined)
  const error = await rejection(
    changeDatabase(store, () => {}),
    'database-upgrade',
  )
  assert.match(error.hint!, 'spack reindex')
  const { missing } = await reindex(store)
  assert.equal(missing, [`make@1.0/${make.hash!.slice(0, 7)}`])
  assert.is((await readDatabase(store)).database.version, '8')
  assert.equal(await picture(store), ['make missing explicit 0'])
})

test('an installation that is under way keeps its intent; one that is done is not forgotten', async () => {
  const store = storeAt(scratch())
  install(store, lib, false)
  recordIntent(store, {
    hash: hashOf(app),
    name: 'app',
    prefix: prefixIn(store, app),
    isExplicit: true,
    timeSeconds: 5,
  })
  writeFileSync(join(journalDir(store), `${make.hash}-0.json`), 'damaged')
  await reindex(store)
  assert.equal(
    readdirSync(journalDir(store)).map((name) => name.slice(0, 32)),
    [app.hash],
  )
  assert.equal(await picture(store), ['lib installed implicit 0', 'make missing implicit 1'])
  assert.is((await readDatabase(store)).database.record(hashOf(lib))!.timeSeconds, 100.5)
})

test('prefixes are found whatever the projections were; the unreadable are named, the unfinished passed over', async () => {
  const store = storeAt(scratch())
  publish(join(store.root, 'a', 'b', 'c', 'app'), app, all)
  publish(join(store.root, 'make'), make, all)
  publish(join(store.root, 'a', `.${lib.hash}.new`), lib, all)
  writeFileSync(join(store.root, 'make', '.spack', 'spec.json'), '{"spec":')
  const { problems } = await reindex(store)
  assert.equal(
    problems.map((problem) => problem.code),
    ['spec-file-damaged'],
  )
  assert.equal(await picture(store), ['app installed explicit 0', 'lib missing implicit 1', 'make missing implicit 1'])
})

test('who is deprecated is known from the prefix of the successor', async () => {
  const store = storeAt(scratch())
  publish(prefixIn(store, app), app, all)
  const kept = join(prefixIn(store, app), '.spack', 'deprecated', `${make.hash}_spec.json`)
  mkdirSync(dirname(kept))
  writeFileSync(kept, specFileText(make, all))
  symlinkSync(prefixIn(store, app), prefixIn(store, make))
  await reindex(store)
  const { database } = await readDatabase(store)
  assert.is(database.record(hashOf(make))!.deprecatedFor, hashOf(app))
  assert.equal(await picture(store), ['app installed explicit 1', 'lib missing implicit 1', 'make missing implicit 1'])
})

test('what an upstream has installed gets no record here', async () => {
  const upstream = storeAt(scratch())
  install(upstream, lib)
  await readDatabase(upstream)
  const store = storeFrom({ ...storeAt(scratch()), upstreams: { site: upstream.root } })
  install(store, app, true)
  assert.equal(await picture(store), ['app installed explicit 0'])
  await reindex(store)
  assert.equal(await picture(store), ['app installed explicit 0'])
})

test('an upstream that is not there is named', async () => {
  const store = storeFrom({ ...storeAt(scratch()), upstreams: { site: '/nowhere' } })
  const error = await rejection(readDatabase(store), 'upstream-missing')
  assert.match(error.message, '/nowhere/.spack-db/index.json')
})

test.run()
