// `spack compiler`: finding, listing, describing and removing compilers, and doing so by itself when there is none.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { ensureCompilers } from '../../src/detection/compilers.ts'
import { usableRepositories } from '../../src/recipes/configured-repositories.ts'
import { openRepositoryPath } from '../../src/recipes/repository-path.ts'
import { runCommand } from '../support/invocation.ts'
import { isolated } from '../support/program.ts'
import { rejection } from '../support/rejection.ts'
import { makeTinyCache } from '../support/tiny-cache.ts'
import { addProgram, compilerRecipe, type DetectionWorld, detectionWorld, write } from './detection-world.ts'

const compilerWorld = () => detectionWorld({ gcc: compilerRecipe }, { gcc: 'echo 13.1.0', 'g++': 'echo 13.1.0' })

const run = (world: DetectionWorld, ...words: string[]) => runCommand(world.home, words, { environ: world.environ })

const packages = (world: DetectionWorld) =>
  existsSync(world.packagesFile) ? readFileSync(world.packagesFile, 'utf8').replaceAll(world.home, 'HOME') : ''

const found = `packages:
  gcc:
    externals:
    - spec: gcc@13.1.0 languages:='c,c++'
      prefix: HOME/machine
      extra_attributes:
        compilers:
          c: HOME/machine/bin/gcc
          cxx: HOME/machine/bin/g++
`

test('compilers on PATH are added once, with their programs', async () => {
  const world = compilerWorld()
  const { stdout } = await run(world, 'compiler', 'find')
  assert.match(stdout, '==> Added 1 new compiler to')
  assert.match(stdout, '    gcc@13.1.0\n==> Compilers are defined in the following files:\n')
  assert.is(packages(world), found)
  assert.match((await run(world, 'compiler', 'find')).stdout, '==> Found no new compilers\n')
})

test('a compiler that is written with `=` for its languages is not added again', async () => {
  const world = compilerWorld()
  const written = found.replace('languages:=', 'languages=').replaceAll('HOME', world.home)
  write(world.packagesFile, written)
  assert.match((await run(world, 'compiler', 'find')).stdout, '==> Found no new compilers\n')
  assert.is(readFileSync(world.packagesFile, 'utf8'), written)
})

test('a compiler that lacks what its recipe demands is not added', async () => {
  const world = detectionWorld({ gcc: compilerRecipe }, { 'g++': 'echo 13.1.0' })
  const { stdout, stderr } = await run(world, 'compiler', 'find')
  assert.match(stdout, 'Found no new compilers')
  assert.match(stderr, 'a compiler without C')
})

test('list and info show compilers by name, system and target family, with what the recipe fills in', async () => {
  const world = compilerWorld()
  await run(world, 'compiler', 'find')
  const listed = await run(world, 'compilers')
  assert.match(listed.stdout, /^==> Available compilers\n-- gcc \S+-\S+ -+\n\[e\] {2}gcc@13\.1\.0\n$/)
  const { stdout } = await run(world, 'compiler', 'info', 'gcc@13')
  assert.match(stdout, /^\[e\] {2}gcc@=13\.1\.0~strip .*languages:='c,c\+\+' platform=\S+ os=\S+ target=\S+\n/)
  const { bin } = world
  assert.match(stdout, `    cc: ${join(bin, 'gcc')}\n    cxx: ${join(bin, 'g++')}\n    fortran: None\n`)
  const error = await rejection(run(world, 'compiler', 'info', 'gcc@99'), 'no-compiler')
  assert.match(error.message, '`gcc@99`')
})

test('with --remote, compilers of build caches are listed, too', async () => {
  const world = compilerWorld()
  const tiny = await makeTinyCache(
    join(world.home, 'cache'),
    [{ name: 'gcc', version: '14.1.0' }, { name: 'lib' }],
    undefined,
  )
  write(join(world.home, 'user-config/mirrors.yaml'), `mirrors:\n  tiny: {url: ${tiny.mirror}, signed: false}\n`)
  await run(world, 'compiler', 'find')
  assert.not.match((await run(world, 'compiler', 'list')).stdout, '14.1.0')
  const { stdout } = await run(world, 'compiler', 'list', '--remote')
  assert.match(stdout, /^ - {3}gcc@14\.1\.0$/m)
  assert.not.match(stdout, 'lib')
  assert.match((await run(world, 'compiler', 'info', '--remote', 'gcc@14')).stdout, '  prefix: None\n')
})

test('remove takes one compiler away and leaves comments; several need `-a`', async () => {
  const world = compilerWorld()
  const other = join(world.home, 'other/bin')
  addProgram(other, 'gcc', 'echo 12.2.0')
  await run(world, 'compiler', 'find')
  await run(world, 'compiler', 'find', other)
  write(world.packagesFile, `# the machine's\n${readFileSync(world.packagesFile, 'utf8')}`)
  const several = await rejection(run(world, 'compiler', 'remove', 'gcc'), 'ambiguous')
  assert.match(several.detail ?? '', 'gcc@=12.2.0')
  const unknown = await rejection(run(world, 'compiler', 'remove', 'gc'), 'no-compiler')
  assert.match(unknown.hint ?? '', 'did you mean `gcc`?')
  assert.match((await run(world, 'compiler', 'remove', 'gcc@12')).stdout, '    gcc@=12.2.0\n')
  assert.is(packages(world), `# the machine's\n${found}`)
  await run(world, 'compiler', 'remove', '-a', 'gcc')
  assert.is(packages(world), "# the machine's\npackages: {}\n")
})

async function ensure(world: DetectionWorld) {
  const environ = { ...isolated(world.home), ...world.environ }
  const configuration = await loadConfiguration({ environ, cwd: world.home })
  const { userCache } = configuration.paths
  const recipes = await openRepositoryPath(await usableRepositories(configuration), { userCache, environ })
  let said = ''
  try {
    const say = (text: string) => void (said += text)
    const hasWritten = await ensureCompilers(configuration, recipes, { environ, cwd: world.home, say })
    return { hasWritten, said }
  } finally {
    recipes.close()
  }
}

test('without any compiler those on PATH go to the settings of the user, and it is said', async () => {
  const world = compilerWorld()
  assert.equal(await ensure(world), {
    hasWritten: true,
    said: '==> Compilers have been configured automatically from PATH inspection\n',
  })
  assert.is(packages(world), found)
  assert.equal(await ensure(world), { hasWritten: false, said: '' })
})

test('no compiler anywhere is an error that says what to do; compilers.yaml of old says where they go now', async () => {
  const world = detectionWorld({ gcc: compilerRecipe }, {})
  assert.match((await rejection(ensure(world), 'no-compiler')).hint ?? '', 'spack compiler find')
  write(
    join(world.home, 'user-config/compilers.yaml'),
    `compilers:
- compiler:
    spec: gcc@9.4.0
    paths: {cc: /usr/bin/gcc, cxx: null, f77: null, fc: null}
    modules: []
    operating_system: debian12
`,
  )
  const error = await rejection(ensure(world), 'old-compilers')
  assert.match(error.where ?? '', 'compilers.yaml:2')
  assert.match(
    (await run(world, 'compiler', 'list')).stderr,
    'compilers.yaml:2: compilers in `compilers.yaml` are not used',
  )
})

test.run()
