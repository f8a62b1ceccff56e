import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isolated, type Outcome, runSpack } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('mirror')

/** A home with a user's `mirrors.yaml`, when there is a text for it. */
function world(text?: string) {
  const home = scratch()
  const file = join(home, 'user-config/mirrors.yaml')
  mkdirSync(join(home, 'user-config'))
  if (text !== undefined) writeFileSync(file, text)
  const run = (...words: string[]): Outcome => runSpack(['mirror', ...words], { cwd: home, env: isolated(home) })
  const ok = (...words: string[]): string => {
    const outcome = run(...words)
    assert.is(outcome.code, 0, outcome.stderr)
    return readFileSync(file, 'utf8')
  }
  return { home, run, ok }
}

test('mirrors are listed with what they hold and where they are', () => {
  const { home, run } = world(`mirrors:
  plain: https://plain.org/cache
  binaries: {url: ./binaries, source: false}
  sources: {url: ~/sources, binary: false}
  two: {fetch: "https://user:secret@get.org", push: {url: "s3://put"}}
`)
  const listed = run('list')
  assert.is(
    listed.stdout,
    `plain        [sb] https://plain.org/cache
binaries     [ b] file://${home}/user-config/binaries
sources      [s ] file://${home}/sources
two          [sb] fetch: https://***@get.org push: s3://put
spack-public [s ] https://mirror.spack.io
`,
  )
  assert.match(run('ls', '--scope', 'user').stdout, /^plain {4}\[sb\]/)
  assert.match(run('list', '--scope', 'site').stderr, 'No mirrors configured')
})

test('a new mirror goes in front, and comments stay', () => {
  const { ok } = world('# mine\nmirrors:\n  old: /old  # keep\n')
  assert.is(ok('add', 'a', 'https://a.org'), '# mine\nmirrors:\n  a: https://a.org\n  old: /old  # keep\n')
  const all = ['--unsigned', '--type', 'binary', '--autopush', '-n', 'view']
  assert.is(
    ok('add', 'b', 'https://b.org', ...all),
    `# mine
mirrors:
  b:
    url: https://b.org
    binary: true
    source: false
    autopush: true
    signed: false
    view: view
  a: https://a.org
  old: /old  # keep
`,
  )
})

test('a mirror may be the first setting of a scope', () => {
  const { home, ok, run } = world()
  assert.is(ok('add', 'a', 'file:///a'), 'mirrors:\n  a: file:///a\n')
  assert.is(run('add', '--scope', 'site', 'a', '/b').code, 0)
  assert.is(readFileSync(join(home, 'spack/etc/spack/site/mirrors.yaml'), 'utf8'), 'mirrors:\n  a: /b\n')
})

test('a relative path is where the user is', () => {
  const { home, ok, run } = world()
  assert.match(ok('add', 'a', 'cache'), `a: ${home}/cache\n`)
  mkdirSync(join(home, 'user-config/here'))
  const inside = { cwd: join(home, 'user-config'), env: isolated(home) }
  assert.is(runSpack(['mirror', 'add', 'b', './here'], inside).code, 0)
  assert.match(readFileSync(join(home, 'user-config/mirrors.yaml'), 'utf8'), 'b: ./here\n')
  assert.match(run('list').stdout, `file://${home}/user-config/here`)
  assert.match(ok('add', 'c', '$spack/cache'), 'c: $spack/cache\n')
})

test('a mirror is changed as far as it is told', () => {
  const { ok, run } = world('mirrors:\n  m: https://a.org\n')
  assert.is(ok('set-url', 'm', 'https://b.org'), 'mirrors:\n  m: https://b.org\n')
  assert.match(run('set-url', 'm', 'https://b.org').stderr, 'No changes made to mirror m.')
  assert.is(ok('set-url', '--push', 'm', '/push'), 'mirrors:\n  m:\n    url: https://b.org\n    push: /push\n')
  assert.match(ok('set', '--fetch', '--url', '/fetch', 'm'), '    push: /push\n    fetch: /fetch\n')
  assert.match(
    ok('set', '--unsigned', '--type', 'binary', 'm'),
    '    binary: true\n    source: false\n    signed: false\n',
  )
  assert.match(ok('set', '--signed', '--autopush', 'm'), '    signed: true\n    autopush: true\n')
  assert.match(ok('set', '--no-autopush', 'm'), '    autopush: false\n')
  const login = ['--oci-username', 'me', '--oci-password-variable', 'PASS']
  assert.match(ok('set', ...login, 'm'), '    access_pair:\n      id: me\n      secret_variable: PASS\n')
  assert.match(ok('set', '--oci-username-variable', 'WHO', 'm'), 'id_variable: WHO\n')
  const push = ok('set', '--push', '--s3-profile', 'p', '--s3-endpoint-url', 'https://e', 'm')
  assert.match(push, '    push:\n      url: /push\n      profile: p\n      endpoint_url: https://e\n')
})

test('a mirror is removed from the strongest scope that has it, or from all', () => {
  const { home, ok, run } = world('mirrors:\n  m: /user\n  other: /x\n')
  run('add', '--scope', 'site', 'm', '/site')
  const removed = run('rm', 'm')
  assert.match(removed.stderr, 'removed mirror `m` from scope `user`')
  assert.match(run('list').stdout, 'm            [sb] file:///site')
  run('add', 'm', '/again')
  assert.is(ok('remove', '--all-scopes', 'm'), 'mirrors:\n  other: /x\n')
  assert.not.match(readFileSync(join(home, 'spack/etc/spack/site/mirrors.yaml'), 'utf8'), '/site')
  const builtIn = run('remove', 'spack-public')
  assert.is(builtIn.code, 1)
  assert.match(builtIn.stderr, 'not a file of yours')
})

test('what is wrong is said, and nothing is written', () => {
  const { home, run } = world('mirrors:\n  m: /m\n')
  run('add', '--scope', 'site', 'there', '/there')
  const cases: [string[], number, string][] = [
    [['add', 'm', '/x'], 1, 'there is a mirror `m` already'],
    [['add', 'a:', '/x'], 2, 'cannot be called'],
    [['add', 'a'], 2, '`url` is missing'],
    [['add', 'a', 'b', 'c'], 2, 'one word too many'],
    [['add', '--signed', '--unsigned', 'a', 'b'], 2, 'exclude each other'],
    [['add', '--type', 'x', 'a', 'b'], 2, 'one of binary, source'],
    [['add', '--s3-access-key-id', 'x', 'a', 's3://b'], 2, 'needs both of its parts'],
    [['add', '--scope', 'defaults', 'a', 'b'], 1, 'scope'],
    [['set', 'x', '--signed'], 1, 'there is no mirror `x`'],
    [['set', 'there', '--signed'], 1, 'add `--scope site`'],
    [['set', '--fetch', '--push', 'm', '--url', 'x'], 2, 'exclude each other'],
    [['remove', 'mm'], 1, 'did you mean `m`?'],
    [['create', '-d', 'x', 'zlib'], 1, 'builtin'],
  ]
  for (const [words, code, message] of cases) {
    const outcome = run(...words)
    assert.is(outcome.code, code, `${words.join(' ')}: ${outcome.stderr}`)
    assert.match(outcome.stderr, message)
    assert.not.match(outcome.stderr, 'internal error')
  }
  assert.is(readFileSync(join(home, 'user-config/mirrors.yaml'), 'utf8'), 'mirrors:\n  m: /m\n')
  assert.match(run('add', 'bucket', 's3://b').stderr, 's3:// cannot be read by this program')
  assert.not.ok(existsSync(join(home, 'system-config')))
})

test.run()
