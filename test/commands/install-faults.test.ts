// `spack install` when something fails, is refused, or is interrupted.

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeInstallWorld, packageNames, prefixIn } from '../support/install-world.ts'
import { ending, runningWith, until } from '../support/processes.ts'
import { type Outcome, runProgram, runSpack, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('install faults')

test('what has to be concretized first is refused where there are no recipes', async () => {
  const w = await makeInstallWorld(['app', 'side', 'new@2:'])
  const refused = (outcome: Outcome, pattern: RegExp) => {
    assert.is(outcome.code, 1)
    assert.match(outcome.stderr, pattern)
    assert.match(outcome.stderr, /hint: /)
    assert.equal(w.installed(), [])
  }
  // The lockfile lacks `new`, and there are no recipes here to concretize it with.
  for (const words of [[], ['new'], ['--add', 'new']]) refused(w.install(...words), /the package repository `builtin`/)
  refused(runSpack(['install', 'zlib'], { env: w.environ }), /the package repository `builtin`/)
  refused(runSpack(['install'], { env: w.environ }), /needs a spec or an environment/)
  refused(runSpack(['install', ' '], { env: w.environ }), /needs a spec or an environment/)
  rmSync(join(w.environment, 'spack.lock'))
  refused(w.install('--only-concrete'), /has no lockfile/)
})

test('after a failure all that does not need it goes on, and the failure is shown with its log and a way to retry', async () => {
  const w = await makeInstallWorld()
  w.spoil('mid')
  const failed = w.install('-j2')
  assert.is(failed.code, 1)
  assert.equal(w.installed(), ['lib', 'side'])
  assert.match(failed.stderr, /==> Error: 1 of 4 specs failed, 1 not tried/)
  const [, log] = /mid@1\.0 \/\w{7} {2}log: (\S+)/.exec(failed.stderr) ?? []
  assert.match(readFileSync(log!, 'utf8'), /there is no binary of `mid@1\.0 \/\w{7}`, and it cannot be built/)
  assert.match(failed.stderr, /to retry: spack -e \S+ install \/\w{7}/)
  // What was installed is in the database although make did not come to its end.
  assert.equal(w.spack('find', '--format', '{name}').stdout.trim().split('\n').sort(), ['lib', 'side'])
})

test('--fail-fast starts nothing more after a failure', async () => {
  const w = await makeInstallWorld()
  w.spoil('lib')
  const failed = w.install('-j1', '--fail-fast')
  assert.is(failed.code, 1)
  assert.match(failed.stderr, /1 of 4 specs failed, 3 not tried/)
})

test('--no-cache builds from source, for which recipes are needed', async () => {
  const w = await makeInstallWorld()
  const failed = w.install('--no-cache')
  assert.is(failed.code, 1)
  assert.match(failed.stderr, /the package repository `builtin` (is not there yet|cannot be cloned)/)
  assert.equal(w.installed(), [])
})

test('a view that cannot be made is a failure, also where everything is installed', async () => {
  const w = await makeInstallWorld()
  const taken = join(w.environment, 'taken')
  mkdirSync(taken)
  writeFileSync(join(taken, 'mine'), '')
  assert.is(w.install().code, 0)
  const done = w.spack('-c', `view:${taken}`, 'install')
  assert.is(done.code, 1)
  assert.match(done.stderr, `the view \`${taken}\` cannot be made`)
  assert.match(
    done.stderr,
    `to retry: ${process.execPath} ${spackProgram} -c view:${taken} -e ${w.environment} install\n`,
  )
})

test('without make it says so', async () => {
  const w = await makeInstallWorld()
  const done = runSpack(['-e', w.environment, 'install'], { env: { ...w.environ, PATH: '/nowhere' } })
  assert.is(done.code, 1)
  assert.match(done.stderr, /there is no `make`/)
})

test('below another make it uses the jobs of that make, and nothing of its flags', async () => {
  const w = await makeInstallWorld()
  const file = join(scratch(), 'Makefile')
  writeFileSync(file, `all: ; +@${process.execPath} ${spackProgram} -e ${w.environment} install\n`)
  const done = runProgram('make', ['-ik', '-j3', '-f', file, 'SPACK_INSTALL_FLAGS=--verbose', 'X=1'], {
    env: w.environ,
  })
  assert.is(done.code, 0)
  assert.not.match(done.stderr, /warning|jobserver/)
  assert.equal(w.installed(), packageNames)
  const alone = await makeInstallWorld()
  alone.spoil('lib')
  writeFileSync(file, `all: ; +@${process.execPath} ${spackProgram} -e ${alone.environment} install\n`)
  assert.is(runProgram('make', ['-j3', '-f', file], { env: alone.environ }).code, 2)
})

test('a prefix that vanished is installed again, whatever stamps say', async () => {
  const w = await makeInstallWorld()
  w.install()
  for (const mark of ['.prefix', '.none']) {
    rmSync(prefixIn(w, 'lib'), { recursive: true })
    rmSync(join(w.environment, '.spack-env/makedeps', mark), { recursive: true, force: true })
    const again = w.install()
    assert.match(again.stdout, /1 to install/)
    assert.equal(w.installed(), packageNames)
  }
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends everything that was started, and the next run finishes`, async () => {
    const w = await makeInstallWorld()
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
    assert.equal(w.installed(), packageNames)
  })
}

test.run()
