// `spack repo`: repositories of the configuration, and the index that is printed.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommand } from '../support/invocation.ts'
import { scratch } from '../support/scratch.ts'

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function repository(folder: string, namespace: string, recipes: Record<string, string>): string {
  const root = join(folder, 'spack_repo', namespace)
  write(join(root, 'repo.yaml'), `repo:\n  namespace: ${namespace}\n  api: v2.2\n`)
  for (const [name, body] of Object.entries(recipes)) {
    write(join(root, 'packages', name, 'package.py'), `from spack.package import *\n\n\n${body}`)
  }
  return root
}

const base = 'class Base(Package):\n    version("1.0")\n    provides("thing")\n'
const heir = `from spack_repo.low.packages.base.package import Base as LowBase


class Base(LowBase):
    version("2.0")
    depends_on("thing")
`

/** Two repositories of which the upper one extends a recipe of the lower, and one that is a clone still to be made. */
function world(): { home: string; upper: string; lower: string } {
  const home = scratch()
  const lower = repository(home, 'low', { base })
  const upper = repository(home, 'up', { base: heir, torn: 'class Torn(Package:\n' })
  write(
    join(home, 'user-config/repos.yaml'),
    `repos:: {up: ${upper}, low: ${lower}, builtin: {git: "https://example.com/r.git", destination: ${home}/none}}\n`,
  )
  return { home, upper, lower }
}

test('repositories are listed in order of precedence, also those that are not there yet', async () => {
  const { home, upper, lower } = world()
  const { stdout } = await runCommand(home, ['repo', 'list'])
  assert.equal(stdout.split('\n').slice(0, 3), [
    `[+] up         v2.2    ${upper}`,
    `[+] low        v2.2    ${lower}`,
    ' -  builtin            https://example.com/r.git',
  ])
  const names = await runCommand(home, ['repo', 'list', '--names'])
  assert.is(names.stdout, 'up\nlow\nbuiltin\n')
  assert.is((await runCommand(home, ['repo', 'list', '--namespaces'])).stdout, 'up\nlow\n')
})

test('a recipe may extend one of another repository, and what fails is said with its place', async () => {
  const { home, upper } = world()
  const { code, stdout, stderr } = await runCommand(home, ['repo', 'index', '--export', 'up'])
  assert.is(code, 1)
  assert.match(stderr, `${upper}/packages/torn/package.py:4: SyntaxError`)
  const [facts] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(facts.inherits, undefined, 'it has the same name')
  assert.equal(
    facts.versions.map(({ version }: { version: string }) => version),
    ['1.0', '2.0'],
  )
  assert.equal(facts.dependencies, [{ spec: 'thing', when: '', types: ['build', 'link'], virtual: true }])
})

test('without a repository that can be cloned the user is told what to do', async () => {
  const home = scratch()
  write(
    join(home, 'user-config/repos.yaml'),
    `repos:: {builtin: {git: "https://example.com/r.git", destination: ${home}/none}}\n`,
  )
  try {
    await runCommand(home, ['repo', 'index'])
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, 'cannot be cloned from https://example.com/r.git')
    assert.match((error as { hint: string }).hint, 'repos:builtin:destination')
  }
})

test.run()
