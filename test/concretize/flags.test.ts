import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { solveSmall } from '../support/small-answer.ts'
import { gcc, gccs, type SmallRecipes, smallWorld } from '../support/small-world.ts'

// top ─▶ x, b, base; x, b ─▶ base: each asks base for flags of its own
test('flags of dependents come in the order in which dependents are found from below, by name', async () => {
  const world = await smallWorld({
    top: { depends: [['x'], ['b'], ['base cflags="-top"']] },
    b: { depends: [['base cflags="-b1 -b2"']] },
    x: { depends: [['base cflags="-x"']] },
    base: {},
  })
  const base = (request: string) => solveSmall(world, [request])!.find(({ text }) => text.startsWith('base'))!.text
  assert.is(base('top'), `base@1.0 cflags='-top -b1 -b2 -x'`)
  assert.is(base('top ^base cflags="-cli"'), `base@1.0 cflags='-top -b1 -b2 -x -cli'`)
})

test('flags of requirements are given to what is built, and may be left out where there is a choice', async () => {
  const flags = async (settings: string) =>
    solveSmall(await smallWorld({ app: {} }, settings), ['app'])?.map(({ text }) => text)
  assert.equal(await flags(`  app: {require: 'cflags=-g'}`), ['app@1.0 cflags=-g'])
  assert.equal(await flags(`  app: {prefer: ['cflags=-g']}`), ['app@1.0 cflags=-g'])
  assert.equal(await flags(`  app: {conflict: ['cflags=-g']}`), ['app@1.0'])
  assert.is(
    await flags(`  app: {require: 'cflags=-g', externals: [{spec: app@1.0, prefix: /opt}], buildable: false}`),
    undefined,
  )
})

// top ─▶ left, right ─▶ base, all compiled by nothing
const square: SmallRecipes = {
  top: { depends: [['left'], ['right']] },
  left: { depends: [['base']] },
  right: { depends: [['base']] },
  base: {},
}

test('two requests that give flags of a kind to one node give it the same', async () => {
  const world = await smallWorld(square)
  const base = (...requests: string[]) => solveSmall(world, requests)?.find(({ text }) => text.startsWith('base'))?.text
  assert.is(base('left ^base cflags=-g', 'right ^base cflags=-g'), 'base@1.0 cflags=-g')
  assert.is(base('left ^base cflags=-g', 'right ^base cflags=-O2'), undefined)
})

test('flags of a kind that two packages pass on to a node must be the same', async () => {
  const world = await smallWorld(square)
  const base = (...requests: string[]) => solveSmall(world, requests)?.find(({ text }) => text.startsWith('base'))?.text
  assert.is(base('left cflags==-g', 'right cflags==-g'), 'base@1.0 cflags=-g')
  assert.is(base('left cflags==-g', 'right cflags==-O2'), undefined)
  assert.is(base('left cflags==-g', 'right cxxflags==-O2'), 'base@1.0 cflags=-g cxxflags=-O2')
})

test('different flags are passed on past each other by copies of a compiler', async () => {
  const c = ['c', '', ['build']] as const
  const world = await smallWorld(
    { gcc, top: { depends: [['mid'], c] }, mid: { depends: [['base'], c] }, base: { depends: [c] } },
    gccs('13.1'),
  )
  const texts = solveSmall(world, ['top cflags==-g ^mid cflags==-O2'])!.map(({ text }) => text)
  assert.ok(texts.includes('top@1.0 cflags=-g') && texts.includes('mid@1.0 cflags=-O2'))
  assert.not.ok(texts.some((text) => text.startsWith('base') && text.includes('-g') && text.includes('-O2')))
})

test('no requirement is met by flags or values that are passed on, as nothing has them before they are given', async () => {
  const flags = async (settings: string) =>
    solveSmall(await smallWorld({ app: { variants: { shared: true } } }, settings), ['app'])?.map(({ text }) => text)
  assert.is(await flags(`  app: {require: 'cflags==-g'}`), undefined)
  assert.is(await flags(`  app: {require: '++shared'}`), undefined)
  assert.equal(await flags(`  app: {prefer: ['~~shared']}`), ['app@1.0+shared'])
  assert.equal(await flags(`  app: {prefer: ['cflags==-g']}`), ['app@1.0+shared'])
})

test.run()
