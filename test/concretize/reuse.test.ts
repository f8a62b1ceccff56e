// Which concrete specs may be reused: a table of specs, each with one thing that decides.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ReuseContext, selectReusable, withoutRoots } from '../../src/concretize/reuse-rules.ts'
import type { ReuseSource } from '../../src/concretize/reuse-settings.ts'
import { pileOf, SpecMaker } from '../../src/concretize/spec-pile.ts'
import { readNodes, type SpecNode } from '../../src/spec/node.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import type { DagHash } from '../../src/spec/spec.ts'

const hashOf = (name: string): DagHash => name.replace(/[^a-z2-7]/g, '').padEnd(32, 'x') as DagHash

interface Given {
  version?: string
  parameters?: SpecNode['parameters']
  /** Names of nodes; `libc` on an edge makes that the C library. */
  needs?: readonly string[]
  path?: string
  namespace?: string
}

function node(
  name: string,
  { version = '1.0', parameters = {}, needs = [], path, namespace = 'tiny' }: Given = {},
): [DagHash, SpecNode] {
  const package_ = name.split('_')[0]!
  return [
    hashOf(name),
    {
      ...{ name: package_, version, namespace, parameters, hash: hashOf(name), package_hash: 'p' },
      arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
      ...(path ? { external: { path, module: null, extra_attributes: {} } } : {}),
      dependencies: needs.map((each) => ({
        name: each.split('_')[0]!,
        hash: hashOf(each),
        parameters: { deptypes: ['link'], virtuals: each.startsWith('glibc') ? ['libc'] : [] },
      })),
      annotations: { original_specfile_version: 5 },
    },
  ]
}

const nodes = new Map([
  node('gcc', { version: '12.2.0', path: '/usr' }),
  node('gcc-runtime', { version: '12.2.0', needs: ['gcc'] }),
  node('glibc', { version: '2.36', path: '/usr' }),
  node('glibc_new', { version: '2.39', path: '/usr' }),
  node('glibc_far', { version: '2.36', path: '/opt' }),
  node('good', { needs: ['gcc', 'gcc-runtime', 'glibc'] }),
  node('good_two', { version: '2.0', needs: ['gcc', 'gcc-runtime', 'glibc'] }),
  node('good_dev', { parameters: { dev_path: '/src' } }),
  node('good_old', { needs: ['gcc'] }),
  node('good_newer', { needs: ['glibc_new'] }),
  node('good_elsewhere', { needs: ['glibc_far'] }),
  node('good_torn', { needs: ['missing'] }),
  node('good_stranger', { namespace: 'nowhere' }),
  node('tool', { path: '/usr' }),
  node('tool_gone', { path: '/gone' }),
  node('compiler-wrapper'),
  node('above', { needs: ['good'] }),
])

const facts = { isVirtual: () => false, provides: () => [], providers: () => [] }
const everything: ReuseSource = { kind: 'local', path: null, include: [], exclude: [] }

function reusable(source: Partial<ReuseSource> = {}, more: Partial<ReuseContext> = {}) {
  const libc = readNodes([nodes.get(hashOf('glibc'))!]).get(hashOf('glibc'))!
  return selectReusable({
    externals: [],
    externalSources: [],
    piles: [{ source: { ...everything, ...source }, pile: pileOf(nodes) }],
    always: new Map(),
    entries: (name) => (name === 'tool' ? [{ spec: 'tool@1.0', prefix: '/usr', modules: null }] : []),
    libcs: [libc],
    isKnown: ({ namespace }) => namespace === 'tiny',
    facts,
    maker: new SpecMaker(),
    ...more,
  })
}

const hashes = (world: ReturnType<typeof reusable>, name: string) =>
  world.of(name).map(({ concrete }) => concrete!.hash)

test('what can be had again as it is, and runs here, is reused', () => {
  assert.equal(hashes(reusable(), 'good'), [hashOf('good'), hashOf('good_two')])
})

test('an external is reused as long as it is configured, the wrapper of compilers never', () => {
  assert.equal(hashes(reusable(), 'tool'), [hashOf('tool')])
  assert.equal(hashes(reusable(), 'compiler-wrapper'), [])
})

test('what came with a manifest of a Cray counts as configured in the store, and not in a build cache', () => {
  const pile = { ...pileOf(nodes), isOfManifest: () => true }
  const of = (kind: ReuseSource['kind']) =>
    hashes(reusable({}, { piles: [{ source: { ...everything, kind }, pile }] }), 'tool')
  assert.equal(of('local'), [hashOf('tool'), hashOf('tool_gone')])
  assert.equal(of('buildcache'), [hashOf('tool')])
})

test('a source takes some specs and leaves others', () => {
  assert.equal(hashes(reusable({ include: ['good@2'] }), 'good'), [hashOf('good_two')])
  assert.equal(hashes(reusable({ exclude: ['good@2', 'tool'] }), 'good'), [hashOf('good')])
})

test('only below what is asked for', () => {
  const below = withoutRoots(reusable(), [parseSpec('good@1')], facts)
  assert.equal(hashes(below, 'good'), [hashOf('good_two')])
  assert.equal(hashes(below, 'above'), [])
  assert.equal(hashes(below, 'tool'), [hashOf('tool')])
})

test('a spec that several piles have is one', () => {
  const pile = pileOf(nodes)
  const world = reusable({}, { piles: [everything, everything].map((source) => ({ source, pile })) })
  assert.is(world.of('good').length, 2)
  assert.is(world.of('above')[0]!.edges[0]!.child, world.of('good')[0])
})

test.run()
