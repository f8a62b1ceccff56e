// Values of variants that are passed on (`++shared`).

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { solveSmall } from '../support/small-answer.ts'
import { smallWorld } from '../support/small-world.ts'

// app ─▶ lib ─▶ base, app ─▶ tool to build with. `lib` has no variants, `base` other modes than `app`.
const world = smallWorld({
  app: { variants: { shared: false, mode: ['fast', 'safe'] }, depends: [['lib'], ['tool', '', ['build']]] },
  lib: { depends: [['base']] },
  base: { variants: { shared: false, mode: ['slow', 'safe'], parts: { several: ['a', 'b'] } } },
  tool: { variants: { shared: false } },
})
const answer = async (...requests: readonly string[]) => solveSmall(await world, requests)?.map(({ text }) => text)

test('everything below that has the variant takes the value', async () => {
  const expected = ['app@1.0+shared mode=fast', 'base@1.0+shared mode=slow parts:=a', 'lib@1.0', 'tool@1.0+shared']
  assert.equal(await answer('app++shared'), expected)
})

test('a value that is not possible below is left out', async () => {
  assert.ok((await answer('app mode==fast'))!.includes('base@1.0~shared mode=slow parts:=a'))
  assert.ok((await answer('app mode==safe'))!.includes('base@1.0~shared mode=safe parts:=a'))
})

test('a node below the root passes values on, also one that does not have the variant', async () => {
  const nodes = (await answer('app ^lib++shared'))!
  assert.ok(nodes.includes('base@1.0+shared mode=slow parts:=a'))
  assert.ok(nodes.includes('tool@1.0~shared'))
})

test('of several values only those passed on are there', async () => {
  assert.ok((await answer('app parts==b'))!.includes('base@1.0~shared mode=slow parts:=b'))
  assert.ok((await answer('app parts==b ^base parts=a'))!.includes('base@1.0~shared mode=slow parts:=a,b'))
})

test('what is passed on contradicts other values that are asked for or passed on', async () => {
  assert.is(await answer('app++shared ^base~shared'), undefined)
  assert.is(await answer('app mode==fast ^base mode=safe'), undefined)
  assert.is(await answer('app++shared ^lib~~shared'), undefined)
})

test.run()
