import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { recordInstalled } from '../../src/install/finish.ts'
import type { PlannedSpec, StoredPlan } from '../../src/install/install-plan.ts'
import {
  type InstallOptions,
  type InstallOutcome,
  type InstallWorld,
  installSpec,
} from '../../src/install/install-spec.ts'
import { acquirePrefixLock, prefixLockByte } from '../../src/store/prefix-lock.ts'
import { storeFrom } from '../../src/store/store.ts'
import { readDatabase } from '../../src/store/transaction.ts'
import { Killed, killedAt, systemError, withFaultyDisk } from '../support/disk-faults.ts'
import { type KitEnvironment, kitEnvironment, kitPlan } from '../support/kit-install.ts'
import { startLockHolder } from '../support/lock-holder.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { makeTinyCache, type TinyCache, type TinyPackage, tinyKey } from '../support/tiny-cache.ts'

const test = suite('install-spec')
const key = await tinyKey()
const packages: TinyPackage[] = [
  { name: 'base' },
  {
    name: 'tool',
    dependencies: ['base'],
    files: { 'bin/tool': '#!/bin/sh\necho @PREFIX@\n', 'share/a': 'a', 'share/b': 'b' },
    members: (root) => [
      { kind: 'symlink', name: `${root}/bin/link`, target: 'tool', mode: 0o755 },
      { kind: 'hardlink', name: `${root}/share/c`, target: `${root}/share/b`, mode: 0o644 },
    ],
  },
]
const cache = await makeTinyCache(scratch(), packages, key)

const quietWorld: InstallWorld = { environ: {}, note: () => {}, warn: () => {}, withoutSlot: (wait) => wait() }

interface World {
  environment: KitEnvironment
  plan: StoredPlan
  notes: string[]
  install: (name: string, options?: Partial<InstallOptions>) => Promise<InstallOutcome>
  spec: (name: string) => PlannedSpec
}

async function worldOf(tiny: TinyCache, options: { root?: string; manifest?: string } = {}): Promise<World> {
  const folder = scratch()
  const manifest = `spack:\n  specs: []\n  view: false\n  mirrors:\n    tiny: ${tiny.mirror}\n${options.manifest ?? ''}`
  writeFileSync(join(folder, 'spack.yaml'), manifest)
  writeFileSync(join(folder, 'spack.lock'), readFileSync(tiny.lockfile))
  const root = options.root ?? join(scratch(), 'store')
  const environment = await kitEnvironment({ caches: tiny.folder, environment: folder, root })
  const plan = await kitPlan(environment)
  const notes: string[] = []
  const spec = (name: string) => plan.spec(tiny.hashOf(name))!
  const world = {
    environ: environment.environ,
    note: (line: string) => void notes.push(line),
    warn: (line: string) => void notes.push(`warning: ${line}`),
    withoutSlot: async <Result>(wait: () => Promise<Result>) => {
      notes.push('slot lent')
      return await wait()
    },
  }
  const install = (name: string, chosen: Partial<InstallOptions> = {}) =>
    installSpec(plan, spec(name), { cachePolicy: 'auto', overwrite: false, ...chosen }, world)
  return { environment, plan, notes, install, spec }
}

/** Everything below a folder: paths, and of files their content. */
function contentsOf(folder: string): string[] {
  if (!existsSync(folder)) return []
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return paths.map((path) => {
    const stat = lstatSync(join(folder, path))
    const isTimes = path.endsWith('install_times.json')
    return stat.isFile() && !isTimes
      ? `${path} ${stat.mode.toString(8)} ${readFileSync(join(folder, path), 'utf8')}`
      : path
  })
}

/** What is beside prefixes in the store and should not be. */
const leftovers = (world: World): string[] => {
  const folder = join(world.environment.root, 'linux-x86_64')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('.')) : []
}

const recorded = async (world: World): Promise<string[]> => {
  const { database } = await readDatabase(storeFrom(world.plan.settings.store))
  return [...database.records()]
    .filter((record) => record.isInstalled)
    .map((record) => record.node.name)
    .sort()
}

test('a spec is fetched, verified, unpacked, relocated, published and recorded', async () => {
  const world = await worldOf(cache)
  assert.is((await world.install('base')).kind, 'cached')
  const outcome = await world.install('tool')
  assert.is(outcome.kind === 'cached' && outcome.mirror, 'tiny')
  const prefix = world.spec('tool').prefix!
  assert.is(execFileSync(join(prefix, 'bin/tool'), { encoding: 'utf8' }), `${prefix}\n`)
  assert.is(lstatSync(join(prefix, 'share/c')).ino, lstatSync(join(prefix, 'share/b')).ino)
  const times = JSON.parse(readFileSync(join(prefix, '.spack/install_times.json'), 'utf8'))
  assert.equal([times.name, times.cache, times.hash], ['tool', true, world.spec('tool').hash])
  assert.equal(leftovers(world), [])
  assert.equal(await recorded(world), ['base', 'tool'])
  assert.is((await world.install('tool')).kind, 'present')
})

test('a spec whose dependency is not there is refused before anything is fetched', async () => {
  const world = await worldOf(cache)
  const error = await rejection(world.install('tool'), 'dependency-missing')
  assert.match(error.message, /`base\/\w{7}`/)
  assert.not(existsSync(join(world.environment.root, 'linux-x86_64')))
})

test('`--use-buildcache=never`: needs a source build', async () => {
  const world = await worldOf(cache)
  await rejection(world.install('base', { cachePolicy: 'never' }), 'needs-source-build')
})

test('no binary: each mirror says why', async () => {
  const empty = scratch()
  const world = await worldOf({ ...cache, mirror: empty })
  const auto = await rejection(world.install('base'), 'no-binary')
  assert.match(auto.detail ?? '', /mirror `tiny`: there is no/)
  const only = await rejection(world.install('base', { cachePolicy: 'only' }), 'no-binary')
  assert.match(only.detail ?? '', /mirror `tiny`: there is no/)
})

test('an archive with the spec of another package is refused', async () => {
  const files = { '.spack/spec.json.other': 'x' }
  const tiny = await makeTinyCache(scratch(), [{ name: 'base', files }], key)
  const world = await worldOf(tiny)
  // The plan believes in another hash than the archive has inside: as if its blob had been put under another name.
  const spec = { ...world.spec('base'), hash: cache.hashOf('tool') as PlannedSpec['hash'] }
  const error = await rejection(
    installSpec(world.plan, spec, { cachePolicy: 'auto', overwrite: false }, quietWorld),
    'no-binary',
  )
  assert.match(error.detail ?? '', /mirror `tiny`: the archive that was found for .* holds `base\//)
  assert.equal(leftovers(world), [])
  assert.not(existsSync(world.spec('base').prefix!))
})

test('a prefix that is too long for a binary is refused with the length that would fit, and nothing stays', async () => {
  const long = await makeTinyCache(
    scratch(),
    [{ name: 'base', files: { 'share/x': 'x' }, binaries: { 'bin/b': '\x7fELFpath=@PREFIX@/share\0' } }],
    key,
  )
  const root = join(scratch(), 'a'.repeat(200))
  const world = await worldOf(long, { root })
  const error = await rejection(world.install('base'), 'relocation-refused')
  assert.match(error.message, new RegExp(`\\(${root.length} characters\\)`))
  assert.match(error.detail ?? '', /`bin\/b`: a string with `\/built\/_+\/linux/)
  assert.match(error.hint ?? '', /a store root of at most 167 characters fits/)
  assert.not(existsSync(world.spec('base').prefix!))
  assert.equal(leftovers(world), [])
})

test('two specs with one prefix are refused, both named, when the plan is made', async () => {
  const outcome = await worldOf(cache, {
    manifest: `  config:\n    install_tree:\n      projections:\n        all: '{architecture.platform}/same'\n`,
  }).catch((error) => error)
  assert.is(outcome.code, 'prefix-taken')
  assert.match(outcome.message, /base@1\.0/)
  assert.match(outcome.message, /tool@1\.0/)
})

test('a prefix in which another spec lies already is refused, both named', async () => {
  const manifest = `  config:\n    install_tree:\n      projections:\n        all: 'linux/{name}'\n`
  const root = join(scratch(), 'store')
  const first = await worldOf(cache, { manifest, root })
  await first.install('base')
  const other = await makeTinyCache(scratch(), [{ name: 'base', version: '2.0' }], key)
  const second = await worldOf(other, { manifest, root })
  const error = await rejection(second.install('base'), 'prefix-taken')
  for (const { hash } of [first.spec('base'), second.spec('base')])
    assert.match(error.message, `base/${hash.slice(0, 7)}`)
  await rejection(second.install('base', { overwrite: true }), 'prefix-taken')
  assert.is((await first.install('base')).kind, 'present')
})

test('a prefix in which something else lies is refused, unless it is to be overwritten', async () => {
  const world = await worldOf(cache)
  const { prefix } = world.spec('base')
  mkdirSync(join(prefix!, 'precious'), { recursive: true })
  const error = await rejection(world.install('base'), 'prefix-occupied')
  assert.match(error.message, prefix!)
  assert.ok(existsSync(join(prefix!, 'precious')))
  assert.equal(leftovers(world), [])
  await world.install('base', { overwrite: true })
  assert.not(existsSync(join(prefix!, 'precious')))
  assert.equal(leftovers(world), [])
})

test('an empty folder in the way is no obstacle', async () => {
  const world = await worldOf(cache)
  mkdirSync(world.spec('base').prefix!, { recursive: true })
  await world.install('base')
  assert.equal(await recorded(world), ['base'])
})

test('a prefix that is a link is not written through', async () => {
  const world = await worldOf(cache)
  const elsewhere = scratch()
  mkdirSync(join(world.environment.root, 'linux-x86_64'), { recursive: true })
  symlinkSync(elsewhere, world.spec('base').prefix!)
  await rejection(world.install('base'), 'prefix-occupied')
  assert.equal(readdirSync(elsewhere), [])
})

test('who finds the prefix locked lends its slot, waits, and looks again', async () => {
  const world = await worldOf(cache)
  const holder = await startLockHolder()
  try {
    const { hash } = world.spec('base')
    const store = storeFrom(world.plan.settings.store)
    const byte = prefixLockByte(hash)
    const request = {
      file: `${store.databaseDir}/prefix_lock`,
      range: { start: byte, length: 1n },
      mode: 'write' as const,
      what: 'x',
    }
    mkdirSync(store.databaseDir, { recursive: true })
    assert.ok(await holder.take(request))
    const waiting = world.install('base')
    const other = await worldOf(cache, { root: scratch() })
    await other.install('base')
    execFileSync('cp', ['-a', join(other.environment.root, 'linux-x86_64'), world.environment.root])
    await holder.releaseAll()
    assert.is((await waiting).kind, 'present')
    assert.ok(world.notes.includes('slot lent'))
    ;(await acquirePrefixLock(store, world.spec('base'), 'write')).release()
  } finally {
    await holder.kill()
  }
})

test('killed before any change on disk, then again: whole or absent, then there, recorded, nothing left over', async () => {
  const reference = await worldOf(cache)
  await reference.install('base')
  await reference.install('tool')
  const whole = contentsOf(reference.spec('tool').prefix!)
  for (let at = 0; ; at++) {
    const world = await worldOf(cache, { root: reference.environment.root })
    const { prefix } = world.spec('tool')
    rmSync(prefix!, { recursive: true, force: true })
    rmSync(join(world.environment.root, '.spack-db/index.json'), { force: true })
    const outcome = await withFaultyDisk(killedAt(at), () => world.install('tool')).catch((error) => error)
    if (!(outcome instanceof Error)) {
      assert.ok(at > 30, `${at} changes`)
      break
    }
    assert.ok(outcome instanceof Killed, outcome.stack)
    if (existsSync(prefix!)) assert.equal(contentsOf(prefix!), whole, `killed at ${at}`)
    await world.install('tool')
    assert.equal(contentsOf(prefix!), whole, `installed after being killed at ${at}`)
    assert.equal(leftovers(world), [], `killed at ${at}`)
    await recordInstalled(world.plan, () => {})
    assert.equal(await recorded(world), ['base', 'tool'], `killed at ${at}`)
  }
})

test('killed while overwriting, then again without: the old package or the new one, and nothing left over', async () => {
  const world = await worldOf(cache)
  await world.install('base')
  await world.install('tool')
  const { prefix } = world.spec('tool')
  const whole = contentsOf(prefix!)
  for (let at = 0; ; at++) {
    const outcome = await withFaultyDisk(killedAt(at), () => world.install('tool', { overwrite: true })).catch(
      (error) => error,
    )
    if (!(outcome instanceof Error)) break
    assert.ok(outcome instanceof Killed, outcome.stack)
    await world.install('tool')
    assert.equal(contentsOf(prefix!), whole, `killed at ${at}`)
  }
  // What was left when nothing had to be done goes with the next real work.
  await world.install('tool', { overwrite: true })
  assert.equal(leftovers(world), [])
})

for (const [code, expected] of [
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EROFS', 'store-unwritable'],
  ['EACCES', 'store-unwritable'],
] as const) {
  test(`${code} at any change: one clear error, and the next attempt succeeds`, async () => {
    const reference = await worldOf(cache)
    await reference.install('base')
    for (let at = 0; ; at++) {
      rmSync(reference.spec('tool').prefix!, { recursive: true, force: true })
      const once = (_: string, count: number) => (count === at ? systemError(code) : undefined)
      const outcome = await withFaultyDisk(once, () => reference.install('tool')).catch((error) => error)
      if (!(outcome instanceof Error)) break
      assert.ok(
        ['lock-read-only', expected].includes((outcome as { code?: string }).code ?? ''),
        `${at}: ${outcome.stack}`,
      )
      assert.match(outcome.message, reference.environment.root)
    }
    await reference.install('tool')
    assert.equal(leftovers(reference), [])
  })
}

const canMount = process.getuid?.() === 0 && existsSync('/bin/mount')
const whenMounted = canMount ? test : test.skip
if (!canMount) console.log('skipped, only root may mount: a disk that is really full')

whenMounted('a disk that is really full', async () => {
  const root = scratch()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', root], { stdio: 'pipe' })
  } catch {
    console.log('skipped, mounting is not permitted: a disk that is really full')
    return
  }
  try {
    const big = await makeTinyCache(scratch(), [{ name: 'base', files: { 'share/big': 'x'.repeat(3_000_000) } }], key)
    const world = await worldOf(big, { root })
    const error = await rejection(world.install('base'), 'disk-full')
    assert.match(error.message, root)
    assert.equal(leftovers(world), [])
    assert.not(existsSync(world.spec('base').prefix!))
  } finally {
    execFileSync('umount', ['-l', root])
  }
})

test.run()
