// Depfiles run by real makes, with a stand-in for the installer. SPACKMAKE_MAKES names further makes to try.
// The graph is `smallNeeds`.

import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { depfileText, hashOf, idOf, makePrograms, makeWorld, smallNeeds, type World } from '../support/depfile.ts'
import { scratch } from '../support/scratch.ts'

const roots = ['app', 'side']
const installed = ['app', 'lib', 'mid', 'side', 'tool']

for (const program of makePrograms) {
  const test = suite(`depfile with ${program}`)
  const world = (prefix?: string): World => {
    const options = { dir: scratch(), roots, prefix }
    return makeWorld(depfileText(smallNeeds, options), options, program)
  }
  const prefixOf = (w: World, name: string) => join(w.store, hashOf(name))
  const stamp = (w: World, name: string) => join(w.environment, '.spack-env/makedeps/.install', hashOf(name))

  test('everything is installed once, externals without a process, and then nothing runs', () => {
    const w = world()
    const first = w.make(['-j4'])
    assert.is(first.code, 0, first.stderr)
    assert.equal(w.started(), [...installed, 'finish'].sort())
    assert.ok(existsSync(stamp(w, 'ext-libc')))
    const second = w.make(['-j4'])
    assert.match(second.stdout, /Nothing to be done/)
    assert.equal(w.started(), [])
    assert.is(w.make(['-q']).code, 0)
  })

  test('a spec comes after all that it needs', () => {
    const w = world()
    w.make(['-j8'])
    const at = (name: string) => statSync(stamp(w, name)).mtimeMs
    assert.ok(at('app') >= at('mid') && at('mid') >= at('lib') && at('lib') >= at('tool'))
  })

  test('after clean, what is in the store costs no process', () => {
    const w = world()
    w.make(['-j4'])
    w.started()
    assert.is(w.make(['clean']).code, 0)
    assert.not.ok(existsSync(stamp(w, 'lib')))
    assert.is(w.make(['-j4']).code, 0)
    assert.equal(w.started(), ['finish'])
    w.make(['-j4'])
    assert.equal(w.started(), [])
  })

  test('a prefix that vanished is installed again, and nothing else', () => {
    const w = world()
    w.make(['-j4'])
    w.started()
    rmSync(prefixOf(w, 'lib'), { recursive: true })
    assert.is.not(w.make(['-q']).code, 0)
    assert.is(w.make(['-j4']).code, 0)
    assert.equal(w.started(), ['finish', 'lib'])
    assert.is(w.make(['-j4']).code, 0)
    assert.equal(w.started(), [])
    assert.is(w.make(['-q']).code, 0)
  })

  test('a prefix that cannot be made again fails until it can', () => {
    const w = world()
    w.make(['-j4'])
    w.started()
    rmSync(prefixOf(w, 'lib'), { recursive: true })
    assert.is.not(w.make(['-j4'], { STAND_IN_FAIL: hashOf('lib') }).code, 0)
    assert.equal(w.started(), ['lib'])
    w.make(['-j4'])
    assert.equal(w.started(), ['finish', 'lib'])
  })

  test('a failure stops its dependents; -k goes on with the others', () => {
    const w = world()
    const failed = w.make(['-k', '-j2'], { STAND_IN_FAIL: hashOf('mid') })
    assert.is(failed.code, 2)
    assert.equal(w.started(), ['lib', 'mid', 'side', 'tool'])
    assert.is(w.make(['-j2']).code, 0)
    assert.equal(w.started(), ['app', 'finish', 'mid'])
  })

  test('-n and -q run nothing and make no file', () => {
    const w = world()
    const dry = w.make(['-n'])
    assert.is(dry.code, 0)
    for (const name of installed) assert.match(dry.stdout, `/${hashOf(name)}`)
    assert.is.not(w.make(['-q']).code, 0)
    assert.equal(w.started(), [])
    assert.not.ok(existsSync(join(w.environment, '.spack-env')))
  })

  test('-j without a number, output in one piece per spec, and no job at all but one', () => {
    for (const flags of [['-j'], ['-j3', '--output-sync=recurse'], [], ['-k', '-s', '-w']]) {
      const w = world()
      const done = w.make(flags)
      assert.is(done.code, 0, done.stderr)
      assert.equal(w.started(), [...installed, 'finish'].sort())
    }
  })

  test('one spec alone, or only what it needs, by both names', () => {
    const w = world()
    assert.is(w.make([`install-deps/${idOf('mid')}`]).code, 0)
    assert.equal(w.started(), ['lib', 'tool'])
    assert.is(w.make([`install/${idOf('mid')}`]).code, 0)
    assert.equal(w.started(), ['mid'])
    assert.is(w.make([`.install-deps/${hashOf('side')}`]).code, 0)
    assert.equal(w.started(), [])
    assert.is(w.make([`.install/${hashOf('side')}`]).code, 0)
    assert.equal(w.started(), ['side'])
  })

  test('what there is to do is said once, before anything is started', () => {
    const w = world()
    w.make([`.install/${hashOf('tool')}`])
    const done = w.make(['-j2'])
    assert.is(done.stdout.match(/==>/g)?.length, 1)
    assert.match(done.stdout, /^==> 6 specs: 1 installed, 1 external, 4 to install$/m)
    assert.not.match(w.make(['-j2']).stdout, /==>/)
  })

  test('all that the roots need, without them', () => {
    const w = world()
    assert.is(w.make(['-j2', 'env-deps']).code, 0)
    assert.equal(w.started(), ['lib', 'mid', 'tool'])
    w.make(['env-deps'])
    w.make(['-j2'])
    assert.equal(w.started(), ['app', 'finish', 'side'])
  })

  test('a relative prefix has its own goals and variables', () => {
    const w = world('deps/here')
    assert.is(w.make(['-j2', 'deps/here/all']).code, 0)
    assert.equal(w.started(), [...installed, 'finish'].sort())
    assert.ok(existsSync(join(w.dir, 'deps/here/env')))
    assert.is(w.make(['deps/here/clean']).code, 0)
    assert.not.ok(existsSync(join(w.dir, 'deps/here/env')))
  })

  test('an empty prefix puts targets where make runs, and clean spares files that are not ours', () => {
    const w = world('')
    mkdirSync(join(w.dir, 'install'))
    writeFileSync(join(w.dir, 'install', 'mine'), '')
    assert.is(w.make(['-j2', 'all', `install/${idOf('app')}`]).code, 0)
    assert.ok(existsSync(join(w.dir, 'install', idOf('app'))))
    assert.ok(existsSync(join(w.dir, '.install', hashOf('app'))))
    assert.is(w.make(['clean']).code, 0)
    assert.not.ok(existsSync(join(w.dir, 'install', idOf('app'))))
    assert.ok(existsSync(join(w.dir, 'install', 'mine')))
    w.make(['-j2'])
    assert.equal(w.started(), [...installed, 'finish', 'finish'].sort())
  })

  test('SPACK_OVERWRITE installs again what it names, whether there is a stamp or not', () => {
    const w = world()
    const args = join(w.dir, 'arguments')
    w.make(['-j4'])
    w.started()
    const overwrite = `SPACK_OVERWRITE=${hashOf('lib')} ${hashOf('app')}`
    assert.is(w.make(['-j4', overwrite], { STAND_IN_ARGUMENTS: args }).code, 0)
    assert.equal(w.started(), ['app', 'finish', 'lib'])
    assert.ok(readLines(args).every((line) => line.includes('--overwrite -y') === !line.includes('--finish')))
    w.make(['clean'])
    w.make(['-j4', overwrite])
    assert.equal(w.started(), ['app', 'finish', 'lib'])
    w.make(['-j4'])
    assert.equal(w.started(), [])
  })

  test.run()
}

function readLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}
