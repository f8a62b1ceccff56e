import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isolated, type Outcome, runSpack } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { kit, withKit } from '../support/shared.ts'

const test = suite('buildcache')

function world(mirrors: Record<string, unknown>) {
  const home = scratch()
  mkdirSync(join(home, 'user-config'), { recursive: true })
  writeFileSync(join(home, 'user-config/mirrors.yaml'), JSON.stringify({ mirrors }))
  const run = (...words: string[]): Outcome => runSpack(['buildcache', ...words], { cwd: home, env: isolated(home) })
  return { home, run }
}

const both = () => ({ new: kit('buildcache/v3'), old: `file://${kit('buildcache/v2')}` })

withKit(test, 'what mirrors hold is listed as `spack find` lists', () => {
  const { run } = world(both())
  const listed = run('list', '--allarch')
  assert.is(listed.code, 0, listed.stderr)
  const groups = listed.stdout.split('\n\n').map((group) => group.trimEnd().split('\n'))
  assert.equal(
    groups.map(([heading, ...specs]) => `${heading!.replace(/ -+$/, '')}: ${specs.length}`),
    [
      '-- linux-debian12-x86_64 / no compilers: 11',
      '-- linux-debian12-x86_64_v2 / %c,cxx=gcc@12.2.0: 6',
      '-- linux-debian12-x86_64_v2 / %c=gcc@12.2.0: 7',
      '-- linux-debian12-x86_64_v2 / %gcc@=12.2.0: 9',
      '-- linux-debian12-x86_64_v2 / no compilers: 2',
    ],
  )
  assert.match(run('list', '-al', 'bzip2').stdout, /^ok2n7th bzip2@1\.0\.8$/m)
  const variants = run('list', '-aLNv', 'lz4').stdout
  assert.match(
    variants,
    'ibgdlvfyu6zi6a6jp6l3apmtmz5lpuvp builtin.lz4@1.9.4+pic build_system=makefile libs:=shared,static',
  )
  assert.is(run('list', '-a', 'lz4~pic').stdout, '')
  const other = run('-c', 'x')
  assert.is(other.code, 2)
})

withKit(test, 'one mirror that cannot be read is a warning, all of them are an error', () => {
  const broken = { dead: 'http://127.0.0.1:9/', bucket: 's3://some/bucket' }
  const some = world({ ...broken, ...both() }).run('list', '-a', 'lz4')
  assert.is(some.code, 0)
  assert.match(some.stdout, 'lz4@1.9.4')
  assert.match(some.stderr, /Warning: mirror `dead`: no answer from/)
  assert.match(some.stderr, /Warning: mirror `bucket`: .*s3/)
  const all = world(broken).run('list', '-a')
  assert.is(all.code, 1)
  assert.match(all.stderr, 'no mirror could be read')
})

withKit(test, 'a mirror without an index, and no mirror at all, are said', () => {
  const { home, run } = world({ m: './cache' })
  cpSync(kit('buildcache/v3'), join(home, 'user-config/cache'), { recursive: true })
  assert.match(run('list', '-a').stdout, 'zopfli')
  rmSync(join(home, 'user-config/cache/v3/manifests/index'), { recursive: true })
  assert.match(run('list', '-a').stderr, 'mirror `m` has no index')
  assert.match(world({}).run('list').stderr, 'no mirror with binaries is configured')
})

withKit(test, 'keys are shown, and trusted only when told to', () => {
  const { home, run } = world(both())
  const fingerprint = '139973C6AF8C37E631A16AEBEE29A3AFB6B6D644'
  const untrusted = `${fingerprint}  not trusted  new\n${fingerprint}  not trusted  old\n`
  assert.is(run('keys').stdout, untrusted)
  const installed = run('keys', '--install')
  assert.is(installed.stdout, untrusted)
  assert.match(installed.stderr, '--trust')
  assert.match(run('keys', '--install', '--trust', '--force').stderr, 'EE29A3AFB6B6D644')
  assert.is(run('keys').stdout, untrusted.replaceAll('not trusted', 'trusted'))
  assert.ok(readFileSync(join(home, 'spack/opt/spack/gpg/trusted.json'), 'utf8').includes(fingerprint))
})

withKit(test, 'a key under another’s name is not trusted', () => {
  const { home, run } = world({ m: './cache' })
  const cache = join(home, 'user-config/cache')
  const fingerprint = 'A'.repeat(40)
  mkdirSync(join(cache, 'build_cache/_pgp'), { recursive: true })
  writeFileSync(join(cache, 'build_cache/_pgp/index.json'), JSON.stringify({ keys: { [fingerprint]: {} } }))
  writeFileSync(join(cache, `build_cache/_pgp/${fingerprint}.pub`), readFileSync(kit('buildcache/key.pub')))
  const outcome = run('keys', '-it')
  assert.is(outcome.code, 1)
  assert.match(outcome.stderr, `is not the key ${fingerprint}`)
  assert.is(runSpack(['gpg', 'list'], { env: isolated(home) }).stdout, '')
})

test('what is not available is said, whatever follows', () => {
  const { run } = world({})
  for (const words of [
    ['push', '--unsigned', '-j3', 'm', 'zlib'],
    ['update-index', '-k', 'm'],
    ['install', '-o', 'x'],
  ]) {
    const outcome = run(...words)
    assert.is(outcome.code, 1)
    assert.match(outcome.stderr, `\`spack buildcache ${words[0]}\` is not available`)
  }
  assert.is(run('keys').code, 1)
})

test.run()
