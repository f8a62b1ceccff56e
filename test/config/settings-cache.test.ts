import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConfigNode, plainValue, sameNode } from '../../src/config/node.ts'
import { recallSettings, rememberSettings, stampOf } from '../../src/config/settings-cache.ts'
import { readSettingsFile } from '../../src/config/settings-file.ts'
import { readYaml } from '../../src/config/yaml-reader.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('settings-cache')

const entries = (cacheDir: string): string[] => {
  const folder = join(cacheDir, 'spackmake/settings')
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Waits until a file is old enough for its times to tell it from a later one. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 2100))

const jobs = (content: ConfigNode | undefined): unknown => content && plainValue(content)

test('what was read once is not read again, and a change is seen', async () => {
  const dir = scratch()
  const cacheDir = join(dir, 'cache')
  const file = join(dir, 'config.yaml')
  const read = async () => jobs((await readSettingsFile(file, 'config', cacheDir))?.content)
  writeFileSync(file, 'config: {build_jobs: 1}\n')
  assert.equal(await read(), { config: { build_jobs: 1 } })
  assert.equal(entries(cacheDir), [], 'nothing is kept of a file that changed just now')
  await settle()
  assert.equal(await read(), { config: { build_jobs: 1 } })
  const [name] = entries(cacheDir)
  assert.ok(name)
  assert.is(statSync(join(cacheDir, 'spackmake/settings', name!)).mode & 0o077, 0, 'settings may hold secrets')

  // The same size and the same time of modification: the times of the inode give the change away.
  const { atime, mtime } = statSync(file)
  writeFileSync(file, 'config: {build_jobs: 2}\n')
  utimesSync(file, atime, mtime)
  assert.equal(await read(), { config: { build_jobs: 2 } })
  writeFileSync(`${file}.new`, 'config: {build_jobs: 3}\n')
  renameSync(`${file}.new`, file)
  assert.equal(await read(), { config: { build_jobs: 3 } })
})

test('a file whose times lie in the future is never kept', async () => {
  const dir = scratch()
  const file = join(dir, 'config.yaml')
  writeFileSync(file, 'config: {}\n')
  utimesSync(file, new Date(), new Date(Date.now() + 3_600_000))
  await readSettingsFile(file, 'config', dir)
  assert.equal(entries(dir), [])
})

/** Keeps a text that is old enough and gives what is known of it then, through the disk. */
function throughCache(text: string, cacheDir: string): ConfigNode | undefined {
  const content = readYaml(text, '/x/config.yaml')
  if (content?.kind !== 'map') return content
  const stat = { ...statSync(cacheDir, { bigint: true }), mtimeNs: 1n, ctimeNs: 1n }
  rememberSettings(cacheDir, '/x/config.yaml', 'config', stat as never, { content, mentionsHost: true })
  return recallSettings(cacheDir, '/x/config.yaml', 'config', stampOf(stat as never))?.content
}

const texts: readonly string[] = [
  'config: {a: 1, b: [x, y], c: {}, d: [], e: ~, f: true, g: "1", h: 1.50, i: 2024-01-31}',
  'a::\n  b: 1\n  c::\n  - x\n"d:": e\n',
  'a: &x {k: [1]}\nb: *x\nc: [*x, *x]\n',
  '10: a\n9: b\n"8": c\n',
  'a: "x:"\nb: {c: "é \\u0001 \\n"}\n',
  '{}',
]

for (const text of texts) {
  test(`a tree comes back as it was: ${JSON.stringify(text)}`, () => {
    const tree = readYaml(text, '/x/config.yaml')!
    const back = throughCache(text, scratch())
    assert.ok(back && sameNode(back, tree))
    assert.equal(back, tree)
  })
}

test('an alias is one thing in two places still', () => {
  const back = throughCache('a: &x [1]\nb: *x\n', scratch())
  assert.ok(back?.kind === 'map' && back.entries.get('a')!.value === back.entries.get('b')!.value)
})

test('a number that JSON does not know is not kept', () => {
  const dir = scratch()
  assert.is(throughCache('a: .inf', dir), undefined)
  assert.equal(entries(dir), [])
})

test('an entry that is cut off, or of another program, is passed over', () => {
  const dir = scratch()
  const stat = { ...statSync(dir, { bigint: true }), mtimeNs: 1n, ctimeNs: 1n } as never
  const recall = () => recallSettings(dir, '/x/config.yaml', 'config', stampOf(stat))
  throughCache('a: 1', dir)
  assert.ok(recall())
  const entry = join(dir, 'spackmake/settings', entries(dir)[0]!)
  const text = readFileSync(entry, 'utf8')
  for (const bad of [text.slice(0, -5), '', '\0\0\0', text.replace(/"program":"[^"]*"/, '"program":"0"')]) {
    writeFileSync(entry, bad)
    assert.is(recall(), undefined, bad)
  }
  assert.is(recallSettings(dir, '/y/config.yaml', 'config', stampOf(stat)), undefined)
})

test('a cache that cannot be written to costs nothing but time', async () => {
  const dir = scratch()
  const file = join(dir, 'config.yaml')
  writeFileSync(file, 'config: {build_jobs: 1}\n')
  writeFileSync(join(dir, 'no-folder'), '')
  mkdirSync(join(dir, 'locked'))
  chmodSync(join(dir, 'locked'), 0o500)
  await settle()
  for (const cacheDir of ['no-folder', 'locked'].map((name) => join(dir, name))) {
    assert.equal(jobs((await readSettingsFile(file, 'config', cacheDir))?.content), { config: { build_jobs: 1 } })
  }
})

test.run()
