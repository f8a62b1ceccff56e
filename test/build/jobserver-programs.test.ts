// Programs that run several jobs, below one `make -jN` of two packages at once: never more jobs than N, all of them together.
// Run with the programs of this machine; which ninja that is decides what is tested of it. Missing ones are skipped.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BuiltPackage, makeBuildWorld } from '../support/build-world.ts'
import { versionOf, withPrograms } from '../support/programs.ts'
import { expectSuccess } from '../support/world.ts'

const test = suite('programs and the jobserver')
const testWith = withPrograms(test)

/** A job: notes how many there are while it runs. What follows its first word is run. */
const count = `#!/bin/sh
out=$1
shift
mine=$RUNNING/job-$$
touch "$mine"
ls "$RUNNING" | wc -l >>"$RUNNING.counts"
sleep 0.15
"$@"
status=$?
rm "$mine"
[ -z "$out" ] || touch "$out"
exit $status
`

const names = Array.from({ length: 8 }, (_, i) => `j${i}`)

/** A package of a program, which its dependents get. */
const provider = (name: string, program: string): BuiltPackage => ({
  recipe: `
VERSION

def install(self, spec, prefix):
    touch(prefix.here)

def setup_dependent_package(self, module, dependent_spec):
    module.${name} = ${program}
`,
})

const jobs = 'jobs=determine_number_of_jobs(parallel=True)'
const gmake = provider('make', `MakeExecutable("make", ${jobs})`)
const ninja: BuiltPackage = {
  ...provider('ninja', `MakeExecutable("ninja", ${jobs}, supports_jobserver=self.spec.satisfies("@1.13:"))`),
  version: versionOf('ninja') ?? '1.0',
}
const cmake = provider('cmake', 'Executable("cmake")')

const makefile = `all: ${names.join(' ')}\n${names.map((name) => `${name}:\n\t@./count $@ true\n`).join('')}`
const ninjaFile = `rule job\n  command = ./count $out true\n${names.map((name) => `build ${name}: job\n`).join('')}`
const cmakeLists = `cmake_minimum_required(VERSION 3.10)
project(app NONE)
set(all "")
foreach(i RANGE 7)
  add_custom_command(OUTPUT j\${i} COMMAND \${CMAKE_SOURCE_DIR}/count j\${i} true)
  list(APPEND all j\${i})
endforeach()
add_custom_target(app ALL DEPENDS \${all})
`

const user = (body: string, more: Omit<BuiltPackage, 'recipe'>): BuiltPackage => ({
  ...more,
  sources: { count, ...more.sources },
  recipe: `
VERSION
${(more.needs ?? []).map((need) => `depends_on("${need.replace(/:.*/, '')}", type="build")`).join('\n')}

def install(self, spec, prefix):
    touch(prefix.here)
${body.replace(/^/gm, '    ')}
`,
})

/** The same package twice, built at once: the most jobs that ran at a time. */
function mostJobs(app: BuiltPackage, others: Readonly<Record<string, BuiltPackage>>, words: readonly string[]): number {
  const w = makeBuildWorld({ app, twin: app, ...others }, 2)
  const running = join(w.home, 'running')
  mkdirSync(running)
  w.environ.RUNNING = running
  expectSuccess(w.install(...words))
  const counts = readFileSync(`${running}.counts`, 'utf8').trim().split(/\s+/).map(Number)
  assert.ok(counts.length >= 16, `${counts.length} jobs`)
  return Math.max(...counts)
}

testWith(['make'], 'a configure script that calls make, and make', () => {
  const configure = '#!/bin/sh\n${MAKE-make} -s -f Makefile all && rm -f j*\n'
  const app = user('configure()\nmake("all")', { needs: ['gmake:build'], sources: { Makefile: makefile, configure } })
  assert.is(mostJobs(app, { gmake }, ['-j3']), 3)
  assert.is(mostJobs(app, { gmake }, ['-j1']), 1)
})

testWith(['ninja'], `ninja ${versionOf('ninja')}`, () => {
  const app = user('ninja()', { needs: ['ninja:build'], sources: { 'build.ninja': ninjaFile } })
  const most = mostJobs(app, { ninja }, ['-j3'])
  assert.ok(most >= 2 && most <= 3, String(most))
})

testWith(['ninja', 'make'], `ninja ${versionOf('ninja')} where make is needed too`, () => {
  const app = user('make("all")\nninja()', {
    needs: ['ninja:build', 'gmake:build'],
    sources: { 'build.ninja': ninjaFile.replaceAll('build j', 'build n'), Makefile: makefile },
  })
  assert.is(mostJobs(app, { ninja, gmake }, ['-j3']), 3)
})

testWith(['cmake', 'ninja'], '`cmake --build` with ninja', () => {
  const app = user('cmake("-GNinja", ".")\ncmake("--build", ".")', {
    needs: ['cmake:build', 'ninja:build'],
    parameters: { generator: 'ninja' },
    sources: { 'CMakeLists.txt': cmakeLists },
  })
  const most = mostJobs(app, { cmake, ninja }, ['-j3'])
  assert.ok(most >= 2 && most <= 3, String(most))
})

testWith(['cmake', 'make'], '`cmake --build` with make', () => {
  const app = user('cmake("-GUnix Makefiles", ".")\ncmake("--build", ".")', {
    needs: ['cmake:build', 'gmake:build'],
    parameters: { generator: 'make' },
    sources: { 'CMakeLists.txt': cmakeLists },
  })
  assert.is(mostJobs(app, { cmake, gmake }, ['-j3']), 3)
})

testWith(['ninja'], 'what starts ninja by itself is told how many jobs it may run, unless ninja joins', () => {
  const told = `
from_recipe = get_effective_jobs(jobs=4, supports_jobserver=True)
flags = [] if from_recipe is None else ["-j{}".format(from_recipe)]
Executable("ninja")(*flags)`
  const app = user(told, { needs: ['ninja:build'], sources: { 'build.ninja': ninjaFile } })
  const most = mostJobs(app, { ninja }, ['-j3'])
  assert.ok(most >= 2 && most <= 3, String(most))
})

testWith(['cargo', 'rustc'], 'cargo', () => {
  const members = names.map((name) => [`${name}/Cargo.toml`, `[package]\nname = "${name}"\nversion = "1.0.0"\n`])
  const sources = names.map((name) => [`${name}/src/lib.rs`, 'pub fn f() {}\n'])
  const workspace = `[workspace]\nresolver = "2"\nmembers = [${names.map((name) => `"${name}"`).join(', ')}]\n`
  // Cargo asks the compiler about itself through the wrapper as well, one question at a time.
  const wrapper = '#!/bin/sh\nexec "$COUNT" "" "$@"\n'
  const body = `
os.environ["COUNT"] = os.path.abspath("count")
os.environ["RUSTC_WRAPPER"] = os.path.abspath("wrapper")
os.environ["CARGO_HOME"] = os.path.abspath("home")
which("cargo")("build", "--offline", "-j", str(determine_number_of_jobs(parallel=True)))`
  const app = user(body, {
    head: 'import os',
    sources: { ...Object.fromEntries([...members, ...sources]), 'Cargo.toml': workspace, wrapper },
  })
  const most = mostJobs(app, {}, ['-j3'])
  assert.ok(most >= 2 && most <= 3, String(most))
})

test.run()
