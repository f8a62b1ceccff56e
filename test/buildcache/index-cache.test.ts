import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readCacheIndex } from '../../src/buildcache/cache-index.ts'
import { fetchIndex, type IndexSource } from '../../src/buildcache/index-cache.ts'
import type { LayoutVersion } from '../../src/buildcache/mirror.ts'
import { readMirror } from '../../src/buildcache/mirror.ts'
import { offeredKeys } from '../../src/buildcache/mirror-keys.ts'
import { defaultNetwork, openTransport } from '../../src/buildcache/transport.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { kit, withKit } from '../support/shared.ts'
import { manifestText, putBlob, sha256, write } from './cache-maker.ts'
import { type OddServer, type Reply, serve, status, text } from './odd-server.ts'

const test = suite('index-cache')

const transport = openTransport({ ...defaultNetwork, timeoutMs: 300 }, { environ: {}, sleep: async () => {} })
const source = (url: string, layout: LayoutVersion, view?: string): IndexSource => ({
  mirror: readMirror('m', { url, ...(view ? { view } : {}) }, (path) => `file://${path}`),
  layout,
})
const index = (...names: string[]): string => {
  const records = names.map((name, at) => {
    const hash = String(at).padStart(32, 'a')
    return `"${hash}":{"spec":{"name":"${name}","version":"1","hash":"${hash}"},"ref_count":0,"in_buildcache":true}`
  })
  return `{"database":{"version":"8","installs":{${records.join(',')}}}}`
}

function putIndex(folder: string, content: string, view = ''): string {
  const blob = putBlob(folder, Buffer.from(content), 'application/vnd.spack.db.v8+json', 'none')
  write(folder, `v3/manifests/index/${view}index.manifest.json`, manifestText([blob]))
  return String(blob.checksum)
}

/** Serves a folder, with ETags unless told otherwise. */
async function serveFolder(folder: string, validators = true): Promise<OddServer> {
  const reply: Reply = (request: IncomingMessage, response) => {
    let body: Buffer
    try {
      body = readFileSync(join(folder, request.url ?? ''))
    } catch {
      return status(404)(request, response)
    }
    const etag = `"${sha256(body)}"`
    if (validators && request.headers['if-none-match'] === etag) return status(304)(request, response)
    text(body, validators ? { etag } : {})(request, response)
  }
  return serve(reply)
}

const asked = (server: OddServer): string[] => server.requests.splice(0).map(({ path }) => path)

async function read(from: IndexSource, folder: string): Promise<{ names: string[]; warning?: string } | 'absent'> {
  const answer = await fetchIndex(from, { transport, folder })
  if (answer.kind === 'absent') return 'absent'
  const names = readCacheIndex(answer.text, 'index').map(({ node }) => node.name)
  return answer.warning ? { names, warning: answer.warning } : { names }
}

test('an unchanged index of layout 3 costs one conditional request', async () => {
  const [cache, folder] = [scratch(), scratch()]
  putIndex(cache, index('zlib'))
  const server = await serveFolder(cache)
  const from = source(server.url, 3)
  assert.equal(await read(from, folder), { names: ['zlib'] })
  assert.is(asked(server).length, 2)
  assert.equal(await read(from, folder), { names: ['zlib'] })
  assert.equal(asked(server), ['/v3/manifests/index/index.manifest.json'])
  const digest = putIndex(cache, index('zlib', 'bzip2'))
  assert.equal(await read(from, folder), { names: ['zlib', 'bzip2'] })
  assert.is(asked(server).length, 2)
  assert.equal(
    readdirSync(folder).filter((name) => name.length > 40),
    [`${digest}.json`],
  )
  await server.close()
})

test('without ETags the manifest tells by its digest that the index is the same', async () => {
  const [cache, folder] = [scratch(), scratch()]
  putIndex(cache, index('zlib'))
  const server = await serveFolder(cache, false)
  await read(source(server.url, 3), folder)
  asked(server)
  assert.equal(await read(source(server.url, 3), folder), { names: ['zlib'] })
  assert.equal(asked(server), ['/v3/manifests/index/index.manifest.json'])
  await server.close()
})

test('views and folders have indexes of their own', async () => {
  const [cache, folder] = [scratch(), scratch()]
  putIndex(cache, index('zlib'))
  putIndex(cache, index('bzip2'), 'stack/a/')
  assert.equal(await read(source(cache, 3), folder), { names: ['zlib'] })
  assert.equal(await read(source(cache, 3, 'stack/a'), folder), { names: ['bzip2'] })
  assert.equal(await read(source(cache, 3), folder), { names: ['zlib'] })
  assert.is(await read(source(cache, 3, 'stack/b'), folder), 'absent')
  await rejection(read(source(cache, 3, '../../etc'), folder), 'mirror-path')
})

test('the old layout is compared by ETag, or by the digest beside it', async () => {
  for (const validators of [true, false]) {
    const [cache, folder] = [scratch(), scratch()]
    const put = (content: string) => {
      write(cache, 'build_cache/index.json', content)
      write(cache, 'build_cache/index.json.hash', sha256(Buffer.from(content)))
    }
    put(index('zlib'))
    const server = await serveFolder(cache, validators)
    const from = source(server.url, 2)
    assert.equal(await read(from, folder), { names: ['zlib'] })
    asked(server)
    assert.equal(await read(from, folder), { names: ['zlib'] })
    assert.equal(asked(server), [`/build_cache/index.json${validators ? '' : '.hash'}`])
    put(index('xz'))
    assert.equal(await read(from, folder), { names: ['xz'] })
    await server.close()
  }
})

test('when the mirror fails, the copy at hand is used and that is said', async () => {
  const [cache, folder] = [scratch(), scratch()]
  putIndex(cache, index('zlib'))
  const server = await serveFolder(cache)
  const from = source(server.url, 3)
  await read(from, folder)
  await server.close()
  const answer = await read(from, folder)
  assert.ok(
    answer !== 'absent' && answer.names[0] === 'zlib' && answer.warning?.includes('the copy from the last time'),
  )
  await rejection(read(from, scratch()), 'mirror-unreachable')
})

test('an index that its manifest names in vain has expired', async () => {
  const [cache, folder] = [scratch(), scratch()]
  const blob = putBlob(scratch(), Buffer.from(index('zlib')), 'application/vnd.spack.db.v8+json', 'none')
  write(cache, 'v3/manifests/index/index.manifest.json', manifestText([blob]))
  const error = await rejection(read(source(cache, 3), folder), 'index-expired')
  assert.match(error.hint ?? '', 'spack buildcache update-index m')
  const digest = String(blob.checksum)
  write(cache, `blobs/sha256/${digest.slice(0, 2)}/${digest}`, index('evil'))
  await rejection(read(source(cache, 3), folder), 'blob-digest')
})

test('a spoiled copy is fetched again', async () => {
  const [cache, folder] = [scratch(), scratch()]
  putIndex(cache, index('zlib'))
  await read(source(cache, 3), folder)
  for (const name of readdirSync(folder).filter((file) => file.length < 40)) writeFileSync(join(folder, name), '{"dig')
  assert.equal(await read(source(cache, 3), folder), { names: ['zlib'] })
})

test('hostile indexes are refused with where they are', () => {
  const texts: [string, string][] = [
    ['', 'index-broken'],
    ['[]', 'index-broken'],
    ['{"database": {}}', 'index-broken'],
    ['{"database":{"version":"99","installs":{}}}', 'index-version'],
    ['{"database":{"version":"8","installs":{"a":null}}}', 'index-broken'],
    ['{"database":{"version":"8","installs":{"a":{"spec":{"name":{}}}}}}', 'index-broken'],
    ['{"database":{"version":"8","installs":{"a":{"spec":[]}}}}', 'index-broken'],
  ]
  for (const [content, code] of texts) {
    try {
      readCacheIndex(content, 'https://where/it/is')
      assert.unreachable(content)
    } catch (error) {
      assert.is((error as { code?: string }).code, code, `${content}: ${error}`)
      assert.match((error as Error).message, 'https://where/it/is')
    }
  }
})

test('keys are offered by both layouts, and their names cannot lead elsewhere', async () => {
  const fingerprint = 'A'.repeat(40)
  const cache = scratch()
  const list = (names: string[]) => JSON.stringify({ keys: Object.fromEntries(names.map((name) => [name, {}])) })
  const put = (name: string, content: string, type: string) =>
    write(
      cache,
      `v3/manifests/key/${name}.manifest.json`,
      manifestText([putBlob(cache, Buffer.from(content), type, 'none')]),
    )
  put('keys', list([fingerprint]), 'application/vnd.spack.keyindex.v1+json')
  put(`${fingerprint}.key`, 'the key', 'application/pgp-keys')
  write(cache, 'build_cache/_pgp/index.json', list([fingerprint, 'B'.repeat(40)]))
  write(cache, `build_cache/_pgp/${fingerprint}.pub`, 'the old key')
  write(cache, `build_cache/_pgp/${'B'.repeat(40)}.pub`, 'another key')
  const { mirror } = source(cache, 3)
  const keys = await offeredKeys(mirror, transport)
  assert.equal(
    keys.map(({ bytes }) => bytes.toString()),
    ['the key', 'another key'],
  )
  for (const name of ['../../../etc/passwd', '', 'xyz']) {
    put('keys', list([name]), 'application/vnd.spack.keyindex.v1+json')
    await rejection(offeredKeys(mirror, transport), 'manifest-broken')
  }
  put('keys', '[]', 'application/vnd.spack.keyindex.v1+json')
  await rejection(offeredKeys(mirror, transport), 'manifest-broken')
})

withKit(test, 'the indexes of the kit are read', async () => {
  const inCache = async (from: IndexSource) => {
    const answer = await fetchIndex(from, { transport, folder: scratch() })
    if (answer.kind === 'absent') return 0
    return readCacheIndex(answer.text, 'kit').filter(({ isInCache }) => isInCache).length
  }
  assert.is(await inCache(source(kit('buildcache/v3'), 3)), 15)
  assert.is(await inCache(source(kit('buildcache/v3-padded'), 3)), 2)
  assert.is(await inCache(source(kit('buildcache/v2'), 2)), 5)
  assert.is((await offeredKeys(source(kit('buildcache/v2'), 2).mirror, transport))[0]!.fingerprint.length, 40)
})

test.run()
