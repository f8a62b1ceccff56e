// Manifests that are far too large and lead nowhere: told in bounded time and memory, and no longer than small ones.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withReusable } from '../../src/concretize/more-reusable.ts'
import { concretizeEnvironment, type Unify } from '../../src/environment/concretize.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { renderError } from '../../src/ui/error.ts'
import { rejection } from '../support/rejection.ts'
import { type SmallRecipes, smallWorld } from '../support/small-world.ts'

// app ─▶ lib
const recipes: SmallRecipes = {
  app: { depends: [['lib']] },
  lib: { versions: Array.from({ length: 100 }, (_, at) => `1.${at}`) },
}

/** The lines of the error, of which there must be few; a root stands on line 3 and each after it one further down. */
async function refusal(specs: readonly string[], unify: Unify, settings = ''): Promise<string[]> {
  const { world, facts } = await smallWorld(recipes, settings)
  const userSpecs = specs.map((text, at) => ({ spec: parseSpec(text), constraints: [], where: `spack.yaml:${at + 3}` }))
  const started = process.cpuUsage()
  const error = await rejection(
    concretizeEnvironment(
      { userSpecs, locked: undefined, included: new Map(), unify, tests: false },
      { facts, forRequests: (asked) => withReusable(world, asked) },
    ),
  )
  // The longest took 5 s and 450 MB where it was measured; of the processor's time, as others may be using it.
  assert.ok(process.cpuUsage(started).user < 40_000_000)
  assert.ok(process.resourceUsage().maxRSS < 1 << 20)
  const lines = renderError(error)
    .replaceAll(/\(\/\S*\/packages/g, '(packages')
    .split('\n')
  assert.ok(lines.length < 15, lines.join('\n'))
  return lines
}

const roots = (versions: number): string[] => Array.from({ length: 10_000 }, (_, at) => `app ^lib@1.${at % versions}`)

test('of 10,000 roots that exclude each other two are named', async () => {
  const lines = await refusal(roots(100), true)
  const named = lines.filter((line) => line.startsWith('  - you ask for `app ^lib@1.'))
  assert.is(named.length, 2)
  assert.is(new Set(named).size, 2)
})

for (const unify of [true, false, 'when_possible'] as const) {
  test(`of 10,000 roots some are impossible, unify: ${unify}: one is named`, async () => {
    const lines = await refusal(roots(101), unify)
    assert.is(lines[0], '==> Error: `app ^lib@1.100` cannot be concretized')
    assert.match(lines[2]!, 'there is no `lib@1.100`')
  })
}

test('of 1,000 requirements the two are named that exclude each other', async () => {
  const required = Array.from({ length: 1000 }, (_, at) => `    - '@1.${at % 100}:'\n`).join('')
  const lines = await refusal(['app'], true, `  lib:\n    require:\n${required}    - '@1.3'\n`)
  assert.equal(
    lines.filter((line) => line.includes('asks for')).map((line) => line.replace(/1\.\d+:.*/, '1.N:')),
    ['  - `packages:lib:require` asks for `@1.N:', '  - `packages:lib:require` asks for `@1.3` (packages.yaml:1004)'],
  )
})

test.run()
