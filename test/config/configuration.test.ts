import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spackPaths } from '../../src/config/paths.ts'
import { settingsWorld } from './world.ts'

const test = suite('configuration')

const names = (scopes: readonly { name: string }[]): string[] => scopes.map(({ name }) => name)

test('without any file the built-in defaults hold', async () => {
  const { load, dir } = settingsWorld()
  const made = await load()
  assert.equal(names(made.scopes), ['defaults', 'system', 'site', 'user', 'spack', 'command_line'])
  assert.is(made.get('config:locks'), true)
  assert.is(made.get('config:package_lock_timeout'), null)
  assert.is(made.get('config:nothing'), undefined)
  assert.is(made.path('config:install_tree:root'), join(dir, 'root/opt/spack'))
  assert.equal(made.get('packages:all:providers:mpi'), ['openmpi', 'mpich'])
  assert.equal(made.entries('mirrors'), [['spack-public', { binary: false, url: 'https://mirror.spack.io' }]])
})

test('system, site, user, the root, an environment, -C and -c outrank each other in this order', async () => {
  const jobs = (count: number) => `config: {build_jobs: ${count}}\n`
  const { load, write, dir } = settingsWorld({ 'system/config.yaml': jobs(1) })
  const built = async (options = {}) => (await load(options)).get('config:build_jobs')
  assert.is(await built(), 1)
  write({ 'site/config.yaml': jobs(2) })
  assert.is(await built(), 2)
  write({ 'user/config.yaml': jobs(3) })
  assert.is(await built(), 3)
  write({ 'etc/config.yaml': jobs(4) })
  assert.is(await built(), 4)
  write({ 'env/spack.yaml': `spack: {${jobs(5).trim()}}`, 'more/config.yaml': jobs(6) })
  const environment = { name: 'env:e', level: 'environment', kind: 'file', isManifest: true, isWritable: true } as const
  const more = { name: 'cmd_scope_0', level: 'custom', kind: 'folder', isWritable: false } as const
  const environmentScopes = [{ ...environment, path: join(dir, 'env/spack.yaml') }]
  const commandScopes = [{ ...more, path: join(dir, 'more') }]
  assert.is(await built({ environmentScopes }), 5)
  assert.is(await built({ environmentScopes, commandScopes }), 6)
  assert.is(await built({ environmentScopes, commandScopes, commandSettings: ['config:build_jobs:7'] }), 7)
})

test('SPACK_DISABLE_LOCAL_CONFIG switches user and system settings off', async () => {
  const { load, environ } = settingsWorld({
    'system/config.yaml': 'config: {ccache: true}',
    'user/config.yaml': 'config: {build_jobs: 3}',
    'site/config.yaml': 'config: {dirty: true}',
  })
  const made = await load({ environ: { ...environ, SPACK_DISABLE_LOCAL_CONFIG: '1' } })
  assert.equal(names(made.scopes), ['defaults', 'site', 'spack', 'command_line'])
  assert.equal(
    ['ccache', 'build_jobs', 'dirty'].map((key) => made.get(`config:${key}`)),
    [false, 16, true],
  )
})

test('a root that is a Spack installation brings its own defaults and scopes', async () => {
  const { load, environ } = settingsWorld({
    'etc/include.yaml': `include:
  - {name: user, path_override_env_var: SPACK_USER_CONFIG_PATH, path: ~/.spack, optional: true, prefer_modify: true, when: '"SPACK_DISABLE_LOCAL_CONFIG" not in env'}
  - {name: site, path: $spack/etc/spack/site, optional: true}
`,
    'etc/defaults/include.yaml': 'include: [{path: "${platform}", optional: true}, {path: base}]',
    'etc/defaults/base/config.yaml': 'config: {build_jobs: 5, install_tree: {root: $spack/store}}',
    [`etc/defaults/${process.platform}/config.yaml`]: 'config: {ccache: true}',
    'user/config.yaml': 'config: {build_jobs: 6}',
  })
  const made = await load()
  const platform = `defaults:${process.platform}`
  assert.equal(names(made.scopes), [
    '_builtin',
    'defaults:base',
    platform,
    'defaults',
    'site',
    'user',
    'spack',
    'command_line',
  ])
  assert.is(made.get('config:build_jobs'), 6)
  assert.is(made.get('config:ccache'), true)
  assert.is(made.get('config:connect_timeout'), 10)
  assert.is(made.path('config:install_tree:root'), join(environ.SPACK_ROOT!, 'store'))
  const alone = await load({ environ: { ...environ, SPACK_DISABLE_LOCAL_CONFIG: '' } })
  assert.is(alone.get('config:build_jobs'), 5)
})

test('the root defaults to the data folder of the user', () => {
  const root = (environ: NodeJS.ProcessEnv) => spackPaths({ HOME: '/h', ...environ }).root
  assert.is(root({}), '/h/.local/share/spack')
  assert.is(root({ XDG_DATA_HOME: '/d' }), '/d/spack')
  assert.is(root({ XDG_DATA_HOME: '/d', SPACK_ROOT: '~/s' }), '/h/s')
})

test('a value is told with its file and line', async () => {
  const { load, dir } = settingsWorld({ 'user/config.yaml': '# mine\nconfig:\n  install_tree:\n    root: /x\n' })
  const made = await load({ commandSettings: ['config:ccache:true'] })
  assert.equal(made.origin('config:install_tree:root'), { file: join(dir, 'user/config.yaml'), line: 4 })
  assert.equal(made.origin('config:ccache'), { file: 'command_line', line: 0 })
  assert.is(made.origin('config:install_tree:padded_length'), undefined)
})

test('paths are taken from the folder of the file that they are written in', async () => {
  const { load, dir } = settingsWorld({
    'site/config.yaml': 'config: {template_dirs: [../shared, $spack/t, ~/t, /abs, https://x/y]}',
    'user/config.yaml': 'config: {source_cache: cache}',
  })
  const made = await load({ commandSettings: ['config:misc_cache:here'] })
  assert.equal(made.pathList('config:template_dirs').slice(0, 5), [
    join(dir, 'root/etc/spack/shared'),
    join(dir, 'root/t'),
    join(dir, 'home/t'),
    '/abs',
    'https://x/y',
  ])
  assert.is(made.path('config:source_cache'), join(dir, 'user/cache'))
  assert.is(made.path('config:misc_cache'), join(dir, 'here'))
  assert.is(made.substitute('$spack/x'), join(dir, 'root/x'))
  assert.is(made.substitute('x', '/base'), '/base/x')
})

test('variables of the machine are known where they are used', async () => {
  const { load } = settingsWorld({
    'user/config.yaml': 'config: {source_cache: /c/$platform-$target_family-$spack_instance_id}',
  })
  assert.match((await load()).path('config:source_cache')!, /^\/c\/\w+-\w+-[a-z2-7]{7}$/)
  const made = await settingsWorld().load({ commandSettings: ['config:source_cache:/c/$os'] })
  assert.match(made.path('config:source_cache')!, /^\/c\/\w+/)
  assert.match(await (await settingsWorld().load()).substituteInput('$arch'), /^\w+-[\w.]+-\w+$/)
})

test('$env is the active environment and stays as it is without one', async () => {
  const { load } = settingsWorld()
  assert.is((await load({ environmentDir: '/e' })).substitute('$env/x'), '/e/x')
  assert.is((await load()).substitute('$env/x'), '$env/x')
})

test('keys that look like numbers keep their place', async () => {
  const { load } = settingsWorld({ 'user/mirrors.yaml': 'mirrors:: {b: /b, 2024: /y, a: /a, 1: /one}' })
  const entries = (await load()).entries('mirrors')
  assert.equal(
    entries.map(([name]) => name),
    ['b', '2024', 'a', '1'],
  )
})

test('what is given out cannot be changed', async () => {
  const made = await settingsWorld().load()
  const config = made.section('config') as { install_tree: { root: string } }
  assert.throws(() => {
    config.install_tree.root = '/x'
  })
})

test('old forms are brought up to date', async () => {
  const { load } = settingsWorld({
    'user/config.yaml': 'config: {shared_linking: runpath}',
    'user/packages.yaml': 'packages: {zlib: {version: [1.3, 1.10, "1.2"]}}',
  })
  const made = await load()
  assert.equal(made.get('config:shared_linking:type'), 'runpath')
  assert.equal(made.get('packages:zlib:version'), ['1.3', '1.1', '1.2'])
})

test('a list of repositories is named by what their folders say', async () => {
  const { load, dir } = settingsWorld({
    'user/repos.yaml': 'repos: [DIR/one, ../spack_repo/two/three, /nowhere]',
    'one/repo.yaml': 'repo: {namespace: mine}',
    'spack_repo/two/three/repo.yaml': 'repo: {api: v2.0}',
  })
  const made = await load()
  assert.equal(Object.keys(made.section('repos') as object), ['mine', 'two.three', 'builtin'])
  assert.is(made.path('repos:two.three'), join(dir, 'spack_repo/two/three'))
  assert.equal(made.warnings, ['the repository `/nowhere` is left out: `repo.yaml` cannot be read (ENOENT)'])
})

test('a scope that does not exist is named, with the nearest that does', async () => {
  const made = await settingsWorld().load()
  assert.throws(
    () => made.scope('usr'),
    (error: { code: string; hint: string }) => error.code === 'config-scope' && error.hint.includes('`user`'),
  )
  assert.throws(
    () => made.get('confg:x'),
    (error: { code: string; hint: string }) => error.code === 'config-section' && error.hint.includes('`config`'),
  )
})

test.run()
