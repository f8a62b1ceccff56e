// `spack why`, of a spec and in an environment:
//
//   program ─▶ base ◀─ plain        program needs C: gcc 12.2.0, an external, with its runtime and C library

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { concretizerWorld } from '../support/concretizer-world.ts'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'

const { home, environ } = concretizerWorld()
const folder = join(home, 'environment')
mkdirSync(folder)
const manifest = (...specs: string[]) =>
  writeFileSync(join(folder, 'spack.yaml'), `spack:\n  specs:\n${specs.map((spec) => `  - ${spec}\n`).join('')}`)
const run = (...words: string[]) => runCommand(home, words, { environ })
const runIn = (...words: string[]) => runCommand(home, words, { environ, environmentDir: folder })
const lines = (text: string) => text.replaceAll(`${folder}/`, '').trimEnd().split('\n')

test('a spec is concretized, and what is asked about is told', async () => {
  assert.equal(lines((await run('why', 'program', 'base')).stdout).slice(0, 5), [
    '`base@2.0` is there because',
    '  - you ask for `program`',
    '  - `program` depends on `base`, to build and to link',
    'version 2.0',
    '  - it is the newest that its recipe offers',
  ])
  const { stdout } = await run('why', 'program', 'base@1')
  assert.equal(lines(stdout), [
    '`base@1` would mean',
    '  - `base` has `@1.0` instead of `@2.0`',
    '  at the cost of',
    '    1 more step to an older version',
  ])
})

test('a compiler that there is not is said to be missing', async () => {
  assert.match(
    (await run('why', 'program', '%gcc@13')).stdout,
    /^`program %gcc@13` is impossible\n[\s\S]*compiler `gcc@13`/,
  )
})

test('in an environment the manifest and the lockfile are explained', async () => {
  manifest('plain', 'program ^base@1')
  const before = lines((await runIn('why', 'plain', 'base')).stdout)
  assert.ok(
    before.includes('  - you ask for `program ^base@1`, which leaves out `2.0` (spack.yaml:4)'),
    before.join('\n'),
  )
  assert.is((await runIn('concretize')).code, 0)
  assert.equal(lines((await runIn('why', 'plain', 'base')).stdout), before)
  assert.match(
    (await runIn('why', 'plain', 'base@2')).stdout,
    /^`base@2` is impossible\n[\s\S]*`program \^base@1` \([^)]*spack\.yaml:4\)/,
  )
  await rejection(runIn('why', 'base'), 'no-match')
})

test('one of several roots of a package is named as it stands in the manifest', async () => {
  manifest('plain', 'plain+loud')
  await rejection(runIn('why', 'plain~loud'), 'ambiguous')
})

test('scripts get the same as JSON', async () => {
  const { reasons } = JSON.parse((await run('why', '--json', 'plain', 'base')).stdout)
  assert.is(reasons[0].subject, 'base@2.0')
  assert.equal(
    reasons[0].chains[0].map(({ role }: { role: string }) => role),
    ['request', 'recipe'],
  )
})

test('a root is needed', async () => {
  await rejection(run('why'), 'usage')
})

test.run()
