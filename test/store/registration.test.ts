import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { Database } from '../../src/store/database.ts'
import { type RegistrationWorld, registerSpec, unregisterSpec } from '../../src/store/registration.ts'
import { nodeSources } from '../../src/store/spec-file.ts'

// app2 ─┬─▶ lib ─▶ libc (external)
// app1 ─┴─▶ make (build only)
const nodes = nodeSources([
  node('app2', ['lib', 'make']),
  node('app1', ['lib', 'make']),
  node('lib', ['libc']),
  node('make', []),
  { ...node('libc', []), external: { path: '/usr', module: null, extra_attributes: {} } },
])
const test = suite('registration')

function node(name: string, children: string[]): SpecNode {
  const dependencies = children.map((child) => ({
    name: child,
    hash: child,
    parameters: { deptypes: [], virtuals: [] },
  }))
  return { name, version: '1.0', hash: name, ...(children.length ? { dependencies } : {}) }
}

const world = (installed: string[], upstream: string[] = []): RegistrationWorld => ({
  prefixOf: (hash) => `/store/${hash}`,
  isPublished: (_prefix, hash) => installed.includes(hash),
  isUpstream: (hash) => upstream.includes(hash),
})

const install = (database: Database, name: string, isExplicit = false, around = world([])) =>
  registerSpec(database, nodes, { hash: name as DagHash, prefix: `/store/${name}`, isExplicit, timeSeconds: 5 }, around)

/** `name installed|missing explicit|implicit references`, in the order of the file. */
const picture = (database: Database): string[] =>
  [...database.records()].map((record) => {
    const words = [record.isInstalled ? 'installed' : 'missing', record.isExplicit ? 'explicit' : 'implicit']
    return `${record.hash} ${words.join(' ')} ${record.refCount}`
  })

test('all dependencies get records, before what depends on them, installed or not', () => {
  const database = new Database('index.json')
  install(database, 'app2', true, world(['lib']))
  assert.equal(picture(database), [
    'libc installed implicit 1',
    'lib installed implicit 1',
    'make missing implicit 1',
    'app2 installed explicit 0',
  ])
  assert.is(database.record('libc' as DagHash)!.path, '/usr')
  assert.is(database.record('make' as DagHash)!.path, '/store/make')
})

test('the order in which specs are registered does not matter', () => {
  const downwards = new Database('index.json')
  for (const name of ['app2', 'app1', 'lib', 'make']) install(downwards, name, name.startsWith('app'))
  const upwards = new Database('index.json')
  for (const name of ['make', 'lib', 'app1', 'app2']) install(upwards, name, name.startsWith('app'))
  assert.equal(picture(downwards).sort(), picture(upwards).sort())
  assert.equal(picture(upwards).sort(), [
    'app1 installed explicit 0',
    'app2 installed explicit 0',
    'lib installed implicit 2',
    'libc installed implicit 1',
    'make installed implicit 2',
  ])
})

test('registering twice changes no counts, and what was explicit stays so', () => {
  const database = new Database('index.json')
  install(database, 'app2', true)
  install(database, 'app2', false)
  assert.equal(picture(database).at(-1), 'app2 installed explicit 0')
  assert.is(database.record('lib' as DagHash)!.refCount, 1)
})

test('what others need stays as missing; the last to go takes it along', () => {
  const database = new Database('index.json')
  for (const name of ['lib', 'app1', 'app2']) install(database, name)
  unregisterSpec(database, 'lib' as DagHash)
  unregisterSpec(database, 'app1' as DagHash)
  assert.equal(picture(database), [
    'libc installed implicit 1',
    'lib missing implicit 1',
    'make missing implicit 1',
    'app2 installed implicit 0',
  ])
  unregisterSpec(database, 'app2' as DagHash)
  assert.equal(picture(database), ['libc installed implicit 0'])
})

test('what an upstream has gets no record', () => {
  const database = new Database('index.json')
  install(database, 'app1', true, world([], ['lib']))
  assert.equal(picture(database), ['make missing implicit 1', 'app1 installed explicit 0'])
})

test('what is installed here has a record also when an upstream has it', () => {
  const database = new Database('index.json')
  install(database, 'app1', true, world([], ['app1', 'lib']))
  assert.equal(picture(database), ['make missing implicit 1', 'app1 installed explicit 0'])
})

test('a spec file whose nodes are incomplete or go in circles is refused', () => {
  const incomplete = nodeSources([node('app1', ['lib'])])
  const circular = nodeSources([node('app1', ['lib']), node('lib', ['app1'])])
  const registration = { hash: 'app1' as DagHash, prefix: '/store/app1', isExplicit: true, timeSeconds: 5 }
  for (const [given, reason] of [[incomplete, /is missing/] as const, [circular, /depends on itself/] as const]) {
    const database = new Database('index.json')
    assert.throws(() => registerSpec(database, given, registration, world([])), reason)
    assert.is(database.size, 0, 'nothing was recorded')
  }
})

test.run()
