import { spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readInstallerArguments } from '../../src/install/install-flags.ts'
import { openPlan } from '../../src/install/install-plan.ts'
import { keepPlan, planFile, storedPlan } from '../../src/install/plan-file.ts'
import { inputsHold, watchedEnviron } from '../../src/install/plan-inputs.ts'
import { countPresent } from '../../src/install/progress.ts'
import { SpackError } from '../../src/ui/error.ts'
import { type KitEnvironment, kitEnvironment, kitPlan } from '../support/kit-install.ts'
import { installProgram, isolated, runProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { makeTinyCache, type TinyPackage, tinyKey } from '../support/tiny-cache.ts'

const test = suite('install-plan')
const packages: TinyPackage[] = [{ name: 'base' }, { name: 'tool', dependencies: ['base'] }]
const cache = await makeTinyCache(scratch(), packages, await tinyKey())

async function environmentOf(): Promise<KitEnvironment> {
  const folder = scratch()
  writeFileSync(join(folder, 'spack.yaml'), `spack:\n  view: false\n  mirrors:\n    tiny: ${cache.mirror}\n`)
  writeFileSync(join(folder, 'spack.lock'), readFileSync(cache.lockfile))
  const environment = await kitEnvironment({
    caches: cache.folder,
    environment: folder,
    root: join(scratch(), 'store'),
  })
  // What was written just now is younger than the plan; tests do not wait until it is not.
  for (const file of ['env/spack.yaml', 'env/spack.lock', 'user-config/config.yaml', 'user-config']) {
    utimesSync(join(environment.home, file), 1000, 1000)
  }
  return environment
}

test('a plan is read back as it was written, spec by spec', async () => {
  const environment = await environmentOf()
  const plan = await kitPlan(environment)
  const [base, tool] = [plan.spec(cache.hashOf('base'))!, plan.spec(cache.hashOf('tool'))!]
  assert.equal([tool.name, tool.version, tool.kind, tool.isExplicit], ['tool', '1.0', 'package', true])
  assert.is(base.isExplicit, false)
  assert.equal(tool.needs, [base.hash])
  assert.is(tool.prefix, join(environment.root, 'linux-x86_64', `tool-1.0-${tool.hash}`))
  assert.is(plan.prefixOf(tool.hash), tool.prefix)
  assert.is(plan.prefixOf('x'.repeat(32)), undefined)
  assert.equal(plan.prefixes().sort(), [base.prefix, tool.prefix].sort())
  assert.equal(plan.hashes(tool.hash.slice(0, 5)), [tool.hash])
  assert.equal(
    plan.specs().map(({ name }) => name),
    ['base', 'tool'],
  )
  assert.equal(
    plan.settings.mirrors.map(({ name }) => name),
    ['tiny'],
  )
  plan.close()
})

test('a plan holds until one of its inputs changes', async () => {
  const environment = await environmentOf()
  const { environ, environmentDir, home } = environment
  const changes: readonly [what: string, change: () => void][] = [
    ['the lockfile', () => appendFileSync(join(environmentDir, 'spack.lock'), ' ')],
    ['the manifest', () => appendFileSync(join(environmentDir, 'spack.yaml'), '# x\n')],
    ['settings of the user', () => appendFileSync(join(environ.SPACK_USER_CONFIG_PATH!, 'config.yaml'), '# x\n')],
    [
      'another file of settings',
      () => writeFileSync(join(environ.SPACK_USER_CONFIG_PATH!, 'mirrors.yaml'), 'mirrors: {}\n'),
    ],
    [
      'settings of the system',
      () => {
        mkdirSync(environ.SPACK_SYSTEM_CONFIG_PATH!)
        writeFileSync(join(environ.SPACK_SYSTEM_CONFIG_PATH!, 'config.yaml'), 'config: {}\n')
      },
    ],
    [
      'a key',
      () => writeFileSync(join(environ.SPACK_ROOT!, 'opt/spack/gpg/trusted/other.asc'), readFileSync(cache.keyFile)),
    ],
  ]
  for (const [what, change] of changes) {
    ;(await kitPlan(environment)).close()
    // A key that was added a moment ago, or settings: look as if it had been longer.
    const fresh = await kitPlan(environment)
    fresh.close()
    change()
    assert.is(storedPlan({ environmentDir }, environ), undefined, what)
    for (const path of [...Object.keys(fresh.settings.inputs.files), ...newFiles(environment)])
      if (existsSync(path)) utimesSync(path, 2000, 2000)
  }
  ;(await kitPlan(environment)).close()
  const held = storedPlan({ environmentDir }, environ)
  assert.ok(held)
  held!.close()
  assert.is(storedPlan({ environmentDir }, { ...environ, SPACK_USER_CONFIG_PATH: home }), undefined)
})

const newFiles = ({ environ }: KitEnvironment): string[] => [
  join(environ.SPACK_USER_CONFIG_PATH!, 'mirrors.yaml'),
  environ.SPACK_SYSTEM_CONFIG_PATH!,
  join(environ.SPACK_SYSTEM_CONFIG_PATH!, 'config.yaml'),
  join(environ.SPACK_ROOT!, 'opt/spack/gpg/trusted/other.asc'),
  join(environ.SPACK_ROOT!, 'opt/spack/gpg/trusted'),
]

test('settings of a command line have a plan of their own, whatever its flags', async () => {
  const environment = await environmentOf()
  ;(await kitPlan(environment)).close()
  const key = (flags: string[]) => ({ environmentDir: environment.environmentDir, flags })
  const plain = storedPlan(key([]), environment.environ)
  assert.ok(plain)
  const long = ['/cwd', '-c', `config:install_tree:root:/${'x'.repeat(300)}`]
  for (const flags of [['/cwd', '-c', 'a:b:../c'], long, [...long, '-k']]) {
    assert.is(storedPlan(key(flags), environment.environ), undefined)
    const settings = { ...plain!.settings, flags }
    keepPlan({ plan: { settings, specs: plain!.specs() }, isDoubtful: false }, environment.environ).close()
    const own = storedPlan(key(flags), environment.environ)
    assert.equal(own?.settings.flags, flags)
    own?.close()
  }
  plain?.close()
})

test('installers that start at once without a plan all find one', async () => {
  const environment = await environmentOf()
  const words = [installProgram, '-e', environment.environmentDir, `/${cache.hashOf('base')}`]
  const started = Array.from({ length: 6 }, () =>
    spawn(process.execPath, words, { env: environment.environ, stdio: 'ignore' }),
  )
  const codes = await Promise.all(started.map((child) => new Promise((resolve) => child.on('exit', resolve))))
  assert.equal(codes, [0, 0, 0, 0, 0, 0])
  assert.ok(existsSync(planFile(environment)))
})

test('an input that changes while the plan is made: the plan is used once and not kept', async () => {
  const environment = await environmentOf()
  const future = Date.now() / 1000 + 60
  utimesSync(join(environment.environmentDir, 'spack.yaml'), future, future)
  const plan = await kitPlan(environment)
  assert.is(plan.spec(cache.hashOf('base'))?.name, 'base')
  assert.not(existsSync(planFile(environment)))
  plan.close()
})

test('an environment that cannot be written to has its plan in the cache of the user', async () => {
  const environment = await environmentOf()
  rmSync(join(environment.environmentDir, '.spack-env'), { recursive: true, force: true })
  // A file where the folder would be, which stops root as well.
  writeFileSync(join(environment.environmentDir, '.spack-env'), '')
  const plan = await kitPlan(environment)
  plan.close()
  const kept = storedPlan(environment, environment.environ)
  assert.is(kept?.spec(cache.hashOf('base'))?.name, 'base')
  kept?.close()
})

test('a plan that is cut off, of another version or no plan is as good as none', async () => {
  const environment = await environmentOf()
  ;(await kitPlan(environment)).close()
  const file = planFile(environment)
  const text = readFileSync(file, 'utf8')
  const broken = ['', 'x', text.slice(0, 50), text.slice(0, 200), text.replace('install-plan 1', 'install-plan 9')]
  for (const content of broken) {
    writeFileSync(file, content)
    assert.is(openPlan(file), undefined, content.slice(0, 60))
  }
  assert.is(openPlan(join(file, 'x')), undefined)
})

test('an environment notes what it is asked for', () => {
  const asked = new Set<string>()
  const environ = watchedEnviron({ A: '1', B: '2' }, asked)
  assert.is(environ.A, '1')
  assert.is(environ.C, undefined)
  assert.ok(!('D' in environ))
  assert.equal([...asked], ['A', 'C', 'D'])
  assert.ok(inputsHold({ files: {}, variables: { A: '1', C: null } }, { A: '1' }))
  assert.not(inputsHold({ files: {}, variables: { A: '1', C: null } }, { A: '1', C: '' }))
})

test('what is present is counted, few paths or many', () => {
  const folder = scratch()
  const paths = Array.from({ length: 30 }, (_, i) => join(folder, `p${i}`))
  for (const path of paths.slice(0, 7)) mkdirSync(path)
  assert.is(countPresent(paths), 7)
  assert.is(countPresent(paths.slice(0, 10)), 7)
  assert.is(countPresent(paths.map((path) => join(path, 'no'))), 0)
})

const flags = (line: string) => readInstallerArguments(['-e', '/env', ...line.split(' '), '/abcdefg'])

test('flags of `spack install`', () => {
  assert.equal(flags('--use-buildcache=only').cachePolicy, 'only')
  assert.equal(flags('--use-buildcache package:never,dependencies:only').cachePolicy, 'never')
  assert.equal(flags('--use-buildcache dependencies:only').cachePolicy, 'auto')
  assert.equal(flags('--cache-only').cachePolicy, 'only')
  assert.equal(flags('--no-cache').cachePolicy, 'never')
  assert.equal(flags('--no-check-signature').checkSignatures, false)
  assert.equal(flags('--overwrite -v').overwrite, true)
  assert.equal(
    flags('--fail-fast --fresh').ignored.map(({ flag }) => flag),
    ['--fail-fast', '--fresh'],
  )
  assert.is(flags('-j8').build.jobs, 8)
  assert.is(flags('-j 8').build.jobs, 8)
  assert.equal(flags('-j 8').hash, 'abcdefg')
  assert.is(flags('--until build').build.until, 'build')
  assert.equal(flags('--progress=3/54').progress, '3/54')
})

for (const [line, expected] of [
  ['--frobnicate', /not a flag/],
  ['--overwrite=yes', /not a flag/],
  ['--use-buildcache=maybe', /none of auto, only, never/],
  ['-j none', /jobs|number/],
  ['--fake', /for show/],
  ['--finish', /one `\/HASH` is wanted, or `--finish`/],
  ['/ABC', /no hash/],
  ['/abc', /only one spec/],
] as const) {
  test(`refused: ${line}`, () => {
    try {
      flags(line)
    } catch (error) {
      assert.ok(error instanceof SpackError && error.code === 'usage' && error.exitCode === 2)
      assert.match((error as Error).message, expected)
      return
    }
    assert.unreachable()
  })
}

// The program itself, as make starts it.

const install = (environment: KitEnvironment, ...words: string[]) =>
  runProgram(process.execPath, [installProgram, '-e', environment.environmentDir, ...words], {
    env: environment.environ,
  })

test('one line a spec, counted; nothing for one that is there; then all is recorded', async () => {
  const environment = await environmentOf()
  const base = install(environment, `/${cache.hashOf('base')}`)
  assert.is(base.stderr, '')
  assert.match(base.stdout, /^\[1\/2\] base@1\.0 \/\w{7} from cache tiny \(\d+\.\d s\)\n$/)
  const counted = install(environment, '--progress', '7/9', `/${cache.hashOf('tool').slice(0, 9)}`)
  assert.match(counted.stdout, /^\[7\/9\] tool@1\.0 /)
  assert.equal(install(environment, `/${cache.hashOf('base')}`), { code: 0, stdout: '', stderr: '' })
  assert.equal(install(environment, '--finish'), { code: 0, stdout: '', stderr: '' })
  const index = JSON.parse(readFileSync(join(environment.root, '.spack-db/index.json'), 'utf8'))
  const records = Object.values(index.database.installs) as { spec: { name: string }; explicit: boolean }[]
  assert.equal(records.map(({ spec, explicit }) => [spec.name, explicit]).sort(), [
    ['base', false],
    ['tool', true],
  ])
})

test('a hash that the environment does not have is refused, with what makes the depfile anew', async () => {
  const environment = await environmentOf()
  const { code, stderr } = install(environment, `/${'z'.repeat(32)}`)
  assert.is(code, 1)
  assert.match(stderr, `names no spec of the environment \`${environment.environmentDir}\``)
  assert.match(stderr, 'hint: `spack env depfile` again')
})

test('a prefix whose record was lost is recorded again at the end', async () => {
  const environment = await environmentOf()
  for (const name of ['base', 'tool']) install(environment, `/${cache.hashOf(name)}`)
  rmSync(join(environment.root, '.spack-db'), { recursive: true })
  assert.is(install(environment, '--finish').code, 0)
  const index = JSON.parse(readFileSync(join(environment.root, '.spack-db/index.json'), 'utf8'))
  assert.is(Object.keys(index.database.installs).length, 2)
})

test('a failure: all that happened in one piece, where it is logged, and what to type', async () => {
  const environment = await environmentOf()
  const { code, stdout, stderr } = install(environment, '-v', `/${cache.hashOf('tool')}`)
  assert.is(code, 1)
  assert.is(stdout, '')
  assert.match(stderr, /needs `base\/\w{7}`, not installed yet/)
  const log = /^log: (.*)$/m.exec(stderr)![1]!
  assert.match(readFileSync(log, 'utf8'), /not installed yet/)
  assert.match(
    stderr,
    `to retry: ${process.execPath} ${installProgram} -e ${environment.environmentDir} -v /${cache.hashOf('tool')}`,
  )
})

test('an environment that is none, and a spec that is not in it', async () => {
  const environment = await environmentOf()
  const none = runProgram(process.execPath, [installProgram, '-e', '/no/such/folder', '/abcdefg'], {
    env: isolated(environment.home),
  })
  assert.is(none.code, 1)
  assert.match(none.stderr, /there is no environment `\/no\/such\/folder`/)
  const other = install(environment, '/abcdefg')
  assert.is(other.code, 1)
  assert.match(other.stderr, /`\/abcdefg` names no spec/)
  assert.is(install(environment, '--frobnicate').code, 2)
})

test('scripts run through sbang, with Perl’s own flag', async () => {
  const environment = await environmentOf()
  install(environment, `/${cache.hashOf('base')}`)
  const folder = scratch()
  const interpreter = join(folder, 'perl')
  writeFileSync(interpreter, '#!/bin/sh\necho "$0 $@"\n')
  chmodSync(interpreter, 0o755)
  const script = join(folder, 'script')
  const sbang = join(environment.root, 'bin/sbang')
  for (const [second, expected] of [
    [`#!${interpreter} -w`, `${interpreter} -w -x ${script} a b c`],
    [`#! /usr/bin/env echo`, `${script} a b c`],
    [`--!/bin/echo lua`, `lua ${script} a b c`],
    [`//!/bin/echo node`, `node ${script} a b c`],
    [`<?php #!/bin/echo php`, `php ${script} a b c`],
  ] as const) {
    writeFileSync(script, `#!/bin/sh ${sbang}\n${second}\n`)
    chmodSync(script, 0o755)
    assert.is(runProgram(script, ['a b', 'c']).stdout, `${expected}\n`)
  }
  writeFileSync(script, `#!/bin/sh ${sbang}\nnothing\n`)
  assert.is(runProgram(script, []).code, 1)
})

test.run()
