// `spack install` as a user runs it, on a small build cache of its own.

import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeInstallWorld, packageNames, prefixIn } from '../support/install-world.ts'
import { runSpack } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('install')

test('an environment: the plan, a line a spec, a summary; and nothing to do the second time', async () => {
  const w = await makeInstallWorld()
  const first = w.install('-j2')
  assert.is(first.code, 0, first.stderr)
  assert.equal(w.installed(), packageNames)
  const lines = first.stdout.trimEnd().split('\n')
  assert.is(lines[0], `==> 4 specs in the environment ${w.environment}: 0 installed, 0 external, 4 to install`)
  assert.match(lines[1]!, /^\[1\/4\] lib@1\.0 \/\w{7} from cache tiny/)
  assert.is(lines.length, 6)
  assert.match(lines[5]!, /^==> 4 specs installed in [\d.]+ s$/)
  const second = w.install()
  assert.match(second.stdout, /4 installed, 0 external, 0 to install\n==> everything is installed\n$/)
  assert.is(second.stderr, '')
  const found = w.spack('find', '--format', '{name}')
  assert.equal(found.stdout.trim().split('\n').sort(), packageNames)
})

test('one spec with what it needs, only what it needs, or only itself', async () => {
  const w = await makeInstallWorld()
  assert.is(w.install('--only', 'dependencies', 'app').code, 0)
  assert.equal(w.installed(), ['lib', 'mid'])
  assert.is(w.install('--only', 'package', 'side').code, 0)
  assert.equal(w.installed(), ['lib', 'mid', 'side'])
  assert.is(w.install(`/${w.cache.hashOf('app').slice(0, 6)}`).code, 0)
  assert.equal(w.installed(), packageNames)
})

test('one spec by its whole hash, as other depfiles ask for it', async () => {
  const w = await makeInstallWorld()
  const words = ['--only-concrete', '--only=package']
  const missing = w.install(...words, `/${w.cache.hashOf('mid')}`)
  assert.is(missing.code, 1)
  assert.match(missing.stderr, /needs `lib/)
  assert.is(w.install(...words, '--cache-only', `/${w.cache.hashOf('lib')}`).code, 0)
  const done = w.install(...words, `/${w.cache.hashOf('mid')}`)
  assert.match(done.stdout, /mid@1\.0 \/\w{7} from cache tiny/)
  assert.equal(w.installed(), ['lib', 'mid'])
})

test('the lockfile is enough with --only-concrete', async () => {
  const w = await makeInstallWorld(['app', 'side', 'new'])
  assert.is(w.install('--only-concrete').code, 0)
  assert.equal(w.installed(), packageNames)
})

test('flags that exclude each other are refused', async () => {
  const w = await makeInstallWorld()
  assert.is(w.install('--add', '--no-add', 'app').code, 2)
  assert.is(w.install('--cache-only', '--no-cache').code, 2)
  assert.is(w.install('-j0').code, 2)
  assert.is(w.install('-p0').code, 2)
  assert.is(w.install('--fake').code, 2)
  assert.is(w.install('--use-buildcache=sometimes').code, 2)
})

test('flags of builds and of the concretizer change nothing about binaries', async () => {
  const w = await makeInstallWorld()
  const done = w.install('-n', '-U', '--keep-stage', '--dirty', '--test=root', '-p2', 'lib')
  assert.is(done.code, 0, done.stderr)
  assert.equal(w.installed(), ['lib'])
})

test('--overwrite asks, and installs again what it was asked for', async () => {
  const w = await makeInstallWorld()
  w.install()
  for (const name of packageNames) writeFileSync(join(prefixIn(w, name), 'mark'), '')
  const asked = w.install('--overwrite', 'lib')
  assert.is(asked.code, 1)
  assert.match(asked.stderr, /nobody answers/)
  const done = w.install('--overwrite', '-y', 'lib', 'side')
  assert.is(done.code, 0, done.stderr)
  assert.match(done.stdout, /2 to install/)
  w.spoil('lib')
  const failed = w.install('--overwrite', '-y', '--only', 'package', 'lib')
  assert.match(failed.stderr, /1 of 1 spec failed\n/)
  const marked = packageNames.filter((name) => existsSync(join(prefixIn(w, name), 'mark')))
  assert.equal(marked, ['app', 'mid'])
})

test('settings of the command line reach the installers', async () => {
  const w = await makeInstallWorld()
  const elsewhere = join(scratch(), 'else where')
  const setting = `config:install_tree:root:${elsewhere}`
  const done = runSpack(['-c', setting, '-e', w.environment, 'install'], { env: w.environ })
  assert.is(done.code, 0, done.stderr)
  assert.equal(w.installed(), [])
  assert.is(readdirSync(join(elsewhere, 'linux-x86_64')).length, 4)
  // And only them: the plan that is kept is that of the files.
  assert.is(w.install().code, 0)
  assert.equal(w.installed(), packageNames)
})

test('it does not matter what the folder of the environment is called', async () => {
  const w = await makeInstallWorld(undefined, `-a=b; $(c) 'd' *[e]|#%\\`)
  const done = w.install('-j2')
  assert.is(done.code, 0, done.stderr)
  assert.equal(w.installed(), packageNames)
  assert.match(w.install().stdout, /everything is installed/)
})

test.run()
