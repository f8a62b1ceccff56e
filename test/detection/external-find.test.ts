// `spack external find`: what is found, how it is written down, and programs and recipes that misbehave.

import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { detectPackages } from '../../src/detection/detect.ts'
import { detectablePackages } from '../../src/detection/tagged-packages.ts'
import { usableRepositories } from '../../src/recipes/configured-repositories.ts'
import { openRepositoryPath } from '../../src/recipes/repository-path.ts'
import { printSpec } from '../../src/spec/print.ts'
import { runCommand } from '../support/invocation.ts'
import { isolated } from '../support/program.ts'
import { rejection } from '../support/rejection.ts'
import { addProgram, type DetectionWorld, detectionWorld, toolRecipe, write } from './detection-world.ts'

const tool = { tool: toolRecipe('Tool', 'tool') }

const find = (world: DetectionWorld, words: readonly string[] = []) =>
  runCommand(world.home, ['external', 'find', ...words], { environ: world.environ })

const packages = (world: DetectionWorld) =>
  existsSync(world.packagesFile) ? readFileSync(world.packagesFile, 'utf8').replaceAll(world.home, 'HOME') : ''

/** Detects without writing, with short limits. */
async function detectAll(world: DetectionWorld, programSeconds = 20, packageSeconds = 60) {
  const environ = { ...isolated(world.home), ...world.environ }
  const configuration = await loadConfiguration({ environ, cwd: world.home })
  const { userCache } = configuration.paths
  const recipes = await openRepositoryPath(await usableRepositories(configuration), { userCache, environ })
  const limits = { programSeconds, packageSeconds }
  const all = detectablePackages(recipes, 'detectable')
  const detection = await detectPackages(all, recipes, { environ, cwd: world.home, ...limits })
  recipes.close()
  const specs = [...detection.found.values()].flat().map(({ spec, prefix }) => `${printSpec(spec)} ${prefix}`)
  return { ...detection, specs: specs.map((each) => each.replaceAll(world.home, 'HOME')) }
}

test('what is on PATH is written to packages.yaml, in front of what is there, and once', async () => {
  const world = detectionWorld(tool, { tool: 'echo "tool 2.5"' })
  write(
    world.packagesFile,
    `# mine
packages:
  all:
    target: [x86_64]   # old machines
  tool:
    externals:
    # built by hand
    - spec: tool@1.0
      prefix: /opt/tool
`,
  )
  const first = await find(world)
  assert.is(first.code, 0)
  assert.match(first.stdout, 'The following specs have been detected on this system and added to')
  assert.match(first.stdout, 'tool@2.5')
  assert.is(
    packages(world),
    `# mine
packages:
  all:
    target: [x86_64]   # old machines
  tool:
    externals:
    - spec: tool@2.5
      prefix: HOME/machine
    # built by hand
    - spec: tool@1.0
      prefix: /opt/tool
`,
  )
  const again = await find(world)
  assert.is(again.stdout, '==> No new external packages detected\n')
})

test('variants, prefixes, modules and attributes are those that the recipe tells', async () => {
  const more = `
    @classmethod
    def determine_variants(cls, exes, version):
        extra = {"prefix": "/opt/special", "modules": ["tool/2"], "z": "b", "compilers": {"cxx": "/b", "c": "/a"}}
        return [("~nls features=z,x", extra), "+nls"]
`
  const world = detectionWorld({ tool: toolRecipe('Tool', 'tool', more) }, { tool: 'echo "tool 2.5"' })
  await find(world)
  assert.is(
    packages(world),
    `packages:
  tool:
    externals:
    - spec: tool@2.5~nls features=x,z
      prefix: /opt/special
      modules:
      - tool/2
      extra_attributes:
        compilers:
          c: /a
          cxx: /b
        z: b
    - spec: tool@2.5+nls
      prefix: HOME/machine
`,
  )
})

test('--not-buildable marks the package and the virtuals that it provides', async () => {
  const recipe = toolRecipe('Tool', 'tool', '\n    provides("tooling")\n')
  const world = detectionWorld({ tool: recipe }, { tool: 'echo "tool 2.5"' })
  const { stdout } = await find(world, ['--not-buildable', 'tool'])
  assert.match(stdout, 'tooling')
  assert.match(packages(world), /tool:\n {4}externals:\n(.*\n)*? {4}buildable: false/)
  assert.match(packages(world), 'tooling:\n    buildable: false')
})

test('names, tags and exclusions decide what is looked for', async () => {
  const plain = toolRecipe('Other', 'other').replace('tags = ["build-tools"]', 'tags = ["Special"]')
  const world = detectionWorld({ ...tool, other: plain }, { tool: 'echo "tool 2.5"', other: 'echo "other 3"' })
  const lacks = async (words: string[], wanted: string) => {
    const { stdout } = await find(world, words)
    assert.is((stdout.match(/^\w+@.*/gm) ?? []).join(' '), wanted, words.join(' '))
  }
  await lacks(['--exclude', 'tool'], '')
  await lacks(['-t', 'special'], 'other@3')
  await lacks(['--all'], 'tool@2.5')
})

test('a name that is unknown or cannot be detected is said, with what may be meant', async () => {
  const quiet = 'from spack.package import *\n\n\nclass Quiet(Package):\n    version("1")\n'
  const world = detectionWorld({ ...tool, quiet }, {})
  const { stderr, code } = await find(world, ['toool', 'quiet'])
  assert.is(code, 0)
  assert.match(stderr, 'there is no package `toool`; did you mean `tool`?')
  assert.match(stderr, '`quiet` cannot be detected: its recipe names neither executables nor libraries')
})

test('of a folder and a link to it the folder counts, and folders that cannot be read hold nothing', async () => {
  const world = detectionWorld(tool, { tool: 'echo "tool 2.5"' })
  symlinkSync(world.bin, join(world.home, 'link'))
  const closed = join(world.home, 'closed')
  mkdirSync(closed)
  chmodSync(closed, 0)
  const path = [join(world.home, 'link'), world.bin, closed, '/no/such/folder'].join(':')
  const { specs } = await detectAll({ ...world, environ: { ...world.environ, PATH: path } })
  chmodSync(closed, 0o755)
  assert.equal(specs, ['tool@2.5 HOME/machine'])
})

test('--path looks there and in `bin` below, and not on PATH', async () => {
  const world = detectionWorld(tool, { tool: 'echo "tool 2.5"' })
  addProgram(join(world.home, 'else/bin'), 'tool', 'echo "tool 7"')
  await find(world, ['--path', join(world.home, 'else')])
  assert.is(packages(world), 'packages:\n  tool:\n    externals:\n    - spec: tool@7\n      prefix: HOME/else\n')
})

test('libraries are found where the dynamic linker looks', async () => {
  const recipe = toolRecipe('Tool', 'tool')
    .replace('executables = ["^tool$"]', 'libraries = ["libtool"]')
    .replace('Executable(exe)("--version", output=str, error=str)', 'exe.replace(".so.", " ")')
    .replace('tool (\\S+)', 'libtool (\\S+)')
  const world = detectionWorld({ tool: recipe }, {})
  const folder = join(world.home, 'opt/lib')
  write(join(folder, 'libtool.so.4.2'), 'a text')
  // Of another machine.
  write(join(folder, 'libtool.so.5'), '\u007fELF\u0001\u0001xxxxxxxxxxxxxxxxxxxxx')
  const { specs } = await detectAll({ ...world, environ: { ...world.environ, LD_LIBRARY_PATH: folder } })
  assert.equal(specs, ['tool@4.2 HOME/opt'])
})

test('a program that hangs is killed with its children, and others are found', async () => {
  const other = toolRecipe('Other', 'other')
  const world = detectionWorld({ ...tool, other }, { tool: '/bin/sleep 600 & /bin/sleep 600', other: 'echo "other 3"' })
  const started = Date.now()
  const { specs, notes } = await detectAll(world, 1)
  assert.equal(specs, ['other@3 HOME/machine'])
  assert.ok(Date.now() - started < 15_000)
  assert.match(notes.join('\n'), 'did not end within 1 s')
})

test('a recipe that does not come back is ended, and others are found', async () => {
  const endless = toolRecipe(
    'Tool',
    'tool',
    '\n    @classmethod\n    def determine_version(cls, exe):\n        while True: pass\n',
  )
  const world = detectionWorld(
    { tool: endless, other: toolRecipe('Other', 'other') },
    { tool: '', other: 'echo "other 3"' },
  )
  const { specs, warnings } = await detectAll(world, 1, 3)
  assert.equal(specs, ['other@3 HOME/machine'])
  assert.match(warnings.join('\n'), '`tool` cannot be detected: its recipe took longer than 3 s')
})

test('a program that floods its output is stopped', async () => {
  const world = detectionWorld(tool, {
    tool: 'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done',
  })
  const { specs, notes } = await detectAll(world, 3)
  assert.equal(specs, [])
  assert.is(notes.length, 1)
})

test('garbage for a version, unknown variants and values are refused with a reason', async () => {
  const variants = (text: string) =>
    `\n    @classmethod\n    def determine_variants(cls, exes, version):\n        return "${text}"\n`
  const garbage = await detectAll(detectionWorld(tool, { tool: 'echo "tool @@;rm"' }))
  assert.equal(garbage.specs, [])
  assert.match(garbage.warnings.join('\n'), '`tool@@@;rm`')
  const range = await detectAll(detectionWorld(tool, { tool: 'echo "tool 1:2"' }))
  assert.match(range.warnings.join('\n'), 'has no single version')
  for (const [text, reason] of [
    ['+nosuch', 'has no variant `nosuch`'],
    ['features=q', 'cannot be `q`'],
  ] as const) {
    const recipe = toolRecipe('Tool', 'tool', variants(text))
    const { specs, warnings } = await detectAll(detectionWorld({ tool: recipe }, { tool: 'echo "tool 2.5"' }))
    assert.equal(specs, [])
    assert.match(warnings.join('\n'), reason)
  }
})

test('a recipe that raises is a warning, one that refuses its spec as well', async () => {
  const raising = toolRecipe(
    'Tool',
    'tool',
    '\n    @classmethod\n    def determine_variants(cls, exes, version):\n        raise KeyError("oops")\n',
  )
  const refusing = toolRecipe(
    'Other',
    'other',
    '\n    @classmethod\n    def validate_detected_spec(cls, spec, extra):\n        assert spec.satisfies("@9:"), "too old"\n',
  )
  const world = detectionWorld({ tool: raising, other: refusing }, { tool: 'echo "tool 2"', other: 'echo "other 3"' })
  const { specs, warnings } = await detectAll(world)
  assert.equal(specs, [])
  const text = warnings.join('\n')
  assert.match(text, 'error detecting `tool`')
  assert.match(text, 'oops')
  assert.match(text, 'AssertionError: too old')
})

test('attributes that packages.yaml must not hold are refused, and the others are written', async () => {
  const odd =
    '\n    @classmethod\n    def determine_variants(cls, exes, version):\n        return "", {"odd": {"a": "b"}}\n'
  const world = detectionWorld(
    { tool: toolRecipe('Tool', 'tool', odd), other: toolRecipe('Other', 'other') },
    { tool: 'echo "tool 2"', other: 'echo "other 3"' },
  )
  const { stdout, stderr } = await find(world)
  assert.match(stderr, '`tool@2` in')
  assert.match(stderr, 'extra_attributes')
  assert.match(stdout, 'other@3')
  assert.not.match(packages(world), 'odd')
})

test('a broken packages.yaml is an error with its line, before anything is looked for, and stays as it is', async () => {
  const world = detectionWorld(tool, { tool: 'echo "tool 2.5"' })
  const broken = {
    'packages:\n  tool: [\n': 'yaml-syntax',
    'packages:\n  tool:\n    externals:\n    - spec: tool@@\n      prefix: /x\n': 'spec-syntax',
  }
  for (const [text, code] of Object.entries(broken)) {
    write(world.packagesFile, text)
    const error = await rejection(find(world), code)
    assert.match(String(error.where), 'packages.yaml:')
    assert.is(readFileSync(world.packagesFile, 'utf8'), text)
  }
})

test.run()
