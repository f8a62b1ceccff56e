// A text of ASCII has an expression of its own: it must find what the one for all letters finds.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { wordPattern } from '../src/word-pattern.ts'
import { randomFrom } from './support/random.ts'

const source = String.raw`\$[\w]+(?![\w])|\{([\w ]+)=\}`
const pattern = wordPattern(source, 'gi')
const ofAll = /\$[\p{L}\p{N}_]+(?![\p{L}\p{N}_])|\{([\p{L}\p{N}_ ]+)=\}/giu

const found = (text: string, expression: RegExp) =>
  [...text.matchAll(expression)].map(([whole, group]) => [whole, group])

test('words are of letters and digits of any script', () => {
  assert.equal(found('$a_1 {größe=} $größe', pattern('ö')), [
    ['$a_1', undefined],
    ['{größe=}', 'größe'],
    ['$größe', undefined],
  ])
})

test('both expressions find the same', () => {
  const random = randomFrom('words')
  for (const letters of [
    ['$', '{', '}', '=', ' ', 'a', 'Z', '_', '7', '-'],
    ['$', '{', '}', '=', 'a', 'ö', '日', '٣', '🜁'],
  ]) {
    for (let i = 0; i < 2000; i++) {
      const text = Array.from({ length: random(9) }, () => letters[random(letters.length)]).join('')
      assert.equal(found(text, pattern(text)), found(text, ofAll), text)
    }
  }
})

test.run()
