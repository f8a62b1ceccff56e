import { linkSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prefixMap } from '../../src/install/relocation/prefix-map.ts'
import { relocateBinaryFile, relocateTextFile, throughSbangFile } from '../../src/install/relocation/relocate-file.ts'
import { relocateText } from '../../src/install/relocation/text.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('relocate-file')
const maps = {
  shorter: prefixMap([['/opt/old/store', '/n']]),
  longer: prefixMap([['/opt/old/store', '/a/much/longer/place/for/the/store']]),
}

function fileOf(content: string | Buffer): string {
  const path = join(scratch(), 'file')
  writeFileSync(path, content, { mode: 0o751 })
  linkSync(path, `${path}-2`)
  return path
}

const lines = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => `${'x'.repeat(i % length)} /opt/old/store/${i}`).join('\n')

const texts: readonly [what: string, content: string][] = [
  ['many lines', lines(60_000, 200)],
  ['a line longer than a piece', `${'y '.repeat(1_500_000)}/opt/old/store/a\n${'z '.repeat(1_500_000)}`],
  ['no end of line at all', `/opt/old/store ${'y'.repeat(5_000_000)} /opt/old/store`],
]
for (const [what, content] of texts) {
  for (const [name, map] of Object.entries(maps)) {
    test(`a great text with ${what}, ${name}: as if it were read as a whole, inode and links kept`, () => {
      const path = fileOf(content)
      const { ino, mode } = lstatSync(path)
      assert.ok(relocateTextFile(path, map))
      assert.ok(readFileSync(path).equals(relocateText(Buffer.from(content), map)!))
      const after = lstatSync(path)
      assert.equal([after.ino, after.mode, after.nlink], [ino, mode, 2])
      assert.equal(readdirSync(join(path, '..')).sort(), ['file', 'file-2'])
    })
  }
}

test('a great text without a prefix is not written', () => {
  const path = fileOf('y\n'.repeat(3_000_000))
  const { mtimeMs } = statSync(path)
  assert.not(relocateTextFile(path, maps.longer))
  assert.is(statSync(path).mtimeMs, mtimeMs)
})

test('a great script gets its line for sbang', () => {
  const first = `#!/${'p'.repeat(200)}/bin/perl\n`
  const rest = 'x\n'.repeat(2_000_000)
  const path = fileOf(first + rest)
  assert.ok(throughSbangFile(path, '/s/bin/sbang'))
  assert.ok(readFileSync(path, 'utf8') === `#!/bin/sh /s/bin/sbang\n${first}${rest}`)
  assert.not(throughSbangFile(path, '/s/bin/sbang'))
  assert.not(throughSbangFile(fileOf('#!/bin/sh\n'), '/s/bin/sbang'))
  assert.not(throughSbangFile(fileOf('x'), '/s/bin/sbang'))
})

test('a great binary is relocated in place, also across the borders of windows', () => {
  const data = Buffer.alloc(5_000_000, 1)
  const places = [0, 1000, (1 << 20) - 5, (2 << 20) - 1, (3 << 20) + 7, data.length - 30]
  for (const at of places) data.write('/opt/old/store/some/where\0', at, 'latin1')
  const path = fileOf(data)
  assert.equal(relocateBinaryFile(path, maps.shorter), { isChanged: true, refusals: [] })
  const after = readFileSync(path)
  const expected = `${'/'.repeat(12)}/n/some/where`
  for (const at of places) assert.is(after.toString('latin1', at, at + expected.length), expected, String(at))
  const refused = relocateBinaryFile(fileOf(data), maps.longer)
  assert.is(refused.refusals.length, places.length)
})

test.run()
