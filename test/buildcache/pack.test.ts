import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packPrefix } from '../../src/buildcache/pack.ts'
import { fileKind, linkMentionsPrefix, mentionsPrefix } from '../../src/buildcache/relocation-listing.ts'
import { scratch } from '../support/scratch.ts'
import { kit, withKit } from '../support/shared.ts'

const test = suite('pack')

/** A store with one prefix: text, a link, a hard link, an empty folder and a name too long for a ustar header. */
function smallPrefix() {
  const storeRoot = scratch()
  const prefix = join(storeRoot, 'linux', 'tool-1.0-abc')
  const longName = `share/${'n'.repeat(120)}/é.txt`
  for (const folder of ['bin', 'empty', '.spack', dirname(longName)])
    mkdirSync(join(prefix, folder), { recursive: true })
  writeFileSync(join(prefix, 'bin/tool'), `#!/bin/sh\nexec ${prefix}/bin/real\n`, { mode: 0o755 })
  linkSync(join(prefix, 'bin/tool'), join(prefix, 'bin/tool2'))
  symlinkSync(join(prefix, 'bin/tool'), join(prefix, 'absolute'))
  symlinkSync('bin/tool', join(prefix, 'relative'))
  writeFileSync(join(prefix, longName), 'no prefix in here')
  writeFileSync(join(prefix, '.spack/spec.json'), `{"prefix": "${prefix}"}`)
  return { storeRoot, prefix, longName }
}

const pack = (storeRoot: string, prefix: string, archive: string) =>
  packPrefix({
    prefix,
    storeRoot,
    archive,
    spackPrefix: '/opt/spack',
    sbangPath: join(storeRoot, 'bin/sbang'),
    hashToPrefix: new Map([['abc', prefix]]),
  })

test('an archive unpacks with tar to the same tree, and ends with its buildinfo', async () => {
  const { storeRoot, prefix, longName } = smallPrefix()
  const archive = join(scratch(), 'a.tar.gz')
  const packed = await pack(storeRoot, prefix, archive)
  assert.is(packed.sha256, createHash('sha256').update(readFileSync(archive)).digest('hex'))
  assert.is(packed.sizeBytes, readFileSync(archive).length)
  const target = scratch()
  execFileSync('tar', ['-xzf', archive, '-C', target])
  const unpacked = join(target, prefix)
  for (const path of ['bin/tool', 'bin/tool2', longName, 'relative']) {
    assert.equal(readFileSync(join(unpacked, path)), readFileSync(join(prefix, path)))
  }
  const names = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n')
  assert.is(names.at(-1), `${prefix.slice(1)}/.spack/binary_distribution`)
  assert.ok(names.includes(`${prefix.slice(1)}/empty/`))
  const buildinfo = JSON.parse(readFileSync(join(unpacked, '.spack/binary_distribution'), 'utf8'))
  assert.is(buildinfo.relative_prefix, 'linux/tool-1.0-abc')
  assert.equal(buildinfo.relocate_textfiles, ['bin/tool'])
  assert.equal(buildinfo.relocate_links, ['absolute'])
  assert.equal(buildinfo.relocate_binaries, [])
})

test('the same prefix gives the same bytes', async () => {
  const { storeRoot, prefix } = smallPrefix()
  const folder = scratch()
  const first = await pack(storeRoot, prefix, join(folder, '1'))
  const second = await pack(storeRoot, prefix, join(folder, '2'))
  assert.equal(first, second)
})

test('a prefix counts only where relocation would rewrite it', () => {
  const mentions = (text: string) => mentionsPrefix(Buffer.from(text), ['/opt/store'])
  assert.ok(mentions('-L/opt/store/lib'))
  assert.ok(mentions('/opt/store'))
  assert.not(mentions('/mnt/opt/store'))
  assert.not(mentions('opt/store'))
  assert.ok(linkMentionsPrefix('/opt/store-extra', ['/opt/store']))
  assert.not(linkMentionsPrefix('../opt/store', ['/opt/store']))
})

withKit(test, 'the kit’s tree is listed as Spack lists it', () => {
  const folder = kit('relocation', '09-what-is-listed')
  const expected = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))
  const tree = scratch()
  execFileSync('tar', ['-xf', join(folder, 'before.tar'), '-C', tree])
  const content = (path: string) => readFileSync(join(tree, path))
  for (const path of expected.listed.relocate_binaries) assert.is(fileKind(content(path)), 'binary', path)
  for (const path of expected.listed.relocate_textfiles) {
    assert.is(fileKind(content(path)), 'text', path)
    assert.ok(mentionsPrefix(content(path), expected.prefixes), path)
  }
})

test.run()
