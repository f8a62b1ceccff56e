// Commands about recipes, on a small repository: info, list, providers, dependencies, dependents, tags, maintainers,
// versions, create, checksum, edit and pkg.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommand } from '../support/invocation.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const zlib = (home: string) => `class Zlib(Package):
    """A library that compresses data, of which so much is to be said that it takes more than one line to do it."""

    homepage = "https://example.com/zlib"
    url = "file://${home}/archives/zlib-1.2.tar.gz"
    tags = ["Core"]
    maintainers("ada", "grace")
    license("Zlib")
    version("1.3", sha256="${'a'.repeat(64)}")
    version("1.2", sha256="${'b'.repeat(64)}", deprecated=True)
    variant("shared", default=True, description="Builds a shared library")
    variant("level", default="6", values=("1", "6", "9"), description="How hard it tries", when="+shared")
    provides("zlib-api")
    conflicts("+shared", when="@1.2", msg="static only")

    def test_it(self):
        """tries it"""

    def install(self, spec, prefix):
        make()
`

const tool = `class Tool(Package):
    """A tool."""

    git = "https://example.com/tool.git"
    maintainers("ada")
    version("main", branch="main")
    variant("mpi", default=False, description="Runs on many machines")
    depends_on("zlib-api")
    depends_on("zlib@1.3:", when="+mpi", type="run")
`

function world(): { home: string; root: string } {
  const home = scratch()
  const root = join(home, 'spack_repo/tiny')
  write(join(root, 'repo.yaml'), 'repo:\n  namespace: tiny\n  api: v2.2\n')
  for (const [name, body] of Object.entries({ zlib: zlib(home), tool, torn: 'class Torn(:\n' })) {
    write(join(root, 'packages', name, 'package.py'), `from spack.package import *\n\n\n${body}`)
  }
  write(join(home, 'user-config/repos.yaml'), `repos:: {tiny: ${root}}\n`)
  return { home, root }
}

const output = async (home: string, ...words: string[]) => (await runCommand(home, words)).stdout

test('info shows what a recipe says', async () => {
  const { home } = world()
  assert.is(
    (await output(home, 'info', 'zlib')).replaceAll(home, 'HOME'),
    `Package:   zlib

Description:
    A library that compresses data, of which so much is to be said that it
    takes more than one line to do it.

Homepage: https://example.com/zlib

Preferred version:  
    1.3    file://HOME/archives/zlib-1.3.tar.gz

Safe versions:  
    1.3    file://HOME/archives/zlib-1.3.tar.gz

Deprecated versions:  
    1.2    file://HOME/archives/zlib-1.2.tar.gz

Variants:
    build_system [generic]        generic
        Build systems supported by the package

    level [6]                     1, 6, 9
      when +shared
        How hard it tries

    shared [true]                 false, true
        Builds a shared library


Dependencies:
    None

Licenses:
    Zlib


`,
  )
})

test('info shows only what can be for the spec that is asked about', async () => {
  const { home } = world()
  const flags = ['--no-versions', '--phases', '--tests', '--tags', '--maintainers', '--virtuals']
  const shown = await output(home, 'info', ...flags, 'zlib~shared')
  assert.not.match(shown, 'level')
  assert.match(shown, 'Installation Phases:\n    install\n')
  assert.match(shown, '    Zlib.test_it\n')
  assert.match(shown, 'Tags: \n    Core\n')
  assert.match(shown, 'Maintainers: @ada @grace\n')
  assert.match(shown, '     provides zlib-api\n')
  assert.match(await output(home, 'info', '--by-when', 'tool'), / {4}when \+mpi\n {6}zlib@1\.3: +run\n/)
})

test('info shows parts that are asked for, and leaves out others', async () => {
  const { home, root } = world()
  const few = ['--no-versions', '--no-variants', '--no-dependencies']
  const shown = await output(home, 'info', '--namespace', '--detectable', ...few, 'zlib')
  assert.match(shown, `Namespace:\n    tiny at ${root}\n`)
  assert.match(shown, 'Externally Detectable:\n    False\n')
  assert.not.match(shown, /Variants:|Dependencies:|versions:/)
  const byName = await output(home, 'info', '--by-name', 'tool')
  assert.match(byName, / {4}zlib@1\.3: +run\n {6}when \+mpi\n/)
  await rejection(runCommand(home, ['info', '--by-name', '--by-when', 'tool']), 'usage')
})

test('a package that is not there, or cannot be loaded, is an error with a way on', async () => {
  const { home, root } = world()
  const unknown = await rejection(runCommand(home, ['info', 'zlbi']), 'unknown-package')
  assert.match(unknown.hint ?? '', 'zlib')
  const torn = await rejection(runCommand(home, ['info', 'torn']), 'recipe')
  assert.is(torn.where, `${root}/packages/torn/package.py:4`)
  await rejection(runCommand(home, ['info', 'zlib+nothing']), 'unknown-variant')
  await rejection(runCommand(home, ['info', 'elsewhere.zlib']), 'unknown-package')
})

test('packages are listed by glob, description and tag', async () => {
  const { home } = world()
  assert.is(await output(home, 'list'), 'tool\nzlib\n')
  assert.is(await output(home, 'list', 'z?ib', 'nothing'), 'zlib\n')
  assert.is(await output(home, 'list', 'compresses'), '')
  assert.is(await output(home, 'list', '-d', 'COMPRESSES'), 'zlib\n')
  assert.is(await output(home, 'list', '-t', 'core', '--count'), '1\n')
  const [entry] = JSON.parse(await output(home, 'list', '--format', 'version_json', 'tool'))
  assert.equal(entry.dependencies.run, ['zlib'])
  assert.match(await output(home, 'list', '--format', 'html'), '<dt>Build Dependencies:</dt>\n<dd>\nzlib-api\n</dd>')
})

test('a list is written to a file, once it is out of date', async () => {
  const { home, root } = world()
  const file = join(home, 'names')
  const update = () => output(home, 'list', '--update', file)
  assert.match(await update(), `Updating file: ${file}`)
  assert.is(readFileSync(file, 'utf8'), 'tool\nzlib\n')
  assert.match(await update(), 'up to date')
  const later = Date.now() / 1000 + 60
  utimesSync(join(root, 'packages/tool/package.py'), later, later)
  assert.match(await update(), `Updating file: ${file}`)
})

test('who provides, depends and maintains', async () => {
  const { home } = world()
  assert.is(await output(home, 'providers'), '    zlib-api\n\n')
  assert.match(await output(home, 'providers', 'zlib-api'), '\nzlib\n\n')
  await rejection(runCommand(home, ['providers', 'zlib']), 'not-virtual')
  assert.is(await output(home, 'dependencies', 'tool'), 'zlib\n')
  assert.is(await output(home, 'dependencies', '-V', 'tool'), 'zlib\nzlib-api\n')
  assert.is(await output(home, 'dependencies', '--deptype', 'test', 'tool'), 'No dependencies\n')
  assert.is(await output(home, 'dependents', 'zlib-api'), 'tool\n')
  assert.is(await output(home, 'dependents', 'zlib'), 'tool\n')
  assert.is(await output(home, 'tags', 'core'), '    zlib\n\n\n')
  assert.is(await output(home, 'maintainers', '--all', '--by-user'), 'ada: tool, zlib\ngrace: zlib\n')
  assert.is(await output(home, 'maintainers', '--maintained'), 'tool\nzlib\n')
  assert.is((await runCommand(home, ['maintainers', '--unmaintained'])).code, 1)
})

test('versions of the site, their digests, and lines in the recipe', async () => {
  const { home, root } = world()
  for (const version of ['1.2', '1.3', '1.4']) write(join(home, `archives/zlib-${version}.tar.gz`), version)
  const sha256 = createHash('sha256').update('1.4').digest('hex')
  assert.is(await output(home, 'versions', 'zlib'), '  1.3\n  1.2\n  1.4\n')
  assert.is(await output(home, 'versions', '--new', 'zlib'), '  1.4\n')
  await runCommand(home, ['checksum', '--batch', '--add-to-package', 'zlib', '1.4'])
  const recipe = readFileSync(join(root, 'packages/zlib/package.py'), 'utf8')
  assert.match(recipe, `    version("1.4", sha256="${sha256}")  # FIXME\n    version("1.3"`)
  const failed = await rejection(runCommand(home, ['checksum', '--verify', 'zlib', '1.3']), 'source-digest')
  assert.match(failed.message, 'other digests')
})

test('a recipe is made from the URL of an archive, and can be loaded', async () => {
  const { home, root } = world()
  write(join(home, 'made-2.0/CMakeLists.txt'), '')
  write(join(home, 'made-2.0/a.cpp'), '')
  const { execFileSync } = await import('node:child_process')
  execFileSync('tar', ['czf', 'made-2.0.tar.gz', 'made-2.0'], { cwd: home })
  const { stdout } = await runCommand(home, ['create', '--skip-editor', '-b', `file://${home}/made-2.0.tar.gz`])
  assert.match(stdout, 'uses the cmake build system')
  const text = readFileSync(join(root, 'packages/made/package.py'), 'utf8')
  assert.match(text, 'class Made(CMakePackage):')
  assert.match(text, 'depends_on("cxx", type="build")')
  await rejection(runCommand(home, ['create', '--skip-editor', '-n', 'made']), 'exists')
  await runCommand(home, ['create', '--skip-editor', '--force', '-n', 'made', '-t', 'python'])
  assert.match(readFileSync(join(root, 'packages/py_made/package.py'), 'utf8'), 'class PyMade(PythonPackage):')
})

test('an editor is given the recipe, also of one that cannot be loaded', async () => {
  const { home, root } = world()
  const environ = { SPACK_EDITOR: `sh -c 'echo "$0"' `, PATH: process.env.PATH }
  const log = join(home, 'log')
  write(join(home, 'editor'), `#!/bin/sh\necho "$@" >> ${log}\n`)
  await runCommand(home, ['edit', 'torn'], { environ: { ...environ, SPACK_EDITOR: `sh ${home}/editor` } })
  assert.is(readFileSync(log, 'utf8'), `${root}/packages/torn/package.py\n`)
  const missing = await rejection(runCommand(home, ['edit', 'trn']), 'unknown-package')
  assert.match(missing.hint ?? '', 'torn')
})

test('the source and the hash of a recipe', async () => {
  const { home, root } = world()
  assert.is(await output(home, 'pkg', 'source', 'tool'), readFileSync(join(root, 'packages/tool/package.py'), 'utf8'))
  assert.match(await output(home, 'pkg', 'hash', 'tool'), /^[a-z2-7]{32}\n$/)
})

test('an audit finds what recipes declare and nobody can mean', async () => {
  const { home, root } = world()
  const odd = `class Odd(Package):
    version("1.0", md5="${'c'.repeat(32)}")
    variant("quiet", default=True)
    depends_on("zlib+nothing", when="+loud")
    depends_on("zlib@7:")
    depends_on("nowhere")
`
  write(join(root, 'packages/odd/package.py'), `from spack.package import *\n\n\n${odd}`)
  const { code, stdout } = await runCommand(home, ['audit', 'packages', 'odd'])
  assert.is(code, 1)
  assert.equal(
    stdout.split('\n').filter((line) => !line.startsWith('    in ')),
    [
      'PKG-DIRECTIVES: 5 issues found',
      '1. odd: wrong variant in "depends_on" directive: variant loud does not exist in odd',
      '2. odd: wrong variant used for dependency zlib+nothing (when +loud): variant nothing does not exist in zlib',
      "3. odd: unknown package 'nowhere' in 'depends_on' directive",
      '4. odd: the variant quiet has no description',
      '5. odd: dependency on zlib@7: cannot be satisfied by known versions of zlib',
      'PKG-PROPERTIES: 3 issues found',
      '1. odd: nothing tells where version 1.0 is fetched from',
      '2. odd: the package has no description',
      '3. odd: version 1.0 has an MD5 checksum',
      '',
    ],
  )
  assert.is((await runCommand(home, ['audit', 'packages', 'zlib'])).code, 0)
})

test.run()
