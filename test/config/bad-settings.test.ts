// Whatever is wrong with a file of settings is said with its file, line and key, and hinders nothing else.

import { chmodSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SpackError } from '../../src/ui/error.ts'
import { rejection } from '../support/rejection.ts'
import { settingsWorld } from './world.ts'

const test = suite('bad settings')

/** The error that a section of these files gives, its paths relative to the world. */
async function failure(files: Readonly<Record<string, string>>, path = 'config', settings: string[] = []) {
  const world = settingsWorld(files)
  try {
    const made = await world.load({ commandSettings: settings })
    made.get(path)
    return undefined
  } catch (thrown) {
    const { name, code, where, message, hint, detail } = thrown as SpackError
    assert.is(name, 'SpackError', String((thrown as Error).stack))
    const local = (text: string | undefined) => text?.replaceAll(`${world.dir}/`, '')
    return { code, where: local(where), message: local(message), hint: local(hint), detail: local(detail) }
  }
}

interface Case {
  text: string
  where: string
  message: string
  hint?: string
}

/** Contents of `user/config.yaml`, or of the section that the text begins with, and what is said about them. */
const formatCases: Readonly<Record<string, Case>> = {
  'a text for a number': {
    text: 'config:\n  build_jobs: many\n',
    where: 'config.yaml:2',
    message: '`config:build_jobs` must be a whole number, not the text `many`',
  },
  'a fraction for a whole number': {
    text: 'config: {build_jobs: 2.5}',
    where: 'config.yaml:1',
    message: '`config:build_jobs` must be a whole number, not 2.5',
  },
  'a number that is too small': {
    text: 'config: {build_jobs: 0}',
    where: 'config.yaml:1',
    message: '`config:build_jobs` must be at least 1, not 0',
  },
  'a text for a map': {
    text: 'config:\n\n  install_tree: /x',
    where: 'config.yaml:3',
    message: '`config:install_tree` must be a map, not the text `/x`',
  },
  'a word that is no truth in YAML 1.2': {
    text: 'config: {locks: yes}',
    where: 'config.yaml:1',
    message: '`config:locks` must be true or false, not the text `yes`',
  },
  'a date': {
    text: 'config: {stage_name: 2024-01-31}',
    where: 'config.yaml:1',
    message: '`config:stage_name` must be a text, not the date 2024-01-31 (quote it)',
  },
  'a section without a value': {
    text: 'config:',
    where: 'config.yaml:1',
    message: '`config` must be a map, not empty',
  },
  'another section': {
    text: 'packages: {}',
    where: 'config.yaml:1',
    message: 'there is no section `packages`',
    hint: 'the keys there are `config`',
  },
  'a list at the top': { text: '- config', where: 'config.yaml:1', message: 'the file must be a map, not a list' },
  'a choice that is none': {
    text: 'config: {installer: newer}',
    where: 'config.yaml:1',
    message: '`config:installer` must be `old` or `new`, not the text `newer`',
  },
  'a misspelt key': {
    text: 'concretizer:\n  unfy: true',
    where: 'concretizer.yaml:2',
    message: '`concretizer` has no key `unfy`',
    hint: 'did you mean `unify`?',
  },
  'a misspelt key deep down': {
    text: 'packages:\n  zlib:\n    require:\n    - one_off: [a]\n',
    where: 'packages.yaml:4',
    message: '`packages:zlib:require[0]` has no key `one_off`',
    hint: 'did you mean `one_of`?',
  },
  'a missing key': {
    text: 'packages:\n  zlib:\n    externals:\n    - prefix: /usr\n',
    where: 'packages.yaml:4',
    message: '`packages:zlib:externals[0]` lacks `spec`',
  },
  'one thing of several': {
    text: 'concretizer: {unify: sometimes}',
    where: 'concretizer.yaml:1',
    message: '`concretizer:unify` must be true or false or `when_possible`, not the text `sometimes`',
  },
  'a mirror without a place': {
    text: 'mirrors: {m: {signed: false}}',
    where: 'mirrors.yaml:1',
    message: '`mirrors:m` must have a `url` or a `fetch`',
  },
  'a key that is no spec': {
    text: 'modules:\n  default:\n    tcl:\n      "zlib@@": {autoload: none}\n',
    where: 'modules.yaml:4',
    message: '`modules:default:tcl:zlib@@` must be a spec: unexpected `@`',
  },
  'a key of the language below': {
    text: 'concretizer: {__proto__: 1}',
    where: 'concretizer.yaml:1',
    message: '`concretizer` has no key `__proto__`',
  },
}

for (const [name, { text, where, message, hint }] of Object.entries(formatCases)) {
  test(`${name} is refused`, async () => {
    const section = /^\w+(?=\.yaml)/.exec(where)![0]
    const found = await failure({ [`user/${section}.yaml`]: text }, section)
    assert.is(found?.code, 'config-format')
    assert.is(found?.where, `user/${where}`)
    assert.is(found?.message, message)
    if (hint) assert.is(found?.hint, hint)
  })
}

test('all faults of a file are told, the first one first', async () => {
  const text = 'config:\n  build_jobs: x\n  locks: 1\n  dirty: 2\n'
  const found = await failure({ 'user/config.yaml': text })
  assert.is(found?.where, 'user/config.yaml:2')
  assert.is(found?.detail?.split('\n').length, 2)
  assert.match(found?.detail ?? '', /user\/config\.yaml:4: `config:dirty` must be true or false, not 2/)
})

const syntaxCases: Readonly<Record<string, readonly [text: string, where: string]>> = {
  'an open bracket': ['config: [1,\n', '2:1'],
  'an open quote': ["config: 'x\n", '2:1'],
  'a tab': ['config:\n\tbuild_jobs: 1\n', '2:1'],
  'bad indentation': ['config:\n  a: 1\n b: 2\n', '3:1'],
  'a key twice': ['config:\n  a: 1\n  a: 2\n', '3:3'],
  'a key twice, once to override': ['config:\n  a: 1\n  a:: 2\n', '3:3'],
  'an unknown alias': ['config: *x\n', '1:9'],
  'an alias in itself': ['config: &x [*x]\n', '1:13'],
  'a second document': ['config: {}\n---\nconfig: {}\n', '2:1'],
  'a character that YAML forbids': ['config: {a: "\u0001"}\n', '1:14'],
  'a day that no calendar has': ['config: {stage_name: 2024-13-01}\n', '1:22'],
  'a word that begins with @': ['config: {a: @1.2}\n', '1:13'],
}

for (const [name, [text, place]] of Object.entries(syntaxCases)) {
  test(`${name} is told with line and column`, async () => {
    const found = await failure({ 'user/config.yaml': text })
    assert.is(found?.code, 'yaml-syntax')
    assert.is(found?.where, `user/config.yaml:${place}`)
    assert.match(found?.detail ?? '', /\^$/)
  })
}

test('what would fill any memory, or stack, is refused at once', async () => {
  const doubling = Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [*b${i - 1}, *b${i - 1}]`).slice(1)
  const bomb = await failure({ 'user/config.yaml': `b0: &b0 [x]\n${doubling.join('\n')}\n` })
  assert.match(bomb?.message ?? '', /aliases stand for more than 1000000 values/)
  const tower = await failure({ 'user/config.yaml': `config: ${'['.repeat(50_000)}` })
  assert.match(tower?.message ?? '', /nested too deeply/)
})

test('what is wrong with one section leaves the others alone', async () => {
  const { load } = settingsWorld({ 'user/modules.yaml': 'modules: [', 'user/config.yaml': 'config: {build_jobs: 3}' })
  const made = await load()
  assert.is(made.get('config:build_jobs'), 3)
  assert.throws(
    () => made.section('modules'),
    (error: SpackError) => error.code === 'yaml-syntax',
  )
})

test('a folder in place of a file, links in a circle, a file in place of a folder', async () => {
  const world = settingsWorld({ user: 'no folder' })
  mkdirSync(join(world.dir, 'root/etc/spack/site/config.yaml'), { recursive: true })
  symlinkSync('packages.yaml', join(world.dir, 'root/etc/spack/site/packages.yaml'))
  const made = await world.load()
  const message = (section: 'config' | 'packages') => {
    try {
      return made.section(section)
    } catch (error) {
      return (error as SpackError).message.replace(world.dir, '')
    }
  }
  assert.is(message('config'), '`/root/etc/spack/site/config.yaml` is a folder, where a file of settings is expected')
  assert.is(
    message('packages'),
    '`/root/etc/spack/site/packages.yaml` cannot be read: its symbolic links lead in a circle',
  )
})

// The superuser may read anything.
const unlessRoot = process.geteuid?.() === 0 ? test.skip : test
unlessRoot('a file that may not be read', async () => {
  const world = settingsWorld({ 'user/config.yaml': 'config: {}' })
  chmodSync(join(world.dir, 'user/config.yaml'), 0)
  const made = await world.load()
  assert.throws(
    () => made.section('config'),
    (error: SpackError) => /permission denied/.test(error.message),
  )
})

test('a huge file is refused unread', async () => {
  const world = settingsWorld({ 'user/config.yaml': '' })
  truncateSync(join(world.dir, 'user/config.yaml'), 40 << 20)
  const made = await world.load()
  assert.throws(
    () => made.section('config'),
    (error: SpackError) => /too large.*40 MB/.test(error.message),
  )
})

test('a link that leads back is a circle of includes too', async () => {
  const world = settingsWorld({ 'user/include.yaml': 'include: [sub]' })
  symlinkSync('.', join(world.dir, 'user/sub'))
  assert.is((await rejection(world.load(), 'include-cycle')).where, join(world.dir, 'user/include.yaml:1'))
})

test('an empty file, and one of comments, say nothing', async () => {
  const { load } = settingsWorld({
    'user/config.yaml': '',
    'user/packages.yaml': '# nothing\n',
    'user/mirrors.yaml': '{}',
  })
  const made = await load()
  assert.is(made.get('config:build_jobs'), 16)
  assert.equal(Object.keys(made.section('mirrors') as object), ['spack-public'])
})

const includeCases: Readonly<
  Record<string, readonly [files: Readonly<Record<string, string>>, code: string, message: RegExp]>
> = {
  'a missing file': [
    { 'user/include.yaml': 'include:\n- a.yaml' },
    'include-missing',
    /the included `a\.yaml`.* does not exist/,
  ],
  'a circle of two': [
    {
      'user/include.yaml': 'include: [a.yaml]',
      'user/a.yaml': 'include: [b.yaml]',
      'user/b.yaml': 'include: [a.yaml]',
    },
    'include-cycle',
    /is included inside of itself/,
  ],
  'the scope itself': [{ 'user/include.yaml': 'include: [.]' }, 'include-cycle', /is included inside of itself/],
  'a remote file': [
    { 'user/include.yaml': 'include: ["https://x.y/z.yaml"]' },
    'include-remote',
    /https:\/\/x\.y\/z\.yaml/,
  ],
  'an unknown scheme': [{ 'user/include.yaml': 'include: ["nope://x/z.yaml"]' }, 'include-remote', /`nope`/],
  'a repository': [
    { 'user/include.yaml': 'include: [{git: "https://g", branch: b, paths: [x]}]' },
    'include-remote',
    /from `https:\/\/g`/,
  ],
  'neither file nor folder': [
    { 'user/include.yaml': 'include: [{path: x.txt, optional: true}]' },
    'include-kind',
    /x\.txt/,
  ],
  'a condition that is none': [
    { 'user/include.yaml': 'include: [{path: x.yaml, when: "plaform == 1"}]' },
    'condition',
    /plaform/,
  ],
  'an entry that is no path': [
    { 'user/include.yaml': 'include: [1]' },
    'config-format',
    /`include\[0\]` must be a text or a map/,
  ],
}

for (const [name, [files, code, message]] of Object.entries(includeCases)) {
  test(`including ${name} is refused`, async () => {
    const found = await failure(files)
    assert.is(found?.code, code)
    assert.match(found?.message ?? '', message)
    assert.match(found?.where ?? '', /^user\/\w+\.yaml:\d+$/)
  })
}

const settingCases: Readonly<Record<string, string>> = {
  'config:build_jobs:x': 'config-format',
  'config:build_jobs': 'config-format',
  config: 'config-path',
  ':config': 'config-path',
  'confg:a:b': 'config-section',
  'config::install_tree::root:/x': 'config-path',
  'config:build_stage:[a': 'yaml-syntax',
}

for (const [setting, code] of Object.entries(settingCases)) {
  test(`-c ${setting} is refused`, async () => {
    const found = await failure({}, 'config', [setting])
    assert.is(found?.code, code)
  })
}

test.run()
