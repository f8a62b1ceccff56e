// What is looked at only when it matters is what there is: a search that encodes a random small world little by little finds
// an answer exactly when there is one in all of it.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findContradiction } from '../../src/concretize/contradiction.ts'
import { encodeRoots, growWorld } from '../../src/concretize/growth.ts'
import type { Request } from '../../src/concretize/requests.ts'
import { openSearch, solve } from '../../src/concretize/solve.ts'
import type { World } from '../../src/concretize/world.ts'
import { randomFrom } from '../support/random.ts'
import { manifest, type RecipeLines, worldOfLines } from '../support/recipe-lines.ts'

const packages = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6']
const virtuals = ['v0', 'v1']
const options = { tests: false }

type Random = (below: number) => number
const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random(items.length)]!
const times = <Item>(count: number, make: () => Item): Item[] => Array.from({ length: count }, make)

/** A constraint on a node: `@1+x`, now and then none. */
const constraintText = (random: Random): string =>
  `${pick(random, ['', '', '', '@1', '@2'])}${pick(random, ['', '', '+x', '~x', '+s'])}`

const condition = (random: Random): string => {
  const text = constraintText(random)
  return text && random(3) ? ` when ${text}` : ''
}

/** Mostly of a later package, so that cycles are few. */
function dependency(random: Random, at: number): string {
  const later = packages.slice(at + 1)
  const name = random(4) === 0 ? pick(random, virtuals) : pick(random, random(8) && later.length ? later : packages)
  const asked = virtuals.includes(name) ? '' : constraintText(random)
  return `${name}${asked}${condition(random)}${pick(random, ['', '', ' as build', ' as run'])}`
}

function recipe(random: Random, at: number): RecipeLines {
  const conflict = () => `${pick(random, ['+x', '~x', '~s', '@2'])}${condition(random)}`
  return {
    versions: pick(random, ['1', '2 1', '2 1']),
    variants: [pick(random, ['+x', '~x']), '~s sticky'],
    depends: times(random(4), () => dependency(random, at)),
    conflicts: times(random(5) ? 0 : 1, conflict),
    provides: random(3) ? [] : [`${pick(random, virtuals)}${condition(random)}`],
  }
}

function requestText(random: Random): string {
  const below = new Set(times(pick(random, [0, 0, 1, 1, 2]), () => pick(random, packages)))
  const mentions = [...below].map((name) => ` ^${name}${constraintText(random)}`)
  return `${pick(random, packages.slice(0, 4))}${constraintText(random)}${mentions.join('')}`
}

/** Whether there is an answer when all that is possible is known from the start. */
function isPossible(world: World, requests: readonly Request[]): boolean {
  const { encoding } = openSearch(world, requests, options)
  encoding.follow(() => true)
  encodeRoots(encoding)
  while (growWorld(encoding, [{}]));
  for (;;) {
    const closed = encoding.formula.closedWorld()
    const verdict = encoding.solver.solve(closed)
    if (encoding.formula.closedWorld().join() === closed.join() && !growWorld(encoding, [{}]))
      return verdict === 'satisfiable'
  }
}

test('what is looked at little by little has an answer when all of it has one', async () => {
  const counts = { solved: 0, unsatisfiable: 0 }
  for (let seed = 0; seed < 250; seed++) {
    const random = randomFrom(`growth ${seed}`)
    const lines = Object.fromEntries(packages.map((name, at) => [name, recipe(random, at)]))
    for (const name of virtuals) lines[`${name}-of`] = { provides: [name] }
    const { world, facts } = await worldOfLines(lines)
    const texts = times(pick(random, [1, 1, 2]), () => requestText(random))
    const requests = manifest(...texts)
    const { kind } = solve(world, facts, requests, options)
    counts[kind]++
    const shown = `${seed}: ${JSON.stringify({ texts, lines }, undefined, 1)}`
    assert.is(kind === 'solved', isPossible(world, requests), shown)
    if (kind === 'unsatisfiable') assert.ok(findContradiction(world, requests, options).length, shown)
  }
  assert.ok(counts.solved > 50 && counts.unsatisfiable > 50, JSON.stringify(counts))
})

test.run()
