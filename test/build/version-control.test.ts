// Sources under version control, from repositories in a scratch folder: fetched, kept in a mirror, staged from there when the
// repository is gone, and built. A program that is not installed is skipped.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openStage } from '../../src/stage/stage.ts'
import { type BuildWorld, makeBuildWorld } from '../support/build-world.ts'
import { withPrograms } from '../support/programs.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'
import { planOf, recordedWorld } from '../support/source-plans.ts'
import { expectSuccess } from '../support/world.ts'

const test = suite('sources under version control')
const testWith = withPrograms(test)

const identity = {
  ...{ HGUSER: 'tester', GIT_ALLOW_PROTOCOL: 'file', CVS_RSH: 'false' },
  ...{ GIT_AUTHOR_NAME: 'tester', GIT_AUTHOR_EMAIL: 't@t', GIT_COMMITTER_NAME: 'tester', GIT_COMMITTER_EMAIL: 't@t' },
}

/** Runs a program in a folder and gives what it prints. */
const runIn = (folder: string) => (program: string, words: string) =>
  execFileSync(program, words.split(' '), {
    ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...identity } },
  }).trim()

/** A repository with `file` saying `one`, then `two`; gives what `version` needs to be the first, and the last. */
interface Upstream {
  folder: string
  first: string
  last: string
}

function mercurial(): Upstream {
  const folder = join(scratch(), 'project')
  mkdirSync(folder)
  const hg = (words: string) => runIn(folder)('hg', words)
  hg('init')
  const commit = (text: string) => {
    writeFileSync(join(folder, 'file'), `${text}\n`)
    hg(`commit --addremove -m ${text}`)
    return hg('id -i --debug')
  }
  const first = commit('one')
  commit('two')
  return { folder, first: `hg="file://${folder}", revision="${first}"`, last: `hg="file://${folder}"` }
}

function subversion(): Upstream {
  const home = scratch()
  const folder = join(home, 'project')
  runIn(home)('svnadmin', 'create project')
  runIn(home)('svn', `checkout --quiet file://${folder} work`)
  const svn = (words: string) => runIn(join(home, 'work'))('svn', words)
  writeFileSync(join(home, 'work/file'), 'one\n')
  svn('add --quiet file')
  svn('commit --quiet -m one')
  writeFileSync(join(home, 'work/file'), 'two\n')
  svn('commit --quiet -m two')
  return { folder, first: `svn="file://${folder}", revision=1`, last: `svn="file://${folder}"` }
}

function concurrentVersions(): Upstream {
  const home = scratch()
  const folder = join(home, 'root')
  const cvs = (cwd: string, words: string) => runIn(cwd)('cvs', `-Q -d ${folder} ${words}`)
  cvs(home, 'init')
  mkdirSync(join(home, 'import'))
  writeFileSync(join(home, 'import/file'), 'one\n')
  cvs(join(home, 'import'), 'import -m one project vendor start')
  cvs(home, 'checkout project')
  cvs(join(home, 'project'), 'tag -b old')
  writeFileSync(join(home, 'project/file'), 'two\n')
  cvs(join(home, 'project'), 'commit -m two')
  const url = `:local:${folder}%module=project`
  return { folder, first: `cvs="${url}", branch="old"`, last: `cvs="${url}"` }
}

function git(): Upstream {
  const home = scratch()
  const commit = (name: string, text: string) => {
    const folder = join(home, name)
    const run = (words: string) => runIn(folder)('git', words)
    writeFileSync(join(folder, 'file'), `${text}\n`)
    run('add .')
    run(`commit -q -m ${text}`)
    return run('rev-parse HEAD')
  }
  for (const name of ['part', 'other', 'project']) runIn(home)('git', `init -q -b main ${name}`)
  commit('part', 'inside')
  commit('other', 'elsewhere')
  for (const name of ['part', 'other']) {
    runIn(join(home, 'project'))('git', `submodule --quiet add file://${home}/${name} modules/${name}`)
  }
  const first = commit('project', 'one')
  commit('project', 'two')
  const url = `git="file://${home}/project"`
  return {
    folder: join(home, 'project'),
    first: `${url}, commit="${first}", submodules=True`,
    last: `${url}, branch="main"`,
  }
}

const recipe = (version: string): string => `
version("1.0", ${version})

def install(self, spec, prefix):
    install_tree(".", prefix)
`

const sourceOf = (world: BuildWorld): string => join(world.stage('app'), 'spack-src')

const kinds: readonly [program: string, needs: readonly string[], make: () => Upstream][] = [
  ['hg', ['hg'], mercurial],
  ['svn', ['svn', 'svnadmin'], subversion],
  ['cvs', ['cvs'], concurrentVersions],
  ['git', ['git'], git],
]

for (const [program, needs, make] of kinds) {
  testWith(needs, `${program}: the last state is fetched and built`, () => {
    const w = makeBuildWorld({ app: { recipe: recipe(make().last) } })
    expectSuccess(w.install())
    assert.is(readFileSync(join(w.prefix('app'), 'file'), 'utf8'), 'two\n')
  })

  testWith(needs, `${program}: a certain state is fetched, mirrored, and had without the repository`, () => {
    const upstream = make()
    const w = makeBuildWorld({ app: { recipe: recipe(upstream.first) } })
    expectSuccess(w.spack('stage', 'app'))
    assert.is(readFileSync(join(sourceOf(w), 'file'), 'utf8'), 'one\n')
    const mirror = join(w.home, 'mirror')
    expectSuccess(w.spack('mirror', 'create', '-d', mirror, 'app'))
    renameSync(upstream.folder, `${upstream.folder}.gone`)
    expectSuccess(w.spack('clean', '--stage', '--downloads'))
    const missing = w.spack('stage', 'app')
    assert.is(missing.code, 1)
    assert.match(missing.stderr, new RegExp(`Error: .*\`${program} `))
    expectSuccess(w.spack('mirror', 'add', 'here', `file://${mirror}`))
    const packed = expectSuccess(w.install())
    assert.match(packed.stderr, /`app@1\.0 .*` is unpacked from a packed checkout/)
    assert.is(readFileSync(join(w.prefix('app'), 'file'), 'utf8'), 'one\n')
    // What is left of the version control of others than git is nobody's business.
    const kept = readdirSync(w.prefix('app')).filter((name) => /^\.(hg|svn)$|^CVS$/.test(name))
    assert.equal(kept, [])
  })
}

testWith(['git'], 'git: submodules, all of them or those that the recipe names', () => {
  const { first } = git()
  const files = (version: string): boolean[] => {
    const w = makeBuildWorld({ app: { recipe: recipe(version) } })
    expectSuccess(w.spack('stage', 'app'))
    return ['part', 'other'].map((name) => existsSync(join(sourceOf(w), 'modules', name, 'file')))
  }
  assert.equal(files(first), [true, true])
  assert.equal(files(first.replace('submodules=True', 'submodules=["modules/part"]')), [true, false])
  assert.equal(files(first.replace('submodules=True', 'submodules=False')), [false, false])
  const deleted = first.replace('=True', '=True, submodules_delete=["modules/other"]')
  assert.equal(files(deleted), [true, false])
})

test('a program that is not there is named, with what helps', async () => {
  const folder = scratch()
  const archive = { candidates: [], places: { storage: 'hg/project', alias: null }, isCachable: false }
  const plan = planOf(folder, {
    source: { kind: 'hg', url: 'file:///nowhere', revision: 'abc', branch: null, date: null, archive },
  })
  const stage = await openStage(plan, { ...recordedWorld(), environ: { PATH: folder } })
  const error = await rejection(stage.expand(), 'no-tool')
  assert.match(error.message, /`pkg@1\.0 \/\w+` comes from hg, and there is no `hg`/)
  assert.match(error.hint!, /install hg, or use a mirror/)
})

test.run()
