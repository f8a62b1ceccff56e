// Reading and printing YAML: what is printed reads back, in the layout that Spack's files have.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConfigValue, makeNode, plainValue } from '../../src/config/node.ts'
import { readYaml } from '../../src/config/yaml-reader.ts'
import { resolvePlain } from '../../src/config/yaml-scalar.ts'
import { inlineYaml, yamlText } from '../../src/config/yaml-writer.ts'
import { randomFrom } from '../support/random.ts'

const test = suite('yaml text')
const mark = { file: '', line: 0 }

const read = (text: string): ConfigValue | undefined => {
  const node = readYaml(text, 'f.yaml')
  return node && plainValue(node)
}

test('the layout is that of Spack', () => {
  const value = { a: { b: [1, { c: 'x: y', d: [] }], e: {} }, f: ['@1.2:', '', 'true', ['n']], 'g h': null }
  const text = `a:
  b:
  - 1
  - c: 'x: y'
    d: []
  e: {}
f:
- '@1.2:'
- ''
- 'true'
- - n
g h: null
`
  assert.is(yamlText(makeNode(value, mark)), text)
})

test('brackets, spellings and overriding keys are printed as they were written', () => {
  const text = 'a::\n  b: [x, {c: 1.50}]\n  d: 0x1F\n  e: 2024-01-31\nf:\n  g: []\n'
  assert.is(yamlText(readYaml(text, 'f.yaml')!), text)
})

test('YAML 1.1 is read where the file asks for it', () => {
  assert.equal(read('%YAML 1.1\n---\n[yes, off, 010, 1:30, 0o7]'), [true, false, 8, 90, 7])
  assert.equal(read('[yes, off, 010, 1:30, 0o7]'), ['yes', 'off', 10, '1:30', 7])
})

test('in brackets and quotes lines need no indentation', () => {
  const text = 'a:\n  b: [x,\ny, {z: "q\n r",\n  w: 1}\n]\n  c: \'d\ne\'\nf: [\ng\n]\n'
  assert.equal(read(text), { a: { b: ['x', 'y', { z: 'q r', w: 1 }], c: 'd e' }, f: ['g'] })
})

test('a colon in front of a comma or bracket belongs to its word', () => {
  assert.equal(read('a: [zlib@1.2:, {b: x@1:}]'), { a: ['zlib@1.2:', { b: 'x@1:' }] })
  assert.equal(read('a: {b:, c: d}\ne: ["f", g: h]'), { a: { b: null, c: 'd' }, e: ['f', { g: 'h' }] })
})

test('merged keys give way to own ones', () => {
  assert.equal(read('a: &a {x: 1, y: 2}\nb: &b {z: 3}\nc:\n  <<: [*a, *b]\n  y: 0\n'), {
    a: { x: 1, y: 2 },
    b: { z: 3 },
    c: { y: 0, x: 1, z: 3 },
  })
})

const letters = [
  "'",
  '"',
  ':',
  ' ',
  '#',
  '-',
  '[',
  ']',
  '{',
  '}',
  ',',
  '&',
  '*',
  '!',
  '|',
  '>',
  '%',
  '@',
  '`',
  '?',
  '~',
  '\n',
  '\t',
  'a',
  'é',
  '1',
  '.',
  '=',
  '<',
  '\\',
  '\u0007',
  '😀',
  '\u2028',
  '/',
  '+',
]

test('any text is read back, in brackets and outside', () => {
  const random = randomFrom('yaml text')
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: random(7) }, () => letters[random(letters.length)]!).join('')
    const map = { k: text, [`x${text}`]: [text] }
    const node = makeNode(map, mark)
    // A key cannot end in a colon: that is how it would override.
    if (text.endsWith(':')) continue
    assert.equal(read(yamlText(node)), map, JSON.stringify(text))
    assert.equal(read(inlineYaml(node)), map, JSON.stringify(text))
  }
})

test('any tree is read back', () => {
  const random = randomFrom('yaml trees')
  const scalars: ConfigValue[] = ['', 'x', '10', 10, -1.5, true, false, null, 'no', 'a: b', '- c', 'd #e', '@f:', ':']
  const value = (depth: number): ConfigValue => {
    const kind = random(depth > 3 ? 2 : 4)
    if (kind < 2) return scalars[random(scalars.length)]!
    if (kind === 2) return Array.from({ length: random(4) }, () => value(depth + 1))
    return Object.fromEntries(Array.from({ length: random(4) }, (_, i) => [`k${i} ${random(3)}`, value(depth + 1)]))
  }
  for (let i = 0; i < 1000; i++) {
    const tree = { top: value(0) }
    assert.equal(read(yamlText(makeNode(tree, mark))), tree)
  }
})

test('a word is looked at for its first letter only', () => {
  for (const word of ['zlib', 'nope', 'yesterday', 'often', 'true story', 'Nullable', 'x1']) {
    assert.equal(resolvePlain(word, '1.2'), { value: word })
    assert.equal(resolvePlain(word, '1.1'), { value: word })
  }
})

test('long and deep texts are read in reasonable time', () => {
  const wide = `a: [${'x, '.repeat(20_000)}y]`
  const started = process.cpuUsage()
  assert.is((read(wide) as { a: string[] }).a.length, 20_001)
  const many = `${Array.from({ length: 3000 }, (_, i) => `k${i}: {a: 1, b: [2, 3]}`).join('\n')}\n`
  assert.is(Object.keys(read(many) as object).length, 3000)
  // Of the processor's time: others may be using it.
  assert.ok(process.cpuUsage(started).user < 8_000_000)
})

test.run()
