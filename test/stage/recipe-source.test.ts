// What recipes say of a version → where its files are, in mirrors and elsewhere. Places and names are those of Spack 1.2.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { downloadProgress } from '../../src/commands/download-progress.ts'
import type { Invocation } from '../../src/commands/invocation.ts'
import { archiveSource, commandSource, downloadName, gitSource } from '../../src/stage/recipe-source.ts'
import type { StageSettings } from '../../src/stage/stage-settings.ts'

const digest = `ab${'0'.repeat(62)}`
const settings: StageSettings = {
  ...{ roots: ['/stages'], nameTemplate: null, cache: '/cache', checksum: true, allowDeprecated: false },
  workingFolder: '/here',
  mirrors: [
    {
      ...{ name: 'm', fetchUrl: 'file:///mirror', contents: ['source'] },
      isSigned: false,
      autopush: false,
      layouts: [3],
    },
  ],
}
const facts = (given: Record<string, string | boolean | readonly string[]>, ...urls: string[]) => ({
  ...{ given, urls, alias: 'pkg/pkg-1.0', shown: 'pkg@1.0' },
})

test('an archive is looked for in the cache, in mirrors by digest and by name, then where the recipe says', () => {
  const source = archiveSource(
    facts({ sha256: digest }, 'https://a.org/pkg-1.0.tgz', 'https://b.org/pkg-1.0.tgz'),
    settings,
  )
  assert.equal(
    source.candidates.map(({ url }) => url),
    [
      `/cache/_source-cache/archive/ab/${digest}.tgz`,
      `file:///mirror/_source-cache/archive/ab/${digest}.tgz`,
      'file:///mirror/pkg/pkg-1.0.tgz',
      'https://a.org/pkg-1.0.tgz',
      'https://b.org/pkg-1.0.tgz',
    ],
  )
})

test('extensions are those of the recipe, of the URL, or none for what is not expanded', () => {
  const storage = (given: Record<string, string | boolean>, url: string) =>
    archiveSource(facts({ sha256: digest, ...given }, url), settings)
      .places.storage.replace(/.*\//, '')
      .slice(64)
  assert.is(storage({}, 'https://github.com/a/b/tarball/v1'), '.tar.gz')
  assert.is(storage({}, 'https://sourceforge.net/projects/a/files/a-1.tar.xz/download'), '.tar.xz')
  assert.is(storage({}, 'https://a.org/a-1.zip?x=1'), '.zip')
  assert.is(storage({ extension: 'tar.bz2' }, 'https://a.org/get?id=1'), '.tar.bz2')
  assert.is(storage({ expand: false }, 'https://a.org/a.sh'), '')
})

test('without checksums to be checked files keep their places', () => {
  const source = archiveSource(facts({ sha256: digest }, 'https://a.org/a.tar.gz'), { ...settings, checksum: false })
  assert.is(source.digest, null)
  assert.match(source.places.storage, /^_source-cache\/archive\/ab\//)
})

test('checkouts have places by commit, and none that lasts without', () => {
  const commit = 'c'.repeat(40)
  const git = (given: Record<string, string | readonly string[]>) =>
    gitSource(facts({ git: 'https://github.com/o/r.git', ...given }), settings).archive
  assert.is(git({ commit }).places.storage, `_source-cache/git/o/r.git/${commit}.tar.gz`)
  assert.match(git({ commit, git_sparse_paths: ['d1'] }).places.storage, /c_[0-9a-f]{40}\.tar\.gz$/)
  assert.equal(git({ tag: 'v1' }).places, { storage: 'pkg/pkg-1.0.tar.gz', alias: null })
  assert.not(git({ tag: 'v1' }).isCachable)
  const svn = commandSource('svn', facts({ svn: 'https://a.org/svn/trunk', revision: '12' }), settings)
  assert.is(svn.archive.places.storage, '_source-cache/svn/svn/trunk/12.tar.gz')
  const cvs = commandSource('cvs', facts({ cvs: ':pserver:a@h.org:/root%module=m', date: '2020-01-01' }), settings)
  assert.is(cvs.archive.places.storage, '_source-cache/cvs/root%module=m%date=2020-01-01.tar.gz')
})

test('downloads are called as their URL ends', () => {
  assert.is(downloadName('https://a.org/x/pkg-1.0.tar.gz'), 'pkg-1.0.tar.gz')
  assert.is(downloadName('https://a.org/get?file=a/b.zip'), 'get?file=a_b.zip')
  assert.is(downloadName('https://a.org/.hidden'), '_hidden')
  assert.is(downloadName('https://a.org/x/..'), '_.')
  assert.is(downloadName('https://a.org/'), '_')
})

test('what users download by hand is looked for where they are', () => {
  const source = archiveSource(facts({ sha256: digest }, 'file:///$working_folder/a.tar.gz'), settings)
  assert.is(source.candidates.at(-1)?.url, 'file:///here/a.tar.gz')
})

test('a terminal sees how far a download is, and nobody else', () => {
  let said = ''
  const invocation = { say: (text: string) => void (said += text) } as Invocation
  const state = { url: 'https://a.org/a', receivedBytes: 2_500_000, sizeBytes: 10_000_000 }
  downloadProgress(invocation, false)({ ...state, isOver: false })
  assert.is(said, '')
  const progress = downloadProgress(invocation, true)
  progress({ ...state, isOver: false })
  assert.match(said, /^\r {4}\[ 25%\] 2\.5 MB @ .*\/s\u001b\[K$/)
  progress({ ...state, isOver: true })
  assert.ok(said.endsWith('\r\u001b[K'))
})

test.run()
