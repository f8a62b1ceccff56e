// Commands about sources, over a small repository of recipes and specs in files: fetch, stage, patch, restage, clean, mirror
// create.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { sha256, tarball, written } from '../support/source-plans.ts'

const home = scratch()
const archive = tarball({ 'a.c': 'int a;\n' }, 'alpha-1.0')
const upstream = join(home, 'upstream')
const patch = '--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-int a;\n+int c;\n'

function git(...words: string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, '-C', join(upstream, 'project'), ...words], { encoding: 'utf8' }).trim()
}

function makeUpstream(): string {
  written('alpha-1.0.tar.gz', archive, upstream)
  written('fix.patch', patch, upstream)
  written('project/file', 'one\n', upstream)
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'one')
  const commit = git('rev-parse', 'HEAD')
  writeFileSync(join(upstream, 'project/file'), 'two\n')
  git('commit', '-qam', 'two')
  git('tag', 'v2')
  return commit
}
const commit = makeUpstream()

const recipe = (name: string, body: string) =>
  `from spack.package import *\n\n\nclass ${name}(PackageBase):\n    ${body.trim().replaceAll('\n', '\n    ')}\n`

const recipes: Record<string, string> = {
  alpha: recipe(
    'Alpha',
    `
url = "file://${upstream}/alpha-1.0.tar.gz"
version("1.1", sha256="${'0'.repeat(64)}")
version("1.0", sha256="${sha256(archive).hex}")
version("0.9", sha256="${sha256(archive).hex}", url="file://${upstream}/alpha-1.0.tar.gz", deprecated=True)
patch("file://${upstream}/fix.patch", sha256="${sha256(patch).hex}", when="@1.0")`,
  ),
  checkout: recipe(
    'Checkout',
    `
git = "file://${upstream}/project"
version("main", branch="main")
version("2", tag="v2")
version("1", commit="${commit}")`,
  ),
  ruled: recipe(
    'Ruled',
    `
url = "file://${upstream}/nowhere-1.0.tar.gz"
version("1.9", sha256="${sha256(archive).hex}")
redistribute(source=False, when="@1.9")

def url_for_version(self, version):
    return "file://${upstream}/alpha-{0}.0.tar.gz".format(version.up_to(1))`,
  ),
}

const repository = join(home, 'spack_repo/tiny')
written('repo.yaml', 'repo:\n  namespace: tiny\n  api: v2.0\n', repository)
for (const [name, text] of Object.entries(recipes)) written(`packages/${name}/package.py`, text, repository)
const stages = join(home, 'stages')
written(
  'user-config/config.yaml',
  `config:\n  build_stage: ${stages}\n  source_cache: ${home}/cache\n  stage_name: '{name}-{version}'\n`,
  home,
)
written('user-config/repos.yaml', `repos:\n  tiny: ${repository}\n`, home)
written('user-config/mirrors.yaml', 'mirrors:: {}\n', home)

/** A file with a concrete spec. */
function specFile(name: string, version: string, more: object = {}): string {
  const node = {
    ...{
      name,
      version,
      namespace: 'tiny',
      parameters: {},
      package_hash: 'x',
      annotations: { original_specfile_version: 5 },
    },
    arch: { platform: 'linux', platform_os: 'debian12', target: 'x86_64_v3' },
    hash: `${name}${version.replace(/\W/g, '')}`.padEnd(32, 'a').replace(/[0189]/g, 'b'),
    ...more,
  }
  return written(`${name}-${version}.json`, JSON.stringify({ spec: { _meta: { version: 5 }, nodes: [node] } }), home)
}

const run = (...words: string[]) => runCommand(home, words)
const user = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
const stagedAt = (name: string) => join(stages.includes(user) ? stages : join(stages, user), name)

test('a spec from a file is staged and patched, restaged, and cleaned', async () => {
  const file = specFile('alpha', '1.0', { patches: [sha256(patch).hex] })
  const source = join(stagedAt('alpha-1.0'), 'spack-src/a.c')
  assert.match((await run('stage', file)).stderr, /==> Staged alpha in .*alpha-1\.0\n/)
  assert.is(readFileSync(source, 'utf8'), 'int a;\n')
  assert.match((await run('patch', file)).stderr, /==> Applied patch file:.*fix\.patch\n==> Patched alpha in/)
  assert.is(readFileSync(source, 'utf8'), 'int c;\n')
  assert.match((await run('patch', file)).stderr, /==> Already patched alpha/)
  await run('restage', file)
  assert.is(readFileSync(source, 'utf8'), 'int a;\n')
  await run('clean', file)
  assert.not(existsSync(stagedAt('alpha-1.0')))
})

test('stages, sources and recipes are located', async () => {
  const file = specFile('alpha', '1.0')
  const where = async (...words: string[]) => (await run('location', ...words)).stdout.trim()
  await run('clean', file)
  assert.is(await where('-s', file), stagedAt('alpha-1.0'))
  await rejection(run('location', '-c', file), 'not-staged')
  await run('stage', file)
  assert.is(await where('-c', file), join(stagedAt('alpha-1.0'), 'spack-src'))
  assert.is(await where('-p', 'alpha'), join(repository, 'packages/alpha'))
  assert.is(await where('-P'), repository)
  assert.is(await where('-S'), join(stagedAt('x'), '..'))
  await run('clean', file)
})

test('stage --path unpacks somewhere else', async () => {
  await run('stage', '--path', 'here', specFile('alpha', '1.0'))
  assert.ok(existsSync(join(home, 'here/spack-src/a.c')))
})

test('a version with another digest is refused', async () => {
  const error = await rejection(run('fetch', specFile('alpha', '1.1')), 'fetch-failed')
  assert.match(error.detail ?? '', /alpha-1\.1\.tar\.gz: not there/)
  await rejection(run('fetch', specFile('alpha', '0.9')), 'deprecated-version')
  await rejection(run('fetch', specFile('alpha', '7')), 'no-checksum')
})

test('commits, tags and branches are checked out', async () => {
  const staged = async (version: string, more: object = {}) => {
    await run('stage', specFile('checkout', version, more))
    return readFileSync(join(stagedAt(`checkout-${version}`), 'spack-src/file'), 'utf8')
  }
  assert.is(await staged('1'), 'one\n')
  assert.is(await staged('2'), 'two\n')
  assert.is(await staged('main'), 'two\n')
  assert.is(await staged('main', { parameters: { commit }, hash: 'b'.repeat(32) }), 'two\n')
})

test('a commit is kept packed in the cache, and unpacked from there with a warning', async () => {
  const file = specFile('checkout', '1')
  await run('fetch', file)
  rmSync(stagedAt('checkout-1'), { recursive: true })
  const { stderr } = await run('stage', file)
  assert.match(stderr, /Warning: `checkout@1 .*` is unpacked from a packed checkout, which nothing can check/)
  assert.is(readFileSync(join(stagedAt('checkout-1'), 'spack-src/file'), 'utf8'), 'one\n')
})

test('restaging a checkout cleans it', async () => {
  const file = specFile('checkout', '2')
  await run('stage', file)
  const sources = join(stagedAt('checkout-2'), 'spack-src')
  written('file', 'changed\n', sources)
  written('more', 'x', sources)
  await run('restage', file)
  assert.equal(readdirSync(sources).sort(), ['.git', 'file'])
  assert.is(readFileSync(join(sources, 'file'), 'utf8'), 'two\n')
})

test('the recipe’s own rule is asked for URLs', async () => {
  const error = await rejection(run('fetch', specFile('ruled', '4')), 'no-checksum')
  assert.match(error.message, /`ruled@4` is no version/)
  await run('stage', specFile('ruled', '1.9'))
  assert.ok(existsSync(join(stagedAt('ruled-1.9'), 'spack-src/a.c')))
})

test('a mirror has all that a version needs, by digest and by name', async () => {
  const folder = join(home, 'mirror')
  const created = await run('mirror', 'create', '-d', folder, 'alpha@1.0', 'checkout@1')
  assert.is(created.code, 0)
  assert.is(created.stdout, '==> Archive stats:\n    0    already present\n    2    added\n    0    failed to fetch.\n')
  assert.match(readlinkSync(join(folder, 'alpha/alpha-1.0.tar.gz')), /^\.\.\/_source-cache\/archive\/.*\.tar\.gz$/)
  assert.ok(existsSync(join(folder, `alpha/fix.patch-${sha256(patch).hex.slice(0, 7)}`)))
  assert.match(readlinkSync(join(folder, 'checkout/checkout-1.tar.gz')), new RegExp(`${commit}.tar.gz$`))
  const again = await run('mirror', 'create', '-d', folder, 'alpha@1.0', 'checkout@1')
  assert.match(again.stdout, /2 {4}already present\n {4}0 {4}added/)
})

test('a mirror of all versions goes on after what cannot be had, and fails in the end', async () => {
  const folder = join(home, 'all')
  const created = await run('mirror', 'create', '-d', folder, '-n', 'all', '--exclude-specs', 'alpha@0.9', 'alpha')
  assert.is(created.code, 1)
  assert.match(created.stdout, /1 {4}added\n {4}1 {4}failed/)
  assert.match(created.stderr, /Failed downloads:\nalpha@1\.1\n/)
})

test('a mirror has what may be passed on, unless it is for oneself, and if asked only archives with a digest', async () => {
  const added = async (...words: string[]) => {
    const folder = join(home, `some-${words.join('')}`)
    const { stdout } = await run('mirror', 'create', '-d', folder, '-n', 'all', ...words)
    return Number(/(\d+) {4}added/.exec(stdout)![1])
  }
  assert.is(await added('ruled'), 0)
  assert.is(await added('--private', 'ruled'), 1)
  assert.is(await added('checkout'), 3)
  assert.is(await added('--skip-unstable-versions', 'checkout'), 0)
  assert.is(await added('--skip-unstable-versions', '--private', 'ruled'), 1)
})

test('an abstract spec is concretized first; what is no package is refused', async () => {
  assert.match((await run('stage', 'alpha@1.0')).stderr, /==> Staged alpha in .*alpha-1\.0/)
  const error = await rejection(run('stage', 'alhpa'), 'unknown-package')
  assert.match(error.hint ?? '', /alpha/)
  await rejection(run('stage', 'alpha@0.9'), 'deprecated-version')
  assert.match((await run('stage', '--deprecated', 'alpha@0.9')).stderr, /==> Staged alpha/)
})

test('without specs and environment the commands say what they need', async () => {
  for (const command of ['stage', 'fetch', 'patch', 'restage']) await rejection(run(command), 'usage')
  await rejection(run('mirror', 'create'), 'usage')
})

test('clean removes stages and downloads', async () => {
  const name = 'spack-stage-old-1.0-abc'
  mkdirSync(stagedAt(name), { recursive: true })
  assert.match((await run('clean')).stderr, /^==> Removing all temporary build stages\n$/)
  assert.not(existsSync(stagedAt(name)))
  assert.ok(existsSync(join(home, 'cache')))
  await run('clean', '-d')
  assert.not(existsSync(join(home, 'cache')))
})

test.run()
