// Which compiler a node takes where several can be had.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { solveSmall } from '../support/small-answer.ts'
import { type SmallRecipes, smallWorld } from '../support/small-world.ts'

const build = ['build'] as const

// app ─▶ lib: app in C and Fortran, lib in C. Only gcc has Fortran.
const recipes: SmallRecipes = {
  app: { depends: [['lib'], ['c', '', build], ['fortran', '', build]] },
  lib: { depends: [['c', '', build]] },
  gcc: { provides: ['c', 'cxx', 'fortran'], tags: ['compiler', 'build-tools'] },
  llvm: { provides: ['c', 'cxx'], tags: ['compiler', 'build-tools'] },
}
const both =
  '  gcc: {externals: [{spec: gcc@1.0, prefix: /gcc}]}\n  llvm: {externals: [{spec: llvm@1.0, prefix: /llvm}]}\n'
const children = async (request: string, settings = '') =>
  solveSmall(await smallWorld(recipes, both + settings), [request])?.map(({ text, children }) => `${text} ${children}`)

test('a compiler that a node takes one language from gives nobody another that the node takes elsewhere', async () => {
  assert.equal((await children('app %c=llvm %fortran=gcc'))!.slice(0, 2), [
    'app@1.0 gcc=fortran,lib,llvm=c',
    'gcc@1.0 ',
  ])
  assert.ok((await children('app %c=llvm %fortran=gcc'))!.includes('lib@1.0 llvm=c'))
})

test('all take a language from one compiler where something that may be linked depends on it to run', async () => {
  const mixed = ['app %c=llvm ^lib %c=gcc']
  const plain: SmallRecipes = { ...recipes, app: { depends: [['lib'], ['c', '', build]] } }
  const viewer = (types: readonly ('build' | 'run')[], options: readonly ('build' | 'link')[] = ['link']) => ({
    ...plain,
    lib: {
      variants: { gui: false },
      depends: [
        ['c', '', build],
        ['viewer', '+gui', options],
      ],
    } as const,
    viewer: { depends: [['c', '', types]] } as const,
  })
  const answer = async (world: SmallRecipes) => solveSmall(await smallWorld(world, both), mixed)
  assert.ok(await answer(plain))
  assert.ok(await answer(viewer(['build'])))
  // That no viewer is in the answer is no matter; that none may be linked is.
  assert.is(await answer(viewer(['build', 'run'])), undefined)
  assert.ok(await answer(viewer(['build', 'run'], ['build'])))
})

test('of each virtual that may be linked there is one provider, however many of any there may be', async () => {
  const { world, facts, configuration } = await smallWorld({
    app: { depends: [['m'], ['a'], ['b']] },
    a: { depends: [['n']], conflicts: [['^n1']] },
    b: { depends: [['n']], conflicts: [['^n2']] },
    m1: { provides: ['m'] },
    n1: { provides: ['n'] },
    n2: { provides: ['n'] },
  })
  const duplicates = { strategy: 'minimal', maxDupes: new Map(), defaultMaxDupes: 2 } as const
  const settings = { ...world.settings, duplicates }
  assert.is(solveSmall({ world: { ...world, settings }, facts, configuration }, ['app']), undefined)
  assert.ok(solveSmall({ world: { ...world, settings }, facts, configuration }, ['a']))
})

test('what nobody asks of is built by the preferred compiler', async () => {
  assert.ok((await children('app ^lib %llvm'))!.includes('app@1.0 gcc=c=fortran,lib'))
  assert.ok((await children('lib'))!.includes('lib@1.0 gcc=c'))
})

test('a conflict with a compiler forbids nothing, as in Spack', async () => {
  assert.ok((await children('app', `  lib: {conflict: ['%gcc']}\n`))!.includes('lib@1.0 gcc=c'))
})

test('what is required of all packages about compilers is not of those that compile nothing', async () => {
  const world = await smallWorld(
    { ...recipes, page: { depends: [['lib']] } },
    `${both}  all: {require: ['%llvm@1.0', '^nowhere']}\n`,
  )
  assert.equal(
    solveSmall(world, ['page'])!.map(({ text, children }) => `${text} ${children}`),
    ['lib@1.0 llvm=c', 'llvm@1.0 ', 'page@1.0 lib'],
  )
})

test('a dependency on itself that is preferred of all packages holds', async () => {
  // m1 is the preferred provider of m, and stays so.
  const small = {
    app: { depends: [['m']] },
    m1: { provides: ['m'] },
    m2: { provides: ['m'] },
  } as const
  const settings = `  all: {prefer: ['^m1'], providers: {m: [m1, m2]}}\n`
  assert.equal(
    solveSmall(await smallWorld(small, settings), ['app'])!.map(({ text }) => text),
    ['app@1.0', 'm1@1.0'],
  )
  assert.equal(solveSmall(await smallWorld(small, `  m1: {require: '^m1@1:'}\n`), ['m1'])!.length, 1)
})

test('a compiler is built by the preferred compiler, also by one of its own package', async () => {
  const gcc = { versions: ['2.0', '1.0'], depends: [['c', '', build]], ...recipes.gcc } as const
  const world = await smallWorld({ ...recipes, gcc }, both)
  assert.equal(
    solveSmall(world, ['gcc@2.0'])!.map(({ text, children }) => `${text} ${children}`),
    ['gcc@1.0 ', 'gcc@2.0 gcc=c'],
  )
})

test.run()
