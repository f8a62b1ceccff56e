// What is looked at only when it matters is what there is: a search that encodes a random small world little by little finds
// the best answer in all of it, or none exactly when there is none.

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

/** What the best answer costs when all that is possible is known from the start; undefined when there is none. */
function bestCosts(world: World, requests: readonly Request[]): readonly number[] | undefined {
  const { encoding } = openSearch(world, requests, options)
  const growAll = () => {
    let hasGrown = encoding.follow(() => true)
    while (growWorld(encoding, [{}])) hasGrown = true
    return hasGrown
  }
  encodeRoots(encoding)
  growAll()
  encoding.chargeAll()
  const assumptions = () => encoding.formula.closedWorld()
  const found = encoding.optimizer.minimize({ assumptions, doubt: growAll })
  return found.kind === 'model' ? found.costs : undefined
}

test('what is looked at little by little has the best answer of all of it', async () => {
  const counts = { solved: 0, unsatisfiable: 0 }
  for (let seed = 0; seed < 250; seed++) {
    const random = randomFrom(`growth ${seed}`)
    const lines = Object.fromEntries(packages.map((name, at) => [name, recipe(random, at)]))
    for (const name of virtuals) lines[`${name}-of`] = { provides: [name] }
    const { world, facts } = await worldOfLines(lines)
    const texts = times(pick(random, [1, 1, 2]), () => requestText(random))
    const requests = manifest(...texts)
    const found = solve(world, facts, requests, options)
    counts[found.kind]++
    const shown = `${seed}: ${JSON.stringify({ texts, lines }, undefined, 1)}`
    assert.equal(found.kind === 'solved' ? found.costs : undefined, bestCosts(world, requests), shown)
    if (found.kind === 'unsatisfiable') assert.ok(findContradiction(world, requests, options).length, shown)
  }
  assert.ok(counts.solved > 50 && counts.unsatisfiable > 50, JSON.stringify(counts))
})

/** One of many packages that depend on later ones, mostly where values are not the defaults. */
function windingRecipe(random: Random, later: readonly string[]): RecipeLines {
  const values = () => pick(random, ['+x', '~x', '+y', '~y', '+x+y', '@1', '@2', '@1+x', '+x~y'])
  const dependency = () => {
    const name = random(30) === 0 ? 'missing' : later.length && random(5) ? pick(random, later) : pick(random, virtuals)
    const asked = virtuals.includes(name) || random(3) ? '' : values()
    return `${name}${asked}${random(4) ? ` when ${values()}` : ''}${pick(random, ['', '', '', ' as build', ' as run'])}`
  }
  return {
    versions: pick(random, ['1', '2 1', '3 2 1']),
    variants: [pick(random, ['+x', '~x', '~x sticky']), pick(random, ['+y', '~y', '~y', '+y when @1'])],
    depends: times(1 + random(4), dependency),
    conflicts: times(random(4) ? 0 : 1, values),
    requires: times(random(4) ? 0 : 1, () => `${values()} when ${values()}`),
    provides: random(3) ? [] : [`${pick(random, virtuals)}${random(2) ? '' : ` when ${values()}`}`],
  }
}

test('of many ways to what is mentioned the best is found', async () => {
  const names = Array.from({ length: 12 }, (_, at) => `p${at}`)
  let solved = 0
  // In the last one something is imposed under a condition that the search does not come upon by itself.
  for (const seed of [...Array(300).keys(), 1366]) {
    const random = randomFrom(`ways ${seed}`)
    const lines = Object.fromEntries(
      names.map((name, at) => [name, windingRecipe(random, names.slice(at + 1, at + 6))]),
    )
    for (const name of virtuals) lines[`${name}-of`] = { provides: [name] }
    const { world, facts } = await worldOfLines(lines)
    const mention = () => ` ^${pick(random, names.slice(4))}${pick(random, ['', '', '+x', '~y', '@1'])}`
    const texts = [`p0${[...new Set(times(pick(random, [1, 1, 2]), mention))].join('')}`]
    const requests = manifest(...texts)
    const found = solve(world, facts, requests, options)
    if (found.kind === 'solved') solved++
    const shown = `${seed}: ${JSON.stringify({ texts, lines }, undefined, 1)}`
    assert.equal(found.kind === 'solved' ? found.costs : undefined, bestCosts(world, requests), shown)
  }
  assert.ok(solved > 50, String(solved))
})

test.run()
