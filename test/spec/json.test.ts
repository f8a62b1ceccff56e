import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeObject, objectMember, parseJson, printJson } from '../../src/spec/json.ts'

const rewrite = (text: string): string => printJson(parseJson(text))

test('numbers keep their kind, as they do in Python', () => {
  assert.is(rewrite('[1.0, 1, 0.0, -0.0, -0, 1.50, 123456789.125]'), '[1.0,1,0.0,-0.0,0,1.5,123456789.125]')
  assert.is(rewrite('[1e3, 1e16, 1e22, 1E-5, 0.0001, 5e-324]'), '[1000.0,1e+16,1e+22,1e-05,0.0001,5e-324]')
  assert.is(rewrite('{"id": 12345678901234567890}'), '{"id":12345678901234567890}')
})

test('members keep their order, also where their names are numbers', () => {
  const text = '{"b":1,"10":{"2":"x","1":[{"9":true,"8":null}]},"a":"10"}'
  assert.is(rewrite(text), text)
  assert.is(objectMember(makeObject([['10', 'x']]), '10'), 'x')
})

test('what looks like a number or a mark inside a text is left alone', () => {
  const text = '{"a":1.0,"s":"\\"1\\": 2.0, [3.0]","\\u0000number":"4.0"}'
  assert.is(rewrite(text), text)
})

test('nothing but printable ASCII is written', () => {
  assert.is(printJson({ 'é\u007f': '日😀\n"\\/' }), '{"\\u00e9\\u007f":"\\u65e5\\ud83d\\ude00\\n\\"\\\\/"}')
  assert.is(printJson([parseJson('1.0'), '\u007f é']), '[1.0,"\\u007f \\u00e9"]')
})

test('deep nesting is refused where it would be walked', () => {
  const text = `${'['.repeat(5000)}1.0${']'.repeat(5000)}`
  assert.throws(() => parseJson(text), /more than 200 levels/)
})

test('long digits, blanks and texts are looked at once', () => {
  const long = 200_000
  const parts = [
    `"${':1'.repeat(long)}"`,
    `":${'1'.repeat(long)}x"`,
    `"${', '.repeat(long)}"`,
    `"\\"1${'1'.repeat(long)}\\" "`,
  ]
  for (const part of parts) {
    const start = process.cpuUsage()
    assert.is(rewrite(`[${part},1.0]`), `[${part},1.0]`)
    assert.ok(process.cpuUsage(start).user < 2_000_000, part.slice(0, 20))
  }
})

test.run()
