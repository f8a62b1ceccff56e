import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lifeSeconds } from '../../src/buildcache/key-life.ts'
import { makeKey } from '../buildcache/signing-keys.ts'
import { isolated, type Outcome, runSpack } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('gpg')

/** A home in which `spack gpg` runs; `ok` fails the test unless the exit code is 0. */
function world() {
  const home = scratch()
  const run = (...words: string[]): Outcome => runSpack(['gpg', ...words], { cwd: home, env: isolated(home) })
  const ok = (...words: string[]): Outcome => {
    const outcome = run(...words)
    assert.is(outcome.code, 0, outcome.stderr)
    return outcome
  }
  return { home, run, ok, folder: join(home, 'spack/opt/spack/gpg') }
}

test('a key is made, signs, is exported, and is taken over elsewhere', () => {
  const { home, run, ok, folder } = world()
  assert.match(run('sign', 'x').stderr, 'spack gpg create')
  const life = ['--comment', 'for tests', '--expires', '1y']
  const made = ok('create', 'A Name', 'a@example.org', ...life, '--export', 'pub', '--export-secret', 'sec')
  const id = /key ([0-9A-F]{16})/.exec(made.stderr)![1]!
  assert.match(made.stderr, 'A Name (for tests) <a@example.org>')
  assert.is(statSync(join(home, 'sec')).mode & 0o777, 0o600)
  assert.is(statSync(folder).mode & 0o777, 0o700)
  const listed = ok('list', '--signing').stdout
  assert.match(listed, /^pub {3}rsa4096 \d{4}-\d\d-\d\d \[SC\] \[expires: \d{4}-\d\d-\d\d\]$/m)
  assert.match(listed, /^sec {3}rsa4096/m)
  writeFileSync(join(home, 'file'), 'content\n')
  ok('sign', 'file')
  ok('sign', '--clearsign', '--output', 'file.sig', 'file')
  assert.match(run('sign', 'file').stderr, 'it is there already')
  assert.match(ok('verify', 'file').stderr, `signed by key ${id}`)
  ok('verify', 'file.sig')
  ok('verify', 'file', 'file.asc')

  const other = world()
  const outside = (name: string) => join(home, name)
  assert.match(other.run('verify', outside('file')).stderr, 'is not trusted')
  other.ok('trust', outside('pub'))
  other.ok('verify', outside('file'))
  assert.match(other.ok('trust', outside('sec')).stderr, 'can be signed with')
  other.ok('export', 'again')
  assert.is(readFileSync(join(other.home, 'again'), 'utf8'), readFileSync(outside('pub'), 'utf8'))
  other.ok('export', '--secret', 'secret-again', id)
  assert.match(other.run('export', '--secret', 'secret-again').stderr, 'it is there already')

  writeFileSync(join(home, 'file'), 'altered\n')
  const altered = run('verify', 'file')
  assert.is(altered.code, 1)
  assert.match(altered.stderr, '`file` cannot be trusted')

  assert.match(run('untrust', 'a@example.org').stderr, 'spack gpg untrust --signing')
  assert.match(ok('untrust', '--signing', 'a@example.org').stderr, /^==> key [0-9A-F]{16} .* is no longer trusted\n$/)
  assert.is(ok('list', '--signing').stdout, '')
  assert.is(run('verify', 'file.sig').code, 1)
})

test('of several keys the one that is named signs', () => {
  const { home, run, ok } = world()
  const [first, second] = ['One', 'Two'].map(
    (name) => /key ([0-9A-F]{16})/.exec(ok('create', name, `${name}@example.org`).stderr)![1]!,
  )
  writeFileSync(join(home, 'file'), 'content\n')
  const undecided = run('sign', 'file')
  assert.is(undecided.code, 1)
  for (const id of [first, second]) assert.match(undecided.stderr, `--key ${id}`)
  ok('sign', '--key', second!, 'file')
  assert.match(ok('verify', 'file').stderr, `signed by key ${second}`)
  assert.is(run('sign', '--key', 'nobody@example.org', '--output', 'other.asc', 'file').code, 1)
  assert.not.ok(existsSync(join(home, 'other.asc')))
})

test('default keys are those in var/spack/gpg, or in a folder that is named', async () => {
  const { home, run, ok } = world()
  assert.match(ok('init').stderr, 'there are no keys in')
  const folder = join(home, 'spack/var/spack/gpg/team')
  mkdirSync(folder, { recursive: true })
  const key = await makeKey('team')
  writeFileSync(join(folder, 'team.key'), key.toPublic().armor())
  assert.match(ok('init').stderr, 'team <team@example.org>) is now trusted')
  assert.match(ok('init', '--from', folder).stderr, 'is trusted already')
  assert.match(run('init', '--from', join(home, 'nowhere')).stderr, 'nowhere')
})

test('SPACK_GNUPGHOME is where keys lie', async () => {
  const { home } = world()
  writeFileSync(join(home, 'key'), (await makeKey('x')).toPublic().armor())
  const env = { ...isolated(home), SPACK_GNUPGHOME: join(home, 'elsewhere') }
  assert.is(runSpack(['gpg', 'trust', 'key'], { cwd: home, env }).code, 0)
  assert.ok(existsSync(join(home, 'elsewhere/trusted.json')))
})

test('what is wrong is said in one sentence', () => {
  const { home, run } = world()
  writeFileSync(join(home, 'text'), 'no key')
  const cases: [string[], number, string][] = [
    [['trust'], 2, '`keyfile` is missing'],
    [['trust', 'a', 'b'], 2, '`b` is one word too many'],
    [['trust', 'nowhere'], 1, 'cannot read'],
    [['trust', 'text'], 1, '`text` holds no OpenPGP key'],
    [['untrust', 'nobody'], 1, 'no key in'],
    [['export', 'file'], 1, 'there is no key to export'],
    [['create', 'n', 'e@x', '--expires', '1999-01-01'], 2, 'is in the past'],
    [['create', 'n'], 2, '`email` is missing'],
    [['create', 'n', 'e@x'], 1, 'cannot be the owner of a key'],
    [['publish', '-d', 'x'], 1, 'is not available'],
    [['verify', 'text'], 1, 'text.asc'],
  ]
  for (const [words, code, message] of cases) {
    const outcome = run(...words)
    assert.is(outcome.code, code, `${words.join(' ')}: ${outcome.stderr}`)
    assert.match(outcome.stderr, message)
    assert.not.match(outcome.stderr, /internal error/)
  }
})

test('lives are counted as GnuPG counts them', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')
  const cases: [string, number][] = [
    ['0', 0],
    ['30', 30 * 86400],
    ['8w', 56 * 86400],
    ['6m', 180 * 86400],
    ['2y', 730 * 86400],
    ['seconds=90', 90],
    ['2026-11-21', 86400],
    ['20261121T120001', 86401],
  ]
  for (const [text, seconds] of cases) assert.is(lifeSeconds(text, now), seconds, text)
  for (const text of ['', 'never', '-1', '2026-13-01', '2026-11-20', '5h']) assert.throws(() => lifeSeconds(text, now))
})

test.run()
