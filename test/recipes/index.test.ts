// The index of a small repository: what recipes declare, what a broken recipe costs, and what a change makes old.

import { spawn } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { guestFolder } from '../../src/program.ts'
import { computeLoadingDigest, digestFile, loadingDigest } from '../../src/recipes/guest-digest.ts'
import { openIndex, type RecipeIndex } from '../../src/recipes/recipe-index.ts'
import { readRepository } from '../../src/recipes/repository.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const repoYaml = 'repo:\n  namespace: tiny\n  api: v2.2\n'

function tinyRepository(files: Record<string, string>): string {
  const root = join(scratch(), 'spack_repo/tiny')
  for (const [name, text] of Object.entries({ 'repo.yaml': repoYaml, ...files })) write(root, name, text)
  return root
}

function write(root: string, name: string, text: string): void {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const recipe = (body: string, base = 'Package') =>
  `from spack.package import *\nfrom spack_repo.tiny.build_systems.plain import PlainPackage\n\n\n${body.replace('BASE', base)}`

const plain = `from spack.package import *


class PlainPackage(PackageBase):
    build_system_class = "PlainPackage"
    default_buildsystem = "plain"
    build_system("plain")
    with when("build_system=plain"):
        depends_on("gmake", type="build")
`

const zlib = recipe(
  `class Zlib(BASE):
    url = "https://example.com/zlib-1.2.tar.gz"
    tags = ["tiny"]
    version("1.3", sha256="${'a'.repeat(64)}")
    version("1.2", sha256="${'b'.repeat(64)}", deprecated=True)
    variant("shared", default=True, when="@1.3:")
    variant("mode", default="fast", values=("fast", conditional("slow", when="@:1.2")))
    provides("zlib-api")
    patch("fix.patch", when="@1.2")
`,
  'PlainPackage',
)

const tool = recipe(`class Tool(BASE):
    git = "https://example.com/tool.git"
    version("main", branch="main")
    variant("mpi", default=False)
    with when("+mpi"):
        with default_args(type=("build", "run")):
            depends_on("zlib-api")
            depends_on("zlib@1.2:", when="@main")
    depends_on("zlib@:1.3", when="@main+mpi", type="link")
    conflicts("target=aarch64:", msg="never tried")
`)

const small = {
  'build_systems/plain.py': plain,
  'packages/zlib/package.py': zlib,
  'packages/zlib/fix.patch': 'a patch\n',
  'packages/tool/package.py': tool,
}

async function open(root: string, userCache: string, timeoutMs?: number): Promise<RecipeIndex> {
  const repository = await readRepository(root)
  return await openIndex(repository, { userCache, importable: [repository], environ: process.env, timeoutMs })
}

const never = () => false

test('conditions of blocks are merged, dependencies of one name under one condition joined', async () => {
  const index = await open(tinyRepository(small), scratch())
  assert.equal(index.names, ['tool', 'zlib'])
  const facts = index.recipe('tool', (name) => index.virtuals.has(name))!
  assert.equal(facts.dependencies, [
    { spec: 'zlib-api', when: '+mpi', types: ['build', 'run'], virtual: true },
    { spec: 'zlib@1.2:1.3', when: '@main+mpi', types: ['build', 'link', 'run'] },
  ])
  assert.equal(facts.conflicts, [{ spec: 'target=aarch64:', when: '', has_msg: true }])
  assert.equal(facts.versions, [{ version: 'main', branch: 'main', develop: true, fetch: 'git' }])
})

test('variants, patches, URLs and what a base class declares', async () => {
  const index = await open(tinyRepository(small), scratch())
  const facts = index.recipe('zlib', never)!
  assert.equal(
    facts.variants.map(({ name, when, default: value, values, precedence }) => [name, when, value, values, precedence]),
    [
      ['build_system', '', 'plain', ['plain'], 0],
      ['mode', '', 'fast', ['fast', { value: 'slow', when: '@:1.2' }], 2],
      ['shared', '@1.3:', true, [true, false], 1],
    ],
  )
  assert.equal(facts.dependencies, [{ spec: 'gmake', when: 'build_system=plain', types: ['build'] }])
  assert.equal(facts.versions[0]!.urls, ['https://example.com/zlib-1.3.tar.gz'])
  assert.is(facts.patches[0]!.file, 'fix.patch')
  assert.is(facts.build_system_class, 'PlainPackage')
  assert.equal([...index.virtuals], ['zlib-api'])
})

test('the build keeps the digest of the code that loads recipes', () => {
  const guest = fileURLToPath(new URL('../../dist/guest', import.meta.url))
  assert.is(readFileSync(join(guest, digestFile), 'utf8'), computeLoadingDigest(guest))
  assert.is(computeLoadingDigest(guest), computeLoadingDigest(guestFolder()))
  const changed = scratch()
  cpSync(guest, changed, { recursive: true })
  rmSync(join(changed, digestFile))
  assert.is(loadingDigest(changed), loadingDigest(guest))
  appendFileSync(join(changed, 'recipe/directives.py'), '# other\n')
  assert.is.not(loadingDigest(changed), loadingDigest(guest))
})

test('what packages may link to or run is kept, and read from their facts where that is lost or of another table', async () => {
  const body = (name: string) => `class Needy(BASE):
    version("1.0")
    depends_on("zlib@1:", when="@1.0")
    depends_on("zlib+shared", type="run")
    depends_on("${name}", type=("build", "link"))
    depends_on("tool", type="build")
    requires("platform=linux", "platform=darwin", when="@1:")
    requires("target=x86_64:")
`
  const root = tinyRepository({ ...small, 'packages/needy/package.py': recipe(body('curl')) })
  const cache = scratch()
  const asked = async (index = open(root, cache)) => {
    const { dependencies, requires } = (await index).linkNeeds('needy')!
    assert.equal(requires, [{ specs: ['target=x86_64:'], when: '' }])
    return dependencies.map(({ spec }) => spec).sort()
  }
  assert.equal(await asked(), ['curl', 'zlib'])
  assert.is((await open(root, cache)).linkNeeds('nothing'), undefined)

  const kept = join(cache, 'recipes', readdirSync(join(cache, 'recipes'))[0]!, 'links.json')
  const before = readFileSync(kept)
  const early = await open(root, cache)
  write(root, 'packages/needy/package.py', recipe(body('expat')))
  write(root, 'packages/ahead/package.py', recipe('class Ahead(BASE):\n    version("1.0")\n    depends_on("other")\n'))
  assert.equal(await asked(), ['expat', 'zlib'])
  assert.equal(await asked(Promise.resolve(early)), ['curl', 'zlib'], 'as the table says that it was opened with')
  for (const damaged of [before, '{"names":', '']) {
    writeFileSync(kept, damaged)
    assert.equal(await asked(), ['expat', 'zlib'])
  }
  rmSync(kept)
  assert.equal(await asked(), ['expat', 'zlib'])
  assert.not.ok(existsSync(kept))
})

const broken: Record<string, [body: string, message: RegExp, line: number | null]> = {
  syntax: ['def (:\n', /SyntaxError/, 1],
  unknown: ['from spack.package import *\n\nclass Unknown(Package):\n    requires_not("x")\n', /requires_not/, 4],
  imports: ['import no_such_module\n', /no_such_module/, 1],
  classless: ['from spack.package import *\n', /no class `Classless`/, null],
  reserved: [
    'from spack.package import *\n\nclass Reserved(Package):\n    variant("platform", default=True)\n',
    /no variant may have/,
    4,
  ],
  twofold: [
    'from spack.package import *\n\nclass Twofold(Package):\n    license("MIT")\n    license("BSD", when="@1.0")\n',
    /two licenses can hold at once: `MIT` and `BSD` \(when `@1\.0`\)/,
    5,
  ],
  leaves: ['import os\nos._exit(3)\n', /exit code 3/, null],
  shouts: [
    `print("x" * 10_000_000)\n${recipe('class Shouts(BASE):\n    depends_on("@1")\n')}`,
    /names no package/,
    null,
  ],
  forever: ['while True:\n    pass\n', /longer than 1 s/, null],
}

test('a recipe that cannot be loaded is reported with its place and costs the others nothing', async () => {
  const files = Object.fromEntries(
    Object.entries(broken).map(([name, [body]]) => [`packages/${name}/package.py`, body]),
  )
  const root = tinyRepository({ ...small, ...files })
  const index = await open(root, scratch(), 1000)
  assert.equal(index.names, ['tool', 'zlib'])
  for (const [name, [, message, line]] of Object.entries(broken)) {
    const failure = index.failures.find((each) => each.name === name)
    assert.match(failure?.message ?? '', message)
    if (line !== null) assert.is(failure?.where, join(root, `packages/${name}/package.py:${line}`))
  }
})

test('a rule for URLs that fails is a warning, where a version needs one', async () => {
  const body = `class Ruled(BASE):
    version("main", git="https://example.com/r.git", branch="main")
    version("1.0", sha256="${'a'.repeat(64)}")

    def url_for_version(self, version):
        return "https://example.com/{0:d}".format(version)
`
  const index = await open(tinyRepository({ ...small, 'packages/ruled/package.py': recipe(body) }), scratch())
  assert.equal(index.failures, [])
  assert.is(index.warnings.length, 1)
  assert.match(index.warnings[0]!.message, /fails for version 1\.0: \w+Error/)
})

test('what a recipe says to people stands beside its facts', async () => {
  const index = await open(tinyRepository(small), scratch())
  const texts = index.texts('tool')!
  assert.equal(texts.variants, ['Build systems supported by the package', ''])
  assert.equal(texts.conflicts, ['never tried'])
  assert.equal(texts.phases, { generic: ['install'] })
  assert.equal(index.tags('zlib'), ['tiny'])
})

test('a Python that cannot load any recipe is an error, and not one for each recipe', async () => {
  const root = tinyRepository(small)
  for (let i = 0; i < 8; i++) write(root, `packages/more${i}/package.py`, 'from spack.package import *\n')
  const python = join(scratch(), 'python')
  writeFileSync(python, '#!/bin/sh\necho "no module: encodings" >&2\nexit 1\n', { mode: 0o755 })
  const repository = await readRepository(root)
  const options = { userCache: scratch(), importable: [repository], environ: { ...process.env, SPACK_PYTHON: python } }
  const error = await rejection(openIndex(repository, options), 'no-python')
  assert.match(error.message, /cannot load recipes: Python ended with exit code 1: no module: encodings/)
})

test('a change reloads what is made of the changed file, and nothing else', async () => {
  const [root, cache] = [tinyRepository(small), scratch()]
  const segments = () => readdirSync(join(cache, 'recipes', readdirSync(join(cache, 'recipes'))[0]!)).length
  ;(await open(root, cache)).close()
  const before = segments()
  write(root, 'packages/tool/package.py', tool)
  ;(await open(root, cache)).close()
  assert.is(segments(), before, 'the same content is not loaded again')
  write(root, 'build_systems/plain.py', plain.replace('gmake', 'ninja'))
  const index = await open(root, cache)
  assert.is(segments(), before + 1)
  assert.is(index.recipe('zlib', never)!.dependencies[0]!.spec, 'ninja')
  rmSync(join(root, 'packages/tool'), { recursive: true })
  write(root, 'packages/zlib/fix.patch', 'another patch\n')
  write(root, 'packages/new_one/package.py', recipe('class NewOne(BASE):\n    version("1.0")\n'))
  const changed = await open(root, cache)
  assert.equal(changed.names, ['new-one', 'zlib'])
  assert.is.not(changed.recipe('zlib', never)!.patches[0]!.sha256, index.recipe('zlib', never)!.patches[0]!.sha256)
})

for (const file of ['packages.json', 'stamps.json']) {
  test(`a ${file} that is damaged, or of another table, counts for nothing`, async () => {
    const [root, cache] = [tinyRepository(small), scratch()]
    // The first time files may just have been written, and are looked into once more.
    for (const _ of [1, 2]) (await open(root, cache)).close()
    const place = join(cache, 'recipes', readdirSync(join(cache, 'recipes'))[0]!, file)
    const whole = readFileSync(place, 'utf8')
    for (const text of [
      '{"table":',
      '[]',
      whole.replace(/"table":\[[^\]]*\]/, '"table":[1,2]').replaceAll('tool', 'loot'),
    ]) {
      writeFileSync(place, text)
      assert.equal((await open(root, cache)).names, ['tool', 'zlib'])
      assert.is(readFileSync(place, 'utf8'), whole)
    }
  })
}

test('many small updates are put together in one segment', async () => {
  const [root, cache] = [tinyRepository(small), scratch()]
  const old = await open(root, cache)
  const place = join(cache, 'recipes', readdirSync(join(cache, 'recipes'))[0]!)
  let most = 0
  for (let round = 0; round < 10; round++) {
    write(root, 'packages/tool/package.py', `${tool}\n# round ${round}\n    tags = ["round${round}"]\n`)
    ;(await open(root, cache)).close()
    most = Math.max(most, readdirSync(place).filter((name) => name.endsWith('.jsonl')).length)
  }
  assert.ok(most < 9)
  const index = await open(root, cache)
  assert.equal(index.recipe('tool', never)!.tags, ['round9'])
  assert.is(index.recipe('zlib', never)!.name, 'zlib')
  assert.is(old.recipe('zlib', never)!.name, 'zlib', 'a reader that was there before still reads')
})

test('a damaged table is made anew', async () => {
  const [root, cache] = [tinyRepository(small), scratch()]
  ;(await open(root, cache)).close()
  const table = join(cache, 'recipes', readdirSync(join(cache, 'recipes'))[0]!, 'table.json')
  writeFileSync(table, readFileSync(table, 'utf8').slice(0, 100))
  assert.equal((await open(root, cache)).names, ['tool', 'zlib'])
})

/** A repository of 300 recipes, each of which notes in a folder that it was loaded; the last waits for a file. */
function slowRepository(): { root: string; go: string; loads: () => number } {
  const folder = scratch()
  const [log, go] = [join(folder, 'log'), join(folder, 'go')]
  // Not a file that it opens: those are what its facts are made from.
  const note = `import tempfile\ntempfile.mkdtemp(dir=${JSON.stringify(log)})\n\n\n`
  const wait = `import os, time\nwhile not os.path.exists(${JSON.stringify(go)}):\n    time.sleep(0.05)\n\n\n`
  const names = Array.from({ length: 300 }, (_, at) => String(at).padStart(3, '0'))
  const files = names.map((name, at) => [
    `packages/p${name}/package.py`,
    recipe(`${at === 299 ? wait : ''}${note}class P${name}(Package):\n    version("1.${at}")\n`),
  ])
  mkdirSync(log)
  return {
    root: tinyRepository({ 'build_systems/plain.py': plain, ...Object.fromEntries(files) }),
    go,
    loads: () => readdirSync(log).length,
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('a first start that is killed leaves what it has loaded', async () => {
  const [{ root, go, loads }, cache] = [slowRepository(), scratch()]
  const opener = join(import.meta.dirname, '../support/index-opener.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', opener, root, cache], { detached: true, stdio: 'ignore' })
  const recipes = join(cache, 'recipes')
  await until(() => existsSync(recipes) && existsSync(join(recipes, readdirSync(recipes)[0] ?? '', 'table.json')))
  const ended = new Promise((resolve) => child.once('close', resolve))
  process.kill(-child.pid!, 'SIGKILL')
  await ended
  const before = loads()
  writeFileSync(go, '')
  const index = await open(root, cache)
  assert.is(index.names.length, 300)
  for (const at of [0, 249, 299]) {
    assert.equal(index.recipe(`p${String(at).padStart(3, '0')}`, never)!.versions[0]!.version, `1.${at}`)
  }
  assert.ok(loads() - before <= 50, `${loads() - before} loaded again`)
  const again = loads()
  ;(await open(root, cache)).close()
  assert.is(loads(), again)
})

test('processes that load the same recipes at once do not spoil what the others write', async () => {
  const [{ root, go }, cache] = [slowRepository(), scratch()]
  writeFileSync(go, '')
  const opener = join(import.meta.dirname, '../support/index-opener.ts')
  const counts = await Promise.all(
    [1, 2, 3].map(async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', opener, root, cache], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      return (await text(child.stdout)).trim()
    }),
  )
  assert.equal(counts, ['300', '300', '300'])
  assert.is((await open(root, cache)).names.length, 300)
})

test('of an index that lost a segment only what it had is loaded again', async () => {
  const [root, cache] = [tinyRepository(small), scratch()]
  ;(await open(root, cache)).close()
  const folder = join(cache, 'recipes', readdirSync(join(cache, 'recipes'))[0]!)
  const first = readdirSync(folder).find((name) => name.endsWith('.jsonl'))!
  write(root, 'packages/tool/package.py', `${tool}    tags = ["second"]\n`)
  ;(await open(root, cache)).close()
  rmSync(join(folder, first))
  const index = await open(root, cache)
  assert.equal(index.names, ['tool', 'zlib'])
  assert.equal(index.tags('tool'), ['second'])
  assert.is(index.recipe('zlib', never)!.name, 'zlib')
})

test('an index whose segments were lost or cut off is made anew', async () => {
  const [root, cache] = [tinyRepository(small), scratch()]
  ;(await open(root, cache)).close()
  const folder = join(cache, 'recipes', readdirSync(join(cache, 'recipes'))[0]!)
  const segment = join(folder, readdirSync(folder).find((name) => name.endsWith('.jsonl'))!)
  writeFileSync(segment, readFileSync(segment, 'utf8').slice(0, 50))
  assert.is((await open(root, cache)).recipe('zlib', never)!.name, 'zlib')
  rmSync(segment)
  assert.is((await open(root, cache)).texts('tool')!.phases!.generic![0], 'install')
})

test.run()
