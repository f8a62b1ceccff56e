// What requests may say beyond a package and its constraints: conditional and propagated compilers, concrete specs, rounds.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { concretizeTogether } from '../../src/concretize/concretize.ts'
import { withReusable } from '../../src/concretize/more-reusable.ts'
import { concretizeInRounds } from '../../src/concretize/rounds.ts'
import { formatSpec } from '../../src/spec/format.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import type { Spec } from '../../src/spec/spec.ts'
import { traverseNodes } from '../../src/spec/traverse.ts'
import { gcc, gccs, type SmallRecipes, type SmallWorld, smallWorld } from '../support/small-world.ts'

const request = (spec: string | Spec) =>
  typeof spec === 'string'
    ? { spec: parseSpec(spec), origin: { text: spec, where: null } }
    : { spec, origin: { text: spec.name!, where: null } }

const together = ({ world, facts }: SmallWorld, ...specs: readonly (string | Spec)[]) =>
  concretizeTogether(world, facts, specs.map(request)).roots

const nodes = (roots: readonly Spec[]): string[] =>
  traverseNodes(roots)
    .map((spec) => formatSpec(spec, '{name}{@version}{variants}'))
    .sort()

/** `app c=gcc@12.1`: the compilers of each node by language. */
const compilers = (roots: readonly Spec[]): string[] =>
  traverseNodes(roots).flatMap(({ name, edges }) =>
    edges
      .filter(({ child }) => child.name === 'gcc')
      .map(({ child, virtuals }) => `${name} ${virtuals.join(',')}=gcc@${child.versions[0]!.text}`),
  )

// app ─▶ lib, both in C; app also in C++
const twoLanguages: SmallRecipes = {
  gcc,
  app: { depends: [['lib'], ['c', '', ['build']], ['cxx', '', ['build']]] },
  lib: { depends: [['c', '', ['build']]] },
}

test('a compiler for one language is a condition on that language', async () => {
  const world = await smallWorld(twoLanguages, gccs('13.1', '12.1'))
  assert.equal(compilers(together(world, 'lib %c=gcc@12')), ['lib c=gcc@12.1'])
  assert.throws(() => together(world, 'lib %cxx=gcc@12'))
})

test('a conditional compiler counts where its condition holds of the node itself', async () => {
  const world = await smallWorld(twoLanguages, gccs('13.1', '12.1'))
  assert.equal(compilers(together(world, "lib %[when='%cxx'] gcc@12")), ['lib c=gcc@13.1'])
  assert.equal(compilers(together(world, "lib %[when='%c'] gcc@12")), ['lib c=gcc@12.1'])
  assert.equal(compilers(together(world, "app %[when='%cxx'] cxx=gcc@12")), ['app c,cxx=gcc@12.1', 'lib c=gcc@12.1'])
})

test('a propagated compiler is preferred below, and must be met at the top', async () => {
  const world = await smallWorld(twoLanguages, `${gccs('13.1', '12.1', '11.1')}  lib:\n    prefer: ['%gcc@13']\n`)
  assert.equal(compilers(together(world, 'app %gcc@12')), ['app c,cxx=gcc@12.1', 'lib c=gcc@13.1'])
  assert.equal(compilers(together(world, 'app %%gcc@12')), ['app c,cxx=gcc@12.1', 'lib c=gcc@12.1'])
  assert.equal(compilers(together(world, 'app %%c,cxx=gcc@12 ^lib %gcc@11')), ['app c,cxx=gcc@12.1', 'lib c=gcc@11.1'])
})

// app ─▶ lib@1 or @2
const library: SmallRecipes = {
  app: { depends: [['lib']] },
  tool: { depends: [['lib']] },
  lib: { versions: ['2.0', '1.0'], variants: { fast: false } },
}

test('a concrete spec that is asked for stays as it is, and others adapt to it', async () => {
  const small = await smallWorld(library)
  const [app] = together(small, 'app ^lib@1.0+fast')
  const world = withReusable(small.world, [app!])
  const [tool, again] = concretizeTogether(world, small.facts, [request('tool'), request(app!)]).roots
  assert.is(again!.concrete!.hash, app!.concrete!.hash)
  assert.equal(nodes([tool!]), ['lib@1.0+fast', 'tool@1.0'])
  assert.throws(() => concretizeTogether(world, small.facts, [request('tool ^lib@2'), request(app!)]))
})

test('rounds take as many requests as go together, and the next ones reuse what there is', async () => {
  const { world, facts } = await smallWorld(library)
  const roots = concretizeInRounds(world, facts, ['app ^lib@1.0', 'tool ^lib@2.0', 'lib@1.0'].map(request))
  assert.equal(nodes(roots), ['app@1.0', 'lib@1.0~fast', 'lib@2.0~fast', 'tool@1.0'])
  // The first round leaves lib@2.0 out: `+fast` was asked for, but not of it.
  const shared = concretizeInRounds(world, facts, ['lib@1.0+fast', 'lib@2.0', 'app ^lib@1.0'].map(request))
  assert.equal(nodes(shared), ['app@1.0', 'lib@1.0+fast', 'lib@2.0~fast'])
  assert.throws(() => concretizeInRounds(world, facts, ['lib@2.0', 'lib@3.0'].map(request)))
})

// app ─▶ lib where +deep
test('a root that could be reused is built where only so it has what is asked for below it', async () => {
  const { world, facts } = await smallWorld({
    app: { variants: { deep: false }, depends: [['lib', '+deep']] },
    lib: { depends: [['base']] },
    base: {},
  })
  const { roots } = concretizeTogether(world, facts, [request('app')])
  const reused = withReusable(world, roots)
  assert.equal(nodes(concretizeTogether(reused, facts, [request('app ^base')]).roots), [
    'app@1.0+deep',
    'base@1.0',
    'lib@1.0',
  ])
})

// app ─▶ bar where +x, app ─▶ lib, lib ─▶ mid where +y, mid ─▶ bar (or ─▶ mpi, which bar provides)
for (const needed of ['bar', 'mpi']) {
  test(`what is asked for below a root is brought in where that costs least, also by what depends on ${needed} further on`, async () => {
    const world = await smallWorld({
      app: { variants: { x: false }, depends: [['bar', '+x'], ['lib']] },
      lib: { variants: { y: false }, depends: [['mid', '+y']] },
      mid: { depends: [[needed]] },
      bar: { provides: ['mpi'] },
    })
    for (const asked of needed === 'bar' ? ['app ^bar'] : ['app ^bar', 'app ^[virtuals=mpi] bar'])
      assert.equal(nodes(together(world, asked)), ['app@1.0~x', 'bar@1.0', 'lib@1.0+y', 'mid@1.0'])
  })
}

test('a package that is developed is built from its folder wherever it is needed', async () => {
  const { world, facts } = await smallWorld(library)
  const developed = { ...world, developed: [parseSpec('lib@1.0+fast dev_path=/home/me/lib')] }
  const { roots } = concretizeTogether(developed, facts, [request('app')])
  assert.equal(nodes(roots), ['app@1.0', 'lib@1.0+fast dev_path=/home/me/lib'])
  const reused = withReusable(developed, concretizeTogether(world, facts, [request('app')]).roots)
  assert.equal(nodes(concretizeTogether(reused, facts, [request('app')]).roots), nodes(roots))
})

test.run()
