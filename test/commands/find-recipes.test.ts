// Queries of installed specs that recipes answer.
//
//   app ──[mpi]──▶ mpich@3.4      mpich provides mpi@2:3 from 3 on, before it mpi@:2; mpich@2.0 is installed as well

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DagHash } from '../../src/spec/spec.ts'
import { recordIntent } from '../../src/store/journal.ts'
import { foldJournal, storeAt } from '../support/bare-store.ts'
import { runCommand } from '../support/invocation.ts'
import { publish, specNode } from '../support/prefixes.ts'
import { rejection } from '../support/rejection.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('find with recipes')

const recipes = {
  mpich: `class Mpich(Package):
    tags = ["Core", "net"]
    version("3.4", sha256="${'a'.repeat(64)}")
    provides("mpi@:2", when="@:2")
    provides("mpi@2:3", when="@3:")
`,
  app: `class App(Package):
    tags = ["core"]
    version("1.0", sha256="${'a'.repeat(64)}")
    depends_on("mpi")
`,
  torn: 'class Torn(:\n',
}

const mpich = specNode('mpich', [], { version: '3.4' })
const old = specNode('mpich', [], { version: '2.0' })
const child = (name: string, hash: string, virtuals: string[]) => ({
  ...{ name, hash, parameters: { deptypes: ['link'], virtuals } },
})
const app = { ...specNode('app', [[mpich, 'link']]), dependencies: [child('mpich', mpich.hash!, ['mpi'])] }
const torn = specNode('torn')
const gone = specNode('gone')
const all = [mpich, old, app, torn, gone]

async function world({ hasRecipes = true } = {}) {
  const home = scratch()
  const store = storeAt(join(home, 'store'))
  for (const node of all) {
    const prefix = join(store.root, `${node.name}-${node.hash}`)
    const isExplicit = node === app
    recordIntent(store, { hash: node.hash as DagHash, name: node.name, prefix, timeSeconds: 1_600_000_000, isExplicit })
    publish(prefix, node, all)
  }
  await foldJournal(store)
  const root = join(home, 'spack_repo/builtin')
  for (const [name, text] of Object.entries(recipes)) {
    mkdirSync(join(root, 'packages', name), { recursive: true })
    writeFileSync(join(root, 'packages', name, 'package.py'), `from spack.package import *\n\n\n${text}`)
  }
  writeFileSync(join(root, 'repo.yaml'), 'repo:\n  namespace: builtin\n  api: v2.2\n')
  const repository = hasRecipes ? root : `{git: "file://${home}/none.git"}`
  mkdirSync(join(home, 'user-config'), { recursive: true })
  writeFileSync(join(home, 'user-config/repos.yaml'), `repos:: {builtin: ${repository}}\n`)
  const run = (words: string) =>
    runCommand(home, words.split(' '), { configSettings: [`config:install_tree:root:${store.root}`] })
  const found = async (words: string) =>
    (await run(`find --format {name}@{version} ${words}`)).stdout.split('\n').slice(0, -1)
  return { run, found }
}

test('a virtual stands for its installed providers, by the version that is provided', async () => {
  const { run, found } = await world()
  assert.equal(await found('mpi'), ['mpich@2.0', 'mpich@3.4'])
  assert.equal(await found('mpi@3'), ['mpich@3.4'])
  assert.equal(await found('mpi@1'), ['mpich@2.0'])
  assert.equal(await found('^mpi@3'), ['app@1.0'])
  assert.equal(await found('app ^mpi@2:3'), ['app@1.0'])
  assert.match((await rejection(found('mpi@4'), 'no-match')).message, 'no package matches the query: mpi@4')
  assert.match((await rejection(found('nosuch'), 'no-match')).message, 'no package matches')
  assert.match((await run('location -i mpi@3')).stdout, mpich.hash!)
  assert.match((await rejection(run('location -i mpi'), 'ambiguous')).message, 'multiple packages')
  await run('uninstall -y mpi@1')
  assert.equal(await found('mpi'), ['mpich@3.4'])
})

test('without a clone of the recipes, what is recorded of the installed answers', async () => {
  const { found } = await world({ hasRecipes: false })
  assert.equal(await found('mpi'), ['mpich@3.4'])
  assert.equal(await found('^mpi'), ['app@1.0'])
  assert.match((await rejection(found('mpi@3'), 'virtual-version')).message, 'no recipe says which versions')
})

test('by tags, in small letters, all of which must be there', async () => {
  const { found } = await world()
  assert.equal(await found('-t core'), ['app@1.0', 'mpich@2.0', 'mpich@3.4'])
  assert.equal(await found('-t CORE -t net'), ['mpich@2.0', 'mpich@3.4'])
  assert.equal(await found('-t net app'), [])
})

test('unknown is what no repository has; a recipe that cannot be loaded is there', async () => {
  const { found } = await world()
  assert.equal(await found('-u'), ['gone@1.0'])
  assert.match((await rejection(found('-u app'), 'no-match')).message, 'no package matches')
})

test.run()
