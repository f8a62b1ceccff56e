// The example repository stands on its own: its recipes load, pass the audit, and name the archives that are packed.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openIndex } from '../../src/recipes/recipe-index.ts'
import { readRepository } from '../../src/recipes/repository.ts'
import { joinIndexes } from '../../src/recipes/repository-path.ts'
import { runCommand } from '../support/invocation.ts'
import { scratch } from '../support/scratch.ts'

const examples = fileURLToPath(new URL('../../examples/recipes', import.meta.url))
const root = join(examples, 'spack_repo/examples')

test('all recipes load, and the audit has nothing to say', async () => {
  const home = scratch()
  mkdirSync(join(home, 'user-config'))
  writeFileSync(join(home, 'user-config/repos.yaml'), `repos:: {examples: ${root}}\n`)
  const { code, stdout } = await runCommand(home, ['audit', 'packages'])
  assert.is(stdout, 'PKG-DIRECTIVES: passed\nPKG-PROPERTIES: passed\n')
  assert.is(code, 0)
  const index = await runCommand(home, ['repo', 'index'])
  assert.is(index.stdout, 'examples: 16 packages\n')
})

test('the archives are those of which the recipes name the digests', async () => {
  const home = scratch()
  const repository = await readRepository(root)
  const index = await openIndex(repository, { userCache: home, importable: [repository], environ: process.env })
  const path = joinIndexes([index])
  const printed = execFileSync('python3', [join(examples, 'pack-sources.py'), join(home, 'mirror')], {
    encoding: 'utf8',
  })
  const packed = printed
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string])
  for (const [digest, file] of packed) {
    const [name] = file.split('/') as [string]
    const [version] = path.recipe(path.require(name)).versions
    assert.is(version!.sha256, digest, file)
    assert.is(file, `${name}/${name}-${version!.version}.tar`)
  }
  assert.equal(
    packed.map(([, file]) => file.split('/')[0]),
    readdirSync(join(home, 'mirror'))
      .filter((name) => !name.startsWith('_'))
      .sort(),
  )
  path.close()
})

test('virtuals of the languages have the compiler, and the compiler is detectable', async () => {
  const home = scratch()
  const repository = await readRepository(root)
  const index = await openIndex(repository, { userCache: home, importable: [repository], environ: process.env })
  const path = joinIndexes([index])
  const gcc = path.recipe(path.require('gcc'))
  assert.equal(
    gcc.provides.map(({ spec, when }) => `${spec} ${when}`),
    ['c languages=c', "cxx languages='c++'", 'fortran languages=fortran'],
  )
  assert.ok(gcc.detect)
  assert.equal((gcc.compiler as { languages: string[] }).languages, ['c', 'cxx', 'fortran'])
  assert.ok((gcc.compiler as { runtime_rules: boolean }).runtime_rules)
  path.close()
})

test('the sources build by themselves', () => {
  const home = scratch()
  const sources = join(examples, 'sources')
  const run = (words: string[], cwd = home) => execFileSync(words[0]!, words.slice(1), { cwd, encoding: 'utf8' })
  run(['cp', '-r', sources, 'work'])
  const at = (name: string) => join(home, 'work', name)
  run(['make', `PREFIX=${home}/out`, 'install'], at('frame-1.0'))
  const flags = `-I${home}/out/include -L${home}/out/lib -Wl,-rpath,${home}/out/lib`
  run(['make', `CXXFLAGS=${flags}`, `PREFIX=${home}/out`, 'install'], at('banner-1.0'))
  assert.match(run([join(home, 'out/bin/banner'), 'two', 'words']), '| two words |')
  run(['./configure', `--prefix=${home}/out`], at('tally-1.0'))
  run(['make', `CFLAGS=${flags}`, 'install'], at('tally-1.0'))
  assert.match(run([join(home, 'out/bin/tally'), 'a', 'b']), '| 2 words |')
})

test.run()
