// store/steps: commands one after the other on one store, and the database and the prefixes after each. What is installed
// comes from the build cache of `views`.

import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { splitUnchecked } from '../../src/buildcache/armour.ts'
import { readNodes } from '../../src/spec/node.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import { recordIntent } from '../../src/store/journal.ts'
import { prefixOf } from '../../src/store/layout.ts'
import { tryPrefixLock } from '../../src/store/prefix-lock.ts'
import { parseSpecFile } from '../../src/store/spec-file.ts'
import { type Store, storeAt } from '../../src/store/store.ts'
import { foldJournal } from '../../src/store/transaction.ts'
import { runCommand } from '../support/invocation.ts'
import { scratch } from '../support/scratch.ts'
import type { Tally } from './tally.ts'

interface Step {
  step: number
  command: string
  prefixes_on_disk: string[]
}

interface DatabaseFile {
  name: string
  type: string
  mode: string
  empty: boolean
}

export async function run(folder: string, tally: Tally): Promise<void> {
  const steps = JSON.parse(readFileSync(join(folder, 'store/steps/steps.json'), 'utf8')) as Step[]
  const home = scratch()
  const store = storeAt(join(home, 'store'))
  let databaseFiles: DatabaseFile[] = []
  for (const { step, command, prefixes_on_disk } of steps) {
    const expected = readFileSync(join(folder, `store/steps/${String(step).padStart(2, '0')}.json`), 'utf8')
    await tally.checkAsync(`${step}: ${command}`, [recordsOf(expected, '/opt/store'), prefixes_on_disk], async () => {
      await perform(command, { folder, home, store })
      const index = readFileSync(join(store.databaseDir, 'index.json'), 'utf8')
      return [recordsOf(index, store.root), prefixesOf(store)]
    })
    if (step === 1) databaseFiles = listDatabaseFiles(store)
  }
  checkDatabaseFiles(folder, databaseFiles, tally)
}

interface Place {
  folder: string
  home: string
  store: Store
}

async function perform(command: string, { folder, home, store }: Place): Promise<void> {
  const install = / install .*\/([a-z2-7]{32})$/.exec(command)
  if (install) {
    await installFromBlob(folder, store, install[1] as DagHash)
    return
  }
  const words = command.split(' ').slice(1)
  await runCommand(home, words, { configSettings: [`config:install_tree:root:${store.root}`] })
}

/** Does with the store what an installer does. The prefix holds its spec file only, which is all that the store looks at. */
async function installFromBlob(folder: string, store: Store, hash: DagHash): Promise<void> {
  const text = specText(join(folder, 'views', 'cache'), hash)
  const { nodes } = parseSpecFile(text)
  const spec = readNodes([...nodes.values()].map((source) => source.node)).get(hash)!
  const prefix = prefixOf(store, spec)!
  const lock = tryPrefixLock(store, { hash, name: spec.name! }, 'write')!
  const isExplicit = isRoot(folder, hash)
  recordIntent(store, { hash, name: spec.name!, prefix, isExplicit, timeSeconds: Date.now() / 1000 })
  const stage = `${prefix}.stage`
  mkdirSync(join(stage, '.spack'), { recursive: true })
  writeFileSync(join(stage, '.spack', 'spec.json'), text)
  renameSync(stage, prefix)
  lock.release()
  await foldJournal(store)
}

/** The spec file of a package in a build cache of layout 3. */
function specText(cache: string, hash: string): string {
  const manifests = join(cache, 'v3', 'manifests', 'spec')
  const files = readdirSync(manifests).flatMap((name) =>
    readdirSync(join(manifests, name)).map((file) => join(name, file)),
  )
  const file = files.find((name) => name.includes(hash))!
  const manifest = JSON.parse(splitUnchecked(readFileSync(join(manifests, file), 'utf8')))
  const blob = manifest.data.find((entry: { mediaType: string }) => entry.mediaType.includes('.spack.spec.'))
  const digest: string = blob.checksum
  return gunzipSync(readFileSync(join(cache, 'blobs', blob.checksumAlgorithm, digest.slice(0, 2), digest))).toString()
}

/** Whether an environment of the kit asks for the spec: all of them together are the one that the steps ran in. */
function isRoot(folder: string, hash: string): boolean {
  const lockfiles = readdirSync(join(folder, 'views')).map((name) => join(folder, 'views', name, 'spack.lock'))
  return lockfiles.filter(existsSync).some((file) => {
    const { roots } = JSON.parse(readFileSync(file, 'utf8')) as { roots: { hash: string }[] }
    return roots.some((root) => root.hash === hash)
  })
}

/** Records by hash, without the time of installation and with the root of the store cut off. */
function recordsOf(index: string, root: string): unknown {
  const { version, installs } = JSON.parse(index).database
  for (const record of Object.values(installs) as Record<string, unknown>[]) {
    record.installation_time = typeof record.installation_time
    if (typeof record.path === 'string') record.path = record.path.replace(root, '')
  }
  return { version, installs }
}

function prefixesOf(store: Store): string[] {
  const folders = readdirSync(store.root).filter((name) => !name.startsWith('.'))
  return folders.flatMap((name) => readdirSync(join(store.root, name))).sort()
}

function listDatabaseFiles({ databaseDir }: Store): DatabaseFile[] {
  return readdirSync(databaseDir).map((name) => {
    const stat = lstatSync(join(databaseDir, name))
    const isFolder = stat.isDirectory()
    const empty = isFolder ? readdirSync(join(databaseDir, name)).length === 0 : stat.size === 0
    return { name, type: isFolder ? 'dir' : 'file', mode: (stat.mode & 0o777).toString(8), empty }
  })
}

/** `db-files.json`: what lies beside the database after an installation. What we never need (`prefix_failures`) may be absent. */
function checkDatabaseFiles(folder: string, files: readonly DatabaseFile[], tally: Tally): void {
  const file = join(folder, 'store', 'db-files.json')
  if (!existsSync(file)) return
  const expected = (JSON.parse(readFileSync(file, 'utf8')) as Record<string, DatabaseFile[]>)['from-cache'] ?? []
  for (const made of files) {
    tally.check(
      `db-files ${made.name}`,
      expected.find((other) => other.name === made.name),
      () => made,
    )
  }
  for (const name of ['index.json', 'index_verifier', 'lock', 'prefix_lock']) {
    tally.check(`db-files has ${name}`, true, () => files.some((made) => made.name === name))
  }
}
