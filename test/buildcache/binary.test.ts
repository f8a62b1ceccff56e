import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { enums } from 'openpgp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Binary,
  type BinaryPolicy,
  type BinaryRequest,
  binaryRequest,
  noBinary,
  type Refusal,
  tryBinaries,
} from '../../src/buildcache/binary.ts'
import { trustKeys } from '../../src/buildcache/key-store.ts'
import { keyRows } from '../../src/buildcache/key-table.ts'
import { loadKeyring } from '../../src/buildcache/keyring.ts'
import { type Mirror, type MirrorEntry, readMirror } from '../../src/buildcache/mirror.ts'
import { defaultNetwork, openTransport } from '../../src/buildcache/transport.ts'
import type { Keyring } from '../../src/buildcache/trusted-key.ts'
import type { SpecNode } from '../../src/spec/node.ts'
import { type BinaryAnswer, findBinary } from '../support/find-binary.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { kit, withKit } from '../support/shared.ts'
import { makeTinyCache } from '../support/tiny-cache.ts'
import {
  archiveBytes,
  type Entry,
  makeCache,
  manifestPath,
  manifestText,
  other,
  putBlob,
  putPackage,
  sha256,
  specText,
  write,
  zlib,
} from './cache-maker.ts'
import { oddServer, status } from './odd-server.ts'
import { clearSign, makeKey, revoke, type Signer } from './signing-keys.ts'

const test = suite('binary')

const signers: Record<'trusted' | 'stranger' | 'revoked', Signer> = {} as never
let keyring: Keyring = { folder: '', keys: [] }

test.before(async () => {
  const trusted = await makeKey('trusted')
  const revoked = await revoke(await makeKey('revoked'), enums.reasonForRevocation.keyCompromised)
  signers.trusted = trusted.keyPacket as Signer
  signers.revoked = revoked.keyPacket as Signer
  signers.stranger = (await makeKey('stranger')).keyPacket as Signer
  keyring = {
    folder: scratch(),
    keys: [...(await keyRows(trusted.toPublic())), ...(await keyRows(revoked.toPublic()))],
  }
})

const mirror = (url: string, entry: Exclude<MirrorEntry, string> = {}, name = 'm'): Mirror =>
  readMirror(name, { url, ...entry }, (path) => `file://${path}`)

const policy = (more: Partial<BinaryPolicy> = {}): BinaryPolicy => ({
  transport: openTransport({ ...defaultNetwork, timeoutMs: 300 }, { environ: {}, sleep: async () => {} }),
  keyring,
  ...more,
})

const find = (folder: string, request = zlib, more: Partial<BinaryPolicy> = {}): Promise<BinaryAnswer> =>
  findBinary([mirror(folder)], request, policy(more))

async function content(binary: Binary): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of binary.archive.open()) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function found(answer: Promise<BinaryAnswer>): Promise<Binary> {
  const settled = await answer
  assert.is(settled.kind, 'found', JSON.stringify(settled))
  return (settled as { binary: Binary }).binary
}

async function refusal(answer: Promise<BinaryAnswer>, problem: Refusal['problem']): Promise<Refusal> {
  const settled = await answer
  if (settled.kind === 'found') return assert.unreachable(`expected a refusal: ${problem}`) as never
  assert.is(settled.refusals[0]!.problem, problem, JSON.stringify(settled.refusals))
  return settled.refusals[0]!
}

test('a signed binary is found by name, and its archive is what was signed', async () => {
  const folder = scratch()
  await makeCache(folder, zlib, { signer: signers.trusted })
  for (const url of [folder, `file://${folder}`]) {
    const binary = await found(find(url))
    assert.is(binary.layout, 3)
    assert.is(binary.signer?.user, 'trusted <trusted@example.org>')
    assert.is(binary.archive.sizeBytes, archiveBytes.length)
    assert.ok((await content(binary)).equals(archiveBytes))
  }
})

test('what is not there is missing, and only that', async () => {
  const folder = scratch()
  const { reason } = await refusal(find(folder), 'missing')
  assert.match(reason, manifestPath(zlib))
})

test('a signature is needed, by a key that is trusted and not revoked', async () => {
  const folder = scratch()
  await makeCache(folder, zlib)
  const unsigned = await refusal(find(folder), 'not-signed')
  assert.match(unsigned.hint ?? '', 'spack mirror set --unsigned m')
  await makeCache(folder, zlib, { signer: signers.stranger })
  const unknown = await refusal(find(folder), 'unknown-key')
  assert.match(unknown.reason, signers.stranger.getFingerprint().toUpperCase())
  assert.match(unknown.hint ?? '', 'spack gpg trust')
  await makeCache(folder, zlib, { signer: signers.revoked })
  const revoked = await refusal(find(folder), 'revoked-key')
  assert.match(revoked.reason, signers.revoked.getKeyID().toHex().toUpperCase())
  await makeCache(folder, zlib, { text: (await clearSign('{}', signers.trusted)).replace('{}', '{ }') })
  await refusal(find(folder), 'bad-signature')
})

test('what is published under a version that is no name of a file is found', async () => {
  const { mirror: folder, nodes } = await makeTinyCache(scratch(), [{ name: 'odd', version: 'git.a/b=1.0' }], undefined)
  const request = binaryRequest(nodes.get('odd')!)
  const { archive } = await found(find(folder, request, { checkSignatures: false }))
  assert.match(archive.url, `${folder}/blobs/sha256/`)
})

test('a mirror that need not be signed is read with and without signatures', async () => {
  const unsigned = (folder: string) => findBinary([mirror(folder, { signed: false })], zlib, policy())
  for (const signer of [undefined, signers.stranger]) {
    const folder = scratch()
    await makeCache(folder, zlib, { ...(signer ? { signer } : {}) })
    assert.is((await found(unsigned(folder))).signer, undefined)
    await found(find(folder, zlib, { checkSignatures: false }))
    await refusal(
      findBinary([mirror(folder, { signed: false })], zlib, policy({ checkSignatures: true })),
      signer ? 'unknown-key' : 'not-signed',
    )
  }
})

test('a manifest that was signed for another package is refused under this name', async () => {
  const folder = scratch()
  const text = manifestText(putPackage(folder, other))
  await makeCache(folder, zlib, { signer: signers.trusted, text })
  const { reason } = await refusal(find(folder), 'wrong-package')
  assert.match(reason, `zlib@1.2.0 /${other.hash}`)
  const renamed = { ...zlib, name: 'evil' }
  await makeCache(folder, zlib, { signer: signers.trusted, text: manifestText(putPackage(folder, renamed)) })
  await refusal(find(folder), 'wrong-package')
})

/** Ways in which the archive that arrives is not the one that was signed. */
const damages: Record<string, [(bytes: Buffer) => Buffer, string]> = {
  'a flipped bit': [
    (bytes) => Buffer.from(bytes.map((byte, index) => (index === 20 ? byte ^ 1 : byte))),
    'blob-digest',
  ],
  'a missing end': [(bytes) => bytes.subarray(0, -1), 'blob-size'],
  'an added end': [(bytes) => Buffer.concat([bytes, Buffer.from('x')]), 'blob-size'],
  'another file of the same size': [(bytes) => Buffer.alloc(bytes.length), 'blob-digest'],
  'nothing in it': [() => Buffer.alloc(0), 'blob-size'],
}

for (const [name, [damage, code]] of Object.entries(damages)) {
  test(`an archive with ${name} does not end well, and the next mirror serves`, async () => {
    const [bad, good] = [scratch(), scratch()]
    for (const folder of [bad, good]) await makeCache(folder, zlib, { signer: signers.trusted })
    const digest = sha256(archiveBytes)
    writeFileSync(join(bad, 'blobs/sha256', digest.slice(0, 2), digest), damage(archiveBytes))
    const error = await rejection(content(await found(find(bad))), code)
    assert.match(error.message, digest)
    const mirrors = [mirror(bad, {}, 'bad'), mirror(good, {}, 'good')]
    const used = await tryBinaries(mirrors, zlib, policy(), content)
    assert.ok(used.kind === 'used' && used.value.equals(archiveBytes))
    assert.equal(
      used.refusals.map(({ mirror: name, problem }) => `${name} ${problem}`),
      ['bad damaged'],
    )
    const none = await tryBinaries([mirrors[0]!], zlib, policy(), content)
    assert.is(none.kind === 'refused' && none.refusals[0]!.problem, 'damaged')
  })
}

test('an archive that vanished is a refusal; an error of the installer is not', async () => {
  const folder = scratch()
  const [, spec] = putPackage(folder, zlib)
  const gone = { ...putBlob(scratch(), Buffer.from('x'), 'application/vnd.spack.install.v2.tar+gzip') }
  await makeCache(folder, zlib, { signer: signers.trusted, data: [gone, spec] })
  const answer = await tryBinaries([mirror(folder)], zlib, policy(), content)
  assert.is(answer.kind === 'refused' && answer.refusals[0]!.problem, 'unreadable')
  const boom = tryBinaries([mirror(folder)], zlib, policy(), async () => {
    throw new Error('disk full')
  })
  await boom.then(assert.unreachable as () => void, (error: Error) => assert.is(error.message, 'disk full'))
})

test('hostile manifests are refused, each with a reason', async () => {
  const folder = scratch()
  const [archive, spec] = putPackage(folder, zlib)
  const data = (change: Partial<Record<keyof Entry, unknown>>) => manifestText([{ ...archive, ...change }, spec])
  const texts: Record<string, string> = {
    'no JSON': '{',
    'no object': '[1]',
    null: 'null',
    'other version': '{"version": 4, "data": []}',
    'version as text': '{"version": "3", "data": []}',
    'no data': '{"version": 3}',
    'data no list': '{"version": 3, "data": {"length": 2}}',
    'data of nulls': '{"version": 3, "data": [null, 1, "x", []]}',
    'too many blobs': manifestText(Array(101).fill(archive)),
    'negative size': data({ contentLength: -1 }),
    'fractional size': data({ contentLength: 1.5 }),
    'size beyond numbers': manifestText([archive, spec]).replace(/"contentLength":\d+/, '"contentLength":1e999'),
    'size as text': data({ contentLength: '459373' }),
    'weak digest': data({ checksumAlgorithm: 'md5', checksum: 'd41d8cd98f00b204e9800998ecf8427e' }),
    'digest of a prototype': data({ checksumAlgorithm: 'constructor' }),
    'algorithm with a path': data({ checksumAlgorithm: '../../sha256' }),
    'digest with a path': data({ checksum: `../../../../etc/${'a'.repeat(48)}` }),
    'digest in capitals': data({ checksum: String(archive.checksum).toUpperCase() }),
    'short digest': data({ checksum: 'ab' }),
    'no archive': manifestText([spec]),
    'two archives': manifestText([archive, archive, spec]),
    'no spec': manifestText([archive]),
    'media type no text': data({ mediaType: { toString: 'x' } }),
    prototype: '{"__proto__": {"version": 3, "data": []}}',
  }
  for (const [name, text] of Object.entries(texts)) {
    await makeCache(folder, zlib, { signer: signers.trusted, text })
    const { reason } = await refusal(find(folder), 'broken')
    assert.match(reason, manifestPath(zlib), name)
  }
  write(folder, manifestPath(zlib), Buffer.from([0xff, 0xfe, 0x00]))
  await refusal(find(folder), 'broken')
  write(folder, manifestPath(zlib), Buffer.alloc((1 << 20) + 1, ' '))
  await refusal(find(folder), 'unreadable')
})

test('hostile spec blobs are refused, also those that would fill the memory', async () => {
  const folder = scratch()
  const [archive] = putPackage(folder, zlib)
  const spec = (bytes: Buffer, compression = 'gzip') =>
    putBlob(folder, bytes, 'application/vnd.spack.spec.v5+json', compression)
  const cases: [Entry, Refusal['problem']][] = [
    [spec(gzipSync('{')), 'broken'],
    [spec(gzipSync('{"spec": {"nodes": {}}}')), 'broken'],
    [spec(gzipSync('{"spec": {"nodes": []}}')), 'wrong-package'],
    [spec(gzipSync('{"spec": {"nodes": [null]}}')), 'wrong-package'],
    [spec(gzipSync(`{"spec": {"nodes": [{"name": ["zlib"], "hash": {}}]}}`)), 'wrong-package'],
    [spec(Buffer.from('no gzip')), 'damaged'],
    [spec(Buffer.from(specText(zlib)), 'zstd'), 'damaged'],
    [spec(gzipSync(Buffer.alloc(65 << 20, ' '), { level: 1 })), 'damaged'],
  ]
  for (const [entry, problem] of cases) {
    await makeCache(folder, zlib, { signer: signers.trusted, data: [archive, entry] })
    await refusal(find(folder), problem)
  }
  await makeCache(folder, zlib, { signer: signers.trusted, data: [archive, spec(Buffer.from(specText(zlib)), 'none')] })
  await found(find(folder))
})

test('a request cannot lead out of the mirror, and odd versions are spelled as files are named', async () => {
  const folder = scratch()
  await refusal(find(folder, { ...zlib, name: '../../etc' }), 'broken')
  await refusal(find(folder, { ...zlib, name: '..' }), 'broken')
  const odd = { ...zlib, version: 'git.feature/x=1.2' }
  const { reason } = await refusal(find(folder, odd), 'missing')
  assert.match(reason, 'zlib-git.feature_x_1.2-aaaa')
})

test('mirrors are asked in order, and a dead one does not hide the next', async () => {
  const folder = scratch()
  await makeCache(folder, zlib, { signer: signers.trusted })
  const server = await oddServer(status(500))
  const mirrors = [
    mirror('http://127.0.0.1:9', {}, 'dead'),
    mirror(server.url, {}, 'ill'),
    mirror('s3://bucket/cache', {}, 'bucket'),
    mirror(scratch(), {}, 'empty'),
    mirror(folder, { binary: false }, 'sources'),
  ]
  const answer = await findBinary(mirrors, zlib, policy())
  await server.close()
  assert.equal(answer.kind === 'refused' && answer.refusals.map(({ mirror: name, problem }) => [name, problem]), [
    ['dead', 'unreachable'],
    ['ill', 'unreadable'],
    ['bucket', 'unsupported'],
    ['empty', 'missing'],
  ])
  assert.is((await found(findBinary([...mirrors, mirror(folder, {}, 'last')], zlib, policy()))).mirror.name, 'last')
  const error = noBinary(zlib, answer.kind === 'refused' ? answer.refusals : [])
  assert.match(error.message, 'zlib@1.3.1 /aaaaaaa')
  assert.match(error.detail ?? '', /mirror `dead`: .*\n {2}mirror `ill`: .*500/)
})

/** What a node says about its place in a cache of layout 2. */
const legacy = { arch: 'linux-debian12-x86_64_v2', compiler: 'gcc-12.2.0' }
const old: BinaryRequest = { ...zlib, legacy }
const oldName = `linux-debian12-x86_64_v2-gcc-12.2.0-zlib-1.3.1-${zlib.hash}`
const oldArchive = `build_cache/linux-debian12-x86_64_v2/gcc-12.2.0/zlib-1.3.1/${oldName}.spack`

const oldSpec = (change: Record<string, unknown> = {}, spec: BinaryRequest = zlib): string =>
  JSON.stringify({
    spec: { _meta: { version: 4 }, nodes: [{ ...spec }] },
    buildcache_layout_version: 2,
    binary_cache_checksum: { hash_algorithm: 'sha256', hash: sha256(archiveBytes) },
    ...change,
  })

test('the old layout is read for specs of old formats, signed or not', async () => {
  const folder = scratch()
  write(folder, oldArchive, archiveBytes)
  write(folder, `build_cache/${oldName}.spec.json`, oldSpec())
  assert.equal(await refusal(find(folder), 'missing'), await refusal(find(folder, old), 'missing'))
  const answer = await find(folder, old)
  assert.is(answer.kind === 'refused' && answer.refusals[1]!.problem, 'not-signed')
  await found(find(folder, old, { checkSignatures: false }))
  write(folder, `build_cache/${oldName}.spec.json.sig`, await clearSign(oldSpec(), signers.trusted))
  const binary = await found(find(folder, old))
  assert.is(binary.layout, 2)
  assert.ok((await content(binary)).equals(archiveBytes))
  write(folder, oldArchive, archiveBytes.subarray(1))
  await rejection(content(binary), 'blob-digest')
})

test('hostile files of the old layout are refused', async () => {
  const folder = scratch()
  const texts: [string, Refusal['problem']][] = [
    ['[]', 'broken'],
    [oldSpec({ spec: null }), 'broken'],
    [oldSpec({ buildcache_layout_version: 1 }), 'broken'],
    [oldSpec({ binary_cache_checksum: undefined }), 'broken'],
    [oldSpec({ binary_cache_checksum: { hash_algorithm: 'sha1', hash: 'a'.repeat(40) } }), 'broken'],
    [oldSpec({ binary_cache_checksum: { hash_algorithm: 'sha256', hash: 'x'.repeat(64) } }), 'broken'],
    [oldSpec({}, other), 'wrong-package'],
  ]
  for (const [text, problem] of texts) {
    write(folder, `build_cache/${oldName}.spec.json.sig`, await clearSign(text, signers.trusted))
    const answer = await find(folder, old)
    assert.is(answer.kind === 'refused' && answer.refusals[1]!.problem, problem, text)
  }
})

for (const [environment, cache] of [
  ['v3-env', 'v3'],
  ['v2-env', 'v2'],
  ['v3-padded-env', 'v3-padded'],
]) {
  withKit(test, `every binary that the kit has for ${environment} is found and whole`, async () => {
    const folder = scratch()
    await trustKeys(folder, readFileSync(kit('buildcache/key.pub')), 'key.pub')
    const trusting = policy({ keyring: await loadKeyring(folder) })
    const lockfile = JSON.parse(readFileSync(kit('buildcache', environment!, 'spack.lock'), 'utf8'))
    const nodes = Object.entries<SpecNode>(lockfile.concrete_specs).filter(([, node]) => !node.external)
    let count = 0
    for (const [hash, node] of nodes) {
      const answer = await findBinary([mirror(kit('buildcache', cache!))], binaryRequest({ ...node, hash }), trusting)
      if (answer.kind === 'refused') {
        assert.ok(answer.refusals.every(({ problem }) => problem === 'missing'))
        continue
      }
      await content(answer.binary)
      count++
    }
    assert.is(count, cache === 'v3-padded' ? 2 : nodes.length)
  })
}

test.run()
