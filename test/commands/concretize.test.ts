// `spack concretize` with the recipes of the example repository, and a compiler that is only described.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isolated, type Outcome, runSpack } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const examples = fileURLToPath(new URL('../../examples/recipes/spack_repo', import.meta.url))

interface Project {
  file: (name: string) => string
  spack: (...args: string[]) => Outcome
  /** How many processes that solve a root each were started. */
  workers: () => number
  lock: () => {
    roots: { spec: string; hash: string }[]
    concrete_specs: Record<string, { name: string; version: string }>
  }
  names: () => string[]
}

/** An environment with these specs, and the compiler and make of this machine as externals. */
function makeProject(specs: readonly string[], settings: readonly string[] = []): Project {
  const home = scratch()
  const folder = join(home, 'e')
  mkdirSync(folder)
  cpSync(examples, join(home, 'spack_repo'), { recursive: true })
  const compilers = ['c: /usr/bin/cc', 'cxx: /usr/bin/c++']
  const manifest = [
    '# what we need',
    'spack:',
    `  specs: [${specs.join(', ')}]`,
    '  view: false',
    '  repos::',
    '    examples: ../spack_repo/examples',
    '  mirrors:: {}',
    ...settings.map((line) => `  ${line}`),
    '  packages:',
    '    gmake: {buildable: false, externals: [{spec: gmake@4.3, prefix: /usr}]}',
    '    gcc:',
    '      buildable: false',
    '      externals:',
    "      - spec: gcc@12.2.0 languages:='c,c++'",
    '        prefix: /usr',
    `        extra_attributes: {compilers: {${compilers.join(', ')}}}`,
    '',
  ]
  writeFileSync(join(folder, 'spack.yaml'), manifest.join('\n'))
  const log = join(home, 'started')
  const note = join(home, 'note.cjs')
  writeFileSync(note, `require('node:fs').appendFileSync(${JSON.stringify(log)}, process.argv[1] + '\\n')\n`)
  // Node would complain of such certificates: no process started from here is to read them.
  const env = { ...isolated(home), NODE_OPTIONS: `--require ${note}`, SPACK_EXTRA_CA_CERTS: join(home, 'nowhere.pem') }
  const lock = () => JSON.parse(readFileSync(join(folder, 'spack.lock'), 'utf8'))
  return {
    file: (name) => join(folder, name),
    spack: (...args) => runSpack(['-e', '.', ...args], { cwd: folder, env }),
    workers: () => readFileSync(log, 'utf8').split('concretize-worker.js\n').length - 1,
    lock,
    names: () =>
      Object.values(lock().concrete_specs as Record<string, { name: string }>)
        .map(({ name }) => name)
        .sort(),
  }
}

const test = suite('concretize')

test('a manifest becomes a lockfile, whose compiler, runtime and C library are nodes', () => {
  const project = makeProject(['tally'])
  const done = project.spack('concretize')
  assert.is(done.code, 0, done.stderr)
  assert.match(done.stdout, /==> Concretized 1 spec:\n - {3}\w{7} {2}tally@1\.0~quiet /)
  assert.equal(
    project.lock().roots.map(({ spec }) => spec),
    ['tally'],
  )
  assert.equal(project.names(), ['compiler-wrapper', 'frame', 'gcc', 'gcc-runtime', 'glibc', 'gmake', 'tally'])
  const again = project.spack('concretize')
  assert.match(again.stdout, /up to date/)
})

test('what changes is told, what is locked stays unless it is forced', () => {
  const project = makeProject(['frame'])
  project.spack('concretize')
  const before = project.lock().roots[0]!.hash
  assert.is(project.spack('add', 'tally+quiet').code, 0)
  const done = project.spack('concretize')
  assert.is(done.code, 0, done.stderr)
  assert.match(
    done.stdout,
    /==> Changes: 1 added, 0 removed, 0 changed\n {2}asked for now: {2}tally\+quiet\n {2}\+ tally@1\.0/,
  )
  assert.is(project.lock().roots.find(({ spec }) => spec === 'frame')!.hash, before)
  assert.match(readFileSync(project.file('spack.yaml'), 'utf8'), /^# what we need\n/)
  assert.is(project.spack('remove', 'tally').code, 0)
  assert.match(project.spack('concretize').stdout, /0 added, 1 removed, 0 changed/)
  assert.match(project.spack('concretize', '--force').stdout, /==> Concretized 1 spec:/)
})

test('where there is no answer the old lockfile stays, and the lines in conflict are named', () => {
  const project = makeProject(['tally'])
  project.spack('concretize')
  const before = readFileSync(project.file('spack.lock'), 'utf8')
  const manifest = readFileSync(project.file('spack.yaml'), 'utf8')
  writeFileSync(project.file('spack.yaml'), manifest.replace('[tally]', '[tally+quiet, tally~quiet]'))
  const refused = project.spack('concretize', '--force')
  assert.is(refused.code, 1)
  assert.match(refused.stderr, /spack\.yaml:3/)
  assert.match(refused.stderr, /tally\+quiet/)
  assert.match(refused.stderr, /tally~quiet/)
  assert.is(readFileSync(project.file('spack.lock'), 'utf8'), before)
})

test('unknown names are refused with what may be meant', () => {
  const project = makeProject(['tally'])
  const manifest = readFileSync(project.file('spack.yaml'), 'utf8')
  for (const [spec, unknown, hint] of [
    ['taly', 'there is no package `taly`', 'did you mean `tally`?'],
    ['tally+quite', '`quite`', '`quiet`'],
    ['tally@3', 'there is no `tally@3`', '`spack info tally`'],
  ] as const) {
    writeFileSync(project.file('spack.yaml'), manifest.replace('[tally]', `[${spec}]`))
    const refused = project.spack('concretize')
    assert.is(refused.code, 1)
    const [told, advised] = refused.stderr.split('\nhint: ')
    assert.match(told!, 'spack.yaml:3')
    assert.match(told!, unknown)
    assert.match(advised!, hint)
    assert.throws(() => project.lock())
  }
})

test('a depfile of a manifest that was never concretized is one command away', () => {
  const project = makeProject(['tally'])
  const refused = project.spack('env', 'depfile', '-o', 'Makefile')
  assert.is(refused.code, 1)
  assert.match(refused.stderr, /hint: run `spack concretize`/)
  project.spack('concretize')
  assert.is(project.spack('env', 'depfile', '-o', 'Makefile').code, 0)
  rmSync(project.file('Makefile'))
})

// More roots than are worth solving in one process; of each package those with other flags are others.
const manyRoots = Array.from({ length: 14 }, (_, at) => `${at % 2 ? 'tally' : 'frame'} cflags=-DX${at}`)

test('roots that are not unified have the same answers in one process and in several', () => {
  const project = makeProject(manyRoots, ['concretizer: {unify: false}'])
  const alone = project.spack('concretize', '-j1')
  assert.is(alone.code, 0, alone.stderr)
  assert.is(project.workers(), 0)
  const before = readFileSync(project.file('spack.lock'), 'utf8')
  const done = project.spack('concretize', '-f', '-j2')
  assert.is(done.code, 0, done.stderr)
  assert.is(done.stderr, '')
  assert.is(project.workers(), 2)
  assert.is(readFileSync(project.file('spack.lock'), 'utf8'), before)
})

test('a root without an answer fails in its own words in a process of its own, and the lockfile stays', () => {
  const project = makeProject(manyRoots, ['concretizer: {unify: false}'])
  assert.is(project.spack('concretize', '-j1').code, 0)
  const before = readFileSync(project.file('spack.lock'), 'utf8')
  const manifest = readFileSync(project.file('spack.yaml'), 'utf8')
  writeFileSync(project.file('spack.yaml'), manifest.replace('specs: [', 'specs: [frame ^poem, '))
  const failed = project.spack('concretize', '-f', '-j2')
  assert.is(failed.code, 1)
  assert.match(failed.stderr, /frame \^poem/)
  assert.is(project.workers(), 2)
  assert.is(readFileSync(project.file('spack.lock'), 'utf8'), before)
})

test('what included environments have locked is reused, what the manifest asks for no longer is not', () => {
  const project = makeProject(['tally+quiet'])
  assert.is(project.spack('concretize').code, 0)
  const quiet = project.lock().roots[0]!.hash
  mkdirSync(project.file('other'))
  for (const name of ['spack.yaml', 'spack.lock']) cpSync(project.file(name), project.file(`other/${name}`))
  const manifest = readFileSync(project.file('spack.yaml'), 'utf8').replace('tally+quiet', 'tally')
  writeFileSync(project.file('spack.yaml'), manifest)
  assert.is(project.spack('concretize').code, 0)
  assert.is.not(project.lock().roots[0]!.hash, quiet)
  const included = `  include_concrete: [${project.file('other')}]\n  concretizer: {unify: false}\n  view: false`
  writeFileSync(project.file('spack.yaml'), manifest.replace('  view: false', included))
  assert.is(project.spack('concretize', '-f').code, 0)
  assert.is(project.lock().roots[0]!.hash, quiet)
})

test('what a solve may reuse is forgotten by force, as when it is concretized', () => {
  const project = makeProject(['tally+quiet'])
  project.spack('concretize')
  const manifest = readFileSync(project.file('spack.yaml'), 'utf8')
  writeFileSync(project.file('spack.yaml'), manifest.replace('[tally+quiet]', '[tally]'))
  assert.match(project.spack('solve').stdout, / tally@1\.0\+quiet /)
  assert.match(project.spack('solve', '--force').stdout, / tally@1\.0~quiet /)
})

test('that nothing may be built is not obeyed, and said', () => {
  const project = makeProject(['frame'], [])
  const manifest = readFileSync(project.file('spack.yaml'), 'utf8')
  writeFileSync(project.file('spack.yaml'), manifest.replace('  packages:', '  packages:\n    all: {buildable: false}'))
  const done = project.spack('concretize')
  assert.is(done.code, 0, done.stderr)
  assert.match(done.stderr, /Warning: `packages:all:buildable: false` at .*spack\.yaml:\d+ forbids nothing/)
})

test('the configuration can have everything concretized again each time', () => {
  const project = makeProject(['frame'], ['concretizer: {force: true}'])
  for (const _ of [1, 2]) assert.match(project.spack('concretize').stdout, /==> Concretized 1 spec:/)
})

test('an environment of nothing has a lockfile without roots, and a broken one is made anew by force', () => {
  const project = makeProject(['frame'])
  project.spack('concretize')
  assert.is(project.spack('remove', 'frame').code, 0)
  assert.is(project.spack('concretize').code, 0)
  assert.equal(project.lock().roots, [])
  writeFileSync(project.file('spack.lock'), '')
  assert.match(project.spack('concretize').stderr, /concretize --force/)
  assert.is(project.spack('concretize', '--force').code, 0)
  assert.equal(project.lock().roots, [])
})

test.run()
