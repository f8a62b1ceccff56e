// Settings as they are typed, variables in them, and padded roots.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConfigMap, type ConfigValue, emptyMap, plainValue } from '../../src/config/node.ts'
import { padPath } from '../../src/config/padding.ts'
import { spackPaths } from '../../src/config/paths.ts'
import { addSetting } from '../../src/config/setting.ts'
import { parseSettingPath } from '../../src/config/setting-path.ts'
import { canonicalPath, spackVariables, substitutePath, substituteVariables } from '../../src/config/substitution.ts'

const test = suite('settings')

const parts = (path: string): string =>
  parseSettingPath(path)
    .map(
      ({ text, strategy, isLiteral }) =>
        `${text}${strategy === 'merge' ? '' : ` (${strategy})`}${isLiteral ? '!' : ''}`,
    )
    .join(' | ')

const splits: Readonly<Record<string, string>> = {
  'config:build_jobs:4': 'config | build_jobs | 4',
  'config:build_jobs::4': 'config | build_jobs (override)! | 4',
  'config:build_jobs:': 'config | build_jobs (override)!',
  'packages:all:providers:mpi::[mpich]': 'packages | all | providers | mpi (override)! | [mpich]',
  "packages:zlib:variants+:' +pic'": 'packages | zlib | variants (prepend)! |  +pic!',
  'packages:zlib:variants-:+pic': 'packages | zlib | variants (append)! | +pic',
  'packages:"a:b":buildable:false': 'packages | a:b! | buildable | false',
  'packages:zlib:require:[ \'@1.2:\', "+pic"]': 'packages | zlib | require | [ \'@1.2:\', "+pic"]',
  'mirrors:m:https://x.y/z': 'mirrors | m | https | //x.y/z',
}

for (const [path, expected] of Object.entries(splits)) {
  test(`${path} is read as ${expected}`, () => assert.is(parts(path), expected))
}

/** What settings, added in turn, say together. */
async function added(...settings: string[]): Promise<ConfigValue> {
  const scope: ConfigMap = emptyMap({ file: 'command_line', line: 0 })
  for (const setting of settings) await addSetting(scope, setting)
  return plainValue(scope)
}

test('the later setting wins, lists grow at the front, and a single value joins a list', async () => {
  assert.equal(await added('config:build_jobs:4', 'config:build_jobs:5'), { config: { build_jobs: 5 } })
  assert.equal(await added('config:template_dirs:/a', 'config:template_dirs:/b'), {
    config: { template_dirs: ['/b', '/a'] },
  })
  assert.equal(await added('env_vars:set:A:1', 'env_vars:unset:B', 'env_vars:set:C:x'), {
    env_vars: { set: { A: 1, C: 'x' }, unset: ['B'] },
  })
})

test('a quoted value is text', async () => {
  assert.equal(await added("packages:zlib:require:'@1.2:'"), { packages: { zlib: { require: '@1.2:' } } })
  assert.equal(await added('config:build_stage:"[x]"'), { config: { build_stage: '[x]' } })
})

const paths = spackPaths({ HOME: '/home/casey', SPACK_ROOT: '/opt/spack', SPACK_USER_CACHE_PATH: '/cache' })
const environ = { HOME: '/home/casey', PROJ: '/proj', EMPTY: '' }
const host = { platform: 'linux', os: 'rhel9', target: 'zen3', targetFamily: 'x86_64', instanceId: 'abcdefg' }
const variables = spackVariables({ paths, environ, host, nowMs: new Date(2024, 1, 29, 12).getTime() })

const replaced: Readonly<Record<string, string>> = {
  '$spack/opt': '/opt/spack/opt',
  '${SPACK}x': '/opt/spackx',
  $spackx: '$spackx',
  '$user_cache_path/$date': '/cache/2024-02-29',
  '$arch/$target_family/$spack_instance_id': 'linux-rhel9-zen3/x86_64/abcdefg',
  '$env/x': '$env/x',
  '$PROJ/${EMPTY}/$NONE': '/proj//$NONE',
  '~/x': '/home/casey/x',
  '~': '/home/casey',
  '~other/x': '~other/x',
  'a~/x': 'a~/x',
  $toString: '$toString',
}

for (const [text, expected] of Object.entries(replaced)) {
  test(`${text} becomes ${expected}`, () => assert.is(substitutePath(text, variables, environ), expected))
}

test("the environment's variables come after Spack's and are not looked through again", () => {
  const tricky = { ...environ, X: '$spack', spack: '/wrong' }
  assert.is(substitutePath('$X $spack', variables, tricky), '$spack /opt/spack')
  assert.is(substituteVariables('$PROJ', variables), '$PROJ')
})

const absolute: Readonly<Record<string, string>> = {
  'x/../y': '/base/y',
  '/abs//y/': '/abs/y',
  'file:///a/b%20c': '/a/b c',
  'file://host/a': '/a',
  'https://x.y/$PROJ/': 'https://x.y//proj/',
  's3://b/k': 's3://b/k',
  '.': '/base',
}

for (const [text, expected] of Object.entries(absolute)) {
  test(`${text} is ${expected} from /base`, () => assert.is(canonicalPath(text, variables, environ, '/base'), expected))
}

test('a padded path has the length that is asked for and ends in no slash', () => {
  for (let length = 10; length < 200; length++) {
    const padded = padPath('/opt/store', length)
    assert.is(padded.length, Math.max(length, 10))
    if (length > 11) assert.not.match(padded, /\/$|\/\//)
  }
})

test.run()
