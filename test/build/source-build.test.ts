// Specs built from source by recipes of a small repository: what lands in the prefix, who is asked, and what is said when
// something goes wrong.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BuiltPackage, makeBuildWorld } from '../support/build-world.ts'
import { installProgram, runProgram } from '../support/program.ts'
import { smallHash, writeSmallEnvironment } from '../support/small-lockfile.ts'
import { sha256 } from '../support/source-plans.ts'
import { expectSuccess } from '../support/world.ts'

const test = suite('builds from source')

const rightPatch =
  '--- a/number.c\n+++ b/number.c\n@@ -1 +1 @@\n-int number(void) { return WRONG; }\n+int number(void) { return NUMBER; }\n'

const lib: BuiltPackage = {
  patches: [sha256(rightPatch).hex],
  sources: {
    'number.c': 'int number(void) { return WRONG; }\n',
    'number.h': 'int number(void);\n',
  },
  files: { 'right.patch': rightPatch },
  recipe: `
VERSION
patch("right.patch")

def patch(self):
    filter_file("NUMBER", "41 + 1", "number.c")

def install(self, spec, prefix):
    cc = which("cc", required=True)
    cc("-c", "-fPIC", "number.c")
    cc("-shared", "-o", "libnumber.so", "number.o")
    mkdirp(prefix.lib, prefix.include)
    install("libnumber.so", prefix.lib)
    install("*.h", prefix.include)

@property
def libs(self):
    return find_libraries("libnumber", self.prefix, recursive=True)

def setup_dependent_build_environment(self, env, dependent_spec):
    env.set("NUMBER_OF", dependent_spec.name)

def setup_dependent_package(self, module, dependent_spec):
    module.number_flags = self.spec["lib"].libs.ld_flags.split()
`,
}

const app: BuiltPackage = {
  needs: ['lib:build,link'],
  sources: {
    'app.c': '#include <stdio.h>\n#include <number.h>\nint main(void) { printf("%d\\n", number()); return 0; }\n',
  },
  recipe: `
VERSION
depends_on("lib")

def install(self, spec, prefix):
    mkdirp(prefix.bin)
    rpath = "-Wl,-rpath," + spec["lib"].prefix.lib
    which("cc")("-o", prefix.bin.app, "app.c", "-I" + spec["lib"].headers.directories[0], rpath, *number_flags)
    assert os.environ["NUMBER_OF"] == "app"
    assert "LD_LIBRARY_PATH" not in os.environ
    assert spec.satisfies("^lib@1:") and "lib@2" not in spec
    assert str(spec["lib"].version.up_to(1)) == "1"
`,
  head: 'import os',
}

test('a library and a program that uses it', () => {
  const w = makeBuildWorld({ app, lib })
  const done = expectSuccess(w.install('-j2'))
  assert.match(done.stdout, /\[\d\/2\] lib@1\.0 \/\w{7} built \(/)
  assert.is(runProgram(join(w.prefix('app'), 'bin/app'), []).stdout, '42\n')
  assert.equal(readdirSync(join(w.prefix('app'), '.spack')).sort(), [
    'install_environment.json',
    'install_manifest.json',
    'install_times.json',
    'repos',
    'spack-build-env.txt',
    'spack-build-out.txt.gz',
    'spec.json',
  ])
  assert.ok(existsSync(join(w.prefix('lib'), '.spack/repos/spack_repo/tiny/packages/lib/right.patch')))
  const log = gunzipSync(readFileSync(join(w.prefix('app'), '.spack/spack-build-out.txt.gz'))).toString()
  assert.match(log, /^==> app: Executing phase: 'install'$/m)
  assert.match(log, /^==> \[\d{4}-\d\d-\d\d-[\d:.]+\] '\/\S*cc' '-o'/m)
  expectSuccess(w.spack('verify', 'manifest', 'app', 'lib'))
  assert.match(expectSuccess(w.spack('find', '--format', '{name}')).stdout, /app\s+lib/)
  assert.equal(w.leftovers(), [])
  assert.not(existsSync(w.stage('app')))
})

test('of an outer make that gave no jobs a build hears nothing', () => {
  const heard = `
VERSION

def install(self, spec, prefix):
    with open(prefix.heard, "w") as file:
        file.write(" ".join(name for name in sorted(os.environ) if name.startswith("MAKE")))
`
  const w = makeBuildWorld({ tool: { recipe: heard, head: 'import os' } })
  const outer = { MAKELEVEL: '1', MAKE_RESTARTS: '2', MAKE_TERMOUT: '/dev/tty', MAKE_TERMERR: '/dev/tty' }
  const words = [installProgram, '-e', w.environment, `/${smallHash('tool')}`]
  expectSuccess(runProgram(process.execPath, words, { env: { ...w.environ, ...outer } }))
  assert.is(readFileSync(join(w.prefix('tool'), 'heard'), 'utf8'), '')
})

test('a package may take the place of methods of its builder, and call them', () => {
  const builder = `from spack.package import *


class PlainPackage(PackageBase):
    build_system_class = "PlainPackage"
    default_buildsystem = "plain"
    build_system("plain")


@register_builder("plain")
class PlainBuilder(BuilderWithDefaults):
    phases = ("configure", "install")
    package_methods = ("configure_args",)
    package_attributes = ("greeting",)
    greeting = "hello"

    def configure_args(self):
        return ["--default"]

    def configure(self, pkg, spec, prefix):
        print("configure", self.greeting, *self.configure_args())

    def install(self, pkg, spec, prefix):
        touch(prefix.by_builder)

    @run_after("install")
    def after(self):
        touch(self.prefix.after_builder)
`
  const w = makeBuildWorld({
    app: {
      base: 'PlainPackage',
      head: 'from spack_repo.tiny.build_systems.plain import PlainPackage',
      recipe: `
VERSION
greeting = "good day"

def configure_args(self):
    return super().configure_args() + ["--own"]

@when("@2:")
def install(self, spec, prefix):
    touch(prefix.too_new)

@when("@:1")
def install(self, spec, prefix):
    touch(prefix.by_package)
    super().install(spec, prefix)

@run_before("install")
def before(self):
    touch(self.prefix.before_package)

@run_after("install", when="@2:")
def never(self):
    touch(self.prefix.never)

@run_after("install")
@on_package_attributes(run_tests=True)
def tested(self):
    touch(self.prefix.tested)
`,
    },
  })
  const write = (path: string, text: string) =>
    runProgram('sh', ['-c', `mkdir -p "$(dirname "$1")" && cat > "$1"`, 'sh', path], { input: text })
  write(join(w.repository, 'build_systems/plain.py'), builder)
  expectSuccess(w.install())
  const files = () =>
    readdirSync(w.prefix('app'))
      .filter((name) => name !== '.spack')
      .sort()
  assert.equal(files(), ['after_builder', 'before_package', 'by_builder', 'by_package'])
  const log = gunzipSync(readFileSync(join(w.prefix('app'), '.spack/spack-build-out.txt.gz'))).toString()
  assert.match(log, /^configure good day --default --own$/m)
  assert.is(readFileSync(join(w.prefix('app'), '.spack/spack-configure-args.txt'), 'utf8'), '--default --own')
  expectSuccess(w.install('--overwrite', '-y', '--test=root'))
  assert.ok(files().includes('tested'))
})

const failing = (recipe: string): BuiltPackage => ({
  recipe,
  sources: { 'broken.c': 'int main(void) { return x; }\n' },
})

test('a failing command is shown with the place in the recipe and the errors of the log', () => {
  const w = makeBuildWorld({
    app: failing('VERSION\n\ndef install(self, spec, prefix):\n    print("on the way")\n    which("cc")("broken.c")\n'),
  })
  const failed = w.install()
  assert.is(failed.code, 1)
  assert.match(
    failed.stderr,
    /packages\/app\/package\.py:\d+: `app@1\.0 \/app\w+` was not built: Command exited with status 1/,
  )
  assert.match(failed.stderr, /\d+ {2}broken\.c:1:\d+: error: /)
  assert.match(failed.stderr, /build-env \/app\w+ -- bash/)
  assert.not.match(failed.stderr, /Traceback/)
  assert.not(existsSync(w.prefix('app')))
  assert.equal(w.leftovers(), [])
  assert.match(readFileSync(join(w.stage('app'), 'spack-build-out.txt'), 'utf8'), /on the way/)
  // The next attempt begins anew.
  w.writeRecipe('app', failing('VERSION\n\ndef install(self, spec, prefix):\n    touch(prefix.fine)\n'))
  expectSuccess(w.install())
})

test('sources that cannot be had or patched stop make with one error, and make goes on once the recipe is mended', () => {
  const side: BuiltPackage = { recipe: 'VERSION\n\ndef install(self, spec, prefix):\n    touch(prefix.here)\n' }
  const w = makeBuildWorld({ app, side, lib }, 2)
  const make = (entry: BuiltPackage) => {
    w.writeRecipe('lib', entry)
    writeSmallEnvironment(w.environment, { app, side, lib: entry }, 2)
    expectSuccess(w.spack('env', 'depfile', '-o', join(w.environment, 'Makefile')))
    return runProgram('make', ['-k', '-C', w.environment], { env: w.environ })
  }
  const otherPatch = rightPatch.replace('WRONG', 'OTHER')
  const archive = join(w.home, 'archives/lib-1.0.tar.gz')
  const zeros = '0'.repeat(64)
  const from = (file: string): BuiltPackage => ({
    ...lib,
    recipe: lib.recipe.replace('VERSION', `url = "file://${file}"\nversion("1.0", sha256="${zeros}")`),
  })
  for (const [entry, message] of [
    [
      { ...lib, files: { 'right.patch': otherPatch }, patches: [sha256(otherPatch).hex] },
      /a patch of `lib@1\.0 \/liba+` does not apply to .*\n {2}patch: {2}right\.patch/,
    ],
    [
      from('/nowhere/lib-1.0.tar.gz'),
      /is nowhere to be had\n(.*\n)* {2}file:\/\/\/nowhere\/lib-1\.0\.tar\.gz: not there/,
    ],
    [from(archive), new RegExp(`lib-1\\.0\\.tar\\.gz[^]*${zeros}`)],
  ] as const) {
    const failed = make(entry)
    assert.is(failed.code, 2)
    assert.match(failed.stderr, message)
    assert.is(failed.stderr.split('Error: ').length, 2, failed.stderr)
    assert.not.match(failed.stderr, /Traceback|internal error/)
    assert.is(expectSuccess(w.spack('find', '--format', '{name}')).stdout, 'side\n')
    assert.not(existsSync(w.prefix('lib')))
    assert.equal(w.leftovers(), [])
  }
  expectSuccess(make(lib))
  assert.is(runProgram(join(w.prefix('app'), 'bin/app'), []).stdout, '42\n')
})

for (const [what, body, message] of [
  ['an exception', 'raise KeyError("lost")', /package\.py:\d+: .* KeyError: 'lost'/],
  ['an InstallError', 'raise InstallError("not like this")', /package\.py:\d+: .* was not built: not like this/],
  ['sys.exit', 'import sys; sys.exit(3)', /ended the process with exit code 3/],
  ['a dead process', 'import os; os._exit(4)', /the process of the build ended with exit code 4/],
  ['nothing installed', 'pass', /Nothing was installed/],
  ['a missing program', 'which("no-such-compiler", required=True)', /`no-such-compiler`/],
  ['an undeclared make', 'make()', /uses make without declaring a dependency on gmake/],
] as const) {
  test(`${what} ends a build with a reason`, () => {
    const w = makeBuildWorld({ app: { recipe: `VERSION\n\ndef install(self, spec, prefix):\n    ${body}\n` } })
    const failed = w.install()
    assert.is(failed.code, 1)
    assert.match(failed.stderr, message)
    assert.not.match(failed.stderr, /Traceback|internal error/)
    assert.not(existsSync(w.prefix('app')))
    assert.equal(w.leftovers(), [])
  })
}

test('a build that failed can be entered, and goes on where it was', () => {
  const recipe = `
VERSION

def setup_build_environment(self, env):
    env.set("ROOM", "mine")

def install(self, spec, prefix):
    if os.path.exists("fixed"):
        install("fixed", prefix)
    elif self.run_tests:
        raise InstallError("tested")
    else:
        raise InstallError("not yet")
`
  const w = makeBuildWorld({ app: { recipe, head: 'import os', sources: { 'a.txt': 'a' } } })
  assert.match(w.install('--test=root').stderr, /was not built: tested/)
  assert.match(w.install().stderr, /was not built: not yet/)
  const sources = join(w.stage('app'), 'spack-src')
  assert.is(expectSuccess(w.spack('location', '-b', 'app')).stdout.trim(), sources)
  assert.is(expectSuccess(w.spack('location', '-s', 'app')).stdout.trim(), w.stage('app'))
  const inside = expectSuccess(w.spack('build-env', 'app', '--', 'sh', '-c', 'echo "$ROOM $SPACK_SHORT_SPEC"'))
  assert.match(inside.stdout, /^mine app@1\.0/)
  const dump = join(w.home, 'dump')
  expectSuccess(w.spack('build-env', '--dump', dump, 'app'))
  assert.match(readFileSync(dump, 'utf8'), /^ROOM='mine'; export ROOM$/m)
  assert.match(w.spack('build-env', '--pickle', dump, 'app').stderr, /hint: use `--dump FILE`/)
  expectSuccess(w.spack('build-env', 'app', '--', 'touch', join(sources, 'fixed')))
  expectSuccess(w.install('--dont-restage'))
  assert.ok(existsSync(join(w.prefix('app'), 'fixed')))
})

test('`--verbose` shows the log while it is written', () => {
  const w = makeBuildWorld({
    app: { recipe: 'VERSION\n\ndef install(self, spec, prefix):\n    print("on the way")\n    touch(prefix.here)\n' },
  })
  assert.match(expectSuccess(w.install('--verbose')).stderr, /^on the way$/m)
  const log = gunzipSync(readFileSync(join(w.prefix('app'), '.spack/spack-build-out.txt.gz'))).toString()
  assert.match(log, /^on the way$/m)
})

test('what the recipe promises must be there', () => {
  const w = makeBuildWorld({
    app: {
      recipe:
        'VERSION\nsanity_check_is_file = ["bin/app"]\n\ndef install(self, spec, prefix):\n    touch(prefix.other)\n',
    },
  })
  assert.match(w.install().stderr, /No such file in prefix: bin\/app/)
  assert.not(existsSync(w.prefix('app')))
  assert.is(w.install('--keep-prefix').code, 1)
  assert.ok(existsSync(join(w.prefix('app'), 'other')))
})

test('what cannot be found by a program is refused where that is asked for', () => {
  const recipe = `
VERSION
depends_on("lib")

def install(self, spec, prefix):
    mkdirp(prefix.bin)
    which("cc")("-o", prefix.bin.app, "app.c", "-I" + spec["lib"].prefix.include, *number_flags)
`
  const w = makeBuildWorld({ app: { ...app, recipe }, lib })
  const policy = ['-c', 'config:shared_linking:missing_library_policy:error']
  const refused = w.spack(...policy, 'install')
  assert.is(refused.code, 1)
  assert.match(refused.stderr, /programs and libraries of app need libraries that are not in their RPATHs/)
  assert.match(refused.stderr, /bin\/app needs libnumber\.so/)
  assert.not(existsSync(w.prefix('app')))
})

test('phases can be cut short, and stages kept', () => {
  const w = makeBuildWorld({ app, lib })
  const stopped = w.install('--until=install', 'lib')
  assert.is(stopped.code, 1)
  assert.match(stopped.stderr, /stopped after `install`/)
  assert.not(existsSync(w.prefix('lib')))
  assert.ok(existsSync(join(w.stage('lib'), 'spack-src/libnumber.so')))
  assert.match(w.install('--stop-at=install', 'lib').stderr, /stopped before `install`/)
  assert.not(existsSync(join(w.stage('lib'), 'spack-src/libnumber.so')))
  assert.match(w.install('--until=compile', 'lib').stderr, /has no phase `compile`; its phases are install/)
  expectSuccess(w.install('--keep-stage', '--source', 'lib'))
  assert.ok(existsSync(join(w.stage('lib'), 'spack-src/number.c')))
  assert.ok(existsSync(join(w.prefix('lib'), 'share/lib/src/number.c')))
})

test('a recipe finds the archive, and what was unpacked beside the sources', () => {
  const recipe = `
VERSION
resource(name="more", url=url, sha256="DIGEST", destination="more")
resource(name="never", url=url, sha256="DIGEST", when="@2")

def install(self, spec, prefix):
    install(self.stage.archive_file, prefix)
    for condition, resources in self.resources.items():
        assert spec.intersects(condition)
        for resource in resources:
            install(join_path(resource.fetcher.stage.source_path, "a.txt"), join_path(prefix, resource.name))
    assert self.install_log_path == join_path(prefix, ".spack", "spack-build-out.txt.gz")
`
  const w = makeBuildWorld({ app: { recipe, sources: { 'a.txt': 'here\n' } } })
  expectSuccess(w.install())
  assert.equal(readdirSync(w.prefix('app')).sort(), ['.spack', 'app-1.0.tar.gz', 'more'])
})

const slow: BuiltPackage = {
  recipe:
    'VERSION\n\ndef install(self, spec, prefix):\n    touch(prefix.begun)\n    which("sleep")(os.environ.get("NAP", "0"))\n    touch(prefix.done)\n',
  head: 'import os',
}

test('a build that is killed leaves no process, and the next one clears up', async () => {
  const w = makeBuildWorld({ app: slow })
  expectSuccess(w.install())
  w.environ.NAP = '77'
  const child = w.start('app', '--overwrite')
  const { prefix } = { prefix: w.prefix('app') }
  for (let i = 0; i < 200 && !(existsSync(join(prefix, 'begun')) && !existsSync(join(prefix, 'done'))); i++)
    await sleep(50)
  assert.not(existsSync(join(prefix, '.spack/spec.json')))
  process.kill(-child.pid!, 'SIGKILL')
  await sleep(500)
  assert.is(runProgram('pgrep', ['-f', 'sleep 77']).stdout, '')
  w.environ.NAP = '0'
  expectSuccess(w.install())
  // The package that was to be replaced is back: there was nothing to do.
  assert.ok(existsSync(join(prefix, 'done')))
  assert.ok(existsSync(join(prefix, '.spack/spec.json')))
})

test('an interrupted installer ends its build', async () => {
  const w = makeBuildWorld({ app: slow })
  w.environ.NAP = '78'
  const child = w.start('app')
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
  for (let i = 0; i < 200 && !existsSync(join(w.prefix('app'), 'begun')); i++) await sleep(50)
  child.kill('SIGTERM')
  assert.is.not(await ended, 0)
  assert.is(runProgram('pgrep', ['-f', 'sleep 78']).stdout, '')
  assert.not(existsSync(w.prefix('app')))
  assert.equal(w.leftovers(), [])
})

test('the jobs of make are those of the outer make', () => {
  const jobs = Array.from({ length: 8 }, (_, i) => `j${i}`)
  const makefile = `all: ${jobs.join(' ')}\n${jobs
    .map((name) => `${name}:\n\t@mkdir -p run && touch run/$@ && ls run | wc -l >> counts && sleep 0.1 && rm run/$@\n`)
    .join('')}install: all\n\tmkdir -p $(P) && sort -n counts | tail -1 > $(P)/most\n`
  const gmake: BuiltPackage = {
    recipe: `
VERSION

def install(self, spec, prefix):
    touch(prefix.here)

def setup_dependent_package(self, module, dependent_spec):
    module.make = MakeExecutable("make", jobs=determine_number_of_jobs(parallel=dependent_spec.package.parallel))
`,
  }
  const user: BuiltPackage = {
    needs: ['gmake:build'],
    sources: { Makefile: makefile },
    recipe: `
VERSION
depends_on("gmake", type="build")

def install(self, spec, prefix):
    make("install", "P=" + prefix)
`,
  }
  const most = (...words: string[]) => {
    const w = makeBuildWorld({ app: user, gmake })
    expectSuccess(w.install(...words))
    return Number(readFileSync(join(w.prefix('app'), 'most'), 'utf8'))
  }
  assert.is(most('-j3'), 3)
  assert.is(most('-j1'), 1)
})

test('a program that cannot join the jobserver gets the slots that are free', () => {
  const script = '#!/bin/sh\necho "$1" >>"$2"\n'
  const w = makeBuildWorld({
    app: {
      sources: { 'old-ninja': script },
      recipe: `
VERSION

def install(self, spec, prefix):
    for _ in range(2):
        MakeExecutable("./old-ninja", jobs=8, supports_jobserver=False)(prefix.jobs)
`,
    },
  })
  expectSuccess(w.install('-j3'))
  assert.is(readFileSync(join(w.prefix('app'), 'jobs'), 'utf8'), '-j3\n-j3\n')
})

test('scripts with long first lines go through sbang', () => {
  const long = `/${'x'.repeat(140)}/python`
  const w = makeBuildWorld({
    app: {
      recipe: `
VERSION

def install(self, spec, prefix):
    mkdirp(prefix.bin)
    with open(prefix.bin.script, "w") as f:
        f.write("#!${long}\\nprint(1)\\n")
    set_executable(prefix.bin.script)
`,
    },
  })
  expectSuccess(w.install())
  const script = readFileSync(join(w.prefix('app'), 'bin/script'), 'utf8').split('\n')
  assert.is(script[0], `#!/bin/sh ${w.store}/bin/sbang`)
  assert.is(script[1], `#!${long}`)
  assert.is(statSync(join(w.prefix('app'), 'bin/script')).mode & 0o777, 0o755)
  const deep = w.spack('-c', `config:install_tree:root:${join(w.home, 'deep/'.repeat(40))}`, 'install')
  assert.is(deep.code, 1)
  assert.match(deep.stderr, /bin\/script` must be run through `\S+\/bin\/sbang`, whose path is too long/)
})

test.run()
