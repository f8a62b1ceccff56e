// Killed at any instant, run twice at once, deleted behind make's back: `make` again ends with everything installed,
// recorded once, and nothing left over.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scratch } from '../support/scratch.ts'
import { makeTinyCache, type TinyPackage, tinyKey } from '../support/tiny-cache.ts'
import { expectSuccess, makeWorld, type World } from '../support/world.ts'

const test = suite('killed installers')

// p0 ← p1 ← … ← p9, and ten leaves: enough to be in the middle of something at any time.
const packages: TinyPackage[] = [
  ...Array.from({ length: 10 }, (_, i): TinyPackage => ({ name: `p${i}`, dependencies: i ? [`p${i - 1}`] : [] })),
  ...Array.from({ length: 10 }, (_, i): TinyPackage => ({ name: `leaf${i}` })),
]
const cache = await makeTinyCache(scratch(), packages, await tinyKey())

function freshWorld(): World {
  const world = makeWorld({ lockfile: cache.lockfile, mirror: cache.mirror, keyFile: cache.keyFile })
  expectSuccess(world.spack('-e', '.', 'env', 'depfile', '--use-buildcache', 'only', '-o', 'Makefile'))
  return world
}

const names = packages.map((entry) => entry.name).sort()
const architectureFolder = (world: World) => join(world.store, 'linux-x86_64')
const installedFolders = (world: World) => readdirSync(architectureFolder(world))

/** All packages are installed and recorded, and nothing else lies in the store. */
function expectWhole(world: World): void {
  const found = expectSuccess(world.spack('find', '--format', '{name}'))
    .stdout.trim()
    .split(/\s+/)
    .sort()
  assert.equal(found, names)
  assert.equal(
    installedFolders(world)
      .map((name) => name.replace(/-1\.0-.*/, ''))
      .sort(),
    names,
  )
  const index = JSON.parse(readFileSync(join(world.store, '.spack-db/index.json'), 'utf8'))
  assert.is(Object.keys(index.database.installs).length, names.length)
}

for (const delayMs of [60, 120, 200, 300, 450]) {
  test(`make killed after ${delayMs} ms, then make again`, async () => {
    const world = freshWorld()
    const make = world.startMake('-j4')
    const ended = new Promise((resolve) => make.once('exit', resolve))
    await sleep(delayMs)
    try {
      process.kill(-make.pid!, 'SIGKILL')
    } catch (error) {
      // It was done already: then the second make has nothing to do, which must hold as well.
      assert.is((error as NodeJS.ErrnoException).code, 'ESRCH')
    }
    await ended
    expectSuccess(world.make('-j4'))
    expectWhole(world)
  })
}

test('two makes on one store at once', async () => {
  const world = freshWorld()
  const makes = [world.startMake('-j4'), world.startMake('-j4')]
  const codes = await Promise.all(makes.map((make) => new Promise((resolve) => make.once('exit', resolve))))
  assert.equal(codes, [0, 0])
  expectWhole(world)
})

test('a prefix deleted behind make’s back is the only one installed again', () => {
  const world = freshWorld()
  expectSuccess(world.make('-j4'))
  const folder = installedFolders(world).find((name) => name.startsWith('p3-'))!
  rmSync(join(architectureFolder(world), folder), { recursive: true })
  const again = expectSuccess(world.make('-j4')).stdout
  assert.match(again, /p3/)
  assert.not.match(again, /p2@|p4@|leaf/)
  expectWhole(world)
  assert.not.match(expectSuccess(world.make('-j4')).stdout, /p3/)
})

test('an uninstalled spec is installed again although its stamp is there', () => {
  const world = freshWorld()
  expectSuccess(world.make('-j4'))
  expectSuccess(world.spack('uninstall', '-y', '--force', `/${cache.hashOf('leaf3')}`))
  assert.not(installedFolders(world).some((name) => name.startsWith('leaf3-')))
  expectSuccess(world.make('-j4'))
  expectWhole(world)
})

test('an interrupted unpacking leaves nothing behind', async () => {
  const world = freshWorld()
  const make = world.startMake('-j4')
  const ended = new Promise((resolve) => make.once('exit', resolve))
  while (make.exitCode === null && !existsSync(architectureFolder(world))) await sleep(2)
  process.kill(-make.pid!, 'SIGKILL')
  await ended
  expectSuccess(world.make('-j4'))
  expectWhole(world)
})

test.run()
