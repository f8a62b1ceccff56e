// Digests are asked of functions that Node's program gives away: they must say what `node:crypto` says.

import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha1Of, sha256Of } from '../src/digest.ts'

const data: Record<string, string | Uint8Array> = {
  nothing: '',
  'no bytes': new Uint8Array(0),
  'a word': 'zlib',
  'letters beyond ASCII': 'größer als 日本 🜁',
  'a zero within': 'a\0b',
  'bytes that are no text': Uint8Array.from({ length: 256 }, (_, at) => at),
  'a part of an array': new Uint8Array(100).fill(7).subarray(30, 70),
  'a million letters': 'a'.repeat(1_000_000),
}
for (const [what, value] of Object.entries(data)) {
  test(`the digests of ${what}`, () => {
    assert.is(sha1Of(value).toString('hex'), createHash('sha1').update(value).digest('hex'))
    assert.is(sha256Of(value).toString('hex'), createHash('sha256').update(value).digest('hex'))
  })
}

test('a digest is not overwritten by the next', () => {
  const [first, second] = [sha256Of('first'), sha256Of('second')]
  assert.not.equal(first, second)
  assert.is(first.toString('hex'), createHash('sha256').update('first').digest('hex'))
})

test.run()
