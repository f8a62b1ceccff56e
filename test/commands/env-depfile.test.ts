// `spack env depfile` beyond what the kit's cases say: where it writes, and what it refuses.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hashOf, nodesOf } from '../support/depfile.ts'
import { type CommandOutcome, runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { tinyLockfile } from '../support/tiny-cache.ts'

const test = suite('env depfile')

interface World {
  dir: string
  depfile: (...words: string[]) => Promise<CommandOutcome>
}

function makeWorld(): World {
  const home = scratch()
  const dir = join(home, 'env')
  mkdirSync(dir)
  writeFileSync(join(dir, 'spack.yaml'), '{spack: {specs: [app]}}')
  const nodes = [...nodesOf({ app: ['lib'], lib: [] })].map(([hash, node]) => ({ ...node, hash, namespace: 'tiny' }))
  const byName = new Map(nodes.map((node) => [node.name, node]))
  writeFileSync(join(dir, 'spack.lock'), tinyLockfile([byName.get('app')!], byName))
  return {
    dir,
    depfile: (...words) => runCommand(home, ['env', 'depfile', ...words], { environment: dir, cwd: dir }),
  }
}

test('to stdout, or whole into a file', async () => {
  const { dir, depfile } = makeWorld()
  const printed = await depfile()
  assert.match(printed.stdout, `SPACK_PACKAGE_IDS := app-1.0-${hashOf('app')} lib-1.0-${hashOf('lib')}\n`)
  const written = await depfile('-o', 'Makefile')
  assert.is(written.stdout, '')
  assert.is(readFileSync(join(dir, 'Makefile'), 'utf8'), printed.stdout)
  assert.equal(readdirSync(dir).sort(), ['Makefile', 'spack.lock', 'spack.yaml'])
})

test('installers are connected to the jobserver, unless that is turned off', async () => {
  const { depfile } = makeWorld()
  const connected = /\$\(if \$\(spack-\w+\/idle\),,\+\)/
  assert.match((await depfile()).stdout, connected)
  assert.not.match((await depfile('--make-disable-jobserver')).stdout, connected)
})

test('a link to the file stays one, and what is no file is written to', async () => {
  const { dir, depfile } = makeWorld()
  writeFileSync(join(dir, 'real.mk'), 'old')
  symlinkSync('real.mk', join(dir, 'link.mk'))
  await depfile('-o', 'link.mk')
  assert.match(readFileSync(join(dir, 'real.mk'), 'utf8'), /^# Installs the environment/)
  assert.is((await depfile('-o', '/dev/null')).code, 0)
})

test('what is refused leaves nothing behind', async () => {
  const { dir, depfile } = makeWorld()
  await rejection(depfile('-o', 'no/such/folder/x'), 'unwritable')
  await rejection(depfile('--make-prefix', 'a=b', '-o', 'x'), 'depfile-name')
  await rejection(depfile('--use-buildcache', 'maybe', '-o', 'x'), 'usage')
  await rejection(depfile('app@', '-o', 'x'), 'spec-syntax')
  assert.not.ok(existsSync(join(dir, 'x')))
})

test('an environment that is not concretized has no depfile, not even an empty one', async () => {
  const { dir, depfile } = makeWorld()
  rmSync(join(dir, 'spack.lock'))
  const error = await rejection(depfile(), 'not-concretized')
  assert.match(error.hint!, /spack concretize/)
})

test('a filter that matches nothing gives a depfile that does nothing, and says so', async () => {
  const { depfile } = makeWorld()
  const outcome = await depfile('nosuch')
  assert.is(outcome.code, 0)
  assert.match(outcome.stderr, /no spec of the environment `[^`]+` matches `nosuch`/)
  assert.match(outcome.stdout, /^all: /m)
})

test('without an environment there is nothing to write', async () => {
  await rejection(runCommand(scratch(), ['env', 'depfile']), 'no-environment')
})

test.run()
