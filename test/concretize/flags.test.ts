import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { solveSmall } from '../support/small-answer.ts'
import { smallWorld } from '../support/small-world.ts'

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

test.run()
