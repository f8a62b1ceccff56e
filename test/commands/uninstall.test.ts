import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { changeDatabase } from '../../src/store/transaction.ts'
import { write } from '../detection/detection-world.ts'
import { rejection } from '../support/rejection.ts'
import { addEnvironment, hashOf, nodes, short, smallStore, type TestStore } from '../support/stores.ts'
import { tinyElf } from '../support/tiny-elf.ts'

const test = suite('uninstall')
const installed = async ({ spack }: TestStore): Promise<string[]> =>
  (await spack('find --format {name}')).stdout.split('\n').slice(0, -1)

test('what others need is refused with the list of them, removed with --dependents or --force', async () => {
  const world = await smallStore()
  const error = await rejection(world.spack('uninstall -y lib'))
  assert.is(error.message, 'there are still dependents')
  assert.match(error.hint!, '--dependents')
  assert.equal(await installed(world), ['app', 'lib', 'libc', 'make', 'tool'])
  const { stdout } = await world.spack('uninstall -y -R lib')
  assert.is(stdout.match(/Successfully uninstalled/g)?.length, 3)
  assert.equal(await installed(world), ['libc', 'make'])
  const other = await smallStore()
  await other.spack('uninstall -fy lib')
  assert.equal(await installed(other), ['app', 'libc', 'make', 'tool'])
  assert.not(existsSync(other.prefixOf(nodes.lib)))
})

test('a spec that matches several needs --all', async () => {
  const world = await smallStore()
  const error = await rejection(world.spack('uninstall -y ^lib'))
  assert.match(error.message, '`^lib` matches multiple packages')
  assert.match(error.detail!, `${short(nodes.tool)} tool@1.0`)
  await world.spack('uninstall -ya ^lib')
  assert.equal(await installed(world), ['lib', 'libc', 'make'])
  assert.match((await rejection(world.spack('uninstall -y'))).message, 'at least one spec')
  await world.spack('uninstall -ya')
  assert.equal(await installed(world), [])
})

test('named environments keep what they use; of the active one anything can go', async () => {
  const world = await smallStore()
  addEnvironment(world.home, 'demo', [nodes.app])
  assert.is((await rejection(world.spack('uninstall -y app'))).code, 'spec-needed')
  const outside = await rejection(world.spack('uninstall -y tool', { environment: 'demo' }))
  assert.match(outside.message, '`tool` does not match any packages in environment `demo`')
  await world.spack('uninstall -y app', { environment: 'demo' })
  assert.equal(await installed(world), ['lib', 'libc', 'make', 'tool'])
})

test('--remove takes roots out of the environment too, and leaves installed what other environments use', async () => {
  const world = await smallStore()
  const folder = addEnvironment(world.home, 'demo', [nodes.app, nodes.tool])
  const left = () => ({
    manifest: /specs: (.*)/.exec(readFileSync(join(folder, 'spack.yaml'), 'utf8'))?.[1],
    roots: existsSync(join(folder, 'spack.lock'))
      ? JSON.parse(readFileSync(join(folder, 'spack.lock'), 'utf8')).roots.map(({ spec }: { spec: string }) => spec)
      : undefined,
  })
  assert.match((await rejection(world.spack('uninstall -y --remove app'))).message, 'needs an environment')
  const { stdout } = await world.spack('uninstall -y --remove app', { environment: 'demo' })
  assert.match(stdout, `app@2.0 has been removed from ${join(folder, 'spack.yaml')}`)
  assert.equal(left(), { manifest: '["tool@1.0"]', roots: ['tool@1.0'] })
  assert.equal(await installed(world), ['lib', 'libc', 'make', 'tool'])
  addEnvironment(world.home, 'other', [nodes.tool])
  const kept = await world.spack('uninstall -y --remove -R lib', { environment: 'demo' })
  assert.match(kept.stdout, 'removed from the environment only')
  assert.equal(left(), { manifest: '[]', roots: undefined })
  assert.equal(await installed(world), ['lib', 'libc', 'make', 'tool'])
})

test('what came from elsewhere can be told apart', async () => {
  const world = await smallStore()
  await changeDatabase(world.store, (database) => database.change(hashOf(nodes.tool), { origin: 'external-db' }))
  await rejection(world.spack('uninstall -y --origin external-db app'), 'no-match')
  await world.spack('uninstall -y --all --origin external-db')
  assert.equal(await installed(world), ['app', 'lib', 'libc', 'make'])
})

test('gc keeps what was asked for, and what it runs with', async () => {
  const world = await smallStore()
  const { stdout } = await world.spack('gc -y')
  assert.match(stdout, 'Successfully uninstalled make@4.4')
  assert.equal(await installed(world), ['app', 'lib', 'libc', 'tool'])
  assert.is((await world.spack('gc -y')).stdout, "==> There are no unused specs. Spack's store is clean.\n")
  await world.spack('mark -i app')
  await world.spack('gc -y')
  assert.equal(await installed(world), ['lib', 'libc', 'tool'])
})

test('gc keeps build dependencies with -b, and goes by environments with -E and -e', async () => {
  const world = await smallStore()
  await world.spack('gc -yb')
  assert.is((await installed(world)).length, 5)
  addEnvironment(world.home, 'demo', [nodes.app])
  await world.spack('gc -y lib', { environment: 'demo' })
  assert.is((await installed(world)).length, 5, 'limited to what matches')
  await world.spack('gc -y -e demo -b')
  assert.equal(await installed(world), ['app', 'lib', 'libc', 'make'])
  await world.spack('gc -yE')
  assert.equal(await installed(world), ['app', 'lib', 'libc'])
  assert.is((await rejection(world.spack('gc -y -e nosuch'))).code, 'no-environment')
})

test('verify libraries and verify versions tell what does not hold any more', async () => {
  const world = await smallStore()
  const repository = join(world.home, 'spack_repo', nodes.lib.namespace!)
  const recipe = (name: string, versions: string) =>
    write(
      join(repository, 'packages', name, 'package.py'),
      `from spack.package import *\n\n\nclass ${name[0]!.toUpperCase()}${name.slice(1)}(Package):\n    ${versions}\n`,
    )
  write(join(repository, 'repo.yaml'), `repo:\n  namespace: ${nodes.lib.namespace}\n  api: v2.2\n`)
  write(join(world.home, 'user-config/repos.yaml'), `repos::\n  ${nodes.lib.namespace}: ${repository}\n`)
  recipe('lib', 'version("1.0")')
  recipe('tool', 'version("1.0", deprecated=True)')
  recipe('app', 'version("3.0")')
  assert.is((await world.spack('verify versions lib')).code, 0)
  const { code, stdout } = await world.spack('verify versions lib tool app make')
  assert.is(code, 1)
  assert.match(stdout, /tool@1\.0.*: this version is deprecated/)
  assert.match(stdout, /app@2\.0.*: its recipe does not know this version/)
  assert.match(stdout, /make@4\.4.*: no configured repository has a recipe/)
  assert.is((await world.spack('verify libraries')).code, 0)
  writeFileSync(join(world.prefixOf(nodes.lib), 'liblost.so'), tinyElf({ library: 'libnowhere.so.1' }))
  const broken = await world.spack('verify libraries lib tool')
  assert.is(broken.code, 1)
  assert.match(broken.stdout, 'liblost.so: libnowhere.so.1')
})

test('mark says which it does not find', async () => {
  const world = await smallStore()
  await world.spack('mark -e lib')
  assert.equal((await world.spack('find -x --format {name}')).stdout, 'app\nlib\ntool\n')
  assert.match(
    (await rejection(world.spack('mark -e nosuch'))).message,
    '`nosuch` does not match any installed packages',
  )
  assert.is((await rejection(world.spack('mark lib'))).exitCode, 2)
  assert.is((await rejection(world.spack('mark -e'))).exitCode, 2)
  await world.spack('mark -i -a')
  assert.equal((await world.spack('find -x --format {name}')).stdout, '')
})

test('location prints prefixes, environments and the root', async () => {
  const world = await smallStore()
  const folder = addEnvironment(world.home, 'demo', [nodes.app])
  assert.is((await world.spack('location -i app')).stdout, `${world.prefixOf(nodes.app)}\n`)
  assert.is((await world.spack('location -i libc')).stdout, '/usr\n')
  assert.is((await world.spack('location -e demo')).stdout, `${folder}\n`)
  assert.is((await world.spack('location -e', { environment: 'demo' })).stdout, `${folder}\n`)
  assert.match((await world.spack('location -r')).stdout, /\/spack\n$/)
  assert.match((await rejection(world.spack('location -i ^lib'))).message, 'matches multiple')
  assert.ok((await world.spack('location --first -i ^lib')).stdout)
  assert.is((await rejection(world.spack('location app'))).exitCode, 2)
})

test('reindex and verify speak of what they find', async () => {
  const world = await smallStore()
  const { stdout } = await world.spack('reindex')
  assert.match(stdout, 'has been reindexed to v8')
  for (const words of ['verify manifest -a', 'verify -a', 'verify manifest app', 'verify manifest --json tool']) {
    const verified = await world.spack(words)
    assert.is(verified.code, 1)
    assert.match(verified.stdout, 'manifest missing')
  }
  assert.equal(await installed(world), ['app', 'lib', 'libc', 'make', 'tool'])
})

test.run()
