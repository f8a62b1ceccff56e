import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DagHash } from '../../src/spec/spec.ts'
import { Database, parseDatabase } from '../../src/store/database.ts'
import type { SpackError } from '../../src/ui/error.ts'
import { kit, withKit } from '../support/shared.ts'

const test = suite('database')
const hash = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' as DagHash
const fields = { refCount: 2, path: '/s/a', isInstalled: true, isExplicit: false, timeSeconds: 7, deprecatedFor: null }
const frame = (records: string, version = '"8"') => `{"database":{"version":${version},"installs":{${records}}}}`
const codeOf = (text: string): string => {
  try {
    ;[...parseDatabase(text, '/s/index.json').records()]
    return 'read'
  } catch (error) {
    return (error as SpackError).code
  }
}

test('a record is printed as Spack prints it', () => {
  const database = new Database('index.json')
  database.insert(hash, '{"name":"a"}', fields)
  const record =
    '"spec":{"name":"a"},"ref_count":2,"path":"/s/a","installed":true,"explicit":false,"installation_time":7.0,"deprecated_for":null'
  assert.is(database.print(), frame(`"${hash}":{${record}}`))
})

test('a change touches nothing but its own member', () => {
  // Numbers and escapes that JavaScript would print otherwise.
  const odd = `{"spec":{"name":"a","x":[1.0,1e5,"\\u00fc\\"}"]},"ref_count":0,"installation_time":1795209832.7696738,"origin":"external-db"}`
  const database = parseDatabase(frame(`"${hash}":${odd}`), 'index.json')
  database.change(hash, { refCount: 3 })
  assert.is(database.print(), frame(`"${hash}":${odd.replace('"ref_count":0', '"ref_count":3')}`))
  database.change(hash, { isExplicit: true })
  assert.match(database.print(), /"origin":"external-db","explicit":true\}/)
  assert.is(database.record(hash)!.origin, 'external-db')
})

test('a change to what is already so is none', () => {
  const database = new Database('index.json')
  database.insert(hash, '{"name":"a"}', fields)
  database.isChanged = false
  database.change(hash, { isInstalled: true, timeSeconds: 7, path: '/s/a' })
  assert.not(database.isChanged)
})

test('what is no database is said to be damaged, too new or too old', () => {
  const whole = frame(`"${hash}":{"spec":{"name":"a"},"installed":true}`)
  assert.is(codeOf(whole), 'read')
  for (let length = 0; length < whole.length; length++) {
    assert.is(codeOf(whole.slice(0, length)), 'database-damaged', `cut after ${length}`)
  }
  assert.is(codeOf('[]'), 'database-damaged')
  assert.is(codeOf('{"database":{"installs":{}}}'), 'database-damaged')
  assert.is(codeOf(frame(`"${hash}":{"spec":{"name":}}`)), 'database-damaged')
  assert.is(codeOf(frame(`"${hash}":7`)), 'database-damaged')
  assert.is(codeOf(frame('', '"9"')), 'database-newer')
  assert.is(codeOf(frame('', '"0.9.3"')), 'database-older')
})

test('spaces and what follows the first value are no matter', () => {
  const text = `\n{ "database" : { "installs" : { "${hash}" : { "spec" : { "name" : "a" } } } , "version" : "8" } }\n{"more":1}`
  const database = parseDatabase(text, 'index.json')
  assert.is(database.record(hash)!.node.name, 'a')
  assert.not(database.record(hash)!.isInstalled)
})

withKit(test, 'real databases are written as they were read', () => {
  for (const name of ['real', 'from-cache', 'from-old-cache']) {
    const text = readFileSync(kit('store', name, 'index.json'), 'utf8')
    const database = parseDatabase(text, name)
    for (const record of database.records()) {
      const { refCount, path, isInstalled, isExplicit, timeSeconds, deprecatedFor } = record
      database.change(record.hash, { refCount, path, isInstalled, isExplicit, timeSeconds, deprecatedFor })
    }
    assert.is(database.print(), text)
  }
})

test.run()
