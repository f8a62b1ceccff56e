import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { below, fileUrl, isUrl, locate, politeName, shownUrl } from '../../src/buildcache/location.ts'
import { type MirrorEntry, readMirror } from '../../src/buildcache/mirror.ts'
import { changedEntry, changedLogin, newEntry } from '../../src/buildcache/mirror-entry.ts'
import { proxyFor } from '../../src/buildcache/proxy.ts'

const test = suite('mirror')

const read = (entry: MirrorEntry) => readMirror('m', entry, (path, direction) => `file:///${direction}/${path}`)

test('every form of an entry is read', () => {
  const base = {
    name: 'm',
    contents: ['binary', 'source'],
    isSigned: true,
    autopush: false,
    layouts: [3, 2],
  }
  assert.equal(read('https://a'), { ...base, fetchUrl: 'https://a', pushUrl: 'https://a' })
  assert.equal(read('dir'), { ...base, fetchUrl: 'file:///fetch/dir', pushUrl: 'file:///push/dir' })
  assert.equal(read({ fetch: 'https://a' }), { ...base, fetchUrl: 'https://a' })
  assert.equal(read({ url: 'https://a', push: { url: 's3://b', profile: 'p' }, signed: false, autopush: true }), {
    ...base,
    fetchUrl: 'https://a',
    pushUrl: 's3://b',
    isSigned: false,
    autopush: true,
  })
  assert.equal(read({ url: 'https://a', source: false, view: 'v' }), {
    ...base,
    fetchUrl: 'https://a',
    pushUrl: 'https://a',
    contents: ['binary'],
    view: 'v',
    layouts: [3],
  })
  const pair = { id_variable: 'WHO', secret_variable: 'WORD' }
  const login = read({ url: 'https://a', access_pair: { id: 'x', secret_variable: 'Y' }, fetch: { access_pair: pair } })
  assert.equal(login.credentials, { idVariable: 'WHO', secretVariable: 'WORD' })
  assert.equal(read({ url: 'https://a', access_token_variable: 'T' }).credentials, { tokenVariable: 'T' })
  assert.throws(() => read({ push: 'https://a' }), /no URL to fetch from/)
})

test('URLs and paths are told apart', () => {
  for (const url of ['https://a', 'file:///a', 'S3://a', 'oci+http://a']) assert.ok(isUrl(url), url)
  for (const path of ['/a', 'a/b', '~/a', '$spack/x', 'c:/x', 'unknown://x']) assert.not.ok(isUrl(path), path)
  assert.equal(locate('/a b'), { kind: 'file', path: '/a b' })
  assert.equal(locate('file:///a b'), { kind: 'file', path: '/a b' })
  assert.equal(locate('file:///a%20b#c?d'), { kind: 'file', path: '/a b#c?d' })
  assert.equal(locate('file://localhost/a'), { kind: 'file', path: '/a' })
  assert.equal(locate(fileUrl('/a b/ü?#%/')), { kind: 'file', path: '/a b/ü?#%' })
  assert.equal(locate('gs://b'), { kind: 'unsupported', scheme: 'gs' })
  for (const text of ['', 'a/b', 'file://host/a', 'http://', 'http://%zz@h', 'unknown://x'])
    assert.throws(() => locate(text), /not a URL/)
})

test('what lies below a mirror stays below it', () => {
  assert.is(below('https://h/a/', 'b', 'c+1.2_x'), 'https://h/a/b/c+1.2_x')
  assert.is(below('https://h/a?token=x', 'b'), 'https://h/a/b?token=x')
  assert.is(below('/a b/', 'c/d'), '/a b/c/d')
  assert.is(below('file:///a', 'view name'), 'file:///a/view%20name')
  for (const part of ['..', 'a/../b', '', 'a//b', '.', 'a\\b', 'a\0']) {
    assert.throws(() => below('https://h', part), /not a path below/)
  }
})

test('what is shown of a URL has no secrets', () => {
  assert.is(shownUrl('https://user:pass@host/x?key=secret'), 'https://***@host/x?…')
  assert.is(shownUrl('https://token@host'), 'https://***@host')
  assert.is(shownUrl('file:///a?b'), 'file:///a?b')
  assert.is(politeName('git.a/b=1 2~x+y'), 'git.a_b_1_2_x+y')
})

test('an entry is changed as far as it must be', () => {
  assert.is(newEntry({ url: '/a', signed: undefined }), '/a')
  assert.equal(newEntry({ url: '/a', signed: false }), { url: '/a', signed: false })
  assert.is(changedEntry('/a', { url: '/b' }), '/b')
  assert.is(changedEntry('/a', { url: '/a' }), undefined)
  assert.is(changedEntry({ url: '/a', signed: true }, { signed: true }), undefined)
  assert.is(changedEntry('/a', {}), undefined)
  assert.equal(changedEntry('/a', { url: '/b' }, 'push'), { url: '/a', push: '/b' })
  assert.equal(changedEntry({ url: '/a', push: '/b' }, { profile: 'p' }, 'push'), {
    url: '/a',
    push: { url: '/b', profile: 'p' },
  })
  const old = { url: '/a', access_pair: { id: 'x', secret_variable: 'Y' } }
  assert.equal(changedLogin(old, 'fetch', { secretVariable: 'Z' }), { id: 'x', secret_variable: 'Z' })
  assert.equal(changedLogin(old, 'fetch', { idVariable: 'W' }), { id_variable: 'W', secret_variable: 'Y' })
  assert.is(changedLogin(undefined, 'fetch', { id: 'x' }), 'incomplete')
  assert.is(changedLogin(old, 'fetch', {}), undefined)
})

test('a proxy is chosen by scheme, and not for hosts that are exempt', () => {
  const chosen = (url: string, environ: NodeJS.ProcessEnv) => proxyFor(new URL(url), environ)?.href
  assert.is(chosen('http://a', { http_proxy: 'p:1' }), 'http://p:1/')
  assert.is(chosen('https://a', { http_proxy: 'p:1' }), undefined)
  assert.is(chosen('https://a', { HTTPS_PROXY: 'https://p:1', all_proxy: 'q' }), 'https://p:1/')
  assert.is(chosen('https://a', { ALL_PROXY: 'http://q' }), 'http://q/')
  assert.is(chosen('http://a', { http_proxy: '', HTTP_PROXY: 'http://q' }), 'http://q/')
  assert.is(chosen('http://a', { HTTP_PROXY: 'http://q', REQUEST_METHOD: 'GET' }), undefined)
  const exempt = (url: string, no_proxy: string) => chosen(url, { all_proxy: 'http://p', no_proxy }) === undefined
  for (const list of ['*', 'b.org', '.b.org', '*.b.org', 'x, A.B.org', 'b.org:80', 'x a.b.org']) {
    assert.ok(exempt('http://a.b.org/x', list), list)
  }
  for (const list of ['', 'ab.org', 'c.a.b.org', 'b.org:443', 'org.'])
    assert.not.ok(exempt('http://a.b.org', list), list)
  assert.ok(exempt('http://[::1]:8080/', '[::1]'))
  assert.ok(exempt('http://127.0.0.1:8080/', '127.0.0.1'))
})

test.run()
