// Where the records of an index are is found out once, and says the same as the index.

import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { recordsFile } from '../../src/buildcache/index-cache.ts'
import { indexRecords } from '../../src/buildcache/index-records.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { scratch } from '../support/scratch.ts'

const hashes = ['a', 'b'].map((letter) => letter.repeat(32) as DagHash)
const record = (name: string, os: string) => ({
  spec: { name, version: '1.0', arch: { platform: 'linux', platform_os: os, target: 'x86_64' }, external: null },
  ref_count: 0,
  in_buildcache: true,
})
const installs = { [hashes[0]!]: record('zlib', 'debian12'), [hashes[1]!]: record('ö-"zlib"', 'rocky9') }
const text = JSON.stringify({ database: { version: '8', installs } })

test('the second look gives what the first one gave, and a damaged note counts for nothing', () => {
  const folder = scratch()
  const look = () => {
    const { database, names, systems } = indexRecords(text, 'digest', folder, 'mirror')
    return {
      names: [...names.entries()],
      systems,
      records: database.hashes().map((hash) => database.record(hash)),
    }
  }
  const first = look()
  assert.equal(first.systems, ['debian12', 'rocky9'])
  assert.equal(
    first.names.map(([, name]) => name),
    ['zlib', 'ö-"zlib"'],
  )
  assert.equal(look(), first)
  const file = recordsFile(folder, 'digest')
  const kept = readFileSync(file, 'utf8')
  // What stands in the note is taken from there.
  writeFileSync(file, kept.replace('"zlib\\n', '"bliz\\n'))
  assert.is(look().names[0]![1], 'bliz')
  writeFileSync(file, kept.slice(0, 40))
  assert.equal(look(), first)
  assert.is(readFileSync(file, 'utf8'), kept)
})

test.run()
