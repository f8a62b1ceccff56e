// What a lockfile with a spliced spec holds beside what its roots need.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { meantSpecs } from '../../src/environment/locked-specs.ts'
import { neededHashes } from '../../src/environment/lockfile-roots.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { satisfies } from '../../src/spec/satisfies.ts'
import { splicedLockfile as lockfile, splicedNodes } from '../support/spliced-lockfile.ts'

const { site, origin, spliced, root } = splicedNodes

const meant = (word: string): string[] => {
  const asked = parseSpec(word)
  const specs = meantSpecs(lockfile)(asked).filter((spec) => satisfies(spec, asked))
  return specs.map(({ concrete }) => String(concrete!.hash))
}

test('the roots need what replaces, not what was replaced', () => {
  assert.equal(
    [...neededHashes(lockfile)].map(String),
    [root, spliced, site].map(({ hash }) => hash),
  )
})

test('a name means what is needed; a hash also what a spliced spec was built as', () => {
  assert.equal(meant('app'), [spliced.hash])
  assert.equal(meant('vendor'), [])
  assert.equal(meant(`/${origin.hash}`), [origin.hash])
})

test.run()
