// A package that is there twice: who takes which.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { criterionAt } from '../../src/concretize/criteria.ts'
import { solve } from '../../src/concretize/solve.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { type SmallRecipe, smallWorld } from '../support/small-world.ts'

test('the best of two copies is found in a few searches, however many may take either', async () => {
  // app ─▶ old ─build▶ cmake@1, app ─▶ new ─build▶ cmake@9, app ─▶ u0 … u59 ─build▶ cmake
  const users = Array.from({ length: 60 }, (_, at) => `u${at}`)
  const recipes: Record<string, SmallRecipe> = {
    app: { depends: ['old', ...users, 'new'].map((name) => [name]) },
    old: { depends: [['cmake@1', '', ['build']]] },
    new: { depends: [['cmake@9', '', ['build']]] },
    cmake: { versions: ['9.0', '8.0', '7.0', '6.0', '5.0', '4.0', '3.0', '2.0', '1.0'], tags: ['build-tools'] },
  }
  for (const name of users) recipes[name] = { depends: [['cmake', '', ['build']]] }
  const { world, facts } = await smallWorld(recipes)
  const request = { spec: parseSpec('app'), origin: { text: 'app', where: null } }
  const solution = solve(world, facts, [request], { tests: false })
  assert.is(solution.kind, 'solved')
  if (solution.kind !== 'solved') return
  const taken = solution.specs.filter(({ name }) => users.includes(name!)).map(({ edges }) => edges[0]!.child.versions)
  assert.is(taken.length, users.length)
  assert.ok(taken.every((versions) => JSON.stringify(versions).includes('9.0')))
  // 12 where it was measured; 28 when each search takes the first copy anew.
  assert.ok(solution.statistics.searches < 16, `${solution.statistics.searches} searches`)
})

// Spack counts the second copy's being better with the badness of versions on edges: `gromacs ^py-beautifulsoup4` has 1905.
for (const [own, built, cost] of [
  ['cmake@1', 'cmake@2', 2],
  ['cmake@2', 'cmake@1', 1],
] as const) {
  test(`with ${own} for itself and ${built} to build, edges cost ${cost}`, async () => {
    const { world, facts } = await smallWorld({
      app: { depends: [[own], ['user']] },
      user: { depends: [[built, '', ['build']]] },
      cmake: { versions: ['2.0', '1.0'], tags: ['build-tools'] },
    })
    const request = { spec: parseSpec('app'), origin: { text: 'app', where: null } }
    const solution = solve(world, facts, [request], { tests: false })
    assert.is(solution.kind === 'solved' && solution.costs[criterionAt('edgeVersions')], cost)
  })
}

test.run()
