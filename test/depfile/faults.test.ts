// What becomes of a make run that is interrupted, killed, or not alone. Stamps must stay true, and the next run finish.
//
//     xx ──▶ bb ──▶ cc    xx ──▶ dd ──▶ ee

import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { depfileText, hashOf, makePrograms, makeWorld, type Needs, type World } from '../support/depfile.ts'
import { ending, runningWith, until } from '../support/processes.ts'
import { scratch } from '../support/scratch.ts'

const needs: Needs = { xx: ['bb', 'dd'], bb: ['cc'], cc: [], dd: ['ee'], ee: [] }
const all = Object.keys(needs)

for (const program of makePrograms) {
  const test = suite(`depfile faults with ${program}`)
  const newWorld = (): World => {
    const options = { dir: scratch(), roots: ['xx'] }
    return makeWorld(depfileText(needs, options), options, program)
  }
  const stampDir = (w: World) => join(w.environment, '.spack-env/makedeps/.install')
  const isInstalled = (w: World, hash: string) => existsSync(join(w.store, hash, '.spack/spec.json'))
  const assertTrueStamps = (w: World) => {
    for (const hash of existsSync(stampDir(w)) ? readdirSync(stampDir(w)) : []) assert.ok(isInstalled(w, hash), hash)
  }
  const assertFinishes = (w: World) => {
    const done = w.make(['-j3'])
    assert.is(done.code, 0, done.stderr)
    for (const name of all) assert.ok(isInstalled(w, hashOf(name)), name)
    w.started()
    assert.is(w.make(['-j3']).code, 0)
    assert.equal(w.started(), [])
  }

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`${signal} to make: no stamp lies, and make again finishes`, async () => {
      const w = newWorld()
      const seconds = `${2000 + process.pid}.25`
      const make = w.start(['-j2'], { STAND_IN_HANG: seconds })
      await until(() => runningWith(seconds).length === 2)
      make.kill(signal)
      await ending(make)
      // Make passes a SIGTERM on to what it started; after a SIGKILL nobody is left who could.
      if (signal === 'SIGTERM') assert.equal(runningWith(seconds), [])
      else for (const id of runningWith(seconds)) process.kill(Number(id), 'SIGKILL')
      assertTrueStamps(w)
      assertFinishes(w)
    })
  }

  test('an installer that is killed fails its target only', async () => {
    const w = newWorld()
    const seconds = `${3000 + process.pid}.25`
    w.make([`.install/${hashOf('cc')}`])
    const make = w.start(['-k', '-j2'], { STAND_IN_HANG: seconds })
    await until(() => runningWith(seconds).length === 2)
    for (const id of runningWith(seconds)) process.kill(Number(id), 'SIGKILL')
    assert.is(await ending(make), 2)
    assertTrueStamps(w)
    assertFinishes(w)
  })

  test('two makes at once do not disturb each other', async () => {
    const w = newWorld()
    const makes = [1, 2, 3].map(() => w.start(['-j2']))
    assert.equal(await Promise.all(makes.map(ending)), [0, 0, 0])
    assertTrueStamps(w)
    assertFinishes(w)
  })

  test('lost folders of stamps are made again', () => {
    const w = newWorld()
    w.make(['-j2'])
    w.started()
    for (const folder of ['.install', '.prefix', 'install']) {
      rmSync(join(stampDir(w), '..', folder), { recursive: true })
      const done = w.make(['-j2', 'all', `install/xx-1.0-${hashOf('xx')}`])
      assert.is(done.code, 0, done.stderr)
      assert.equal(
        w.started().filter((name) => name !== 'finish'),
        [],
      )
    }
  })

  test('a store that moved is noticed, and a file in the place of a folder says so', () => {
    const w = newWorld()
    w.make(['-j2'])
    w.started()
    rmSync(w.store, { recursive: true })
    assert.is(w.make(['-j2']).code, 0)
    assert.equal(w.started(), [...all, 'finish'].sort())
    rmSync(join(stampDir(w), '..'), { recursive: true })
    writeFileSync(join(stampDir(w), '..'), '')
    const failed = w.make(['-j2'])
    assert.is(failed.code, 2)
    assert.match(failed.stderr, /makedeps/)
  })

  test.run()
}
