import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { tarReader } from '../../src/archive/tar-reader.ts'
import { readBuildinfo, relocationMap } from '../../src/install/buildinfo.ts'
import { type FlowValue, parseFlowYaml, parseFlowYamlAlone } from '../../src/install/flow-yaml.ts'
import { kit, withKit } from '../support/shared.ts'

const test = suite('buildinfo')

/** What the library reads, all scalars as text: what our reader has to agree with where it is sure. */
const byLibrary = (text: string): unknown => parse(text, { schema: 'failsafe' })

const samples = [
  '{}',
  '[]',
  '{a: b}',
  "{a: [], b: {}, c: [x, y z, \"q\", 'it''s']}",
  '{a: /opt/a:b/c, b: x/y#z, c: -I/x}',
  '{a: 1.0, b: true, c: ~}',
  '{\'a b\': "c\\"d\\\\e\\/f"}',
  '{a:\n    [b,\n  c]}\n',
  '{a: [b, c,], }',
  '{"a": "b", "c": ["d"]}',
  '{a: b\n  c}',
  '{? a : b}',
  '{a: "b\\nc"}',
  '{a: &x b, c: *x}',
  '{a: !!str b}',
  '{a: "b", a: "c"}',
  '{a: b} # comment',
  '{a: b #c, d: e}',
  '{a: b: c}',
  '{a: https://x/y}',
  '{a: -}',
  '{a: - b}',
  '{a:b}',
  '{a}',
  '{a: }',
  '{: b}',
  '{a: b',
  '[a]]',
  '{a: "b" c}',
  '{a: %x}',
  '{a: @x}',
  '{a: `x}',
  '--- {a: b}',
  'a: b',
  '',
  '{__proto__: x}',
  '{a: ünïcode/é}',
  '{a: b\tc}',
  `${'['.repeat(30)}${']'.repeat(30)}`,
]

test('the own reader agrees with the library wherever it is sure', () => {
  let sure = 0
  for (const text of samples) {
    const own = parseFlowYamlAlone(text)
    if (own === undefined) continue
    sure++
    assert.equal(own, byLibrary(text), text)
  }
  assert.ok(sure >= 10, `sure of ${sure}`)
})

test('random pieces: the own reader agrees with the library wherever it is sure', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ', ',
    ',',
    ': ',
    ':',
    'a',
    '/x/y',
    "'",
    '"',
    ' ',
    '\n',
    '-',
    '#',
    '\\',
    "''",
    '!',
    '&',
    '|',
    '?',
    '~',
    '1',
  ]
  let seed = 5
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % limit
  }
  for (let round = 0; round < 30_000; round++) {
    let text = random(2) ? '{' : '['
    for (let n = random(9); n > 0; n--) text += pieces[random(pieces.length)]
    text += text.startsWith('{') ? '}' : ']'
    const own = parseFlowYamlAlone(text)
    if (own !== undefined) assert.equal(own, byLibrary(text), JSON.stringify(text))
  }
})

test('what the own reader is not sure of is read by the library', async () => {
  assert.equal(await parseFlowYaml('{a: "b\\x41", c: 1}'), { a: 'bA', c: '1' })
  assert.equal(await parseFlowYaml('a: [b]\n'), { a: ['b'] })
})

test('aliases that stand for gigabytes are refused', async () => {
  const levels = Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`)
  const outcome = await readBuildinfo(`a0: &a0 x\n${levels.join('\n')}\n`).catch((error) => error.code)
  assert.is(outcome, 'archive-damaged')
})

test('the map: sbang, then packages that are known here, then the root', async () => {
  const text = `{buildpath: /o, sbang_install_path: /o/bin/sbang, hash_to_prefix: {a: /o/a, x: /o/x, b: /u/b},
    relocate_binaries: [bin/x], relocate_textfiles: [], relocate_links: []}`
  const info = await readBuildinfo(text)
  assert.equal(info.binaries, ['bin/x'])
  const places: Readonly<Record<string, string>> = { a: '/n/a', b: '/n/b' }
  const map = relocationMap(info, { root: '/n', sbang: '/n/bin/sbang', prefixOf: (hash) => places[hash] })
  assert.equal(
    map.pairs.map((pair) => [String(pair.old), String(pair.new)]),
    [
      ['/o/bin/sbang', '/n/bin/sbang'],
      ['/o/a', '/n/a'],
      ['/u/b', '/n/b'],
      ['/o', '/n'],
    ],
  )
})

test('old archives name hashes by prefix', async () => {
  const info = await readBuildinfo('{buildpath: /o, prefix_to_hash: {/o/a: abc}}')
  assert.equal([...info.prefixes], [['abc', '/o/a']])
  assert.is(info.sbang, undefined)
})

/** The buildinfo in an archive. */
function buildinfoIn(archive: Buffer): string | undefined {
  let name = ''
  let text: string | undefined
  const pieces: Buffer[] = []
  const reader = tarReader({
    begin: (member) => {
      name = member.name
    },
    data: (piece) => void (name.endsWith('.spack/binary_distribution') && pieces.push(Buffer.from(piece))),
    end: () => {
      if (name.endsWith('.spack/binary_distribution')) text = Buffer.concat(pieces).toString()
    },
  })
  reader.push(archive)
  reader.finish()
  return text
}

withKit(test, 'the buildinfo of each archive of the kit is read without the library', () => {
  let found = 0
  for (const name of readdirSync(kit('buildcache'), { recursive: true, encoding: 'utf8' })) {
    const isArchive = /blobs\/sha256\/..\/[0-9a-f]{64}$/.test(name) || name.endsWith('.spack')
    const bytes = isArchive ? readFileSync(join(kit('buildcache'), name)) : Buffer.alloc(0)
    // Small ones will do, and specs are compressed as well.
    if (bytes.length === 0 || bytes.length > 1 << 20 || bytes.readUInt16BE(0) !== 0x1f8b) continue
    const content = gunzipSync(bytes)
    if (content[0] === 0x7b) continue
    const text = buildinfoIn(content)
    assert.ok(text, name)
    assert.equal(parseFlowYamlAlone(text!) as FlowValue, byLibrary(text!), name)
    found++
  }
  assert.ok(found > 10, `${found} archives`)
})

test.run()
