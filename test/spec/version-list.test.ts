import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseVersion } from '../../src/spec/version.ts'
import {
  anyVersion,
  equalVersionLists,
  intersectsVersions,
  intersectVersions,
  isAnyVersion,
  parseVersionList,
  printVersionList,
  satisfiesVersions,
  unionVersions,
  type VersionList,
} from '../../src/spec/version-list.ts'
import { SpackError } from '../../src/ui/error.ts'
import { pick, randomVersionListText, randomVersionText, seeded } from './generate.ts'

const random = seeded(3)
const randomList = (): VersionList => parseVersionList(randomVersionListText(random))
const randomExact = (): VersionList => [parseVersion(randomVersionText(random))]

/** Runs `holds` on many generated lists, naming them when it fails. */
function forAll(count: number, claim: (...lists: [VersionList, VersionList, VersionList]) => boolean): void {
  for (let i = 0; i < count; i++) {
    const lists = [randomList(), randomList(), randomList()] as [VersionList, VersionList, VersionList]
    assert.ok(claim(...lists), lists.map(printVersionList).join('  '))
  }
}

test('lists are sorted, overlapping and touching ranges merged', () => {
  assert.is(printVersionList(parseVersionList('3:4,1,2,=7,=1.5')), '1:4,=7')
  assert.is(printVersionList(parseVersionList('1.3, =1.2.9 ,1.1:1.2')), '1.1:1.3')
})

test('printing and reading again is the identity', () => {
  forAll(1000, (a) => equalVersionLists(parseVersionList(printVersionList(a)), a))
})

test('an exact version is in a union when it is in one side, in an intersection when in both', () => {
  forAll(1000, (a, b) => {
    const version = randomExact()
    const [inA, inB] = [satisfiesVersions(version, a), satisfiesVersions(version, b)]
    return (
      satisfiesVersions(version, unionVersions(a, b)) === (inA || inB) &&
      satisfiesVersions(version, intersectVersions(a, b)) === (inA && inB)
    )
  })
})

test('union and intersection do not depend on the order of their operands', () => {
  forAll(1000, (a, b, c) => {
    const associative = equalVersionLists(unionVersions(unionVersions(a, b), c), unionVersions(a, unionVersions(b, c)))
    return (
      associative &&
      equalVersionLists(unionVersions(a, b), unionVersions(b, a)) &&
      equalVersionLists(intersectVersions(a, b), intersectVersions(b, a))
    )
  })
})

test('an intersection satisfies both sides, and is empty just when they do not intersect', () => {
  forAll(1000, (a, b) => {
    const both = intersectVersions(a, b)
    return satisfiesVersions(both, a) && satisfiesVersions(both, b) && intersectsVersions(a, b) === both.length > 0
  })
})

test('satisfies is reflexive and transitive', () => {
  forAll(1000, (a, b, c) => {
    const smaller = intersectVersions(intersectVersions(a, b), c)
    return satisfiesVersions(a, a) && satisfiesVersions(smaller, b) && satisfiesVersions(a, unionVersions(a, b))
  })
})

test('`:` is every version and the neutral element of intersection', () => {
  assert.ok(isAnyVersion(parseVersionList(':')))
  assert.ok(isAnyVersion(parseVersionList(':1,1.2:')))
  assert.not(isAnyVersion(parseVersionList(':1,3:')))
  forAll(500, (a) => equalVersionLists(intersectVersions(a, anyVersion), a) && satisfiesVersions(a, anyVersion))
})

test('a git version counts as its version in ranges and equals no release', () => {
  const git = parseVersionList('git.main=1.2.3')
  assert.ok(satisfiesVersions(git, parseVersionList('1.2')))
  assert.not(satisfiesVersions(git, parseVersionList('=1.2.3')))
  assert.not(intersectsVersions(git, parseVersionList('1.3:')))
  assert.throws(
    () => satisfiesVersions(parseVersionList('git.main'), parseVersionList('1.2')),
    /which version `git\.main` counts as/,
  )
})

test('an empty range is refused', () => {
  assert.throws(() => parseVersionList('3:1'), /`3:1` is empty/)
  assert.throws(() => parseVersionList('1:2:3'), /more than one `:`/)
})

test('garbage is read or refused, and never a mistake of our own', () => {
  const pieces = ['1', '.', '-', '=', ':', ',', 'git.', 'rc1', 'develop', 'a'.repeat(40), ' ', '@', '~', '0', 'é']
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 7) }, () => pick(random, pieces)).join('')
    try {
      const list = parseVersionList(text)
      assert.ok(equalVersionLists(list, list))
      assert.type(printVersionList(unionVersions(list, list)), 'string')
    } catch (error) {
      assert.instance(error, SpackError, `${text}: ${error}`)
    }
  }
})

test('long lists are merged in less than the square of their length', () => {
  const items = Array.from({ length: 20_000 }, (_, i) => `${(i * 7919) % 20_011}.1`)
  const started = performance.now()
  const list = parseVersionList(items.join(','))
  assert.ok(performance.now() - started < 3000)
  assert.ok(list.length > 19_000)
})

test.run()
