import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkFile, checkPrefix } from '../../src/store/install-manifest.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('install manifest')
const helloDigest = 'VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N' // of `hello`, by Python's base64.b32encode(sha1)

/** A prefix with a program, a link to it and a manifest, as an installation from sources leaves it. */
function installed(writtenFor?: string): string {
  const prefix = scratch()
  mkdirSync(join(prefix, 'bin'))
  mkdirSync(join(prefix, '.spack'))
  writeFileSync(join(prefix, 'bin', 'hello'), 'hello', { mode: 0o755 })
  symlinkSync('hello', join(prefix, 'bin', 'hi'))
  writeFileSync(join(prefix, '.spack', 'spec.json'), '{}')
  const entries = ['', 'bin', 'bin/hello', 'bin/hi', '.spack', '.spack/spec.json'].map((below) => {
    const path = join(prefix, below)
    return [join(writtenFor ?? prefix, below), describe(path)]
  })
  writeFileSync(join(prefix, '.spack', 'install_manifest.json'), JSON.stringify(Object.fromEntries(entries)))
  // Not in the manifest, by Spack's rules.
  writeFileSync(join(prefix, '.spack', 'install_times.json'), '{}')
  return prefix
}

function describe(path: string): Record<string, unknown> {
  const stat = lstatSync(path)
  const common = { mode: stat.mode, owner: stat.uid, group: stat.gid }
  if (stat.isSymbolicLink()) return { ...common, dest: readlinkSync(path) }
  if (!stat.isFile()) return common
  const hash = path.endsWith('hello') ? helloDigest : digest(path)
  return { ...common, hash, time: stat.mtimeMs / 1000, size: stat.size }
}

function digest(path: string): string {
  const bits = [...createHash('sha1').update(readFileSync(path)).digest()].map((byte) =>
    byte.toString(2).padStart(8, '0'),
  )
  return bits.join('').replace(/.{5}/g, (five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)]!)
}

const found = async (prefix: string): Promise<Record<string, string[]>> =>
  Object.fromEntries([...(await checkPrefix(prefix))].map(([path, faults]) => [path.slice(prefix.length + 1), faults]))

test('what was not changed is whole', async () => {
  assert.equal(await found(installed()), {})
})

test('each kind of change is named', async () => {
  const prefix = installed()
  const hello = join(prefix, 'bin', 'hello')
  const { mtime } = lstatSync(hello)
  writeFileSync(hello, 'jello')
  utimesSync(hello, mtime, mtime)
  assert.equal((await found(prefix))['bin/hello']?.includes('hash'), true)
  writeFileSync(hello, 'hello!')
  utimesSync(hello, 5, 5)
  assert.equal(await found(prefix), { 'bin/hello': ['size', 'mtime', 'hash'] })
  chmodSync(hello, 0o644)
  rmSync(join(prefix, 'bin', 'hi'))
  symlinkSync('elsewhere', join(prefix, 'bin', 'hi'))
  writeFileSync(join(prefix, 'bin', 'more'), '')
  rmSync(join(prefix, '.spack', 'spec.json'))
  assert.equal(await found(prefix), {
    'bin/hello': ['mode'],
    'bin/hi': ['link'],
    'bin/more': ['added'],
    '.spack/spec.json': ['deleted'],
  })
})

test('a missing or damaged manifest is said', async () => {
  const prefix = installed()
  writeFileSync(join(prefix, '.spack', 'install_manifest.json'), '{')
  assert.equal([...(await checkPrefix(prefix)).values()], [['manifest corrupted']])
  rmSync(join(prefix, '.spack', 'install_manifest.json'))
  assert.equal([...(await checkPrefix(prefix)).values()], [['manifest missing']])
})

test('a prefix from a build cache is compared by what the way there keeps', async () => {
  const prefix = installed('/built/here/hello-1.0')
  const buildinfo = 'buildpath: /built\nrelocate_textfiles: [bin/hello]\nrelocate_binaries: []\nrelocate_links: []\n'
  writeFileSync(join(prefix, '.spack', 'binary_distribution'), buildinfo)
  utimesSync(join(prefix, 'bin', 'hello'), 0, 0)
  assert.equal(await found(prefix), {})
  writeFileSync(join(prefix, 'bin', 'hello'), 'relocated')
  assert.equal(await found(prefix), {}, 'the content of what was relocated is not known')
  writeFileSync(join(prefix, '.spack', 'spec.json'), '{ }')
  chmodSync(join(prefix, 'bin', 'hello'), 0o644)
  assert.equal(await found(prefix), { 'bin/hello': ['mode'], '.spack/spec.json': ['size', 'hash'] })
})

test('one file is looked up in the prefix around it', async () => {
  const prefix = installed()
  assert.is((await checkFile(join(prefix, 'bin', 'hello'))).size, 0)
  writeFileSync(join(prefix, 'bin', 'more'), '')
  for (const file of [join(prefix, 'bin', 'more'), '/etc/passwd']) {
    assert.equal([...(await checkFile(file)).values()], [['not owned by any package']])
  }
})

test.run()
