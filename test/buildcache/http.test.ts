import { readFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { defaultNetwork, type NetworkSettings, openTransport, type Transport } from '../../src/buildcache/transport.ts'
import { forgetUnreachable } from '../../src/buildcache/unreachable.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import {
  cutOff,
  hang,
  type OddServer,
  oddServer,
  proxyServer,
  type Reply,
  ranges,
  serve,
  status,
  text,
} from './odd-server.ts'

const test = suite('http')

const limitBytes = 1 << 20
const big = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) >> 3))

interface Setting {
  network?: Partial<NetworkSettings>
  environ?: NodeJS.ProcessEnv
  said?: string[]
  slept?: number[]
}

function transport({ network, environ = {}, said = [], slept = [] }: Setting = {}): Transport {
  const settings = { ...defaultNetwork, timeoutMs: 2000, ...network }
  const sleep = async (milliseconds: number) => void slept.push(milliseconds)
  return openTransport(settings, { environ, say: (line) => said.push(line), sleep })
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Runs `body` with a server that gives `replies` one after the other. */
async function withServer(replies: Reply[], body: (server: OddServer) => Promise<void>): Promise<void> {
  const server = await oddServer(...replies)
  try {
    await body(server)
  } finally {
    await server.close()
  }
}

const read = async (from: Transport, url: string): Promise<string> => {
  const fetched = await from.fetchBytes(url, { limitBytes })
  return fetched.kind === 'content' ? fetched.bytes.toString() : fetched.kind
}

test('what is there is read, over one connection', async () => {
  await withServer([text('one'), text('two'), status(404), text('four')], async (server) => {
    const web = transport()
    assert.is(await read(web, `${server.url}/a`), 'one')
    assert.is((await collect(web.openStream(`${server.url}/b`, {}))).toString(), 'two')
    assert.is(await read(web, `${server.url}/c`), 'absent')
    assert.is(await read(web, `${server.url}/d`), 'four')
    assert.is(server.connections(), 1)
  })
})

test('a server that stumbles is asked again, with growing waits', async () => {
  const slept: number[] = []
  await withServer([status(500), status(503), status(502), text('well')], async (server) => {
    assert.is(await read(transport({ slept }), server.url), 'well')
  })
  assert.is(slept.length, 3)
  assert.ok(slept[0]! < slept[1]! && slept[1]! < slept[2]!, String(slept))
})

test('how long to wait may be the server’s choice, within reason', async () => {
  const slept: number[] = []
  const replies = [status(429, { 'retry-after': '2' }), status(503, { 'retry-after': '9999' }), text('well')]
  await withServer(replies, async (server) => {
    assert.is(await read(transport({ slept }), server.url), 'well')
  })
  assert.equal(slept, [2000, 20_000])
})

test('a server that goes on failing is given up, and not called absent', async () => {
  await withServer([status(500)], async (server) => {
    const error = await rejection(read(transport(), `${server.url}/x`), 'download-failed')
    assert.match(error.message, `\`${server.url}/x\``)
    assert.match(error.message, '500')
    assert.is(server.requests.length, 4)
  })
})

test('refusals are not asked twice, and secrets are not shown', async () => {
  await withServer([status(403)], async (server) => {
    const url = `${server.url.replace('//', '//user:secret@')}/x?token=hidden`
    const error = await rejection(read(transport(), url), 'download-failed')
    assert.match(error.message, '403')
    assert.not.match(`${error.message}${error.hint}${error.detail}`, /secret|hidden/)
    assert.is(server.requests.length, 1)
    assert.is(server.requests[0]!.headers.authorization, `Basic ${Buffer.from('user:secret').toString('base64')}`)
  })
})

test('a login is read from the variables that the mirror names', async () => {
  await withServer([text('x')], async (server) => {
    const environ = { WHO: 'me', WORD: 'pass', TOKEN: 'abc' }
    const web = transport({ environ })
    await web.fetchBytes(server.url, { limitBytes, credentials: { idVariable: 'WHO', secretVariable: 'WORD' } })
    await web.fetchBytes(server.url, { limitBytes, credentials: { tokenVariable: 'TOKEN' } })
    await web.fetchBytes(server.url, { limitBytes, credentials: { tokenVariable: 'NOT_SET' } })
    assert.equal(
      server.requests.map(({ headers }) => headers.authorization),
      [`Basic ${Buffer.from('me:pass').toString('base64')}`, 'Bearer abc', undefined],
    )
  })
})

test('a server that says nothing is given up after the time-out', async () => {
  await withServer([hang], async (server) => {
    const error = await rejection(read(transport({ network: { timeoutMs: 100 } }), server.url), 'mirror-unreachable')
    assert.match(error.message, 'connect_timeout')
    assert.is(server.requests.length, 1)
  })
})

test('a server that stops in the middle of an answer is given up too', async () => {
  const stall: Reply = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('some')
  }
  await withServer([stall], async (server) => {
    await rejection(read(transport({ network: { timeoutMs: 100 } }), server.url), 'mirror-unreachable')
  })
})

test('a slow answer is no time-out, nor is a slow reader', async () => {
  const drip: Reply = (_request, response) => {
    let left = 6
    const timer = setInterval(() => {
      response.write('drop ')
      if (--left > 0) return
      clearInterval(timer)
      response.end()
    }, 60)
  }
  await withServer([drip], async (server) => {
    assert.is(await read(transport({ network: { timeoutMs: 300 } }), server.url), 'drop '.repeat(6))
  })
  await withServer([text(Buffer.alloc(4 << 20, 'x'))], async (server) => {
    let total = 0
    for await (const piece of transport({ network: { timeoutMs: 250 } }).openStream(server.url, {})) {
      total += piece.length
      if (total < 300_000) await new Promise((resolve) => setTimeout(resolve, 300))
    }
    assert.is(total, 4 << 20)
  })
})

test('a download that is cut off is resumed where it stopped', async () => {
  const tagged = { etag: '"v1"' }
  const replies = [cutOff(big, 100_000, tagged), cutOff(big, 50_000, tagged), ranges(big, tagged)]
  await withServer(replies, async (server) => {
    const bytes = await collect(transport().openStream(`${server.url}/big`, { sizeBytes: big.length }))
    assert.ok(bytes.equals(big))
    const asked = server.requests.map(({ headers }) => headers.range)
    assert.is(asked[0], undefined)
    assert.match(asked[1]!, /^bytes=\d+-$/)
    assert.is(server.requests[1]!.headers['if-range'], '"v1"')
    assert.is(server.requests.length, 3)
  })
})

test('a server without ranges sends all again, and nothing is delivered twice', async () => {
  await withServer([cutOff(big, 100_000), text(big)], async (server) => {
    assert.ok((await collect(transport().openStream(server.url, { sizeBytes: big.length }))).equals(big))
  })
})

test('an end without announced length is told from a cut by the known size', async () => {
  const short: Reply = (_request, response) => {
    response.socket!.end(`HTTP/1.0 200 OK\r\n\r\n${'x'.repeat(1000)}`)
  }
  await withServer([short, ranges(Buffer.alloc(2000, 'x'))], async (server) => {
    const bytes = await collect(transport().openStream(server.url, { sizeBytes: 2000 }))
    assert.is(bytes.length, 2000)
  })
})

test('a range that would leave a gap is refused', async () => {
  const gap: Reply = (_request, response) => {
    response.writeHead(206, { 'content-range': `bytes 200000-${big.length - 1}/${big.length}` })
    response.end(big.subarray(200_000))
  }
  await withServer([cutOff(big, 1000), gap], async (server) => {
    await rejection(collect(transport().openStream(server.url, { sizeBytes: big.length })), 'download-failed')
  })
})

test('a download that makes no progress ends', async () => {
  await withServer([cutOff(big, 1000), cutOff(big, 0)], async (server) => {
    await rejection(collect(transport().openStream(server.url, { sizeBytes: big.length })), 'download-failed')
  })
})

test('redirects are followed, not in circles, not for ever, not out of the web, and not with the login', async () => {
  const onward = (to: string): Reply => status(302, { location: to })
  await withServer([text('there')], async (other) => {
    await withServer([onward('/b'), onward(`${other.url}/c`)], async (server) => {
      assert.is(await read(transport(), `${server.url.replace('//', '//u:p@')}/a`), 'there')
      assert.ok(server.requests[1]!.headers.authorization)
      assert.is(other.requests[0]!.headers.authorization, undefined)
    })
  })
  const refused: [Reply[], RegExp][] = [
    [[onward('/a'), onward('/b'), onward('/a')], /circle/],
    [[onward('file:///etc/passwd')], /no web address/],
    [[onward('http://[')], /no URL/],
  ]
  for (const [replies, reason] of refused) {
    await withServer(replies, async (server) => {
      assert.match((await rejection(read(transport(), `${server.url}/x`), 'download-failed')).message, reason)
    })
  }
  let step = 0
  const endless: Reply = (_request, response) => onward(`/${++step}`)(_request, response)
  await withServer([endless], async (server) => {
    assert.match((await rejection(read(transport(), server.url), 'download-failed')).message, /more than 10 times/)
  })
})

test('what is too large is not read to its end, compressed or not', async () => {
  await withServer([text(Buffer.alloc(limitBytes + 1))], async (server) => {
    await rejection(read(transport(), server.url), 'too-large')
  })
  await withServer([text(gzipSync(Buffer.alloc(64 << 20)), { 'content-encoding': 'gzip' })], async (server) => {
    await rejection(read(transport(), server.url), 'too-large')
  })
})

test('a text that was compressed unasked is read; an archive stays as it is stored', async () => {
  const packed = gzipSync('hello')
  await withServer([text(packed, { 'content-encoding': 'gzip' })], async (server) => {
    assert.is(await read(transport(), server.url), 'hello')
    assert.ok((await collect(transport().openStream(server.url, {}))).equals(packed))
    assert.is(server.requests[0]!.headers['accept-encoding'], 'identity')
  })
})

test('an unchanged text costs one conditional request', async () => {
  const modern: Reply = (request, response) => {
    if (request.headers['if-none-match'] === '"v1"') return status(304)(request, response)
    text('content', { etag: '"v1"', 'last-modified': 'Fri, 20 Nov 2026 10:00:00 GMT' })(request, response)
  }
  await withServer([modern], async (server) => {
    const web = transport()
    const first = await web.fetchBytes(server.url, { limitBytes })
    assert.is(first.kind, 'content')
    const known = first.kind === 'content' ? first.validators : {}
    assert.equal(known, { etag: '"v1"', lastModified: 'Fri, 20 Nov 2026 10:00:00 GMT' })
    assert.equal(await web.fetchBytes(server.url, { limitBytes, known }), { kind: 'unchanged' })
    assert.is(server.requests[1]!.headers['if-modified-since'], known.lastModified)
  })
})

test('a dead server is noticed once, said once, and left alone for a while', async () => {
  const notesFolder = join(scratch(), 'notes')
  const said: string[] = []
  const server = await oddServer(hang)
  const setting = { network: { timeoutMs: 50, notesFolder }, said }
  await rejection(read(transport(setting), `${server.url}/a`), 'mirror-unreachable')
  const asked = server.requests.length
  const error = await rejection(read(transport(setting), `${server.url}/b`), 'mirror-unreachable')
  assert.match(error.message, 'a moment ago')
  assert.is(server.requests.length, asked)
  assert.is(said.length, 1)
  assert.match(said[0]!, 'does not answer')
  forgetUnreachable(notesFolder)
  await rejection(read(transport(setting), `${server.url}/b`), 'mirror-unreachable')
  assert.ok(server.requests.length > asked)
  await server.close()
  await rejection(read(transport({ network: { notesFolder: join(scratch(), 'x') } }), server.url), 'mirror-unreachable')
})

test('proxies are used as the variables say', async () => {
  const proxy = await proxyServer()
  const secure = await serve(text('secure'), secureServer())
  const target = secure.url.replace('http://127.0.0.1', 'https://localhost')
  const withLogin = proxy.url.replace('//', '//who:what@')
  const environ = { http_proxy: withLogin, HTTPS_PROXY: proxy.url, SPACK_EXTRA_CA_CERTS: authority }
  const web = transport({ environ })
  assert.is(await read(web, 'http://nowhere.invalid/some/path'), 'by proxy: /some/path')
  assert.is(proxy.requests[0]!.path, 'http://nowhere.invalid/some/path')
  const login = `Basic ${Buffer.from('who:what').toString('base64')}`
  assert.is(proxy.requests[0]!.headers['proxy-authorization'], login)
  assert.is(await read(web, target), 'secure')
  assert.is(await read(web, target), 'secure')
  assert.equal(
    proxy.requests.slice(1).map(({ method, path }) => `${method} ${path}`),
    [`CONNECT ${new URL(target).host}`],
  )
  const direct = transport({ environ: { ...environ, no_proxy: 'example.org, localhost' } })
  assert.is(await read(direct, target), 'secure')
  assert.is(proxy.requests.length, 2)
  await rejection(read(transport({ environ: { http_proxy: 'socks5://x:1' } }), 'http://a.invalid'), 'proxy-url')
  await Promise.all([proxy.close(), secure.close()])
})

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const authority = fixture('ca.pem')
const secureServer = () =>
  createSecureServer({ key: readFileSync(fixture('server.key')), cert: readFileSync(fixture('server.pem')) })

test('a certificate must be traced to an authority, unless told otherwise', async () => {
  const server = await serve(text('secure'), secureServer())
  const url = server.url.replace('http://', 'https://')
  const error = await rejection(read(transport(), url), 'download-failed')
  assert.match(error.message, 'certificate')
  assert.match(error.hint ?? '', '--insecure')
  assert.is(await read(transport({ network: { verifyTls: false } }), url), 'secure')
  assert.is(await read(transport({ network: { caFiles: [authority] } }), url), 'secure')
  assert.is(await read(transport({ environ: { SPACK_EXTRA_CA_CERTS: authority } }), url), 'secure')
  await server.close()
})

test('schemes that are not supported are named, with those that are', async () => {
  for (const url of ['s3://bucket/x', 'gs://bucket', 'oci://host/image', 'oci+http://h/i', 'sftp://h/x']) {
    const error = await rejection(read(transport(), url), 'mirror-scheme')
    assert.match(error.message, url)
    assert.match(error.hint ?? '', 'file://, http://, https://')
  }
  await rejection(read(transport(), 'not a url'), 'mirror-url')
})

test.run()
