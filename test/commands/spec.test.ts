// `spack spec`, `spack solve` and `spack install SPEC`, over a small repository:
//
//   program ─▶ base ◀─ plain        program needs C: gcc 12.2.0, an external, with its runtime and C library

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { write } from '../detection/detection-world.ts'
import { concretizerWorld, plainRecipe } from '../support/concretizer-world.ts'
import { runCommand } from '../support/invocation.ts'
import { isolated, runProgram, runSpack, spackProgram } from '../support/program.ts'
import { rejection } from '../support/rejection.ts'
import { kit, withKit } from '../support/shared.ts'

const { home, environ } = concretizerWorld()
const run = (...words: string[]) => runCommand(home, words, { environ })
const names = (text: string) => [...text.matchAll(/^(?: - |\[.\]) *\^?([\w-]+@[\w.]+)/gm)].map(([, name]) => name)

test('a spec has what its recipe needs, and what using its compiler brings along', async () => {
  const { stdout } = await run('spec', 'program')
  assert.equal(names(stdout), [
    'program@1.0',
    'base@2.0',
    'compiler-wrapper@1.0',
    'gcc@12.2.0',
    'gcc-runtime@12.2.0',
    'glibc@2.36',
  ])
  assert.match(stdout, /^\[e\] {6}\^glibc@2\.36 /m)
  assert.match(stdout, / %c=gcc@12\.2\.0\n/)
})

test('recipes that changed since they were indexed count, whatever those before would have answered', async () => {
  const world = concretizerWorld()
  const own = (...words: string[]) => runCommand(world.home, words, { environ: world.environ })
  const change = (name: string, className: string, ...lines: string[]) =>
    write(join(world.recipesFolder, name, 'package.py'), plainRecipe(className, ...lines))
  // The first time files may just have been written, and are looked into once more.
  for (const _ of [1, 2]) assert.ok(names((await own('spec', 'plain')).stdout).includes('base@2.0'))
  change('base', 'Base', 'version("3.0")')
  assert.equal(names((await own('spec', 'plain')).stdout).slice(0, 2), ['plain@1.0', 'base@3.0'])
  change('base', 'Base', 'version("4.0")')
  assert.match((await own('solve', 'plain')).stdout, /\^base@4\.0/)
  change('base', 'Base', 'version("5.0")')
  assert.match((await own('why', 'plain', 'base')).stdout, /base@5\.0/)
  change('plain', 'Plain', 'version("1.0")', 'depends_on("base@6:")')
  await rejection(own('spec', 'plain'), 'unsatisfiable')
  change('plain', 'Plain', 'version("1.1")')
  assert.equal(names((await own('spec', 'plain')).stdout), ['plain@1.1'])
})

test('what is called directly in other libraries is only quicker: without the addon that can, all is the same', () => {
  const world = concretizerWorld()
  const dist = join(world.home, 'dist')
  cpSync(join(spackProgram, '..'), dist, { recursive: true, filter: (path) => !path.endsWith('.node') })
  const env = { ...isolated(world.home), ...world.environ }
  const specs = (program: string) =>
    runProgram(process.execPath, [program, '-L', 'spec', '--json', 'program'], { env }).stdout
  assert.match(specs(spackProgram), /"name": ?"program"/)
  assert.is(specs(join(dist, 'spack.js')), specs(spackProgram))
  write(join(world.recipesFolder, 'base/package.py'), plainRecipe('Base', 'version("3.0")'))
  assert.match(specs(join(dist, 'spack.js')), /"version": ?"3\.0"/)
})

withKit(test, 'the recipe of a compiler states its rules to Python once, word for word', async () => {
  await run('spec', 'program')
  const folder = join(home, 'user-cache/runtimes')
  const [file, ...more] = readdirSync(folder)
  assert.equal(more, [])
  const { calls } = JSON.parse(readFileSync(kit('recipes/runtime-gcc-12.2.0.json'), 'utf8'))
  const expected = calls
    .filter(({ origin }: { origin: string }) => origin === 'recipe')
    .map(({ origin: _, virtual: __, ...call }: Record<string, unknown>) => call)
  const kept = JSON.parse(readFileSync(join(folder, file!), 'utf8'))
  assert.equal(
    kept.map((call: object) => Object.fromEntries(Object.entries(call).sort())),
    expected.map((call: object) => Object.fromEntries(Object.entries(call).sort())),
  )
  const warm = await runCommand(home, ['spec', 'program'], { environ: { ...environ, SPACK_PYTHON: '/no/python' } })
  assert.is(warm.code, 0)
})

test('specs on a command line and in settings use the toolchains of the configuration', async () => {
  const configSettings = [`toolchains:gnu:'%c=gcc@12'`]
  const { stdout } = await runCommand(home, ['spec', 'program %gnu'], { environ, configSettings })
  assert.match(stdout, / %c=gcc@12\.2\.0\n/)
  await rejection(run('spec', 'program %gnu'), 'unknown-package')
  const required = (gnu: string) =>
    runCommand(home, ['spec', 'program'], {
      environ,
      configSettings: [`toolchains:gnu:${gnu}`, `packages:program:require:'%gnu'`],
    })
  assert.match((await required(`'%c=gcc@12'`)).stdout, / %c=gcc@12\.2\.0\n/)
  await rejection(required(`'%c=gcc@13'`), 'unsatisfiable')
  await rejection(required(`'%[when=%c] c=gcc@13'`), 'unsatisfiable')
  assert.match((await required(`'%[when=%cxx] c=gcc@13'`)).stdout, / %c=gcc@12\.2\.0\n/)
})

test('flags say how specs are shown', async () => {
  assert.match(
    (await run('spec', '-N', '-l', '-t', '--no-install-status', 'plain')).stdout,
    /^\w{7} {2}\[ {4}\] {2}tiny\.plain@1\.0~loud/,
  )
  assert.is((await run('spec', '--format', '{name}{@version}{variants.loud}', 'plain+loud')).stdout, 'plain@1.0+loud\n')
  const whole = JSON.parse((await run('spec', '--json', 'plain')).stdout)
  assert.equal(
    whole.spec.nodes.map(({ name }: { name: string }) => name),
    ['plain', 'base'],
  )
  await rejection(run('spec', '--json', '--yaml', 'plain'), 'usage')
})

test('find shows configured externals, and those of the machine', async () => {
  const { stdout } = await run('find', '--show-configured-externals', '-p', '--no-groups')
  assert.match(stdout, /^gcc@12\.2\.0 +\/usr$/m)
  assert.match(stdout, /^glibc@/m)
  assert.match((await run('find', '--show-configured-externals', '--no-groups', 'gcc')).stdout, /^gcc@12\.2\.0\n$/)
})

test('several specs are one graph, or several, as is configured', async () => {
  const shown = async (unify: string) =>
    (
      await runCommand(home, ['spec', '--format', '{^base.version}', 'plain', 'program ^base@1'], {
        environ,
        configSettings: [`concretizer:unify:${unify}`],
      })
    ).stdout
  assert.is(await shown('true'), '1.0\n1.0\n')
  assert.is(await shown('false'), '2.0\n1.0\n')
})

test('what cannot be asked is refused, with what was meant', async () => {
  assert.match((await rejection(run('spec', 'porgram'), 'unknown-package')).hint!, /`program`/)
  assert.match((await rejection(run('spec', 'plain+lout'), 'unknown-variant')).hint!, /`loud`/)
  assert.match((await rejection(run('spec', 'base@0.9'), 'deprecated-version')).hint!, /--deprecated/)
  assert.match((await run('spec', '--deprecated', 'base@0.9')).stdout, /base@0\.9/)
  await rejection(run('spec', 'base@7'), 'unknown-version')
  await rejection(run('spec', '--fresh', '--reuse', 'base'), 'usage')
  await rejection(run('spec'), 'usage')
})

test('without a compiler what needs none is concretized, and for the rest it is said that there is none', async () => {
  const bare = concretizerWorld()
  writeFileSync(bare.packagesFile, 'packages: {}\n')
  const tell = (word: string) =>
    runCommand(bare.home, ['spec', word], { environ: { ...bare.environ, PATH: '/nowhere' } })
  assert.match((await tell('plain')).stdout, /plain@1\.0/)
  assert.match((await rejection(tell('program'), 'no-compiler')).hint!, /compiler find/)
})

test('solve shows the answers before the first of several requests that has none', () => {
  const env = { ...isolated(home), ...environ }
  const settings = ['-c', 'concretizer:unify:false', '-c', 'packages:base:require:"@2"']
  const words = [...settings, 'solve', '--show', 'solutions', 'plain', 'base@1', 'program']
  const { code, stdout, stderr } = runSpack(words, { env })
  assert.is(code, 1)
  assert.match(stdout, /^==> SOLVING SPEC: plain\n(.*\n)* - .* plain@1\.0/)
  assert.match(stdout, /==> SOLVING SPEC: base@1\n$/)
  assert.match(stderr, /`base@1` cannot be concretized/)
})

test('solve shows the criteria with what they cost, and no logic program', async () => {
  const { stdout } = await run('solve', '--timers', '--stats', 'plain ^base@1')
  assert.match(stdout, / {7}1 +0 {2}number of input specs not concretized/)
  assert.match(stdout, /\n {8}13 +1 {2}version badness \(non roots\)/)
  assert.match(stdout, /setup +\d\.\d{3}s/)
  assert.match(stdout, /conflicts +\d/)
  assert.is((await run('solve', '--show', 'opt', 'plain')).stdout.includes('plain@1.0'), false)
  assert.match((await rejection(run('solve', '--show', 'asp', 'plain'), 'usage')).hint!, /no logic program/)
})

test('a spec is installed without an environment, reused from then on, and found by its hash', async () => {
  const outer = concretizerWorld()
  const spack = (...words: string[]) =>
    runSpack(words, { env: { ...isolated(outer.home), SPACK_PYTHON: '/usr/bin/python3' } })
  const installed = spack('install', 'plain+loud', '^base@1')
  assert.is(installed.code, 0, installed.stderr)
  assert.match(installed.stdout, /2 specs for plain\+loud \^base@1: 0 installed, 0 external, 2 to install/)
  assert.equal(readdirSync(join(outer.home, 'user-cache/installs')), [])
  assert.match(spack('find', '--explicit').stdout, /plain@1\.0/)
  const shown = (...words: string[]) =>
    spack('spec', '--format', '{name}{@version}{variants.loud} {^base.version}', ...words).stdout
  assert.is(shown('plain'), 'plain@1.0+loud 1.0\n')
  assert.is(shown('--fresh', 'plain'), 'plain@1.0~loud 2.0\n')
  assert.is(shown('--reuse-deps', 'plain'), 'plain@1.0~loud 1.0\n')
  const hash = spack('find', '--format', '{hash:7}', 'plain').stdout.trim()
  assert.is(shown(`/${hash}`), 'plain@1.0+loud 1.0\n')
})

test.run()
