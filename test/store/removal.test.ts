import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { recordIntent } from '../../src/store/journal.ts'
import { installedDependents, unneeded } from '../../src/store/relatives.ts'
import { removeSpecs } from '../../src/store/removal.ts'
import type { Store } from '../../src/store/store.ts'
import { changeDatabase, readDatabase } from '../../src/store/transaction.ts'
import { storeAt } from '../support/bare-store.ts'
import { startLockHolder } from '../support/lock-holder.ts'
import { publish, specNode } from '../support/prefixes.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('removal')

// app ──▶ lib ──▶ libc (external), app ──▶ make (build)
const libc = specNode('libc', [], { external: { path: '/usr', module: null, extra_attributes: {} } })
const make = specNode('make')
const lib = specNode('lib', [[libc, 'link']])
const app = specNode('app', [
  [lib, 'link', 'run'],
  [make, 'build'],
])
const all = [app, lib, libc, make]
const hashOf = (node: SpecNode): DagHash => node.hash as DagHash
const prefixIn = (store: Store, node: SpecNode): string => join(store.root, 'linux-x86_64', `${node.name}-${node.hash}`)

async function storeWith(explicit: readonly SpecNode[], ...nodes: SpecNode[]): Promise<Store> {
  const store = storeAt(scratch())
  for (const node of nodes) {
    const intent = { hash: hashOf(node), name: node.name, prefix: prefixIn(store, node), timeSeconds: 1 }
    recordIntent(store, { ...intent, isExplicit: explicit.includes(node) })
    publish(intent.prefix, node, all)
  }
  return store
}

async function remove(store: Store, nodes: readonly SpecNode[], force = false): Promise<string[]> {
  const { database } = await readDatabase(store)
  const removed: string[] = []
  const records = nodes.map((node) => database.record(hashOf(node))!)
  await removeSpecs(store, records, { force, onRemoved: (record) => void removed.push(record.node.name) })
  return removed
}

const names = async (store: Store): Promise<string[]> => {
  const { database } = await readDatabase(store)
  return [...database.records()]
    .map((record) => `${record.node.name} ${record.isInstalled ? 'installed' : 'missing'}`)
    .sort()
}

test('dependents go first, and prefixes and empty folders go with the records', async () => {
  const store = await storeWith([app], app, lib, make)
  assert.equal(await remove(store, [lib, make, app]), ['app', 'make', 'lib'])
  assert.equal(await names(store), ['libc installed'])
  assert.not(existsSync(join(store.root, 'linux-x86_64')))
  assert.ok(existsSync(store.root))
})

test('what is needed at run time is refused, with nothing removed; what was only needed to build is not', async () => {
  const store = await storeWith([app], app, lib, make)
  const error = await rejection(remove(store, [lib, make]), 'spec-needed')
  assert.match(error.message, `\`lib/${lib.hash!.slice(0, 7)}\` is needed by \`app/${app.hash!.slice(0, 7)}\``)
  assert.ok(existsSync(prefixIn(store, make)))
  await remove(store, [make])
  assert.equal(await names(store), ['app installed', 'lib installed', 'libc installed', 'make missing'])
})

test('with force it goes all the same, and its record stays as missing', async () => {
  const store = await storeWith([app], app, lib)
  await remove(store, [lib], true)
  assert.not(existsSync(prefixIn(store, lib)))
  assert.equal(await names(store), ['app installed', 'lib missing', 'libc installed', 'make missing'])
})

test('a prefix that is gone already is no obstacle', async () => {
  const store = await storeWith([], make)
  await readDatabase(store)

  rmSync(prefixIn(store, make), { recursive: true })
  assert.equal(await remove(store, [make]), ['make'])
  assert.equal(await names(store), [])
})

test('a recorded prefix outside the store is never deleted', async () => {
  const store = await storeWith([], make)
  const outside = join(scratch(), 'precious')
  mkdirSync(outside)
  for (const path of [outside, store.root, `${store.root}/../${'x'}`]) {
    await changeDatabase(store, (database) => database.change(hashOf(make), { path }))
    await rejection(remove(store, [make], true), 'prefix-outside')
  }
  assert.ok(existsSync(outside))
  assert.equal(await names(store), ['make installed'])
})

test('an external loses its record only', async () => {
  const store = await storeWith([])
  recordIntent(store, {
    hash: hashOf(libc),
    name: 'libc',
    prefix: '/usr',
    isExplicit: true,
    timeSeconds: 1,
    nodes: [libc],
  })
  assert.equal(await remove(store, [libc]), ['libc'])
  assert.ok(existsSync('/usr'))
})

test('a prefix that somebody works on is waited for', async () => {
  const store = await storeWith([], make)
  await readDatabase(store)
  const installer = await startLockHolder()
  assert.ok(await installer.takePrefix(store, make))
  const pending = remove(store, [make])
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.ok(existsSync(prefixIn(store, make)))
  await installer.releaseAll()
  assert.equal(await pending, ['make'])
  await installer.kill()
})

test('of a deprecated spec the link and the spec file that its successor keeps go', async () => {
  const store = await storeWith([], make, lib)
  await readDatabase(store)
  const link = prefixIn(store, make)
  const kept = join(prefixIn(store, lib), '.spack', 'deprecated', `${make.hash}_spec.json`)

  mkdirSync(dirname(kept))
  renameSync(join(link, '.spack', 'spec.json'), kept)

  rmSync(link, { recursive: true })
  symlinkSync(prefixIn(store, lib), link)
  await changeDatabase(store, (database) => {
    database.change(hashOf(make), { isInstalled: false, deprecatedFor: hashOf(lib) })
  })
  await remove(store, [make])
  assert.not(existsSync(link))
  assert.not(existsSync(kept))
  assert.ok(existsSync(prefixIn(store, lib)))
})

test('dependents are found through what is missing; the rest is unneeded', async () => {
  const store = await storeWith([app], app, lib, make)
  const { database } = await readDatabase(store)
  const dependents = (node: SpecNode) => installedDependents(database, [hashOf(node)]).map((record) => record.node.name)
  assert.equal(dependents(libc), ['lib', 'app'])
  assert.equal(dependents(make), [])
  const left = (deptypes: readonly ('build' | 'link' | 'run')[]) =>
    unneeded(database, [hashOf(app)], deptypes).map((record) => record.node.name)
  assert.equal(left(['link', 'run']), ['make'])
  assert.equal(left(['build', 'link', 'run']), [])
})

test.run()
