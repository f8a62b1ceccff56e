// The short way from a node to its text and its prefix gives what the long way through specs gives.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeText, nodeTextFormat, plainProjection } from '../../src/depfile/node-text.ts'
import { allNodes, readLockfile } from '../../src/environment/lockfile.ts'
import { formatSpec } from '../../src/spec/format.ts'
import { readNodes } from '../../src/spec/node.ts'
import { formatPath } from '../../src/spec/projection.ts'
import { kit, withKit } from '../support/shared.ts'

const test = suite('node text')

const templates = [
  '{architecture.platform}-{architecture.target}/{name}-{version}-{hash}',
  '{name}/{version}/{hash:7}',
  '{architecture.platform}/{architecture.os}/./{architecture.target}//{name}-{version}-{hash:32}/',
  'flat-{name}',
]

function lockfiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (name === 'spack.lock') return [path]
    return statSync(path).isDirectory() && name !== 'blobs' ? lockfiles(path) : []
  })
}

withKit(test, 'all nodes of all lockfiles of the kit', () => {
  let count = 0
  for (const file of [...lockfiles(kit('depfile')), ...lockfiles(kit('env')), ...lockfiles(kit('buildcache'))]) {
    const lockfile = readLockfile(readFileSync(file, 'utf8'), file)
    const nodes = allNodes(lockfile)
    const specs = readNodes(nodes.values())
    for (const [hash, node] of nodes) {
      count++
      assert.is(nodeText(node), formatSpec(specs.get(hash)!, nodeTextFormat))
      for (const template of templates) {
        assert.is(plainProjection(template)!(node), formatPath(specs.get(hash)!, template), template)
      }
    }
  }
  assert.ok(count > 1000, `${count}`)
})

test('templates that ask for more than plain attributes are left to specs', () => {
  for (const template of [
    '{name}-{compiler.name}',
    '{name}{@version}',
    '{hash:x}',
    '{name:3}',
    '{ platform=architecture.platform}',
    '/abs/{name}',
    'a\\{b/{name}',
    '{name',
    'name}',
    '../{name}',
    '$spack/{name}',
    '{constructor}',
  ]) {
    assert.is(plainProjection(template), null, template)
  }
})

test.run()
