import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hasFeature, nodeTarget, requireTarget, runsOn, targetNames } from '../../src/spec/target.ts'
import { targetFlags } from '../../src/spec/target-flags.ts'
import { intersectTargets, targetsIn } from '../../src/spec/target-range.ts'

const test = suite('target')
const targets = targetNames.map(requireTarget)

test('runsOn is a partial order', () => {
  for (const a of targets) {
    assert.ok(runsOn(a, a))
    for (const b of targets) {
      if (a !== b) assert.not(runsOn(a, b) && runsOn(b, a))
      for (const c of targets) if (runsOn(a, b) && runsOn(b, c)) assert.ok(runsOn(a, c))
    }
  }
})

test('every target has one family, and a generic target of that family below it', () => {
  for (const target of targets) {
    assert.ok(runsOn(requireTarget(target.family), target))
    assert.ok(runsOn(requireTarget(target.generic), target))
    assert.is(requireTarget(target.generic).vendor, 'generic')
  }
})

test('features are had by their own names and by aliases', () => {
  assert.ok(hasFeature(requireTarget('haswell'), 'avx2'))
  assert.ok(hasFeature(requireTarget('skylake_avx512'), 'avx512'))
  assert.ok(hasFeature(requireTarget('power9le'), 'altivec'))
  assert.ok(hasFeature(requireTarget('nehalem'), 'sse4.2'))
  assert.not(hasFeature(requireTarget('aarch64'), 'constructor'))
})

test('flags depend on the compiler and its version', () => {
  const flags = (target: string, compiler: string, version: string) =>
    targetFlags(requireTarget(target), compiler, version)
  assert.equal(flags('haswell', 'gcc', '12.2.0'), { flags: '-march=haswell -mtune=haswell' })
  assert.equal(flags('zen3', 'gcc', '12.2.0'), { flags: '-march=znver3 -mtune=znver3' })
  assert.equal(flags('haswell', 'cce', '16.0.0'), { flags: '' })
  assert.match((flags('zen5', 'gcc', '4.8') as { refusal: string }).refusal, /`gcc@4.8` does not support target `zen5`/)
  assert.match((flags('haswell', 'gcc', '12.x') as { refusal: string }).refusal, /dotted numbers/)
})

test('ranges hold what lies between their ends', () => {
  assert.equal(targetsIn('zen:zen3'), ['zen', 'zen2', 'zen3'])
  assert.equal(targetsIn('zen2,x86_64_v2:x86_64_v3'), ['x86_64_v2', 'x86_64_v3', 'zen2'])
  assert.equal(targetsIn('zen:skylake'), [])
  assert.throws(() => targetsIn('skylak:'), /`skylak` is not a known target/)
})

test('the intersection of two ranges holds the targets that are in both', () => {
  const ends = ['x86_64', 'x86_64_v3', 'haswell', 'skylake', 'icelake', 'zen', 'zen3', 'zen4', 'aarch64', 'm1']
  const ranges = ends.flatMap((low) => [`${low}:`, `:${low}`, ...ends.map((high) => `${low}:${high}`)])
  for (const a of ranges) {
    for (const b of ranges) {
      const inAll = new Set(intersectTargets(a, b).flatMap(targetsIn))
      for (const name of inAll) {
        assert.ok(intersectTargets(name, a).length && intersectTargets(name, b).length, `${name} in ${a} and ${b}`)
      }
    }
  }
})

test('generic and unknown targets are bare names in node dictionaries', () => {
  assert.is(nodeTarget('x86_64_v3'), 'x86_64_v3')
  assert.is(nodeTarget('my_cpu'), 'my_cpu')
  const node = nodeTarget('zen2')
  assert.equal(typeof node === 'object' && Object.keys(node), [
    'name',
    'vendor',
    'features',
    'generation',
    'parents',
    'cpupart',
  ])
})

test.run()
