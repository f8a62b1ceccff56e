import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyPatches, memorySource } from '../../src/install/relocation/byte-source.ts'
import { relocateLinkTarget } from '../../src/install/relocation/links.ts'
import { prefixMap } from '../../src/install/relocation/prefix-map.ts'
import { throughSbang } from '../../src/install/relocation/sbang.ts'
import { relocateStrings } from '../../src/install/relocation/strings.ts'
import { relocateText } from '../../src/install/relocation/text.ts'

const test = suite('prefixes')
type Pairs = [string, string][]

const text = (content: string, pairs: Pairs): string =>
  (relocateText(Buffer.from(content, 'latin1'), prefixMap(pairs)) ?? Buffer.from(content, 'latin1')).toString('latin1')

function strings(content: string, pairs: Pairs): string {
  const data = Buffer.from(content, 'latin1')
  const { patches, refusals } = relocateStrings(memorySource(data), prefixMap(pairs))
  return refusals.length > 0 ? refusals[0]!.kind : applyPatches(data, patches).toString('latin1')
}

// The rules of the format as regular expressions, which are too slow for use, judge the code.

const escaped = (pairs: Pairs) => pairs.map(([old]) => old.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')

function textByRule(content: string, pairs: Pairs): string {
  const rule = new RegExp(`(?<![\\w\\-/])([\\w-]*?)(${escaped(pairs)})([\\w/-]*)`, 'g')
  return content.replace(rule, (_, before, old, after) => before + new Map(pairs).get(old) + after)
}

function stringsByRule(content: string, pairs: Pairs): string {
  let refusal: string | undefined
  const rule = new RegExp(`(${escaped(pairs)})([^\\0]{0,7}\\0)?`, 'g')
  const after = content.replace(rule, (whole, old: string, tail: string | undefined) => {
    const replacement = new Map(pairs).get(old)!
    const shorter = old.length - replacement.length
    const length = tail === undefined ? 7 : tail.length - 1
    if (shorter < 0) refusal ??= 'cannot-grow'
    else if (length >= 7 || old.slice(length - 7) === replacement.slice(length - 7)) {
      return '/'.repeat(shorter) + replacement + (tail ?? '')
    } else if (shorter > 7)
      return (replacement + tail).padEnd(whole.length, '?').replace(/\?+$/, (rest) => whole.slice(-rest.length))
    else refusal ??= 'cannot-shrink'
    return whole
  })
  return refusal ?? after
}

function* randomContents(alphabet: readonly string[], rounds: number): Generator<string> {
  let seed = 7
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % limit
  }
  for (let round = 0; round < rounds; round++) {
    let content = ''
    for (let n = random(14); n > 0; n--) content += alphabet[random(alphabet.length)]
    yield content
  }
}

const manyPairs: Pairs[] = [
  [['/opt/old', '/n']],
  [
    ['/opt/old/pkg', '/up/pkg'],
    ['/opt/old', '/much/longer/place'],
  ],
  [
    ['/opt/old/bin/sbang', '/n/bin/sbang'],
    ['/opt/old/pk.g', '/m/pk.g'],
    ['/other', '/o'],
    ['/opt/old', '/n'],
  ],
  [
    ['/opt', '/x'],
    ['/opt/old', '/never'],
  ],
  [
    ['/opt/old/pkg-aaaaaaa', '/n/pkg-aaaaaaa'],
    ['/opt/old', '/opt/new'],
  ],
]

/** Pieces of contents that a relocation and its rule in plain words must agree on. */
const pieces = {
  text: '/opt/old|/opt/old/pkg|/pk.g|/other|/|//| |\n|-L|.|x|_|:|é|\0|/opt|/bin/sbang'.split('|'),
  strings: '/opt/old|/opt/old/pkg-aaaaaaa|/other|\0|\0|a|bcd|/share/x|/opt/old/pk.g|/bin/sbang|é'.split('|'),
}
for (const [name, relocate, byRule] of [
  ['text', text, textByRule],
  ['strings', strings, stringsByRule],
] as const) {
  test(`${name} agree with the rule, on random contents`, () => {
    for (const pairs of manyPairs) {
      for (const content of randomContents(pieces[name], 4000)) {
        assert.is(relocate(content, pairs), byRule(content, pairs), JSON.stringify(content))
      }
    }
  })
}

test('a prefix across the border between two windows is found', () => {
  const pairs: Pairs = [['/opt/old/store', '/n']]
  for (let shift = -30; shift < 30; shift++) {
    const before = 'x'.repeat((1 << 20) + shift)
    const content = `${before}/opt/old/store/lib\0rest`
    const expected = `${before}/n/lib\0${content.slice(before.length + 7)}`
    // Not assert.is, which would print a megabyte.
    assert.ok(strings(content, pairs) === expected, `shift ${shift}`)
  }
})

test('of equal prefixes the last counts, and a pair that changes nothing is dropped', () => {
  assert.is(
    text('/a /b', [
      ['/a', '/b'],
      ['/b', '/b'],
      ['/a', '/c'],
    ]),
    '/c /b',
  )
})

test('links: absolute targets that begin with a prefix', () => {
  const map = prefixMap([
    ['/opt/old/pkg', '/n/pkg'],
    ['/opt/old', '/n'],
  ])
  assert.is(relocateLinkTarget('/opt/old/pkg/lib', map), '/n/pkg/lib')
  assert.is(relocateLinkTarget('/opt/old-2/lib', map), '/n-2/lib')
  assert.is(relocateLinkTarget('opt/old', map), undefined)
  assert.is(relocateLinkTarget('/mnt/opt/old', map), undefined)
})

const long = `/${'p'.repeat(130)}`
const sbang = (script: string) => throughSbang(Buffer.from(script), '/s/bin/sbang')?.toString()

test('a first line that the kernel would cut goes through sbang', () => {
  assert.is(sbang(`#!${long}/bin/perl -w\nx`), `#!/bin/sh /s/bin/sbang\n#!${long}/bin/perl -w\nx`)
  assert.is(sbang(`#!${long}/bin/lua\nx`), `#!/bin/sh /s/bin/sbang\n--!${long}/bin/lua\nx`)
  assert.is(sbang(`#!${long}/bin/luajit -O\nx`), `#!/bin/sh /s/bin/sbang\n--!${long}/bin/luajit -O\nx`)
  assert.is(sbang(`#!${long}/bin/node\nx`), `#!/bin/sh /s/bin/sbang\n//!${long}/bin/node\nx`)
  assert.is(sbang(`#!${long}/bin/php\nx`), `#!/bin/sh /s/bin/sbang\n<?php #!${long}/bin/php\n ?>x`)
})

test('short, missing and absurd first lines stay', () => {
  assert.is(sbang('#!/bin/sh\nx'), undefined)
  assert.is(sbang('x'), undefined)
  assert.is(sbang(`#!${'/x'.repeat(3000)}`), undefined)
  assert.is(sbang(`#!${' '.repeat(200)}\n`), undefined)
  assert.is(sbang(`#!/${'x'.repeat(124)}\n`), `#!/bin/sh /s/bin/sbang\n#!/${'x'.repeat(124)}\n`)
  assert.is(sbang(`#!/${'x'.repeat(123)}\n`), undefined)
})

test.run()
