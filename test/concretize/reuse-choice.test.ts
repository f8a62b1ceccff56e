// Which of what may be reused is, and when something is built instead.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { concretizeTogether } from '../../src/concretize/concretize.ts'
import { withReusable } from '../../src/concretize/more-reusable.ts'
import { writeNode } from '../../src/spec/node.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import type { Spec } from '../../src/spec/spec.ts'
import { solveSmall } from '../support/small-answer.ts'
import { gcc, gccs, type SmallWorld, smallWorld } from '../support/small-world.ts'

/** A world in which what some requests lead to is there already. */
function withInstalled({ world, facts, configuration }: SmallWorld, ...installed: readonly string[]): SmallWorld {
  return {
    world: withReusable(
      world,
      installed.map((text) => rootOf(world, facts, text)),
    ),
    facts,
    configuration,
  }
}

const rootOf = (world: SmallWorld['world'], facts: SmallWorld['facts'], text: string): Spec =>
  concretizeTogether(world, facts, [{ spec: parseSpec(text), origin: { text, where: null } }]).roots[0]!

const answer = (small: SmallWorld, request: string) =>
  solveSmall(small, [request])?.map(({ text, children }) => [text, ...children].join(' '))

test('what does not have the flags that are asked for is built', async () => {
  const world = await smallWorld({ app: {} })
  assert.equal(answer(withInstalled(world, 'app'), 'app cflags="-O3"'), [`app@1.0 cflags=-O3`])
  assert.equal(answer(withInstalled(world, 'app cflags="-g -O3"'), 'app cflags="-O3"'), [`app@1.0 cflags='-g -O3'`])
})

test('what is built where a compiler is asked for as provider of a language is not reused', async () => {
  const c = ['c', '', ['build']] as const
  const world = await smallWorld(
    { gcc, app: { depends: [['lib'], c] }, lib: { versions: ['2.0', '1.0'], depends: [c] } },
    gccs('13.1'),
  )
  const lib = (request: string) =>
    answer(withInstalled(world, 'lib@1.0'), request)!.find((line) => line.startsWith('lib'))
  assert.is(lib('app'), 'lib@1.0 gcc=c')
  assert.is(lib('app ^lib %gcc'), 'lib@1.0 gcc=c')
  assert.is(lib('app ^lib %c=gcc'), 'lib@2.0 gcc=c')
})

test('what does not have the flags that are passed on to it is built', async () => {
  const world = await smallWorld({ app: { depends: [['lib']] }, lib: {} })
  const passed = ['app@1.0 cflags=-g lib', 'lib@1.0 cflags=-g']
  assert.equal(answer(withInstalled(world, 'lib'), 'app cflags==-g'), passed)
  assert.equal(answer(withInstalled(world, 'lib cflags="-g -O1"'), 'app cflags==-g'), [
    passed[0],
    `lib@1.0 cflags='-g -O1'`,
  ])
})

test('what is built has no patches of what was looked at to be reused', async () => {
  const world = await smallWorld({
    app: { depends: [['lib'], ['tool']] },
    lib: { versions: ['2.0', '1.0'] },
    tool: { variants: { new: true }, depends: [['lib@2', '+new']] },
  })
  const installed = withInstalled(world, 'lib@1.0 patches=abc')
  assert.equal(answer(installed, 'app ^tool~new'), ['app@1.0 lib tool', 'lib@1.0 patches:=abc', 'tool@1.0~new'])
  assert.equal(answer(installed, 'app'), ['app@1.0 lib tool', 'lib@2.0', 'tool@1.0+new lib'])
})

test('a virtual has one provider, also for what is reused', async () => {
  // app ─▶ lib ─▶ mpi ◀─ app
  const world = await smallWorld({
    app: { depends: [['lib'], ['mpi']] },
    lib: { depends: [['mpi']] },
    mpich: { provides: ['mpi'] },
    openmpi: { provides: ['mpi'] },
  })
  const expected = ['app@1.0 lib openmpi=mpi', 'lib@1.0 openmpi=mpi', 'openmpi@1.0']
  assert.equal(answer(withInstalled(world, 'lib ^mpich'), 'app ^openmpi'), expected)
})

test('the best of what is reused is found for a virtual that is mentioned, too', async () => {
  const world = await smallWorld({
    app: { versions: ['2.0', '1.0'], variants: { mpi: false }, depends: [['mpi', '+mpi']] },
    mpich: { provides: ['mpi'] },
  })
  const installed = withInstalled(world, 'app@1.0+mpi', 'app@2.0+mpi')
  assert.equal(answer(installed, 'app ^mpi'), ['app@2.0+mpi mpich=mpi', 'mpich@1.0'])
})

test('of equal specs that is reused which was built by a compiler that is used anyway', async () => {
  const c = ['c', '', ['build']] as const
  const world = await smallWorld({ gcc, app: { depends: [['lib'], c] }, lib: { depends: [c] } }, gccs('13.1', '12.1'))
  const { world: both, facts } = withInstalled(world, 'lib %gcc@12', 'lib %gcc@13')
  for (const own of ['12.1', '13.1']) {
    const lib = rootOf(both, facts, `app %gcc@${own}`).edges.find(({ child }) => child.name === 'lib')!.child
    assert.is(lib.edges[0]!.child.versions[0]!.text, own)
  }
})

test('what is reused so far is built where only so it has the copy of a package that is mentioned', async () => {
  const world = await smallWorld({
    app: { depends: [['cmake', '', ['build']]] },
    cmake: { variants: { fast: false }, tags: ['build-tools'] },
  })
  assert.equal(answer(withInstalled(world, 'app'), 'app ^cmake+fast'), ['app@1.0 cmake', 'cmake@1.0+fast'])
})

test('words in the spec of an external are lists in its node, since Spack hashes them so', async () => {
  const { world, facts } = await smallWorld(
    { app: { variants: { mode: ['fast', 'safe'], fast: true, level: ['1', '2'] } } },
    `  app: {externals: [{spec: app@1.0 mode=safe, prefix: /opt}], buildable: false}`,
  )
  const parameters = writeNode(rootOf(world, facts, 'app mode=safe')).parameters as Record<string, unknown>
  assert.equal([parameters.mode, parameters.fast, parameters.level], [['safe'], true, '1'])
})

test.run()
