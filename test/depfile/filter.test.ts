// Which specs of a lockfile the words of a command line name, where one is spliced.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { depfileGraph, matchesIn } from '../../src/depfile/depfile.ts'
import { splicedLockfile as lockfile, splicedNodes } from '../support/spliced-lockfile.ts'

const { vendor, site, origin, spliced, root } = splicedNodes

const matched = async (word: string): Promise<string[]> =>
  (await matchesIn(lockfile, [word])).flatMap(({ hashes }) => hashes.map(String))

test('a name means what the roots need', async () => {
  assert.equal(await matched('app'), [spliced.hash])
  assert.equal(await matched('vendor'), [])
})

test('a hash also means what a spliced spec was built as, with all that it needs', async () => {
  assert.equal(await matched(`/${spliced.hash}`), [spliced.hash])
  assert.equal(await matched(`app/${origin.hash!.slice(0, 9)}`), [origin.hash])
  const { nodes } = await depfileGraph(lockfile, [`/${origin.hash}`], { package: 'auto', dependencies: 'auto' })
  assert.equal(
    nodes.map(({ hash }) => String(hash)),
    [origin.hash, vendor.hash],
  )
})

test('without words, a depfile has the roots and what they need, the replacement before what is spliced', async () => {
  const { nodes } = await depfileGraph(lockfile, [], { package: 'auto', dependencies: 'auto' })
  assert.equal(
    nodes.map(({ hash, needs }) => [hash, ...needs].map(String)),
    [[root.hash, spliced.hash], [spliced.hash, site.hash], [site.hash]],
  )
})

test.run()
