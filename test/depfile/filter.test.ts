// Which specs of a lockfile the words of a command line name, where one is spliced:
//
//   root ─▶ app* ─▶ site        app, as which app* was built ─▶ vendor

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { depfileGraph, matchesIn } from '../../src/depfile/depfile.ts'
import { readLockfile } from '../../src/environment/lockfile.ts'
import { specNode } from '../support/prefixes.ts'
import { tinyLockfile } from '../support/tiny-cache.ts'

const vendor = specNode('vendor')
const site = specNode('site')
const origin = specNode('app', [[vendor, 'build', 'link']])
const spliced = specNode('app', [[site, 'link']], { build_spec: { name: 'app', hash: origin.hash! } })
const root = specNode('root', [[spliced, 'link']])
const nodes = [vendor, site, origin, spliced, root]
const lockfile = readLockfile(tinyLockfile([root], new Map(nodes.map((node) => [node.hash!, node]))), 'spack.lock')

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
