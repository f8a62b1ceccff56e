// Many installers at once on one store: nothing is lost, nobody waits.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DagHash } from '../../src/spec/spec.ts'
import { readDatabase } from '../../src/store/transaction.ts'
import { foldJournal, storeAt } from '../support/bare-store.ts'
import { manySpecs } from '../support/prefixes.ts'
import { isolated, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import { smallStore } from '../support/stores.ts'

const test = suite('contention')

/** Bundles a program, so that 64 of it start in a second. The addon is looked for beside it. */
async function bundled(name: string): Promise<string> {
  const folder = scratch()
  const file = join(folder, 'program.mjs')
  symlinkSync(fileURLToPath(new URL('../../dist/native', import.meta.url)), join(folder, 'native'))
  const bundle = await rolldown({
    input: fileURLToPath(new URL(`../support/${name}.ts`, import.meta.url)),
    platform: 'node',
    external: [/^node:/],
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  return file
}

const outputOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    let text = ''
    child.stdout!.on('data', (chunk) => void (text += chunk))
    child.on('close', () => resolve(text))
  })

test('64 installers at once lose no record, and none waits 0.2 s for a lock', async () => {
  const program = await bundled('registrar')
  const root = scratch()
  const beginMs = Date.now() + 2000
  const runs = manySpecs().apps.map((_, i) =>
    outputOf(
      spawn(process.execPath, [program, root, String(i), String(beginMs)], { stdio: ['ignore', 'pipe', 'inherit'] }),
    ),
  )
  const results = (await Promise.all(runs)).map((text) => JSON.parse(text))
  assert.ok(
    results.every((result) => result.sees),
    'each sees its own spec at once',
  )
  const store = storeAt(root)
  await foldJournal(store)
  const { database } = await readDatabase(store)
  for (const app of manySpecs().apps) {
    const record = database.record(app.hash as DagHash)
    assert.ok(record?.isInstalled && record.isExplicit, app.name)
  }
  for (const library of manySpecs().all.filter((node) => node.name.startsWith('lib'))) {
    const users = manySpecs().apps.filter((app) =>
      app.dependencies?.some((dependency) => dependency.hash === library.hash),
    )
    assert.is(database.record(library.hash as DagHash)!.refCount, users.length)
  }
  // Time-slices of 64 processes on a few cores are no waiting for locks, and the median does not have them.
  const waits = results.map((result) => result.waitedMs)
  const intents = results.map((result) => result.recordMs).sort((a, b) => a - b)
  console.log(`longest wait ${Math.max(...waits).toFixed(1)} ms, an intent takes ${intents[32].toFixed(2)} ms (median)`)
  assert.ok(Math.max(...waits) < 200)
})

test('installers killed at any instant leave no record without a prefix, and can be run again', async () => {
  const program = await bundled('registrar')
  const store = storeAt(scratch())
  const { apps } = manySpecs()
  const start = (number: number) =>
    spawn(process.execPath, [program, store.root, String(number), '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const killed = apps.slice(0, 12).map(async (_, i) => {
    const child = start(i)
    const ended = outputOf(child)
    // A program of this size starts in about 50 ms and is done 20 ms later.
    await sleep(40 + ((i * 37) % 300))
    child.kill('SIGKILL')
    await ended
  })
  await Promise.all(killed)
  const folded = await foldJournal(store)
  assert.equal(folded.pending, [])
  const { database } = await readDatabase(store)
  for (const record of database.records()) {
    assert.is(
      record.isInstalled,
      existsSync(join(store.root, `${record.node.name}-${record.hash}`, '.spack', 'spec.json')),
    )
  }
  await Promise.all(apps.slice(0, 12).map((_, i) => outputOf(start(i))))
  const again = (await readDatabase(store)).database
  for (const app of apps.slice(0, 12)) assert.ok(again.record(app.hash as DagHash)?.isInstalled, app.name)
})

test('an uninstallation killed at any instant leaves no record without a prefix, and can be run again', async () => {
  const runs = [60, 90, 120, 150, 180, 220].map(async (delayMs) => {
    const { home, store, spack } = await smallStore()
    const args = [spackProgram, '-c', `config:install_tree:root:${store.root}`, 'uninstall', '-ya']
    const child = spawn(process.execPath, args, { env: isolated(home), stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = outputOf(child)
    await sleep(delayMs)
    child.kill('SIGKILL')
    await ended
    const { database } = await readDatabase(store)
    for (const record of database.records()) {
      const isThere = record.node.external || existsSync(join(record.path!, '.spack', 'spec.json'))
      if (record.isInstalled) assert.ok(isThere, `${record.node.name} after ${delayMs} ms`)
    }
    if (database.size) await spack('uninstall -ya')
    assert.is((await spack('find')).stdout, '')
  })
  await Promise.all(runs)
})

test.run()
