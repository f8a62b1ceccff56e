// `spack external read-cray-manifest`: packages into the database, compilers into packages.yaml.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { compilerRecipe, type DetectionWorld, detectionWorld, write } from './detection-world.ts'

const recipe = (name: string, body: string) =>
  `from spack.package import *\n\n\nclass ${name}(Package):\n    version("1.2", sha256="${'a'.repeat(64)}")\n${body}`

const hashOf = (letter: string) => letter.repeat(32)

const arch = { platform: 'cray', platform_os: 'sles15', target: { name: 'zen2' } }
const compiler = { name: 'gcc', version: '13.1.0' }
const solver = {
  name: 'solver',
  version: '2.0',
  arch,
  compiler,
  prefix: '/opt/solver',
  hash: hashOf('s'),
  dependencies: { mpi: { hash: hashOf('m'), type: ['link'] }, gone: { hash: hashOf('g') } },
  parameters: { shared: true, parts: ['b', 'a'], 'cray-only': 'x' },
}
const mpi = { name: 'craympi', version: '8.1', arch, compiler, prefix: '/opt/mpi', hash: hashOf('m') }
const foreign = { name: 'no-recipe', version: '1', arch, compiler, prefix: '/opt/x', hash: hashOf('x') }

function crayWorld(): DetectionWorld {
  const world = detectionWorld(
    {
      gcc: compilerRecipe,
      craympi: recipe('Craympi', '    provides("mpi")\n'),
      solver: recipe(
        'Solver',
        '    variant("shared", default=True)\n    variant("parts", default="a", values=("a", "b"), multi=True)\n    depends_on("mpi")\n',
      ),
    },
    { gcc: 'echo 13.1.0', 'g++': 'echo 13.1.0' },
  )
  write(join(world.home, 'user-config/config.yaml'), `config:\n  install_tree:\n    root: ${world.home}/store\n`)
  return world
}

const read = (world: DetectionWorld, manifest: unknown, ...words: string[]) => {
  const file = join(world.home, 'manifest.json')
  writeFileSync(file, typeof manifest === 'string' ? manifest : JSON.stringify(manifest))
  const command = ['external', 'read-cray-manifest', '--file', file, '--ignore-default-dir', ...words]
  return runCommand(world.home, command, { environ: world.environ })
}

const compilerEntry = (world: DetectionWorld) => ({
  ...compiler,
  prefix: join(world.home, 'machine'),
  executables: { cc: 'bin/gcc', cxx: 'bin/g++' },
  arch: { os: 'sles15', target: 'zen2' },
})

test('specs become records of externals with their dependencies, compilers become externals', async () => {
  const world = crayWorld()
  const { stderr } = await read(world, {
    specs: [solver, foreign, mpi],
    compilers: [compilerEntry(world), { ...compilerEntry(world), name: 'odd' }],
  })
  assert.match(stderr, '`odd` in the manifest is not a known compiler')
  assert.match(
    readFileSync(world.packagesFile, 'utf8'),
    "- spec: gcc@13.1.0 languages:='c,c++' platform=linux os=sles15 target=zen2",
  )
  const { installs } = JSON.parse(readFileSync(join(world.home, 'store/.spack-db/index.json'), 'utf8')).database
  assert.equal(Object.keys(installs).sort(), [hashOf('m'), hashOf('s')])
  const { spec, path, installed, explicit, origin } = installs[hashOf('s')]
  assert.equal([path, installed, explicit, origin], ['/opt/solver', true, false, 'external-db'])
  assert.equal(spec.parameters, { parts: ['a', 'b'], shared: true })
  assert.equal(spec.dependencies, [
    { name: 'craympi', hash: hashOf('m'), parameters: { deptypes: ['link'], virtuals: ['mpi'] } },
  ])
  assert.equal([spec.arch.platform, spec.arch.platform_os, spec.arch.target.name], ['linux', 'sles15', 'zen2'])
  assert.is(installs[hashOf('m')].ref_count, 1)
  // Once more changes nothing.
  await read(world, { specs: [solver, mpi], compilers: [compilerEntry(world)] })
  assert.is(readFileSync(world.packagesFile, 'utf8').match(/spec:/g)?.length, 1)
})

test('all manifests of a folder are read, and no other files', async () => {
  const world = crayWorld()
  const folder = join(world.home, 'manifests')
  write(join(folder, 'b.json'), JSON.stringify({ specs: [solver] }))
  write(join(folder, 'a.json'), JSON.stringify({ specs: [mpi] }))
  write(join(folder, 'readme.txt'), 'no manifest')
  const command = ['external', 'read-cray-manifest', '--ignore-default-dir', '--directory']
  const { stderr } = await runCommand(world.home, [...command, folder], { environ: world.environ })
  assert.not.match(stderr, 'readme')
  const { installs } = JSON.parse(readFileSync(join(world.home, 'store/.spack-db/index.json'), 'utf8')).database
  assert.equal(Object.keys(installs).sort(), [hashOf('m'), hashOf('s')])
  const nowhere = runCommand(world.home, [...command, join(world.home, 'nowhere')], { environ: world.environ })
  assert.match((await rejection(nowhere)).message, 'nowhere')
})

test('--dry-run writes nothing', async () => {
  const world = crayWorld()
  const { stdout } = await read(world, { specs: [mpi], compilers: [compilerEntry(world)] }, '--dry-run')
  assert.is(stdout, '==> 1 specs and 1 compilers would be added\n')
  assert.not.ok(existsSync(world.packagesFile))
  assert.not.ok(existsSync(join(world.home, 'store')))
})

test('faults are a warning, or with --fail-on-error an error, with their place', async () => {
  const world = crayWorld()
  const circle = { ...mpi, dependencies: { craympi: { hash: mpi.hash } } }
  for (const [manifest, message] of [
    ['{"specs": [', 'not JSON'],
    [{ specs: {} }, '`specs` has to be a list'],
    [{ specs: [{ ...mpi, prefix: 3 }] }, '`specs[0].prefix` has to be a text'],
    [{ specs: [{ ...mpi, hash: '../../x' }] }, '`specs[0].hash` has to be a hash'],
    [{ specs: [{ ...solver, dependencies: { mpi: { hash: 'm', type: ['weak'] } } }] }, '`weak` is not'],
    [{ specs: [circle] }, 'depends on itself'],
    [{ specs: [mpi], compilers: [{ name: 'gcc' }] }, '`compilers[0].arch` has to be an object'],
  ] as const) {
    const { stderr, code } = await read(world, manifest)
    assert.is(code, 0)
    assert.match(stderr, message)
    const error = await rejection(read(world, manifest, '--fail-on-error'), 'cray-manifest')
    assert.match(error.message, message)
  }
  const command = ['external', 'read-cray-manifest', '--file', 'absent.json']
  await rejection(runCommand(world.home, command, { environ: world.environ }), 'manifest-file')
})

test.run()
