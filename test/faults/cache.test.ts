// What a build cache may do to an install: each fault gives one clear error, and nothing is lost or half-written.

import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TarMember } from '../../src/archive/tar-writer.ts'
import { scratch } from '../support/scratch.ts'
import { makeTinyCache, type TinyCache, type TinyPackage, tinyKey } from '../support/tiny-cache.ts'
import { expectSuccess, makeWorld, type World, type WorldOptions } from '../support/world.ts'

const test = suite('faults of a build cache')

const key = await tinyKey()
const packages: TinyPackage[] = [
  { name: 'base' },
  { name: 'tool', dependencies: ['base'], files: { 'bin/tool': '#!/bin/sh\necho tool of @PREFIX@\n' } },
]

const tinyCache = (list: readonly TinyPackage[] = packages, signer: typeof key | undefined = key): Promise<TinyCache> =>
  makeTinyCache(scratch(), list, signer)

function worldOf(cache: TinyCache, options: Partial<WorldOptions> = {}): World {
  const world = makeWorld({ lockfile: cache.lockfile, mirror: cache.mirror, keyFile: cache.keyFile, ...options })
  expectSuccess(world.spack('-e', '.', 'env', 'depfile', '--use-buildcache', 'only', '-o', 'Makefile'))
  return world
}

const archiveBlob = (cache: TinyCache, name: string): string => {
  const manifest = readFileSync(manifestPath(cache, name), 'utf8')
  const digest = /"checksum":"([0-9a-f]{64})"/.exec(manifest)![1]!
  return join(cache.mirror, 'blobs/sha256', digest.slice(0, 2), digest)
}
const manifestPath = (cache: TinyCache, name: string): string => {
  const node = cache.nodes.get(name)!
  return join(cache.mirror, 'v3/manifests/spec', name, `${name}-${node.version}-${node.hash}.spec.manifest.json`)
}

const installedNames = (world: World): string[] => {
  const folder = join(world.store, 'linux-x86_64')
  return existsSync(folder)
    ? readdirSync(folder)
        .map((name) => name.replace(/-1\.0-.*/, ''))
        .sort()
    : []
}

/** `tool` is refused with a message that has all of `mentions`; `base` stays installed and nothing half-done is left. */
function expectRefused(world: World, ...mentions: RegExp[]): void {
  const outcome = world.make('-k', '-j2')
  assert.is.not(outcome.code, 0)
  const text = outcome.stdout + outcome.stderr
  for (const mention of mentions) assert.match(text, mention)
  assert.not.match(text, /internal error|\n {4}at /)
  assert.equal(installedNames(world), ['base'], text)
  const found = world.spack('find', '--format', '{name}')
  assert.equal(found.stdout.trim().split(/\s+/), ['base'])
}

function expectInstalled(world: World): void {
  expectSuccess(world.make('-j2'))
  assert.equal(installedNames(world), ['base', 'tool'])
}

test('a good cache installs, relocated, and a second make does nothing', async () => {
  const world = worldOf(await tinyCache())
  expectInstalled(world)
  const prefix = join(
    world.store,
    'linux-x86_64',
    readdirSync(join(world.store, 'linux-x86_64')).find((name) => name.startsWith('tool'))!,
  )
  assert.is(readFileSync(join(prefix, 'bin/tool'), 'utf8'), `#!/bin/sh\necho tool of ${prefix}\n`)
  assert.not.match(expectSuccess(world.make('-j2')).stdout, /tool/)
})

test('a flipped byte in an archive, and then the archive mended', async () => {
  const cache = await tinyCache()
  const blob = archiveBlob(cache, 'tool')
  const good = readFileSync(blob)
  const bad = Buffer.from(good)
  bad[bad.length >> 1]! ^= 1
  writeFileSync(blob, bad)
  const world = worldOf(cache)
  expectRefused(world, /sha256|digest|checksum/i, /tool/)
  writeFileSync(blob, good)
  expectInstalled(world)
})

test('a truncated archive', async () => {
  const cache = await tinyCache()
  truncateSync(archiveBlob(cache, 'tool'), 100)
  expectRefused(worldOf(cache), /tool/, /100|truncated|length|size|digest/i)
})

test('an archive that is not there', async () => {
  const cache = await tinyCache()
  rmSync(archiveBlob(cache, 'tool'))
  expectRefused(worldOf(cache), /tool/)
})

test('an unknown key, named with the command that would trust it', async () => {
  const cache = await tinyCache()
  const other = await tinyKey('Somebody else')
  const signed = readFileSync(manifestPath(cache, 'tool'), 'utf8')
  const text = signed.slice(signed.indexOf('{'), signed.indexOf('\n-----BEGIN PGP SIGNATURE'))
  writeFileSync(manifestPath(cache, 'tool'), await other.sign(text))
  expectRefused(worldOf(cache), new RegExp(other.fingerprint.slice(-8), 'i'), /spack (gpg trust|buildcache keys)/)
})

test('a manifest altered after it was signed', async () => {
  const cache = await tinyCache()
  const path = manifestPath(cache, 'tool')
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"contentLength":\d/, '"contentLength":9'))
  expectRefused(worldOf(cache), /signature/i)
})

test('an unsigned manifest in a signed mirror, and the flag that accepts it', async () => {
  const cache = await tinyCache()
  const path = manifestPath(cache, 'tool')
  const signed = readFileSync(path, 'utf8')
  writeFileSync(path, signed.slice(signed.indexOf('{'), signed.indexOf('\n-----BEGIN PGP SIGNATURE')))
  const world = worldOf(cache)
  expectRefused(world, /sign/i, /tool/)
  expectSuccess(world.make('SPACK_INSTALL_FLAGS=--no-check-signature'))
  assert.equal(installedNames(world), ['base', 'tool'])
})

test('an unsigned mirror needs no key', async () => {
  const cache = await makeTinyCache(scratch(), packages, undefined)
  expectInstalled(worldOf(cache, { mirrorSettings: '      signed: false\n' }))
})

test('a validly signed manifest of another package under this one’s name', async () => {
  const cache = await tinyCache([...packages, { name: 'other' }])
  writeFileSync(manifestPath(cache, 'tool'), readFileSync(manifestPath(cache, 'other')))
  const world = worldOf(cache)
  const outcome = world.make('-k', '-j2')
  assert.is.not(outcome.code, 0)
  assert.match(outcome.stdout + outcome.stderr, /other/)
  assert.equal(installedNames(world), ['base', 'other'])
})

const hostileMembers: Record<string, (root: string) => readonly TarMember[]> = {
  'a name with ..': (root) => [file(`${root}/../../../../escaped`)],
  'an absolute name': () => [file('/tmp/spackmake-escaped')],
  'a name outside the prefix': () => [file('built/elsewhere')],
  'a file through a link that leaves the prefix': (root) => [
    { kind: 'symlink', name: `${root}/out`, target: '/tmp', mode: 0o755 },
    file(`${root}/out/spackmake-escaped`),
  ],
  'a hard link to a file outside': (root) => [
    { kind: 'hardlink', name: `${root}/passwd`, target: '/etc/passwd', mode: 0o644 },
  ],
  'a hard link with ..': (root) => [
    { kind: 'hardlink', name: `${root}/passwd`, target: `${root}/../../../../../../etc/passwd`, mode: 0o644 },
  ],
}
const file = (name: string): TarMember => ({ kind: 'file', name, mode: 0o644, content: Buffer.from('escaped') })

for (const [what, members] of Object.entries(hostileMembers)) {
  test(`an archive with ${what}`, async () => {
    const cache = await tinyCache([packages[0]!, { ...packages[1]!, members }])
    const world = worldOf(cache)
    expectRefused(world, /archive|member/i, /tool/)
    assert.not(existsSync('/tmp/spackmake-escaped'))
    assert.not(existsSync(join(world.home, 'escaped')))
  })
}

test.run()
