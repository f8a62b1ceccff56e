// What becomes of an environment's lockfile: what is kept, what is concretized, in which order, by each way to unify.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withReusable } from '../../src/concretize/more-reusable.ts'
import {
  type ConcretizedEnvironment,
  concretizeEnvironment,
  type EnvironmentRequest,
} from '../../src/environment/concretize.ts'
import type { LockedSpecs } from '../../src/environment/lockfile.ts'
import { parseSpec } from '../../src/spec/parser.ts'
import { printSpec } from '../../src/spec/print.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { renderError, SpackError } from '../../src/ui/error.ts'
import { type SmallRecipes, smallWorld } from '../support/small-world.ts'

// app ─▶ lib, tool ─▶ lib; check is for tests of app; plugin+old ─▶ lib@1, suite ─▶ plugin, lib
const recipes: SmallRecipes = {
  app: { depends: [['lib'], ['check', '', ['test']]] },
  tool: { depends: [['lib']] },
  lib: { versions: ['2.0', '1.0'], variants: { fast: false } },
  check: {},
  plugin: { variants: { old: false }, depends: [['lib@1', '+old']] },
  suite: { depends: [['plugin'], ['lib']] },
}

type Options = Partial<Omit<EnvironmentRequest, 'userSpecs'>>

async function concretize(specs: readonly string[], options: Options = {}): Promise<ConcretizedEnvironment> {
  const { world, facts } = await smallWorld(recipes)
  return await concretizeEnvironment(
    {
      userSpecs: specs.map((text) => ({ spec: parseSpec(text), constraints: [], where: 'spack.yaml:3' })),
      ...{ locked: undefined, included: new Map(), unify: true, tests: false },
      ...options,
    },
    { facts, forRequests: (asked) => withReusable(world, asked) },
  )
}

const rootsOf = ({ roots, nodes }: LockedSpecs): string[] =>
  roots.map(({ spec, hash }) => `${spec} = ${nodes.get(hash)!.name}@${nodes.get(hash)!.version}`)
const nodesOf = ({ nodes }: LockedSpecs): string[] =>
  [...nodes.values()].map(({ name, version }) => `${name}@${version}`).sort()
const freshOf = ({ fresh }: ConcretizedEnvironment): string[] => fresh.map(({ asked }) => printSpec(asked))

test('unify: true is one graph, with roots in the order of the manifest, each once', async () => {
  const { lockfile, ...rest } = await concretize(['tool', 'app', 'lib@1', 'app'])
  assert.equal(rootsOf(lockfile), ['tool = tool@1.0', 'app = app@1.0', 'lib@1 = lib@1.0'])
  assert.equal(nodesOf(lockfile), ['app@1.0', 'lib@1.0', 'tool@1.0'])
  assert.equal(freshOf({ lockfile, ...rest }), ['tool', 'app', 'lib@1'])
})

test('unify: false is a graph a root, the kept ones first, and duplicates stay', async () => {
  const { lockfile } = await concretize(['lib@1', 'tool'], { unify: false })
  assert.equal(nodesOf(lockfile), ['lib@1.0', 'lib@2.0', 'tool@1.0'])
  const again = await concretize(['app', 'tool', 'app'], { unify: false, locked: lockfile })
  assert.equal(rootsOf(again.lockfile), ['tool = tool@1.0', 'app = app@1.0', 'app = app@1.0'])
  assert.equal(freshOf(again), ['app', 'app'])
})

test('unify: when_possible joins what goes together, and sorts the roots', async () => {
  const { lockfile } = await concretize(['tool ^lib@1', 'lib@2.0', 'app ^lib@1'], { unify: 'when_possible' })
  assert.equal(rootsOf(lockfile), ['app ^lib@1 = app@1.0', 'lib@2.0 = lib@2.0', 'tool ^lib@1 = tool@1.0'])
  assert.equal(nodesOf(lockfile), ['app@1.0', 'lib@1.0', 'lib@2.0', 'tool@1.0'])
})

test('what a request asks for is no default where the request is left to another round', async () => {
  const { lockfile } = await concretize(['plugin+old', 'suite ^lib@2', 'tool'], { unify: 'when_possible' })
  // Were `+old` a default for `suite`, the first would be met before it, and `tool` would get what goes with that.
  const tool = [...lockfile.nodes.values()].find(({ name }) => name === 'tool')!
  const children = tool.dependencies!.map(({ hash }) => lockfile.nodes.get(hash as DagHash)!)
  assert.ok(children.some(({ name, version }) => name === 'lib' && version === '2.0'))
})

test('what is concretized stays, and what is new goes with it', async () => {
  const old = await concretize(['app', 'lib@1+fast'])
  const next = await concretize(['app', 'lib@1+fast', 'tool'], { locked: old.lockfile })
  assert.equal(freshOf(next), ['tool'])
  assert.equal(nodesOf(next.lockfile), ['app@1.0', 'lib@1.0', 'tool@1.0'])
  assert.equal(
    [...old.lockfile.nodes.keys()].every((hash) => next.lockfile.nodes.has(hash)),
    true,
  )
  // Forced, the same manifest may have other answers.
  assert.equal(nodesOf((await concretize(['app', 'tool'])).lockfile), ['app@1.0', 'lib@2.0', 'tool@1.0'])
})

test('a root that is gone from the manifest goes from the lockfile, with what only it needed', async () => {
  const old = await concretize(['app', 'check'])
  const { lockfile, fresh } = await concretize(['check'], { locked: old.lockfile })
  assert.equal([rootsOf(lockfile), nodesOf(lockfile), fresh.length], [['check = check@1.0'], ['check@1.0'], 0])
})

test('a root is kept however its text was once written', async () => {
  const old = await concretize(['lib@1.0 +fast'])
  const [root] = old.lockfile.roots
  const locked = { ...old.lockfile, roots: [{ ...root!, spec: 'lib @1.0 +fast' }] }
  assert.equal((await concretize(['lib@1.0+fast'], { locked })).fresh.length, 0)
})

test('roots of included environments take part and are kept apart', async () => {
  const other = await concretize(['lib@1.0'])
  const { lockfile } = await concretize(['tool'], { included: new Map([['/other', other.lockfile]]) })
  assert.equal(rootsOf(lockfile), ['tool = tool@1.0'])
  assert.equal(nodesOf(lockfile), ['lib@1.0', 'tool@1.0'])
  assert.equal(rootsOf(lockfile.includeConcrete.get('/other')!), ['lib@1.0 = lib@1.0'])
})

test('test dependencies are those of all packages, or of some', async () => {
  const withCheck = ['app@1.0', 'check@1.0', 'lib@2.0']
  assert.equal(nodesOf((await concretize(['app'], { tests: true })).lockfile), withCheck)
  assert.equal(nodesOf((await concretize(['app'], { tests: new Set(['app']) })).lockfile), withCheck)
  assert.equal(nodesOf((await concretize(['app'], { tests: new Set(['lib']) })).lockfile), ['app@1.0', 'lib@2.0'])
})

test('what does not go together says what would help', async () => {
  const old = await concretize(['tool ^lib@1'])
  const attempt = concretize(['tool ^lib@1', 'app ^lib@2'], { locked: old.lockfile })
  const error = await attempt.then(
    () => undefined,
    (reason) => reason,
  )
  assert.instance(error, SpackError)
  assert.equal(renderError(error).split('\n'), [
    '==> Error: `app ^lib@2` and `tool ^lib@1` cannot be concretized together',
    '  - you ask for `app ^lib@2` (spack.yaml:3)',
    '  - `tool ^lib@1` is concretized already, as `/7hg5q34` (spack.yaml:3)',
    '  so `lib` would have to be both `@2` and `@=1.0`, and one graph has one `lib`',
    '',
    'hint: with `spack concretize --force` what is concretized already may change',
    '      drop `@2` from `app ^lib@2` at spack.yaml:3',
    '      let them be separate graphs: `spack config add concretizer:unify:when_possible`',
  ])
})

test.run()
