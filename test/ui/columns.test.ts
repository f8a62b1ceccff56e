import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { columns, visibleLength } from '../../src/ui/columns.ts'

const test = suite('columns')
const texts = ['a', 'bbbb', 'cc', 'ddddd', 'e', 'ff', 'g']

test('texts go down the columns, in as many as fit, each as wide as its widest', () => {
  assert.equal(columns(texts, { width: 80 }), ['a  bbbb  cc  ddddd  e  ff  g'])
  assert.equal(columns(texts, { width: 24 }), ['a     cc     e   g', 'bbbb  ddddd  ff'])
  assert.equal(columns(texts, { width: 16 }), ['a     ddddd  g', 'bbbb  e', 'cc    ff'])
  assert.equal(columns(texts, { width: 3 }), texts)
})

test('without a terminal each text has its line; indents count', () => {
  assert.equal(columns(['a', 'b'], { width: undefined, indent: 2 }), ['  a', '  b'])
  assert.equal(columns(['aaa', 'bbb'], { width: 9, indent: 4 }), ['    aaa', '    bbb'])
  assert.equal(columns([], { width: 80 }), [])
})

test('colours take no room', () => {
  const red = '\u001b[0;31ma\u001b[0m'
  assert.is(visibleLength(red), 1)
  assert.equal(columns([red, 'b'], { width: 80 }), [`${red}  b`])
})

test.run()
