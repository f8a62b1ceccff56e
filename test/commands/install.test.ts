// `spack install` as a user runs it, on a small build cache of its own.
//
//     app ──▶ mid ──▶ lib       app and side are the roots
//     side ─▶ lib

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ending, runningWith, until } from '../support/processes.ts'
import { isolated, type Outcome, runProgram, runSpack, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { makeTinyCache, type TinyCache } from '../support/tiny-cache.ts'

const test = suite('install')

const packages = [
  { name: 'lib' },
  { name: 'mid', dependencies: ['lib'] },
  { name: 'app', dependencies: ['mid'] },
  { name: 'side', dependencies: ['lib'] },
]
const names = packages.map(({ name }) => name).sort()

interface World {
  cache: TinyCache
  environment: string
  environ: NodeJS.ProcessEnv
  store: string
  spack: (...words: string[]) => Outcome
  install: (...words: string[]) => Outcome
  installed: () => string[]
  /** Takes a package out of the cache. */
  spoil: (name: string) => void
}

async function makeWorld(specs = ['app', 'side']): Promise<World> {
  const home = scratch()
  const cache = await makeTinyCache(join(home, 'cache'), packages, undefined)
  const environment = join(home, 'environment')
  mkdirSync(environment)
  writeFileSync(join(environment, 'spack.lock'), readFileSync(cache.lockfile))
  const manifest = { specs, mirrors: { tiny: { url: cache.mirror, signed: false } }, view: false }
  writeFileSync(join(environment, 'spack.yaml'), JSON.stringify({ spack: manifest }))
  const environ = { ...isolated(home), TMPDIR: join(home, 'tmp') }
  mkdirSync(environ.TMPDIR)
  const store = join(home, 'spack/opt/spack')
  const spack = (...words: string[]) => runSpack(['-e', environment, ...words], { env: environ })
  return {
    cache,
    environment,
    environ,
    store,
    spack,
    install: (...words) => spack('install', ...words),
    installed: () => {
      const folder = join(store, 'linux-x86_64')
      return existsSync(folder)
        ? readdirSync(folder)
            .map((name) => name.split('-')[0]!)
            .sort()
        : []
    },
    spoil: (name) => rmSync(join(cache.mirror, 'v3/manifests/spec', name), { recursive: true }),
  }
}

const prefixOf = (w: World, name: string) => join(w.store, 'linux-x86_64', `${name}-1.0-${w.cache.hashOf(name)}`)

test('an environment: the plan, a line a spec, a summary; and nothing to do the second time', async () => {
  const w = await makeWorld()
  const first = w.install('-j2')
  assert.is(first.code, 0, first.stderr)
  assert.equal(w.installed(), names)
  const lines = first.stdout.trimEnd().split('\n')
  assert.is(lines[0], `==> 4 specs in the environment ${w.environment}: 0 installed, 0 external, 4 to install`)
  assert.match(lines[1]!, /^\[1\/4\] lib@1\.0 \/\w{7} from cache tiny/)
  assert.is(lines.length, 6)
  assert.match(lines[5]!, /^==> 4 specs installed in [\d.]+ s$/)
  const second = w.install()
  assert.match(second.stdout, /4 installed, 0 external, 0 to install\n==> everything is installed\n$/)
  assert.is(second.stderr, '')
  const found = w.spack('find', '--format', '{name}')
  assert.equal(found.stdout.trim().split('\n').sort(), names)
})

test('one spec with what it needs, only what it needs, or only itself', async () => {
  const w = await makeWorld()
  assert.is(w.install('--only', 'dependencies', 'app').code, 0)
  assert.equal(w.installed(), ['lib', 'mid'])
  assert.is(w.install('--only', 'package', 'side').code, 0)
  assert.equal(w.installed(), ['lib', 'mid', 'side'])
  assert.is(w.install(`/${w.cache.hashOf('app').slice(0, 6)}`).code, 0)
  assert.equal(w.installed(), names)
})

test('one spec by its whole hash, as other depfiles ask for it', async () => {
  const w = await makeWorld()
  const words = ['--only-concrete', '--only=package']
  const missing = w.install(...words, `/${w.cache.hashOf('mid')}`)
  assert.is(missing.code, 1)
  assert.match(missing.stderr, /needs `lib/)
  assert.is(w.install(...words, '--cache-only', `/${w.cache.hashOf('lib')}`).code, 0)
  const done = w.install(...words, `/${w.cache.hashOf('mid')}`)
  assert.match(done.stdout, /mid@1\.0 \/\w{7} from cache tiny/)
  assert.equal(w.installed(), ['lib', 'mid'])
})

test('what would have to be concretized is refused, with what to do', async () => {
  const w = await makeWorld(['app', 'side', 'new@2:'])
  const refused = (outcome: Outcome, pattern: RegExp) => {
    assert.is(outcome.code, 1)
    assert.match(outcome.stderr, pattern)
    assert.match(outcome.stderr, /hint: /)
    assert.equal(w.installed(), [])
  }
  refused(w.install(), /lacks `new@2:`/)
  refused(w.install('new'), /has no `new`/)
  refused(w.install('app', 'nosuch+x'), /has no `nosuch\+x`/)
  refused(w.install('--add', 'new'), /cannot be added/)
  refused(runSpack(['install', 'zlib'], { env: w.environ }), /outside of an environment/)
  refused(runSpack(['install'], { env: w.environ }), /needs an environment/)
  rmSync(join(w.environment, 'spack.lock'))
  refused(w.install('--only-concrete'), /has no lockfile/)
})

test('the lockfile is enough with --only-concrete', async () => {
  const w = await makeWorld(['app', 'side', 'new'])
  assert.is(w.install('--only-concrete').code, 0)
  assert.equal(w.installed(), names)
})

test('flags that exclude each other are refused', async () => {
  const w = await makeWorld()
  assert.is(w.install('--add', '--no-add', 'app').code, 2)
  assert.is(w.install('--cache-only', '--no-cache').code, 2)
  assert.is(w.install('-j0').code, 2)
  assert.is(w.install('-p0').code, 2)
  assert.is(w.install('--fake').code, 2)
  assert.is(w.install('--until=build').code, 2)
  assert.is(w.install('--use-buildcache=sometimes').code, 2)
})

test('flags of Spack that concern only builds and concretizing are accepted', async () => {
  const w = await makeWorld()
  const done = w.install('-n', '-U', '--keep-stage', '--dirty', '--test=root', '--reuse', '-p2', 'lib')
  assert.is(done.code, 0, done.stderr)
  assert.equal(w.installed(), ['lib'])
})

test('--overwrite asks, and installs again what it was asked for', async () => {
  const w = await makeWorld()
  w.install()
  for (const name of names) writeFileSync(join(prefixOf(w, name), 'mark'), '')
  const asked = w.install('--overwrite', 'lib')
  assert.is(asked.code, 1)
  assert.match(asked.stderr, /nobody answers/)
  const done = w.install('--overwrite', '-y', 'lib', 'side')
  assert.is(done.code, 0, done.stderr)
  assert.match(done.stdout, /2 to install/)
  const marked = names.filter((name) => existsSync(join(prefixOf(w, name), 'mark')))
  assert.equal(marked, ['app', 'mid'])
})

test('after a failure all that does not need it goes on, and the failure is shown with its log and a way to retry', async () => {
  const w = await makeWorld()
  w.spoil('mid')
  const failed = w.install('-j2')
  assert.is(failed.code, 1)
  assert.equal(w.installed(), ['lib', 'side'])
  assert.match(failed.stderr, /==> Error: 1 of 4 specs failed, 1 not tried/)
  const [, log] = /mid@1\.0 \/\w{7} {2}log: (\S+)/.exec(failed.stderr) ?? []
  assert.match(readFileSync(log!, 'utf8'), /needs a source build/)
  assert.match(failed.stderr, /to retry: spack -e \S+ install \/\w{7}/)
  // What was installed is in the database although make did not come to its end.
  assert.equal(w.spack('find', '--format', '{name}').stdout.trim().split('\n').sort(), ['lib', 'side'])
})

test('--fail-fast starts nothing more after a failure', async () => {
  const w = await makeWorld()
  w.spoil('lib')
  const failed = w.install('-j1', '--fail-fast')
  assert.is(failed.code, 1)
  assert.match(failed.stderr, /1 of 4 specs failed, 3 not tried/)
})

test('--no-cache builds from source, which is refused', async () => {
  const w = await makeWorld()
  const failed = w.install('--no-cache')
  assert.is(failed.code, 1)
  assert.match(failed.stderr, /needs a source build/)
  assert.equal(w.installed(), [])
})

test('settings of the command line reach the installers', async () => {
  const w = await makeWorld()
  const elsewhere = join(scratch(), 'else where')
  const setting = `config:install_tree:root:${elsewhere}`
  const done = runSpack(['-c', setting, '-e', w.environment, 'install'], { env: w.environ })
  assert.is(done.code, 0, done.stderr)
  assert.equal(w.installed(), [])
  assert.is(readdirSync(join(elsewhere, 'linux-x86_64')).length, 4)
  // And only them: the plan that is kept is that of the files.
  assert.is(w.install().code, 0)
  assert.equal(w.installed(), names)
})

test('below another make it uses the jobs of that make, and nothing of its flags', async () => {
  const w = await makeWorld()
  const file = join(scratch(), 'Makefile')
  writeFileSync(file, `all: ; +@${process.execPath} ${spackProgram} -e ${w.environment} install\n`)
  const done = runProgram('make', ['-ik', '-j3', '-f', file, 'SPACK_INSTALL_FLAGS=--verbose', 'X=1'], {
    env: w.environ,
  })
  assert.is(done.code, 0)
  assert.not.match(done.stderr, /warning|jobserver/)
  assert.equal(w.installed(), names)
  const alone = await makeWorld()
  alone.spoil('lib')
  writeFileSync(file, `all: ; +@${process.execPath} ${spackProgram} -e ${alone.environment} install\n`)
  assert.is(runProgram('make', ['-j3', '-f', file], { env: alone.environ }).code, 2)
})

test('a prefix that vanished is installed again, whatever stamps say', async () => {
  const w = await makeWorld()
  w.install()
  for (const mark of ['.prefix', '.none']) {
    rmSync(prefixOf(w, 'lib'), { recursive: true })
    rmSync(join(w.environment, '.spack-env/makedeps', mark), { recursive: true, force: true })
    const again = w.install()
    assert.match(again.stdout, /1 to install/)
    assert.equal(w.installed(), names)
  }
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends everything that was started, and the next run finishes`, async () => {
    const w = await makeWorld()
    const seconds = `${1000 + process.pid}.5`
    const launcher = join(scratch(), 'launcher')
    writeFileSync(launcher, `#!/bin/sh\nexec sleep ${seconds}\n`, { mode: 0o755 })
    const child = spawn(process.execPath, [spackProgram, '-e', w.environment, 'install', '-j2'], {
      env: { ...w.environ, SPACK_LAUNCHER: launcher },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await until(() => runningWith(seconds).length > 0)
    child.kill(signal)
    assert.is(await ending(child), signal === 'SIGINT' ? 130 : 143)
    assert.equal(runningWith(seconds), [])
    assert.equal(w.installed(), [])
    assert.is(w.install().code, 0)
    assert.equal(w.installed(), names)
  })
}

test.run()
