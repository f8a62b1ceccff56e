import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isolated, type Outcome, runSpack } from '../support/program.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { addEnvironment, nodes, smallStore } from '../support/stores.ts'

const test = suite('env')

interface Home {
  dir: string
  named: (name: string, file?: string) => string
  spack: (...args: string[]) => Outcome
  /** Runs and must succeed. */
  ok: (...args: string[]) => string
  env: NodeJS.ProcessEnv
}

function home(environ: NodeJS.ProcessEnv = {}): Home {
  const dir = scratch()
  const env = { ...isolated(dir), ...environ }
  const spack = (...args: string[]) => runSpack(args, { env, cwd: dir })
  return {
    dir,
    env,
    named: (name, file = '') => join(dir, 'spack/var/spack/environments', name, file),
    spack,
    ok: (...args) => {
      const { code, stdout, stderr } = spack(...args)
      assert.is(code, 0, `${args.join(' ')}: ${stderr}`)
      return stdout
    },
  }
}

const hash = (letter: string) => letter.repeat(32)
const lockText = (letters: string): string =>
  JSON.stringify({
    _meta: { 'file-type': 'spack-lockfile', 'lockfile-version': 6, 'specfile-version': 5 },
    spack: { version: '1.2.0', type: 'release' },
    roots: [...letters].map((letter) => ({ hash: hash(letter), spec: `pkg-${letter}@1` })),
    concrete_specs: Object.fromEntries(
      [...letters].map((letter) => [
        hash(letter),
        {
          name: `pkg-${letter}`,
          version: '1',
          arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64' },
          namespace: 'kit',
          parameters: {},
          annotations: { original_specfile_version: 5 },
          hash: hash(letter),
        },
      ]),
    ),
  })

test('environments are created, listed, renamed and removed', () => {
  const { ok, spack, named } = home()
  ok('env', 'create', 'one')
  ok('env', 'create', 'group/two', '--without-view')
  assert.is(ok('env', 'list'), 'one\n')
  assert.is(spack('env', 'create', 'one').code, 1)
  ok('env', 'rename', 'one', 'three')
  assert.not.ok(existsSync(named('one')))
  assert.is(ok('env', 'ls'), 'three\n')
  assert.is(spack('env', 'remove', '-y', 'one').code, 1)
  ok('env', 'rm', '-y', 'three')
  assert.is(ok('env', 'ls'), '')
})

test('a name with a slash is a folder, as in Spack', () => {
  const { ok, dir } = home()
  ok('env', 'create', './here')
  assert.ok(existsSync(join(dir, 'here/spack.yaml')))
  ok('env', 'create', '-d', 'there')
  assert.ok(existsSync(join(dir, 'there/spack.yaml')))
})

test('status says which environment is active, and where', () => {
  const { ok, spack, dir } = home()
  ok('env', 'create', 'one')
  ok('env', 'create', '-d', '.')
  assert.is(ok('env', 'status'), '==> No active environment\n')
  assert.is(ok('-e', 'one', 'env', 'st'), '==> In environment one\n')
  assert.is(ok('-D', '.', 'env', 'st'), `==> Using spack.yaml in current directory: ${dir}\n`)
  const { code, stderr } = spack('-e', 'oen', 'env', 'st')
  assert.is(code, 1)
  assert.match(stderr, /no environment `oen`[\s\S]*did you mean `one`\?/)
})

test('a manifest is taken over with its comments, and what it includes from its own folder', () => {
  const { ok, dir } = home()
  mkdirSync(join(dir, 'from/sub'), { recursive: true })
  writeFileSync(
    join(dir, 'from/spack.yaml'),
    `# top
spack:
  include:
  - sub/packages.yaml
  specs:
  - zlib   # why
  develop:
    zlib:
      spec: zlib@1.3
      path: ./src   # here
  mirrors:
    near: ./mirror
    far: https://example.com/mirror
    both:
      fetch: ../elsewhere
      push: {url: ./mirror}
`,
  )
  writeFileSync(join(dir, 'from/sub/packages.yaml'), 'packages: {}\n')
  ok('env', 'create', '-d', 'to', 'from/spack.yaml', '--without-view')
  const text = readFileSync(join(dir, 'to/spack.yaml'), 'utf8')
  assert.match(text, '# top')
  assert.match(text, 'zlib   # why')
  assert.match(text, `path: ${join(dir, 'from/src')}   # here`)
  assert.match(text, `near: ${join(dir, 'from/mirror')}`)
  assert.match(text, 'far: https://example.com/mirror')
  assert.match(text, `fetch: ${join(dir, 'elsewhere')}`)
  assert.match(text, `url: ${join(dir, 'from/mirror')}`)
  assert.match(text, 'view: false')
  assert.ok(existsSync(join(dir, 'to/sub/packages.yaml')))
  ok('env', 'create', '-d', 'kept', 'from/spack.yaml', '--keep-relative')
  assert.match(readFileSync(join(dir, 'kept/spack.yaml'), 'utf8'), 'path: ./src   # here')
})

test('from a lockfile comes a manifest with its roots, and the lockfile as it is', () => {
  const { ok, dir } = home()
  writeFileSync(join(dir, 'my.lock'), lockText('ab'))
  ok('env', 'create', '-d', 'to', 'my.lock')
  assert.is(readFileSync(join(dir, 'to/spack.lock'), 'utf8'), lockText('ab'))
  assert.match(readFileSync(join(dir, 'to/spack.yaml'), 'utf8'), /- pkg-a@1\n\s*- pkg-b@1\n/)
})

test('an environment is copied whole, but for what it keeps for itself', () => {
  const { ok, dir, named } = home()
  ok('env', 'create', 'one')
  writeFileSync(named('one', 'spack.lock'), lockText('a'))
  writeFileSync(named('one', 'notes.txt'), 'x')
  mkdirSync(named('one', '.spack-env'))
  writeFileSync(named('one', '.spack-env/own'), 'x')
  ok('env', 'create', '-d', 'copy', 'one')
  assert.ok(existsSync(join(dir, 'copy/notes.txt')))
  assert.ok(existsSync(join(dir, 'copy/spack.lock')))
  assert.not.ok(existsSync(join(dir, 'copy/.spack-env/own')))
})

test('concrete environments are included with their locked specs', () => {
  const { ok, spack, named } = home()
  ok('env', 'create', 'base')
  assert.match(spack('env', 'create', '--include-concrete', 'base', 'top').stderr, /not concretized/)
  writeFileSync(named('base', 'spack.lock'), lockText('a'))
  ok('env', 'create', '--include-concrete', 'base', 'top')
  assert.match(readFileSync(named('top', 'spack.yaml'), 'utf8'), named('base').replace(/\/$/, ''))
  const lock = JSON.parse(readFileSync(named('top', 'spack.lock'), 'utf8'))
  assert.equal(Object.keys(lock.include_concrete), [named('base').replace(/\/$/, '')])
  const { code, stderr } = spack('env', 'rm', '-y', 'base')
  assert.is(code, 1)
  assert.match(stderr, /included in the environment `top`/)
  ok('env', 'rm', '-f', 'base')
})

for (const [name, file, text, message] of [
  ['a manifest with a mistake', 'spack.yaml', 'spack:\n  specs: [zlib@@1]\n', /from\/spack\.yaml:2/],
  ['a manifest with an unknown key', 'spack.yaml', 'spack:\n  spec: []\n', /from\/spack\.yaml:2[\s\S]*specs/],
  ['a lockfile that is cut off', 'a.lock', '{"_meta": {', /cut off/],
  ['a lockfile of a later version', 'a.lock', '{"_meta": {"lockfile-version": 99}}', /99/],
] as const) {
  test(`nothing is created from ${name}`, () => {
    const { spack, dir } = home()
    mkdirSync(join(dir, 'from'))
    writeFileSync(join(dir, 'from', file), text)
    const { code, stderr } = spack('env', 'create', '-d', 'to', join('from', file))
    assert.is(code, 1)
    assert.match(stderr, message)
    assert.not.match(stderr, 'internal error')
    assert.not.ok(existsSync(join(dir, 'to')))
  })
}

test('what cannot become an environment is refused, with a way on', () => {
  const { spack, ok, dir } = home()
  ok('env', 'create', 'taken')
  mkdirSync(join(dir, 'empty'))
  writeFileSync(join(dir, 'file'), '')
  const refusals: [words: string[], message: RegExp][] = [
    ...['a b', 'a.b', '-x'].map((name): [string[], RegExp] => [['--', name], /cannot be the name of an environment/]),
    [['a', 'no.lock'], /no file or environment/],
    [['a', 'empty'], /`\S+\/empty` is no environment: it has no `spack.yaml`/],
    [['taken'], /there is an environment already: `\S+\/taken\/spack.yaml`/],
    [['-d', 'file'], /`\S+\/file` is there and not a folder/],
  ]
  for (const [words, message] of refusals) {
    const { code, stderr } = spack('env', 'create', ...words)
    assert.is(code, 1, words.join(' '))
    assert.match(stderr, message)
    assert.match(stderr, '\nhint: ')
  }
  assert.is(ok('env', 'list'), 'taken\n')
})

test('activation makes what is not there, where it is told to', () => {
  const { ok, spack, dir, named } = home({ TMPDIR: '' })
  const folderOf = (text: string) => /^export SPACK_ENV=(.*);$/m.exec(text)![1]!
  const temporary = folderOf(ok('env', 'activate', '--sh', '--temp'))
  assert.match(readFileSync(join(temporary, 'spack.yaml'), 'utf8'), 'specs: []')
  rmSync(temporary, { recursive: true })
  writeFileSync(join(dir, 'from.yaml'), 'spack:\n  specs: [zlib]\n')
  assert.match(
    spack('env', 'activate', '--sh', '--envfile', 'from.yaml', 'mine').stderr,
    '`spack env activate --create`',
  )
  assert.is(folderOf(ok('env', 'activate', '--sh', '--create', '--envfile', 'from.yaml', 'mine')), named('mine'))
  assert.is(readFileSync(named('mine', 'spack.yaml'), 'utf8'), 'spack:\n  specs: [zlib]\n')
  assert.is(folderOf(ok('env', 'activate', '--sh', '--create', 'mine')), named('mine'))
})

const hostile: [what: string, manifest: string, words: string[], message: string][] = [
  [
    'a name that is no variable',
    'env_vars:\n    set: {"A;B": x}\n',
    ['env', 'activate', '--sh'],
    'spack.yaml:4: `A;B` in `env_vars` is not the name of a variable',
  ],
  [
    'an unset name that is no variable',
    'env_vars:\n    unset: ["$(x)"]\n',
    ['env', 'activate', '--sh'],
    'spack.yaml:4: `$(x)` in `env_vars` is not the name of a variable',
  ],
  [
    'a developed package of another name',
    'develop:\n    zlib: {spec: zstd@1}\n',
    ['concretize'],
    'spack.yaml:4: `develop:zlib` is about `zstd@1`, which is not `zlib`',
  ],
]
for (const [what, settings, words, message] of hostile) {
  test(`refused with its place in the manifest: ${what}`, () => {
    const { dir, spack } = home()
    mkdirSync(join(dir, 'env'))
    writeFileSync(join(dir, 'env/spack.yaml'), `spack:\n  specs: []\n  ${settings}`)
    const { code, stderr } = words[0] === 'env' ? spack(...words, '-d', 'env') : spack('-e', 'env', ...words)
    assert.is(code, 1)
    assert.match(stderr, message)
    assert.match(stderr, '\nhint: ')
  })
}

test('the view is enabled and disabled in the manifest, which keeps its comments', () => {
  const { ok, dir } = home()
  ok('env', 'create', '-d', '.', '--without-view')
  const manifest = () => readFileSync(join(dir, 'spack.yaml'), 'utf8')
  const comment = manifest().split('\n')[0]!
  ok('-D', '.', 'env', 'view', 'enable')
  assert.match(manifest(), 'view: true')
  ok('-D', '.', 'env', 'view', 'enable', 'my/view')
  assert.match(manifest(), `view: ${join(dir, 'my/view')}`)
  ok('-D', '.', 'env', 'view', 'disable')
  assert.match(manifest(), 'view: false')
  assert.ok(manifest().startsWith(comment))
  writeFileSync(
    join(dir, 'spack.yaml'),
    'spack:\n  view:\n    default: {root: a, link: run} # mine\n    other: {root: b}\n',
  )
  ok('-D', '.', 'env', 'view', 'enable', 'c')
  assert.is(
    manifest(),
    `spack:\n  view:\n    default: {root: ${join(dir, 'c')}, link: run} # mine\n    other: {root: b}\n`,
  )
  ok('-D', '.', 'env', 'view', 'disable')
  assert.is(manifest(), 'spack:\n  view:\n    other: {root: b}\n')
})

test('an environment is tracked under a name, and untracked without being touched', () => {
  const { ok, spack, dir, named } = home()
  ok('env', 'create', '-d', 'elsewhere')
  ok('env', 'track', 'elsewhere', '--name', 'mine')
  assert.ok(lstatSync(named('mine')).isSymbolicLink())
  assert.is(ok('-e', 'mine', 'env', 'status'), '==> In environment mine\n')
  assert.is(ok('-D', 'elsewhere', 'env', 'list'), 'mine\n')
  ok('env', 'create', 'managed')
  assert.is(spack('env', 'untrack', '-y', 'managed').code, 1)
  ok('env', 'untrack', '-y', 'mine')
  assert.ok(existsSync(join(dir, 'elsewhere/spack.yaml')))
})

test('the active environment is neither removed nor renamed', () => {
  const { ok, spack, named, env } = home()
  ok('env', 'create', 'one')
  const active = (...args: string[]) => runSpack(args, { env: { ...env, SPACK_ENV: named('one').replace(/\/$/, '') } })
  assert.match(active('env', 'rm', '-y', 'one').stderr, /active/)
  assert.match(active('env', 'rename', 'one', 'two').stderr, /active/)
  ok('env', 'create', 'two')
  assert.match(spack('env', 'rename', 'one', 'two').stderr, /already/)
  ok('env', 'rename', '-f', 'one', 'two')
})

test('without an answer nothing is removed', () => {
  const { ok, dir, env, named } = home()
  ok('env', 'create', 'one')
  const { code, stderr } = runSpack(['env', 'rm', 'one'], { env, cwd: dir, input: '' })
  assert.is(code, 1)
  assert.match(stderr, /nothing was done/)
  assert.ok(existsSync(named('one', 'spack.yaml')))
  assert.is(runSpack(['env', 'rm', 'one'], { env, cwd: dir, input: 'n\n' }).code, 0)
  assert.ok(existsSync(named('one', 'spack.yaml')))
  assert.is(runSpack(['env', 'rm', 'one'], { env, cwd: dir, input: 'y\n' }).code, 0)
  assert.not.ok(existsSync(named('one')))
})

test('activation says what to do where there is no shell function', () => {
  const { spack, ok } = home()
  ok('env', 'create', 'one')
  const { code, stderr } = spack('env', 'activate', 'one')
  assert.is(code, 1)
  assert.match(stderr, /setup-env\.sh/)
  assert.match(spack('env', 'activate', '--sh', 'nosuch').stderr, /no environment `nosuch`/)
  assert.match(spack('env', 'activate', '--sh', '-v', 'nosuch', 'one').stderr, /does not have a view named 'nosuch'/)
  assert.match(spack('env', 'deactivate', '--sh').stderr, /no environment is active/)
})

test('an environment that is gone can still be left', () => {
  const { spack, dir, env } = home()
  const gone = join(dir, 'gone')
  const PATH = `${gone}/.spack-env/view/bin:${process.env.PATH}`
  const { code, stdout } = runSpack(['env', 'deactivate', '--sh'], {
    env: { ...env, SPACK_ENV: gone, SPACK_ENV_VIEW: 'default', PATH },
  })
  assert.is(code, 0)
  assert.match(stdout, `export PATH=${process.env.PATH};`)
  assert.match(spack('-e', gone, 'env', 'st').stderr, /no environment/)
})

test('a projection does not lead out of its view', async () => {
  const { home: dir, spack } = await smallStore()
  const folder = addEnvironment(dir, 'demo', [nodes.app])
  for (const [template, place] of [
    ['../{name}', '../app'],
    ['a/../../{name}', 'a/../../app'],
    ['$HOME/{name}', `${dir}/app`],
  ] as const) {
    const view = { default: { root: 'view', projections: { all: template } } }
    writeFileSync(join(folder, 'spack.yaml'), JSON.stringify({ spack: { specs: ['app@2.0'], view } }))
    const error = await rejection(spack('env view regenerate', { environment: 'demo' }), 'view-projection')
    assert.is(error.message, `a projection of the view \`default\` leads out of it: \`${place}\``)
    assert.not(existsSync(join(folder, 'view')))
  }
})

test('a view whose place is taken, or whose lockfile is broken, gives one error', () => {
  const { ok, spack, dir } = home()
  writeFileSync(join(dir, 'my.lock'), lockText('a'))
  ok('env', 'create', '-d', 'to', 'my.lock', '--with-view', 'v')
  symlinkSync('nowhere', join(dir, 'link'))
  writeFileSync(join(dir, 'to/spack.lock'), '{')
  const { code, stderr } = spack('-e', './to', 'env', 'view', 'regenerate')
  assert.is(code, 1)
  assert.match(stderr, /spack\.lock:1:2: the lockfile is cut off/)
})

test.run()
