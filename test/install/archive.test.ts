import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { StoredArchive } from '../../src/install/archive/inflate.ts'
import { readArchive } from '../../src/install/archive/read-archive.ts'
import { relocateTree, useSbang } from '../../src/install/archive/relocate-tree.ts'
import { writeTree } from '../../src/install/archive/write-tree.ts'
import { readBuildinfo, relocationMap } from '../../src/install/buildinfo.ts'
import { defaultPermissions, type Permissions } from '../../src/install/permissions.ts'
import { SpackError } from '../../src/ui/error.ts'
import { paxMember, type RawMember, rawMember, rawTar } from '../support/raw-tar.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('archive')
const prefix = 'old/store/pkg'
const buildinfo = (lists: string = '') =>
  `{buildpath: /old/store, sbang_install_path: /old/store/bin/sbang, hash_to_prefix: {abc: /old/store/pkg}${lists}}`

const folders: RawMember[] = ['old', 'old/store', prefix, `${prefix}/.spack`].map((name) => ({ name, type: '5' }))
const spec: RawMember = { name: `${prefix}/.spack/spec.json`, content: '{"spec": {}}' }
const last = (lists?: string): RawMember => ({
  name: `${prefix}/.spack/binary_distribution`,
  content: buildinfo(lists),
})

/** A whole archive with `members` in it. */
const whole = (members: readonly (RawMember | Buffer)[], lists?: string): Buffer =>
  rawTar([...folders, spec, ...members, last(lists)])

const stored = (content: Buffer, pieceBytes = 7000): StoredArchive => ({
  compression: 'gzip',
  async *open() {
    const bytes = gzipSync(content)
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  },
})

const inMemory = (content: Buffer, pieceBytes: number): StoredArchive => ({
  compression: 'none',
  sizeBytes: content.length,
  async *open() {
    for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes)
  },
})

interface UnpackOptions {
  newPrefix?: string
  permissions?: Permissions
  sbang?: string
}

/** Unpacks as the installer does, into a new folder. */
async function unpack(archive: StoredArchive, options: UnpackOptions = {}): Promise<string> {
  const { newPrefix = '/n/pkg', permissions = defaultPermissions, sbang = '/n/bin/sbang' } = options
  const folder = join(scratch(), 'staging')
  mkdirSync(folder)
  const read = await readArchive(archive, { folder, permissions, checkSpec: () => {} })
  const info = await readBuildinfo(read.buildinfo.toString())
  const map = relocationMap(info, { root: '/n', sbang, prefixOf: (hash) => (hash === 'abc' ? newPrefix : undefined) })
  assert.equal(relocateTree(read.tree, folder, info, map), [])
  useSbang(read.tree, folder, sbang)
  writeTree(read.tree, folder, permissions)
  return folder
}

async function refusal(archive: StoredArchive): Promise<string> {
  try {
    await unpack(archive)
  } catch (error) {
    if (error instanceof SpackError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'unpacked'
}

const big = Buffer.from(`#!/old/store/pkg/bin/sh\n${'/old/store/pkg/share '.repeat(80_000)}\n`)

test('files, links and hard links come out with modes and times, relocated where listed', async () => {
  const folder = await unpack(
    stored(
      whole(
        [
          { name: `${prefix}/bin`, type: '5' },
          { name: `${prefix}/bin/tool`, content: '#!/old/store/pkg/bin/sh\n', mode: 0o755 },
          { name: `${prefix}/bin/other`, content: '/old/store/pkg', mode: 0o775, mtimeSeconds: 1000 },
          { name: `${prefix}/bin/same`, type: '1', target: `${prefix}/bin/tool` },
          { name: `${prefix}/bin/absolute`, type: '2', target: '/old/store/pkg/bin/tool' },
          { name: `${prefix}/bin/relative`, type: '2', target: '../bin/tool' },
          { name: `${prefix}/bin/system`, type: '2', target: '/usr/bin/env' },
          { name: `${prefix}/deep/er/file`, content: 'x' },
          { name: `${prefix}/bin/setuid`, content: 'x', mode: 0o4755 },
        ],
        ', relocate_textfiles: [bin/tool], relocate_links: [bin/absolute], relocate_binaries: []',
      ),
    ),
  )
  const mode = (path: string) => (lstatSync(join(folder, path)).mode & 0o7777).toString(8)
  assert.is(readFileSync(join(folder, 'bin/tool'), 'utf8'), '#!/n/pkg/bin/sh\n')
  assert.is(readFileSync(join(folder, 'bin/other'), 'utf8'), '/old/store/pkg')
  assert.is(lstatSync(join(folder, 'bin/other')).mtimeMs, 1_000_000)
  assert.ok(Date.now() - lstatSync(join(folder, 'bin/tool')).mtimeMs < 60_000)
  assert.is(lstatSync(join(folder, 'bin/same')).ino, lstatSync(join(folder, 'bin/tool')).ino)
  assert.is(readlinkSync(join(folder, 'bin/absolute')), '/n/pkg/bin/tool')
  assert.is(readlinkSync(join(folder, 'bin/relative')), '../bin/tool')
  assert.is(readlinkSync(join(folder, 'bin/system')), '/usr/bin/env')
  assert.equal(['bin', 'bin/tool', 'bin/other', 'deep/er/file', 'bin/setuid'].map(mode), [
    '2755',
    '755',
    '755',
    '644',
    '4755',
  ])
})

test('permissions of the configuration are kept whatever the umask', async () => {
  const old = process.umask(0o077)
  try {
    const permissions = { fileMode: 0o770, directoryMode: 0o2770, groupId: process.getgid!() }
    const folder = await unpack(stored(whole([{ name: `${prefix}/f`, content: 'x' }])), { permissions })
    assert.is(statSync(join(folder, 'f')).mode & 0o7777, 0o660)
    assert.is(statSync(join(folder, '.spack')).mode & 0o7777, 0o2770)
  } finally {
    process.umask(old)
  }
})

test('a set-user-ID file that others could write is refused', async () => {
  const archive = stored(whole([{ name: `${prefix}/f`, content: 'x', mode: 0o4755 }]))
  const permissions = { fileMode: 0o775, directoryMode: 0o2775, groupId: null }
  const outcome = await unpack(archive, { permissions }).catch((error) => error.code)
  assert.is(outcome, 'permissions')
})

test('a file too big for memory is relocated on disk, with its hard links', async () => {
  const members = [
    { name: `${prefix}/big`, content: big, mode: 0o755 },
    { name: `${prefix}/same`, type: '1', target: `${prefix}/big` },
  ]
  const folder = await unpack(stored(whole(members, ', relocate_textfiles: [big, same]'), 65_536))
  const expected = big.toString().replaceAll('/old/store/pkg', '/n/pkg')
  assert.ok(readFileSync(join(folder, 'big'), 'utf8') === expected)
  assert.is(lstatSync(join(folder, 'same')).ino, lstatSync(join(folder, 'big')).ino)
})

test('where sbang itself lies too deep, what needs it is refused', async () => {
  const script = { name: `${prefix}/tool`, content: '#!/old/store/pkg/bin/perl\nx', mode: 0o755 }
  const archive = stored(whole([script], ', relocate_textfiles: [tool]'))
  const places = { newPrefix: `/n/${'long/'.repeat(30)}pkg`, sbang: `/n/${'long/'.repeat(30)}bin/sbang` }
  const error = await rejection(unpack(archive, places), 'sbang-too-long')
  assert.match(error.message, '`tool` must be run through')
  assert.match(error.hint!, '`config:install_tree:root`')
})

test('scripts whose first line becomes too long go through sbang', async () => {
  const members = [
    { name: `${prefix}/small`, content: '#!/old/store/pkg/bin/perl\nx', mode: 0o755 },
    { name: `${prefix}/big`, content: big, mode: 0o755 },
    { name: `${prefix}/data`, content: '#!/old/store/pkg/bin/perl\nx' },
  ]
  const newPrefix = `/n/${'long/'.repeat(30)}pkg`
  const folder = await unpack(stored(whole(members, ', relocate_textfiles: [small, big, data]')), { newPrefix })
  const read = (path: string) => readFileSync(join(folder, path), 'utf8').slice(0, 200)
  assert.is(read('small'), `#!/bin/sh /n/bin/sbang\n#!${newPrefix}/bin/perl\nx`)
  assert.ok(read('big').startsWith(`#!/bin/sh /n/bin/sbang\n#!${newPrefix}/bin/sh\n/n/long`))
  assert.is(read('data'), `#!${newPrefix}/bin/perl\nx`)
})

test('the content is the same however the bytes come in', async () => {
  const name = `${prefix}/${'long/'.repeat(40)}name`
  const archive = whole([
    paxMember({ path: name, mtime: '12.5' }),
    { name: 'cut', content: 'y'.repeat(3000) },
    { name: `${prefix}/z`, content: '' },
  ])
  for (const pieceBytes of [1, 511, 512, 513, 1000, 1 << 20]) {
    const folder = await unpack(inMemory(archive, pieceBytes))
    const file = join(folder, 'long/'.repeat(40), 'name')
    assert.is(readFileSync(file, 'utf8'), 'y'.repeat(3000))
    assert.is(statSync(file).mtimeMs, 12_000)
    assert.is(statSync(join(folder, 'z')).size, 0)
  }
})

test('names by GNU and by the prefix field of ustar', async () => {
  const ustar = rawMember({ name: 'short', content: 'u' })
  ustar.write(`${prefix}/deep`, 345, 'latin1')
  ustar.fill(' ', 148, 156)
  ustar.write(
    `${ustar
      .subarray(0, 512)
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)}\0`,
    148,
    'latin1',
  )
  const gnu = [
    rawMember({ name: '././@LongLink', type: 'L', content: `${prefix}/${'g'.repeat(150)}\0` }),
    { name: 'cut', content: 'g' },
  ]
  const folder = await unpack(stored(whole([ustar, ...gnu])))
  assert.is(readFileSync(join(folder, 'deep/short'), 'utf8'), 'u')
  assert.is(readFileSync(join(folder, 'g'.repeat(150)), 'utf8'), 'g')
})

test('the prefix is found although its metadata come late, or beside something like it', async () => {
  const late = rawTar([
    ...folders.slice(0, 3),
    { name: `${prefix}/bin/tool`, content: big },
    { name: `${prefix}/share/.spack/binary_distribution`, content: 'not this one' },
    spec,
    last(),
  ])
  const folder = await unpack(stored(late))
  assert.ok(existsSync(join(folder, 'bin/tool')))
  assert.ok(existsSync(join(folder, 'share/.spack/binary_distribution')))
})

const absurd = Buffer.from([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
const hostile: readonly [what: string, members: readonly (RawMember | Buffer)[], expected: RegExp][] = [
  ['`..` in a name', [{ name: `${prefix}/../../evil`, content: 'x' }], /has `\.\.` in its name/],
  [
    '`..` in a long name',
    [paxMember({ path: `${prefix}/../evil` }), { name: 'x', content: 'x' }],
    /has `\.\.` in its name/,
  ],
  ['an absolute name', [{ name: '/etc/evil', content: 'x' }], /absolute name/],
  ['a file beside the prefix', [{ name: 'old/store/evil', content: 'x' }], /outside of its prefix/],
  ['a folder beside the prefix', [{ name: 'old/store/pkg2', type: '5' }], /outside of its prefix/],
  ['a device', [{ name: `${prefix}/dev`, type: '3' }], /is a character device/],
  ['a disk', [{ name: `${prefix}/dev`, type: '4' }], /is a block device/],
  ['a pipe', [{ name: `${prefix}/pipe`, type: '6' }], /is a named pipe/],
  ['an unknown type', [{ name: `${prefix}/what`, type: 'Z' }], /unknown type/],
  ['a link out of the prefix', [{ name: `${prefix}/up`, type: '2', target: '../other' }], /outside its prefix/],
  ['a winding link out', [{ name: `${prefix}/a/up`, type: '2', target: 'b/../../../x' }], /outside its prefix/],
  ['a link to nothing', [{ name: `${prefix}/up`, type: '2', target: '' }], /outside its prefix/],
  [
    'a file through a link',
    [
      { name: `${prefix}/etc`, type: '2', target: '/etc' },
      { name: `${prefix}/etc/passwd`, content: 'x' },
    ],
    /which is no folder/,
  ],
  [
    'a file in place of a link',
    [
      { name: `${prefix}/a`, type: '2', target: '/etc/passwd' },
      { name: `${prefix}/a`, content: 'x' },
    ],
    /is there twice/,
  ],
  [
    'a link in place of a folder',
    [
      { name: `${prefix}/a`, type: '5' },
      { name: `${prefix}/a`, type: '2', target: '/etc' },
    ],
    /is there twice/,
  ],
  ['a hard link out', [{ name: `${prefix}/h`, type: '1', target: 'etc/passwd' }], /hard link/],
  ['a hard link up', [{ name: `${prefix}/h`, type: '1', target: `${prefix}/../x` }], /has `\.\.` in its name/],
  ['a hard link to an absolute name', [{ name: `${prefix}/h`, type: '1', target: '/etc/passwd' }], /absolute name/],
  ['a hard link to a folder', [{ name: `${prefix}/h`, type: '1', target: `${prefix}/.spack` }], /hard link/],
  ['a hard link to what comes later', [{ name: `${prefix}/h`, type: '1', target: `${prefix}/z` }], /hard link/],
  ['a negative size', [{ name: `${prefix}/n`, sizeField: Buffer.alloc(12, 0xff) }], /negative size/],
  ['an absurd size', [{ name: `${prefix}/n`, sizeField: absurd }], /absurd size/],
  ['a size that is no number', [{ name: `${prefix}/n`, sizeField: Buffer.from('12x45678901\0') }], /no number/],
  ['an endless header', [{ name: 'x', type: 'x', claimedBytes: 1 << 30 }], /a header of/],
  ['a broken pax header', [{ name: 'x', type: 'x', content: '99 path=x\n' }, { name: 'y' }], /bad pax header/],
  ['a sparse file', [paxMember({ 'GNU.sparse.major': '1' }), { name: `${prefix}/s` }], /sparse/],
  ['a name that is no text', [rawMember({ name: `${prefix}/x` }).fill(0xff, 14, 15)], /wrong checksum/],
]
for (const [what, members, expected] of hostile) {
  test(`refused: ${what}`, async () => {
    assert.match(await refusal(stored(whole(members))), expected)
  })
}

test('a name that is not UTF-8 is refused', async () => {
  const member = rawMember({ name: `${prefix}/x` })
  member[prefix.length + 1] = 0xff
  member.fill(' ', 148, 156)
  member.write(
    `${member
      .subarray(0, 512)
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)}\0`,
    148,
    'latin1',
  )
  assert.match(await refusal(stored(whole([member]))), /not UTF-8/)
})

test('a claim of more than the archive can hold is refused before anything is read', async () => {
  const archive = whole([{ name: `${prefix}/n`, claimedBytes: 8_000_000_000 }])
  assert.match(await refusal(inMemory(archive, 4096)), /more than so short an archive can hold/)
})

const broken: readonly [what: string, content: Buffer, expected: RegExp][] = [
  ['no metadata', rawTar([...folders, spec]), /no package of Spack/],
  ['no spec', rawTar([...folders, last()]), /no `.spack\/spec.json`/],
  ['cut off', whole([{ name: `${prefix}/f`, content: 'x'.repeat(5000) }]).subarray(0, 4000), /middle of a member/],
  ['noise', createHash('sha512').update('x').digest(), /middle of a member/],
  ['more noise', Buffer.alloc(2000, 'noise'), /no number|wrong checksum/],
  ['a buildinfo that is no YAML', rawTar([...folders, spec, { ...last(), content: '{a: [}' }]), /no YAML/],
  ['a buildinfo without a root', rawTar([...folders, spec, { ...last(), content: '{}' }]), /does not say where/],
  [
    'an old prefix that is everywhere',
    rawTar([...folders, spec, { ...last(), content: '{buildpath: /}' }]),
    /absolute path/,
  ],
  ['a listed file that is not there', whole([], ', relocate_textfiles: [../../etc/passwd]'), /no file in it/],
  ['a listed link that is a file', whole([], ', relocate_links: [.spack/spec.json]'), /no link in it/],
]
for (const [what, content, expected] of broken) {
  test(`useless: ${what}`, async () => {
    assert.match(await refusal(stored(content)), expected)
  })
}

test('bytes that are not gzip are useless', async () => {
  const archive = {
    ...stored(whole([])),
    open: async function* () {
      yield Buffer.from('plain text')
    },
  }
  assert.match(await refusal(archive), /not compressed with gzip/)
})

test('bytes that are not what they should be are the error, whatever they unpack to', async () => {
  const archive: StoredArchive = {
    compression: 'gzip',
    async *open() {
      yield Buffer.from('rubbish')
      throw new SpackError('blob-digest', 'the digest is wrong')
    },
  }
  assert.is(await refusal(archive), 'blob-digest: the digest is wrong')
})

test('archives cut at any place are refused and leave no file outside the folder', async () => {
  const content = gzipSync(
    whole([{ name: `${prefix}/f`, content: createHash('sha512').update('y').digest('hex').repeat(40) }]),
  )
  const parent = scratch()
  for (let length = 0; length < content.length; length += 7) {
    const archive = {
      compression: 'gzip',
      open: async function* () {
        yield content.subarray(0, length)
      },
    }
    const folder = join(parent, 'staging')
    mkdirSync(folder, { recursive: true })
    const outcome = await readArchive(archive, { folder, permissions: defaultPermissions, checkSpec: () => {} }).catch(
      (error) => error,
    )
    assert.ok(outcome instanceof SpackError, `${length} bytes`)
    assert.equal(readdirSync(parent), ['staging'])
  }
})

test('archives with flipped bytes never write outside the folder, nor fail otherwise than with a reason', async () => {
  const content = whole([
    { name: `${prefix}/dir`, type: '5' },
    { name: `${prefix}/dir/link`, type: '2', target: '../.spack' },
    { name: `${prefix}/dir/hard`, type: '1', target: `${prefix}/.spack/spec.json` },
  ])
  const parent = scratch()
  let seed = 3
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % limit
  }
  for (let round = 0; round < 1500; round++) {
    const damaged = Buffer.from(content)
    for (let n = random(3); n >= 0; n--) {
      const member = 512 * random(damaged.length / 512)
      damaged[member + random(512)] = random(256)
      // A good checksum, so that more than the first check is tried.
      damaged.fill(' ', member + 148, member + 156)
      const sum = damaged.subarray(member, member + 512).reduce((total, byte) => total + byte, 0)
      damaged.write(`${sum.toString(8).padStart(6, '0')}\0 `, member + 148, 'latin1')
    }
    const folder = join(parent, 'staging')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    try {
      const read = await readArchive(inMemory(damaged, 4096), {
        folder,
        permissions: defaultPermissions,
        checkSpec: () => {},
      })
      writeTree(read.tree, folder, defaultPermissions)
    } catch (error) {
      const isNamed =
        error instanceof SpackError ||
        ['ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes((error as NodeJS.ErrnoException).code ?? '')
      assert.ok(isNamed, String((error as Error).stack))
    }
    assert.equal(readdirSync(parent), ['staging'])
  }
})

test.run()
