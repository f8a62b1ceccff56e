import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareVersions, keyAbove, parseConcreteVersion, parseVersion, upTo } from '../../src/spec/version.ts'
import { randomVersionText, seeded } from './generate.ts'

test('separators and leading zeros take no part in the order', () => {
  assert.is(compareVersions(parseVersion('1-2_03'), parseVersion('1.2.3')), 0)
})

test('text is below numbers, numbers below special names, and these have their own order', () => {
  const ascending = ['Z', 'a', 'aa', '0', '9', '10', '99999999999999999999', 'stable', 'head', 'main', 'develop']
  const shuffled = [...ascending].reverse().map(parseVersion)
  assert.equal(
    shuffled.sort(compareVersions).map(({ text }) => text),
    ascending,
  )
})

test('a pre-release is below its release and above nothing longer', () => {
  const ascending = ['1.2alpha', '1.2alpha1', '1.2beta', '1.2rc1', '1.2rc10', '1.2', '1.2.0rc1', '1.2.0']
  const shuffled = [...ascending].reverse().map(parseVersion)
  assert.equal(
    shuffled.sort(compareVersions).map(({ text }) => text),
    ascending,
  )
})

test('numbers of any length are compared as numbers', () => {
  const short = parseVersion('9'.repeat(254))
  const long = parseVersion(`1${'0'.repeat(255)}`)
  const longer = parseVersion(`1${'0'.repeat(600)}`)
  assert.ok(compareVersions(short, long) < 0)
  assert.ok(compareVersions(long, longer) < 0)
  assert.ok(keyAbove(long) > long.key)
})

test('the order is total and agrees with comparing components', () => {
  const random = seeded(1)
  for (let i = 0; i < 3000; i++) {
    const [a, b, c] = [0, 1, 2].map(() => parseVersion(randomVersionText(random))) as [never, never, never]
    assert.is(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0)
    if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
  }
})

test('everything that starts with a version is below the key above it', () => {
  const random = seeded(2)
  for (let i = 0; i < 2000; i++) {
    const version = parseVersion(randomVersionText(random))
    if (version.prerelease.kind !== 'final') continue
    const longer = parseVersion(`${version.text}.${randomVersionText(random)}`)
    if (longer.release.length === version.release.length) continue
    assert.ok(longer.key >= version.key && longer.key < keyAbove(version), `${version.text} ${longer.text}`)
  }
})

test('a version is cut at a component', () => {
  assert.is(upTo(parseVersion('1.23-4b'), 3).text, '1.23-4')
  assert.is(upTo(parseVersion('1.23-4b'), -1).text, '1.23-4')
  assert.is(upTo(parseVersion('1.2rc1'), 5).text, '1.2')
})

test('a git version knows its reference and what it counts as', () => {
  const version = parseConcreteVersion('git.releases/v1=1.2')
  assert.is(version.kind === 'git' && version.ref, 'releases/v1')
  assert.is(version.kind === 'git' && version.as?.text, '1.2')
  assert.is(parseConcreteVersion('a'.repeat(40)).kind, 'git')
  assert.is(parseConcreteVersion('a'.repeat(39)).kind, 'version')
})

test('bad characters are refused by name', () => {
  assert.throws(() => parseVersion('1.2~3'), /`1\.2~3` is not a version/)
  assert.throws(() => parseConcreteVersion('git.a=b=c'), /more than one `=`/)
})

test('long and odd texts are read in linear time', () => {
  const started = performance.now()
  for (const text of ['1.'.repeat(50_000), 'a1'.repeat(50_000), '0'.repeat(100_000), '-'.repeat(100_000)]) {
    parseVersion(text)
  }
  assert.ok(performance.now() - started < 1000)
})

test.run()
