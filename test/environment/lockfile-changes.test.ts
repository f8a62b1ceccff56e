// What is told of two lockfiles: small DAGs, and what one says of the other.

import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type LockedSpecs, readLockfile } from '../../src/environment/lockfile.ts'
import { lockfileChanges } from '../../src/environment/lockfile-changes.ts'
import { describeChanges } from '../../src/environment/lockfile-changes-text.ts'
import type { SpecNode } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { kit, withKit } from '../support/shared.ts'

type Change = Partial<SpecNode> & { needs?: readonly [name: string, hash: string, virtual?: string][] }

function node(name: string, hash: string, { needs = [], ...facts }: Change = {}): SpecNode {
  return {
    name,
    version: '1.0',
    arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
    namespace: 'tiny',
    parameters: { shared: true, build_type: 'Release', cflags: [] },
    package_hash: 'samesame',
    dependencies: needs.map(([dependency, to, virtual]) => ({
      name: dependency,
      hash: to,
      parameters: { deptypes: ['link'], virtuals: virtual ? [virtual] : [] },
    })),
    hash,
    ...facts,
  }
}

const locked = (roots: readonly string[], nodes: readonly SpecNode[]): LockedSpecs => ({
  roots: roots.map((spec, index) => ({ spec, hash: nodes[index]!.hash as DagHash })),
  nodes: new Map(nodes.map((each) => [each.hash as DagHash, each])),
  includeConcrete: new Map(),
})

const told = (before: LockedSpecs | undefined, after: LockedSpecs) => describeChanges(lockfileChanges(before, after))

// app ─▶ lib ─▶ zlib, app ─▶ mpi
const before = locked(
  ['app'],
  [
    node('app', 'app1', {
      needs: [
        ['lib', 'lib1'],
        ['openmpi', 'ompi', 'mpi'],
      ],
    }),
    node('lib', 'lib1', { needs: [['zlib', 'zlib1']] }),
    node('zlib', 'zlib1'),
    node('openmpi', 'ompi'),
  ],
)

test('the same lockfile has no changes', () => {
  assert.equal(told(before, before), [])
})

test('a first lockfile is all new', () => {
  assert.equal(told(undefined, locked(['zlib'], [node('zlib', 'zlib1')])), [
    '1 added, 0 removed, 0 changed',
    '  asked for now:  zlib',
    '  + zlib@1.0  /zlib1',
  ])
})

test('a changed version, variant, flag and target are told; those above are told in one line', () => {
  const after = locked(
    ['app'],
    [
      node('app', 'app2', {
        needs: [
          ['lib', 'lib2'],
          ['openmpi', 'ompi', 'mpi'],
        ],
      }),
      node('lib', 'lib2', { needs: [['zlib', 'zlib2']] }),
      node('zlib', 'zlib2', {
        version: '1.3',
        parameters: { shared: false, build_type: 'Release', cflags: ['-O3', '-g'] },
        arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64_v3' },
      }),
      node('openmpi', 'ompi'),
    ],
  )
  assert.equal(told(before, after), [
    '0 added, 0 removed, 3 changed',
    '  ~ zlib@1.0 → 1.3  /zlib1 → /zlib2',
    '      shared: +shared → ~shared',
    '      target: x86_64 → x86_64_v3',
    '      cflags: -O3 -g (new)',
    '  ~ app: the same, with other lib',
    '  ~ lib: the same, with other zlib',
  ])
})

test('another provider, a dependency more, a new recipe, and roots that come and go', () => {
  const after = locked(
    ['app+x', 'tool'],
    [
      node('app', 'app2', {
        needs: [
          ['lib', 'lib1'],
          ['mpich', 'mpich1', 'mpi'],
          ['zlib', 'zlib1'],
        ],
        package_hash: 'otherrecipe',
      }),
      node('tool', 'tool1'),
      node('lib', 'lib1', { needs: [['zlib', 'zlib1']] }),
      node('zlib', 'zlib1'),
      node('mpich', 'mpich1'),
    ],
  )
  assert.equal(told(before, after), [
    '2 added, 1 removed, 1 changed',
    '  asked for now:  app+x',
    '  asked for now:  tool',
    '  no longer asked for:  app',
    '  + mpich@1.0  /mpich1',
    '  + tool@1.0  /tool1',
    '  - openmpi@1.0  /ompi',
    '  ~ app@1.0  /app1 → /app2',
    '      recipe: samesam → otherre',
    '      mpi from: openmpi → mpich',
    '      dependency zlib: link (new)',
  ])
})

test('of several nodes of one name those are paired that are most alike', () => {
  const old = locked(['z'], [node('z', 'z1', { version: '1' }), node('z', 'z2', { version: '2' })])
  const now = locked(
    ['z'],
    [node('z', 'z3', { version: '2', parameters: { shared: false } }), node('z', 'z4', { version: '3' })],
  )
  const { changed, added, removed } = lockfileChanges(old, now)
  assert.equal(
    changed.map(({ before: from, after: to }) => `${from.hash} ${to.hash}`),
    ['z1 z4', 'z2 z3'],
  )
  assert.equal([added, removed], [[], []])
})

test('many nodes of one name take no long time', () => {
  const many = (letter: string, count: number) =>
    locked(
      [],
      Array.from({ length: count }, (_, i) => node('z', `${letter}${i}`, { version: `${i}` })),
    )
  const started = process.cpuUsage()
  const { changed, added } = lockfileChanges(many('a', 5000), many('b', 5001))
  assert.is(changed.length, 5000)
  assert.is(added.length, 1)
  assert.ok(process.cpuUsage(started).user < 2_000_000)
})

withKit(test, 'between lockfiles of the kit each node is new, gone, changed or the same', () => {
  const read = (name: string) => readLockfile(readFileSync(kit('env', name, 'spack.lock'), 'utf8'), name)
  const [a, b] = [read('01-unify-true'), read('03-when-possible')]
  const { added, removed, changed } = lockfileChanges(a, b)
  const kept = [...a.nodes.keys()].filter((hash) => b.nodes.has(hash)).length
  assert.is(kept + removed.length + changed.length, a.nodes.size)
  assert.is(kept + added.length + changed.length, b.nodes.size)
})

test.run()
