// Which specs a depfile has.
//
//     app ──link──▶ lib ──build──▶ tool ──link──▶ zed
//      └───build──▶ tool
//     lib is a root, too

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCachePolicies } from '../../src/depfile/cache-policies.ts'
import {
  type CachePolicy,
  type DepfileGraph,
  dependenciesOnly,
  packagesOnly,
  reachableGraph,
} from '../../src/depfile/graph.ts'
import { hashOf, nodesOf } from '../support/depfile.ts'

const test = suite('depfile graph')

const nodes = nodesOf({ app: ['lib', 'tool'], lib: ['tool'], tool: ['zed'], zed: [] })
const graphOf = (roots: string[], ofPackage: CachePolicy, ofDependencies: CachePolicy): DepfileGraph =>
  reachableGraph(nodes, roots.map(hashOf), { package: ofPackage, dependencies: ofDependencies })
const shown = (graph: DepfileGraph) =>
  Object.fromEntries(
    graph.nodes.map(({ node, needs, cachePolicy }) => [
      node.name,
      `${cachePolicy}: ${needs.map((hash) => nodes.get(hash)!.name).join(' ')}`,
    ]),
  )

test('all that is needed is there once, breadth first', () => {
  const graph = graphOf(['app', 'lib', 'app'], 'auto', 'auto')
  assert.equal(graph.roots, [hashOf('app'), hashOf('lib')])
  assert.equal(Object.keys(shown(graph)), ['app', 'lib', 'tool', 'zed'])
})

test('what only comes from a cache does not need what would build it', () => {
  assert.equal(shown(graphOf(['app'], 'only', 'only')), { app: 'only: lib', lib: 'only: ' })
  assert.equal(shown(graphOf(['app'], 'only', 'auto')), {
    app: 'only: lib',
    lib: 'auto: tool',
    tool: 'auto: zed',
    zed: 'auto: ',
  })
})

test('what would build it can be asked for all the same', () => {
  const policies = { package: 'only', dependencies: 'only' } as const
  const graph = reachableGraph(nodes, [hashOf('app')], policies, { allDependencies: true })
  assert.equal(shown(graph), { app: 'only: lib tool', lib: 'only: tool', tool: 'only: zed', zed: 'only: ' })
})

test('a root counts as package, also where another root needs it', () => {
  assert.equal(shown(graphOf(['app', 'lib'], 'never', 'only')), {
    app: 'never: lib tool',
    lib: 'never: tool',
    tool: 'only: zed',
    zed: 'only: ',
  })
})

test('only packages, or only what they need', () => {
  const graph = graphOf(['app', 'lib'], 'auto', 'auto')
  assert.equal(shown(packagesOnly(graph)), { app: 'auto: ', lib: 'auto: ' })
  const dependencies = dependenciesOnly(graph)
  assert.equal(Object.keys(shown(dependencies)), ['lib', 'tool', 'zed'])
  assert.equal(dependencies.roots, [hashOf('lib'), hashOf('tool')])
})

test('an id has nothing that make or a shell would read', () => {
  const odd = new Map([[hashOf('odd'), { name: 'odd', version: 'git.a/b=1:2%$(x)', hash: hashOf('odd') }]])
  const graph = reachableGraph(odd, [hashOf('odd')], { package: 'auto', dependencies: 'auto' })
  assert.is(graph.nodes[0]!.id, `odd-git.a_b_1_2___x_-${hashOf('odd')}`)
})

test('--use-buildcache: for both, or for one, and later parts win', () => {
  const both = (policy: string) => ({ package: policy, dependencies: policy })
  assert.equal(parseCachePolicies(undefined), both('auto'))
  assert.equal(parseCachePolicies('only'), both('only'))
  assert.equal(parseCachePolicies('package:never, dependencies:only'), { package: 'never', dependencies: 'only' })
  assert.equal(parseCachePolicies('package:never'), { package: 'never', dependencies: 'auto' })
  assert.equal(parseCachePolicies('package:never,only'), both('only'))
  for (const wrong of ['', 'always', 'roots:only', 'package:only:never', 'package', 'only,']) {
    assert.throws(
      () => parseCachePolicies(wrong),
      (error: { exitCode: number }) => error.exitCode === 2,
    )
  }
})

test.run()
