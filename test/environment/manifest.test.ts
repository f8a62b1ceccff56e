import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadConfiguration } from '../../src/config/configuration.ts'
import {
  environmentAt,
  environmentNames,
  environmentScope,
  findEnvironment,
  isEnvironmentName,
} from '../../src/environment/environment.ts'
import { type LoadedEnvironment, loadEnvironment, lockIncluded } from '../../src/environment/manifest.ts'
import { printSpec } from '../../src/spec/print.ts'
import { SpackError } from '../../src/ui/error.ts'
import { isolated } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('manifest')

function write(dir: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
}

async function load(files: Record<string, string>): Promise<LoadedEnvironment> {
  const home = scratch()
  write(join(home, 'env'), files)
  const environ = { ...isolated(home), KIT: 'yes' }
  const environment = environmentAt(join(home, 'env'), join(home, 'named'))
  const configuration = await loadConfiguration({
    environ,
    cwd: home,
    environmentScopes: [environmentScope(environment)],
    environmentDir: environment.dir,
  })
  return await loadEnvironment(environment, configuration, { environ, cwd: home })
}

async function refusal(files: Record<string, string>): Promise<SpackError> {
  try {
    await load(files)
  } catch (error) {
    if (error instanceof SpackError) return error
    throw error
  }
  throw new Error('it was accepted')
}

const rootsOf = ({ userSpecs }: LoadedEnvironment) => userSpecs.map(({ spec }) => printSpec(spec))

test('definitions of included files count, and conditions see the machine and the variables', async () => {
  const loaded = await load({
    'spack.yaml': `spack:
  include: [lists.yaml]
  specs: [$libs, $more]
  definitions:
  - more: [bzip2]
    when: env['KIT'] == 'yes' and arch.satisfies('platform=' + platform)
  - more: [never]
    when: arch.satisfies('os=no-such-os')
`,
    'lists.yaml': 'definitions:\n- libs: [zlib]\n',
  })
  assert.equal(rootsOf(loaded), ['zlib', 'bzip2'])
})

test('an environment without specs is one', async () => {
  assert.equal(rootsOf(await load({ 'spack.yaml': 'spack: {}\n' })), [])
})

test('views may come from what is included; their roots are relative to the environment', async () => {
  const { views, dir } = await load({
    'spack.yaml': 'spack:\n  include: [more/]\n',
    'more/view.yaml': 'view: {mine: {root: sub/v, link_type: hardlink}}\n',
  })
  assert.equal(
    [...views.values()].map(({ name, root, linkType }) => [name, root, linkType]),
    [['mine', join(dir, 'sub/v'), 'hardlink']],
  )
})

const faults: [name: string, manifest: string, code: string, line: number][] = [
  ['an empty manifest', '', 'config-format', 1],
  ['only a comment', '# nothing\n', 'config-format', 1],
  ['YAML that ends too early', 'spack:\n  specs: [zlib\n', 'yaml-syntax', 3],
  ['a tab', 'spack:\n\tspecs: []\n', 'yaml-syntax', 2],
  ['an unknown key', 'spack:\n  viewz: true\n', 'config-format', 2],
  ['a key twice', 'spack:\n  specs: []\n  specs: []\n', 'yaml-syntax', 3],
  ['a condition with an unknown name', 'spack:\n  definitions:\n  - a: [b]\n    when: nope\n', 'condition', 3],
  ['a setting that environments may not have', 'spack:\n  config: {environments_root: /x}\n', 'environment-setting', 2],
]
for (const [name, manifest, code, line] of faults) {
  test(`refused with file and line: ${name}`, async () => {
    const error = await refusal({ 'spack.yaml': manifest })
    assert.is(error.code, code)
    assert.match(error.where ?? '', new RegExp(`/env/spack\\.yaml:${line}(:\\d+)?$`))
  })
}

test('an included environment that is not there is named', async () => {
  const error = await refusal({ 'spack.yaml': 'spack:\n  include_concrete: [/no/such/env]\n' })
  assert.is(error.code, 'include-concrete')
  assert.match(error.message, '/no/such/env')
})

test('included lockfiles give each root and node once', () => {
  const dir = scratch()
  const nodes = (letters: string) =>
    Object.fromEntries([...letters].map((l) => [l.repeat(32), { name: l, version: '1', hash: l.repeat(32) }]))
  const lock = (letters: string) =>
    JSON.stringify({
      _meta: { 'file-type': 'spack-lockfile', 'lockfile-version': 6, 'specfile-version': 5 },
      roots: [...letters].map((l) => ({ hash: l.repeat(32), spec: l })),
      concrete_specs: nodes(letters),
    })
  write(dir, {
    'one/spack.yaml': 'spack: {}',
    'one/spack.lock': lock('ab'),
    'two/spack.yaml': 'spack: {}',
    'two/spack.lock': lock('bc'),
  })
  const included = lockIncluded([join(dir, 'one'), join(dir, 'two')])
  const names = [...included.values()].map(({ roots, nodes }) => [
    roots.map(({ spec }) => spec).join(''),
    [...nodes.values()].map(({ name }) => name).join(''),
  ])
  assert.equal(names, [
    ['ab', 'ab'],
    ['c', 'c'],
  ])
})

test('names of environments', () => {
  for (const name of ['a', 'a-b_c', '1', 'a/b', 'Ünïcode']) assert.ok(isEnvironmentName(name), name)
  for (const name of ['', '-a', '/a', 'a b', 'a.b', '.', '..', 'a\n']) assert.not.ok(isEnvironmentName(name), name)
})

test('the environment is found by name, by folder, by -D and by SPACK_ENV, in this order', async () => {
  const home = scratch()
  const root = join(home, 'root')
  write(home, { 'root/here/spack.yaml': 'spack: {}', 'here/spack.yaml': 'spack: {}', 'other/spack.yaml': 'spack: {}' })
  const find = async (query: object, environ = {}) => {
    const found = await findEnvironment({ noEnvironment: false, ...query }, { cwd: home, environ }, async () => root)
    return found?.name
  }
  assert.is(await find({ environment: 'here' }), 'here')
  assert.is(await find({ environment: './here' }), join(home, 'here'))
  assert.is(await find({ environmentDir: 'here' }, { SPACK_ENV: join(home, 'other') }), join(home, 'here'))
  assert.is(await find({}, { SPACK_ENV: join(home, 'other') }), join(home, 'other'))
  assert.is(await find({}, { SPACK_ENV: join(root, 'here') }), 'here')
  assert.is(await find({ noEnvironment: true }, { SPACK_ENV: join(home, 'other') }), undefined)
  assert.is(await find({}), undefined)
  for (const query of [{ environment: 'nowhere' }, { environmentDir: 'nowhere' }]) {
    const error = await find(query).catch((error: unknown) => error)
    assert.is((error as SpackError).code, 'no-environment')
  }
})

test('named environments are listed with those in folders below and those that are tracked', () => {
  const root = scratch()
  const other = scratch()
  write(root, { 'a/spack.yaml': '', 'b/c/spack.yaml': '', '.hidden/spack.yaml': '', 'none/x': '' })
  write(other, { 'spack.yaml': '' })
  symlinkSync(other, join(root, 'tracked'))
  symlinkSync(root, join(root, 'loop'))
  assert.equal(environmentNames(root), ['a', 'b/c', 'tracked'])
  assert.is(environmentAt(other, root).name, other)
  assert.is(environmentAt(join(root, 'tracked'), root).name, 'tracked')
})

test.run()
