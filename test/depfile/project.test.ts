// A project's Makefile that includes make/environment.mk: manifest → lockfile → depfile → installed, each when it has to be.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makePrograms } from '../support/depfile.ts'
import { isolated, runProgram, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { makeTinyCache, type TinyCache, tinyLockfile } from '../support/tiny-cache.ts'

const included = fileURLToPath(new URL('../../make/environment.mk', import.meta.url))

interface Project {
  cache: TinyCache
  /** Runs make; the lines are what the stand-in for the concretizer and the project's own rule said. */
  make: (...words: string[]) => { code: number | null; stderr: string; said: string[] }
  file: (name: string) => string
  touch: (name: string, secondsFromNow: number) => void
  askFor: (...specs: string[]) => void
}

async function makeProject(program: string, before = '', after = ''): Promise<Project> {
  const home = scratch()
  const dir = join(home, 'project')
  mkdirSync(join(dir, 'env'), { recursive: true })
  const cache = await makeTinyCache(
    join(home, 'cache'),
    [{ name: 'lib' }, { name: 'app', dependencies: ['lib'] }, { name: 'side' }],
    undefined,
  )
  // Concretizes by picking from a lockfile that has everything, and is otherwise our program.
  const spack = join(home, 'wrapper')
  writeFileSync(
    spack,
    `#!/bin/sh
case " $* " in
*" concretize "*) echo concretized; cp ${join(home, 'next.lock')} ${join(dir, 'env/spack.lock')};;
*) exec ${process.execPath} ${spackProgram} "$@";;
esac
`,
    { mode: 0o755 },
  )
  writeFileSync(
    join(dir, 'Makefile'),
    `SPACK ?= ${spack}
SPACK_ENVIRONMENT := env
${before}
include ${included}
all: program
program: $(SPACK_INSTALLED) ; @echo linked; touch $@
clean: ; rm -f program
${after}`,
  )
  const file = (name: string) => join(dir, name)
  const touch = (name: string, secondsFromNow: number) => {
    const time = Date.now() / 1000 + secondsFromNow
    utimesSync(file(name), time, time)
  }
  const askFor = (...specs: string[]) => {
    const mirrors = { tiny: { url: cache.mirror, signed: false } }
    writeFileSync(file('env/spack.yaml'), JSON.stringify({ spack: { specs, mirrors, view: false } }))
    const roots = specs.flatMap((name) => cache.nodes.get(name) ?? [])
    writeFileSync(join(home, 'next.lock'), tinyLockfile(roots, cache.nodes))
  }
  const env = isolated(home)
  return {
    cache,
    make: (...words) => {
      const { code, stdout, stderr } = runProgram(program, words, { cwd: dir, env })
      const said = stdout.split('\n').flatMap((line) => {
        const [, name] = /^\[\d\/\d\] (\w+)@/.exec(line) ?? []
        return name ?? (['concretized', 'linked'].includes(line) ? line : [])
      })
      return { code, stderr, said }
    },
    file,
    touch,
    askFor,
  }
}

const examples = fileURLToPath(new URL('../../examples/recipes', import.meta.url))

/** A project whose environment is built from the example repository; `spack` is in PATH, as a link or as the script given. */
function builtProject(program: string, script?: string) {
  const home = scratch()
  const dir = join(home, 'project')
  const bin = join(home, 'bin')
  for (const folder of [dir, bin]) mkdirSync(folder)
  cpSync(examples, join(dir, 'env'), { recursive: true })
  if (script) writeFileSync(join(bin, 'spack'), script, { mode: 0o755 })
  else symlinkSync(spackProgram, join(bin, 'spack'))
  writeFileSync(
    join(dir, 'Makefile'),
    `SPACK := spack\nSPACK_ENVIRONMENT := env\ninclude ${included}\nall: $(SPACK_INSTALLED)\n`,
  )
  const env = { ...isolated(home), PATH: `${bin}:${process.env.PATH}` }
  const run = (command: string, words: readonly string[]) => runProgram(command, words, { cwd: dir, env })
  run('python3', ['env/pack-sources.py', 'env/mirror'])
  run(join(bin, 'spack'), ['-e', 'env', 'external', 'find', 'gcc', 'gmake'])
  const manifest = readFileSync(join(dir, 'env/spack.yaml'), 'utf8')
  return {
    file: (name: string) => join(dir, name),
    make: (...words: string[]) => run(program, words),
    write: (specs: readonly string[], view: string) => {
      const others = manifest.slice(manifest.indexOf('  concretizer:'))
      writeFileSync(join(dir, 'env/spack.yaml'), `spack:\n  specs: [${specs.join(', ')}]\n  view: ${view}\n${others}`)
    },
  }
}

for (const program of makePrograms) {
  const test = suite(`project with ${program}`)

  test('everything follows from the manifest, also the first time, and then nothing runs', async () => {
    const project = await makeProject(program)
    project.askFor('app')
    project.touch('env/spack.yaml', -10)
    const first = project.make()
    assert.is(first.code, 0, first.stderr)
    assert.equal(first.said, ['concretized', 'lib', 'app', 'linked'])
    assert.equal(project.make().said, [])
  })

  test('a changed manifest goes all the way, once', async () => {
    const project = await makeProject(program)
    project.askFor('app')
    project.touch('env/spack.yaml', -10)
    project.make('-j2')
    project.askFor('app', 'side')
    project.touch('env/spack.yaml', 1)
    const second = project.make('-j2')
    assert.is(second.code, 0, second.stderr)
    assert.ok(second.said.includes('concretized') && second.said.includes('side') && second.said.includes('linked'))
    project.touch('env/spack.yaml', -10)
    assert.equal(project.make().said, [])
  })

  test('a lockfile that is there and current is used; our own check keeps it', async () => {
    const project = await makeProject(program, `SPACK := ${process.execPath} ${spackProgram}`)
    project.askFor('app')
    const lockfile = tinyLockfile([project.cache.nodes.get('app')!], project.cache.nodes)
    writeFileSync(project.file('env/spack.lock'), lockfile)
    // As after a checkout: the order of times says nothing.
    project.touch('env/spack.lock', -20)
    project.touch('env/spack.yaml', -10)
    const first = project.make()
    assert.is(first.code, 0, first.stderr)
    assert.equal(first.said, ['lib', 'app', 'linked'])
    assert.is(readFileSync(project.file('env/spack.lock'), 'utf8'), lockfile)
    assert.equal(project.make().said, [])
  })

  test('a manifest that cannot be concretized stops make with a reason, and nothing is half made', async () => {
    const project = await makeProject(program, `SPACK := ${process.execPath} ${spackProgram}`)
    project.askFor('app', 'new')
    writeFileSync(project.file('env/spack.lock'), tinyLockfile([project.cache.nodes.get('app')!], project.cache.nodes))
    project.touch('env/spack.lock', -20)
    const failed = project.make()
    assert.is(failed.code, 2)
    // There are no recipes here.
    assert.match(failed.stderr, /repository/)
    assert.not.ok(existsSync(project.file('spack/depfile.mk')))
    rmSync(project.file('env/spack.lock'))
    assert.match(project.make().stderr, /repository/)
  })

  test('clean goals make nothing', async () => {
    const project = await makeProject(program)
    project.askFor('app')
    assert.equal(project.make('clean').said, [])
    assert.equal(project.make('clean', 'spack-clean').said, [])
    assert.not.ok(existsSync(project.file('env/spack.lock')))
    project.touch('env/spack.yaml', -10)
    project.make()
    assert.is(project.make('clean', 'spack-clean').code, 0)
    assert.not.ok(existsSync(project.file('spack')))
    assert.equal(project.make().said, ['linked'])
  })

  test('recipes → lockfile → binaries built here → view, with the program that is in PATH', () => {
    const project = builtProject(program)
    project.write(['frame'], 'view')
    const first = project.make()
    assert.is(first.code, 0, first.stderr)
    assert.ok(existsSync(project.file('env/view/include/frame.h')))
    assert.not.ok(existsSync(project.file('env/view/bin/tally')))
    assert.is(project.make('-q').code, 0, 'nothing is left to do')
    project.write(['frame', 'tally'], 'view')
    const second = project.make('-j2')
    assert.is(second.code, 0, second.stderr)
    assert.is(runProgram(project.file('env/view/bin/tally'), []).code, 0)
    project.write(['frame', 'tally'], 'other')
    assert.is(project.make().code, 0)
    assert.ok(existsSync(project.file('env/other/bin/tally')), 'a view that is new to the manifest')
    project.write(['frame'], 'other')
    assert.is(project.make().code, 0)
    assert.not.ok(existsSync(project.file('env/other/bin/tally')), 'what is no longer asked for leaves the view')
    assert.is(project.make('-q').code, 0)
  })

  test('a script in PATH that starts the program refreshes the view as well', () => {
    const project = builtProject(program, `#!/bin/sh\nexec ${process.execPath} ${spackProgram} "$@"\n`)
    project.write(['frame'], 'view')
    const made = project.make()
    assert.is(made.code, 0, made.stderr)
    assert.ok(existsSync(project.file('env/view/include/frame.h')))
  })

  test('the rules of the manual work with our program, too', async () => {
    const project = await makeProject(program)
    project.askFor('app')
    project.touch('env/spack.yaml', -10)
    const spack = /^SPACK \?= (.*)$/m.exec(readFileSync(project.file('Makefile'), 'utf8'))![1]!
    writeFileSync(
      project.file('Makefile'),
      `SPACK ?= ${spack}
.PHONY: all clean env
all: env
env/spack.lock: env/spack.yaml
	$(SPACK) -e env concretize -f
env.mk: env/spack.lock
	$(SPACK) -e env env depfile -o $@ --make-prefix spack
env: spack/env
	$(info linked)
clean:
	rm -rf env/spack.lock env.mk spack/
ifeq (,$(filter clean,$(MAKECMDGOALS)))
include env.mk
endif
`,
    )
    const first = project.make()
    assert.is(first.code, 0, first.stderr)
    assert.equal(first.said.sort(), ['app', 'concretized', 'lib', 'linked'])
    assert.equal(project.make().said, ['linked'])
    assert.equal(project.make('clean').said, [])
  })

  test.run()
}
