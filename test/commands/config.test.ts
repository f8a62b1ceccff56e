import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsWorld } from '../config/world.ts'
import { isolated, type Outcome, runSpack } from '../support/program.ts'

const test = suite('spack config')

interface Shell {
  dir: string
  spack: (...args: string[]) => Outcome
  /** Output of a command that must succeed and say nothing to stderr; the world's folder is `DIR` in it. */
  out: (...args: string[]) => string
  text: (file: string) => string
  env: NodeJS.ProcessEnv
}

function shell(files: Readonly<Record<string, string>> = {}): Shell {
  const { dir, environ } = settingsWorld(files)
  const env = { ...isolated(join(dir, 'home')), ...environ }
  const spack = (...args: string[]) => runSpack(args, { cwd: dir, env })
  return {
    dir,
    env,
    spack,
    out: (...args) => {
      const { code, stdout, stderr } = spack(...args)
      assert.is(stderr, '')
      assert.is(code, 0)
      return stdout.replaceAll(dir, 'DIR')
    },
    text: (file) => readFileSync(join(dir, file), 'utf8'),
  }
}

test('get prints the merged section, blame where each line comes from', () => {
  const { out } = shell({
    'user/mirrors.yaml': 'mirrors:\n  mine:\n    url: /m   # here\n    signed: false\n',
    'site/mirrors.yaml': 'mirrors:\n  ours: https://x.y\n',
  })
  const merged = `mirrors:
  mine:
    url: /m
    signed: false
  ours: https://x.y
  spack-public:
    binary: false
    url: https://mirror.spack.io
`
  assert.is(out('config', 'get', 'mirrors'), merged)
  assert.is(out('config', '--scope', 'site', 'get', 'mirrors'), 'mirrors:\n  ours: https://x.y\n')
  assert.is(
    out('config', '--scope=user', 'get', '--json', 'mirrors'),
    '{"mirrors":{"mine":{"url":"/m","signed":false}}}\n',
  )
  const lines = out('-c', "mirrors:extra:'/e'", 'config', 'blame', 'mirrors').split('\n')
  assert.equal(
    lines.map((line) => line.replace(/ {2,}/, ' | ').trimEnd()),
    [
      '--- | mirrors:',
      'command_line | extra: /e',
      'DIR/user/mirrors.yaml:2 | mine:',
      'DIR/user/mirrors.yaml:3 | url: /m',
      'DIR/user/mirrors.yaml:4 | signed: false',
      'DIR/root/etc/spack/site/mirrors.yaml:2 | ours: https://x.y',
      'built-in | spack-public:',
      'built-in | binary: false',
      'built-in | url: https://mirror.spack.io',
      '',
    ],
  )
})

test('get without a section shows all of them, in an environment with its specs', () => {
  const { out, dir } = shell({ 'env/spack.yaml': 'spack:\n  specs: [zlib]\n  config: {build_jobs: 3}\n' })
  const plain = out('config', 'get')
  assert.ok(plain.startsWith('spack:\n  compilers: {}\n  concretizer:\n'))
  const environment = out('-D', join(dir, 'env'), 'config', 'get')
  assert.ok(environment.startsWith('spack:\n  specs: [zlib]\n  config:\n    build_jobs: 3\n    install_tree:\n'))
})

test('list and scopes', () => {
  const { out, dir } = shell({
    'user/config.yaml': 'config: {build_jobs: 3}\n',
    'user/include.yaml': 'include: [more.yaml]\n',
    'user/more.yaml': 'packages: {}\n',
    'env/spack.yaml': 'spack:\n  include:: []\n',
  })
  assert.match(out('config', 'list'), /^compilers concretizer .* toolchains\n$/)
  assert.is(out('config', 'scopes'), 'command_line\nspack\nuser\nuser:more.yaml\nsite\nsystem\ndefaults\n')
  const verbose = `Scope           Type          Status    Path
command_line    internal      active
env:${join('DIR', 'env')}     env,path      active    DIR/env/spack.yaml/
spack           path          override  DIR/root/etc/spack/
user            include,path  override  DIR/user/
user:more.yaml  include,path  override  DIR/user/more.yaml/
site            include,path  override  DIR/root/etc/spack/site/
system          include,path  override  DIR/system/
defaults        internal      active
`
  const squeeze = (text: string) => text.replace(/ {2,}/g, '  ').replace(/ +$/gm, '')
  assert.is(squeeze(out('-D', join(dir, 'env'), 'config', 'scopes', '-v', '-p')), squeeze(verbose))
  assert.is(
    squeeze(out('config', 'scopes', '-t', 'path', '-v', 'config')).split('\n')[2],
    'user  include,path  active  DIR/user/config.yaml',
  )
  assert.is(out('config', 'scopes', '-t', 'internal'), 'command_line\ndefaults\n')
})

test('add writes what is new and leaves the rest of the file as it was', () => {
  const { out, text } = shell({ 'user/config.yaml': '# mine\nconfig:\n  # few cores\n  build_jobs: 4 # jobs\n' })
  out('config', 'add', 'config:build_jobs:8')
  out('config', 'add', 'config:template_dirs:/t')
  out('config', 'add', 'config:template_dirs:/u')
  out('config', 'add', 'config:install_tree::root:/s')
  assert.is(
    text('user/config.yaml'),
    `# mine
config:
  # few cores
  build_jobs: 8 # jobs
  template_dirs:
  - /u
  - /t
  install_tree::
    root: /s
`,
  )
  out('config', '--scope', 'site', 'add', "packages:zlib:require:'@1.2:'")
  assert.is(text('root/etc/spack/site/packages.yaml'), "packages:\n  zlib:\n    require: '@1.2:'\n")
})

test('in an environment add changes the manifest', () => {
  const manifest = '# mine\nspack:\n  specs:\n  - zlib # this\n  concretizer: {unify: true}\n'
  const { out, text, dir } = shell({ 'env/spack.yaml': manifest })
  out('-D', join(dir, 'env'), 'config', 'add', 'concretizer:unify:when_possible')
  out('-D', join(dir, 'env'), 'config', 'add', 'config:ccache:true')
  assert.is(text('env/spack.yaml'), `${manifest.replace('true', 'when_possible')}  config:\n    ccache: true\n`)
  assert.not(existsSync(join(dir, 'user')))
})

test('add takes a file of settings, also a manifest', () => {
  const { out, text, dir } = shell({
    'user/config.yaml': 'config: {build_jobs: 4}\n',
    'more.yaml': 'config:\n  ccache: true\npackages:\n  all:\n    target: [zen2]\n',
    'other/spack.yaml': 'spack:\n  specs: [zlib]\n  config: {dirty: true}\n',
  })
  out('config', 'add', '-f', join(dir, 'more.yaml'))
  out('config', 'add', '--file', 'other/spack.yaml')
  assert.is(text('user/config.yaml'), 'config: {dirty: true, ccache: true, build_jobs: 4}\n')
  assert.is(text('user/packages.yaml'), 'packages:\n  all:\n    target: [zen2]\n')
})

test('remove takes keys, values and items of lists', () => {
  const { out, text, spack } = shell({
    'user/config.yaml': 'config:\n  build_jobs: 4\n  ccache: true\n  template_dirs: [/a, /b, /c]\n',
    'user/packages.yaml': 'packages:\n  zlib: {require: ["@1.2:", +pic]}\n  xz: {buildable: false}\n',
  })
  out('config', 'remove', 'config:build_jobs:4')
  out('config', 'rm', 'config:ccache')
  out('config', 'rm', 'config:template_dirs:/b')
  out('config', 'rm', 'config:template_dirs:[/a, /c]')
  out('config', 'rm', "packages:zlib:require:'@1.2:'")
  out('config', 'rm', 'packages:xz')
  assert.is(text('user/config.yaml'), 'config:\n  template_dirs: []\n')
  assert.is(text('user/packages.yaml'), 'packages:\n  zlib: {require: [+pic]}\n')
  const nothing = spack('config', 'rm', 'config:locks')
  assert.is(nothing.code, 0)
  assert.match(nothing.stderr, /`config:locks` is not set in the scope `user`/)
  const noItem = spack('config', 'rm', 'packages:zlib:require:+shared')
  assert.is(noItem.code, 1)
  assert.match(noItem.stderr, /the list has no such item/)
})

test('a change that would make the file wrong is not written', () => {
  const { spack, text, dir } = shell({ 'user/config.yaml': 'config:\n  build_jobs: 4\n' })
  const refused = spack('config', 'add', 'config:build_jobs:many')
  assert.is(refused.code, 1)
  assert.match(refused.stderr, /`config:build_jobs` must be a whole number, not the text `many`/)
  assert.is(text('user/config.yaml'), 'config:\n  build_jobs: 4\n')
  assert.equal(readdirSync(join(dir, 'user')), ['config.yaml'])
})

test('scopes that cannot be written are refused, with those that can', () => {
  const { spack } = shell()
  for (const name of ['command_line', 'defaults']) {
    const { code, stderr } = spack('config', '--scope', name, 'add', 'config:ccache:true')
    assert.is(code, 1)
    assert.match(stderr, /cannot be changed[\s\S]*hint: scopes that can be: `spack`, `user`, `site`, `system`/)
  }
  assert.match(spack('config', '--scope', 'usr', 'get', 'config').stderr, /there is no scope `usr`[\s\S]*`user`/)
})

test('a link to a file of settings stays one, and so does the mode', () => {
  const { dir, out, text } = shell({ 'dotfiles/config.yaml': 'config: {}\n', 'user/x': '' })
  const file = join(dir, 'user/config.yaml')
  symlinkSync('../dotfiles/config.yaml', file)
  const { mode } = statSync(file)
  out('config', 'add', 'config:ccache:true')
  assert.ok(lstatSync(file).isSymbolicLink())
  assert.is(statSync(file).mode, mode)
  assert.is(text('dotfiles/config.yaml'), 'config:\n  ccache: true\n')
})

test('edit starts the editor on the file, which may be broken', () => {
  const { out, spack, dir, env } = shell({ 'user/config.yaml': 'config: [', 'env/spack.yaml': 'spack: [' })
  assert.is(out('config', 'edit', '--print-file', 'config'), 'DIR/user/config.yaml\n')
  assert.is(out('-D', join(dir, 'env'), 'config', 'edit', '--print-file'), 'DIR/env/spack.yaml\n')
  writeFileSync(join(dir, 'ed.sh'), 'printf "%s" "$*" > "$HOME/edited"\n')
  mkdirSync(join(dir, 'home'))
  const edited = runSpack(['config', '--scope', 'site', 'edit', 'packages'], {
    cwd: dir,
    env: { ...env, EDITOR: `sh ${join(dir, 'ed.sh')} -w` },
  })
  assert.is(edited.code, 0)
  assert.is(readFileSync(join(dir, 'home/edited'), 'utf8'), `-w ${join(dir, 'root/etc/spack/site/packages.yaml')}`)
  const missing = runSpack(['config', 'edit', 'packages'], { cwd: dir, env: { ...env, EDITOR: 'no-such-editor' } })
  assert.is(missing.code, 1)
  assert.match(missing.stderr, /the editor `no-such-editor` could not be started/)
  assert.is(spack('config', 'edit').code, 2)
})

test('update brings old forms to the present one and revert brings them back', () => {
  const old = '# mine\nconfig:\n  shared_linking: runpath\n  build_jobs: 4\n'
  const { out, text, dir, spack } = shell({ 'user/config.yaml': old })
  assert.is(spack('config', 'update', 'config').code, 1, 'nobody answered')
  assert.is(text('user/config.yaml'), old)
  out('config', 'update', '-y', 'config')
  assert.is(
    text('user/config.yaml'),
    '# mine\nconfig:\n  shared_linking:\n    type: runpath\n    bind: false\n  build_jobs: 4\n',
  )
  assert.match(out('config', 'update', '-y', 'config'), /No updates needed/)
  out('config', 'revert', '-y', 'config')
  assert.is(text('user/config.yaml'), old)
  assert.not(existsSync(join(dir, 'user/config.yaml.bkp')))
})

test('global flags are settings', () => {
  const { out } = shell()
  const value = (key: string, ...flags: string[]) =>
    new RegExp(`^  ${key}: (.*)$`, 'm').exec(out(...flags, 'config', 'get', 'config'))?.[1]
  assert.is(value('verify_ssl'), 'true')
  assert.is(value('verify_ssl', '-k'), 'false')
  assert.is(value('locks', '-L'), 'false')
  assert.is(value('build_jobs', '-c', 'config:build_jobs:3', '-c', 'config:build_jobs:5'), '5')
})

test('-C names folders and environments, the later the stronger', () => {
  const { out, spack } = shell({
    'one/config.yaml': 'config: {build_jobs: 1}',
    'two/spack.yaml': 'spack: {config: {build_jobs: 2}}',
  })
  const jobs = (...flags: string[]) => /build_jobs: (\d+)/.exec(out(...flags, 'config', 'get', 'config'))?.[1]
  assert.is(jobs('-C', 'two', '-C', 'one'), '1')
  assert.is(jobs('-C', 'one', '-C', 'two'), '2')
  assert.is(spack('-C', 'three', 'config', 'get', 'config').code, 2)
})

test('faults of use', () => {
  const { spack } = shell()
  const codes = (...args: string[]) => spack('config', ...args).code
  assert.is(codes(), 2)
  assert.is(codes('gte'), 2)
  assert.is(codes('get', 'config', 'packages'), 2)
  assert.is(codes('get', 'confg'), 1)
  assert.is(codes('--scope', 'defaults', 'get'), 2)
  assert.is(codes('add'), 2)
  assert.is(codes('rm', 'config'), 1)
  assert.is(codes('--nope', 'get'), 2)
  assert.match(spack('config', '--help').stdout, /--scope SCOPE[\s\S]*configuration scope/)
})

test.run()
