import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { journalDir, recordIntent } from '../../src/store/journal.ts'
import { tryPrefixLock } from '../../src/store/prefix-lock.ts'
import type { Store } from '../../src/store/store.ts'
import { changeDatabase, readDatabase } from '../../src/store/transaction.ts'
import { foldJournal, storeAt } from '../support/bare-store.ts'
import { startLockHolder } from '../support/lock-holder.ts'
import { publish, specNode } from '../support/prefixes.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('journal')

// app ──▶ lib ──▶ libc (external), lib ──▶ make (build)
const libc = specNode('libc', [], { external: { path: '/usr', module: null, extra_attributes: {} } })
const make = specNode('make')
const lib = specNode('lib', [
  [libc, 'link'],
  [make, 'build'],
])
const app = specNode('app', [[lib, 'link']])
const all = [app, lib, libc, make]

const prefixIn = (store: Store, node: SpecNode): string => join(store.root, `${node.name}-${node.hash}`)
const intend = (store: Store, node: SpecNode, isExplicit = false, timeSeconds = 100): void =>
  recordIntent(store, {
    hash: node.hash as DagHash,
    name: node.name,
    prefix: prefixIn(store, node),
    isExplicit,
    timeSeconds,
  })
const install = (store: Store, node: SpecNode, isExplicit = false): void => {
  intend(store, node, isExplicit)
  publish(prefixIn(store, node), node, all)
}
const index = (store: Store): string => readFileSync(join(store.databaseDir, 'index.json'), 'utf8')
const journalFiles = (store: Store): string[] => (existsSync(journalDir(store)) ? readdirSync(journalDir(store)) : [])

test('a published spec is registered with all that it depends on, and its intent goes', async () => {
  const store = storeAt(scratch())
  install(store, app, true)
  const folded = await foldJournal(store)
  assert.equal(
    folded.registered.map((entry) => entry.name),
    ['app'],
  )
  const { database } = await readDatabase(store)
  const seen = [...database.records()].map((record) => [
    record.node.name,
    record.isInstalled,
    record.isExplicit,
    record.refCount,
  ])
  assert.equal(seen.sort(), [
    ['app', true, true, 0],
    ['lib', false, false, 1],
    ['libc', true, false, 1],
    ['make', false, false, 1],
  ])
  assert.is(database.record(app.hash as DagHash)!.timeSeconds, 100)
  assert.equal(journalFiles(store), [])
})

test('what a killed writer left goes with the next fold, once it is old', async () => {
  const store = storeAt(scratch())
  install(store, app)
  const [old, young] = ['old', 'young'].map((name) => join(journalDir(store), `.${name}.tmp`)) as [string, string]
  for (const file of [old, young]) writeFileSync(file, '{')
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600
  utimesSync(old, twoDaysAgo, twoDaysAgo)
  await foldJournal(store)
  assert.equal(journalFiles(store), ['.young.tmp'])
})

test('an intent whose prefix never came is kept while its lock is held, then dropped', async () => {
  const store = storeAt(scratch())
  const installer = await startLockHolder()
  const lock = tryPrefixLock(store, { hash: app.hash as DagHash, name: 'app' }, 'write')!
  intend(store, app)
  const own = await foldJournal(store)
  assert.is(own.pending.length, 1, 'held by this process')
  lock.release()
  assert.ok(await installer.takePrefix(store, app))
  assert.is((await foldJournal(store)).pending.length, 1, 'held by another process')
  await installer.kill()
  assert.is((await foldJournal(store)).dropped.length, 1)
  assert.equal(journalFiles(store), [])
  assert.is((await readDatabase(store)).database.size, 0)
})

test('an intent of another spec at the same prefix registers nothing', async () => {
  const store = storeAt(scratch())
  recordIntent(store, {
    hash: app.hash as DagHash,
    name: 'app',
    prefix: prefixIn(store, lib),
    isExplicit: true,
    timeSeconds: 1,
  })
  publish(prefixIn(store, lib), lib, all)
  assert.is((await foldJournal(store)).dropped.length, 1)
  assert.is((await readDatabase(store)).database.size, 0)
})

test('an external is registered by its nodes', async () => {
  const store = storeAt(scratch())
  const hash = libc.hash as DagHash
  recordIntent(store, { hash, name: 'libc', prefix: '/usr', isExplicit: false, timeSeconds: 5, nodes: [libc] })
  const record = (await readDatabase(store)).database.record(hash)!
  assert.is(record.path, '/usr')
  assert.ok(record.isInstalled)
})

test('killed between saving and dropping, the next fold changes nothing', async () => {
  const store = storeAt(scratch())
  install(store, app)
  const [name] = journalFiles(store)
  const text = readFileSync(join(journalDir(store), name!), 'utf8')
  await foldJournal(store)
  const before = index(store)
  assert.not(existsSync(journalDir(store)), 'the last entry takes the folder along')
  mkdirSync(journalDir(store))
  writeFileSync(join(journalDir(store), name!), text)
  await foldJournal(store)
  assert.is(index(store), before)
  assert.equal(journalFiles(store), [])
})

test('a database that is locked is read all the same, journal included', async () => {
  const store = storeAt(scratch())
  install(store, app)
  const other = await startLockHolder()
  assert.ok(await other.takeDatabase(store))
  const { database } = await readDatabase(store)
  assert.ok(database.record(app.hash as DagHash)?.isInstalled)
  assert.not(existsSync(join(store.databaseDir, 'index.json')))
  await other.kill()
})

test('a damaged entry is reported, stays, and stops nobody', async () => {
  const store = storeAt(scratch())
  install(store, app)
  const damaged = join(journalDir(store), `${lib.hash}-0.json`)
  writeFileSync(damaged, '')
  const { database, folded } = await readDatabase(store)
  assert.ok(database.record(app.hash as DagHash)?.isInstalled)
  assert.equal(
    folded.problems.map((problem) => problem.code),
    ['journal-damaged'],
  )
  assert.match(folded.problems[0]!.message, damaged)
  assert.match(folded.problems[0]!.hint!, 'spack reindex')
  assert.ok(existsSync(damaged))
})

test('half-written entries are not looked at', async () => {
  const store = storeAt(scratch())
  mkdirSync(journalDir(store), { recursive: true })
  writeFileSync(join(journalDir(store), `.${app.hash}-1.tmp`), '{"version":1')
  assert.equal((await readDatabase(store)).folded.problems, [])
})

test('what fails inside a change is not saved', async () => {
  const store = storeAt(scratch())
  install(store, app)
  await foldJournal(store)
  const before = index(store)
  await changeDatabase(store, (database) => {
    database.delete(app.hash as DagHash)
    throw new Error('stop')
  }).then(
    () => assert.unreachable(),
    (error) => assert.is(error.message, 'stop'),
  )
  assert.is(index(store), before)
})

test('each save gives a new verifier, and none is needed to read', async () => {
  const store = storeAt(scratch())
  const verifier = join(store.databaseDir, 'index_verifier')
  install(store, lib)
  await foldJournal(store)
  const first = readFileSync(verifier, 'utf8')
  assert.match(first, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  install(store, app)
  await foldJournal(store)
  assert.is.not(readFileSync(verifier, 'utf8'), first)
  rmSync(verifier)
  assert.is((await readDatabase(store)).database.size, 4)
})

test.run()
