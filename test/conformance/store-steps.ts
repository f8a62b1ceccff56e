// store/steps: commands one after the other on one store, and the database and the prefixes after each. What is installed
// comes from the build cache of `views`.

import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installSpec } from '../../src/install/install-spec.ts'
import type { DagHash } from '../../src/spec/spec.ts'
import type { Store } from '../../src/store/store.ts'
import { foldJournal, storeAt } from '../support/bare-store.ts'
import { runCommand } from '../support/invocation.ts'
import { type KitEnvironment, kitEnvironment, kitPlan } from '../support/kit-install.ts'
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
  const kit = await environmentOf(folder, steps)
  const store = storeAt(kit.root)
  let databaseFiles: DatabaseFile[] = []
  for (const { step, command, prefixes_on_disk } of steps) {
    const expected = readFileSync(join(folder, `store/steps/${String(step).padStart(2, '0')}.json`), 'utf8')
    await tally.checkAsync(`${step}: ${command}`, [recordsOf(expected, '/opt/store'), prefixes_on_disk], async () => {
      const hash = installedBy(command)
      if (hash) await install(kit, store, hash)
      else await runCommand(kit.home, command.split(' ').slice(1))
      const index = readFileSync(join(store.databaseDir, 'index.json'), 'utf8')
      return [recordsOf(index, store.root), prefixesOf(store)]
    })
    if (step === 1) databaseFiles = listDatabaseFiles(store)
  }
  checkDatabaseFiles(folder, databaseFiles, tally)
}

/** The hash that a step installs; undefined for another kind of command. */
const installedBy = (command: string): string | undefined => / install .*\/([a-z2-7]{32})$/.exec(command)?.[1]

/** The first environment of the kit that has all that is installed, with the cache of `views` as its mirror. */
async function environmentOf(folder: string, steps: readonly Step[]): Promise<KitEnvironment> {
  const hashes = steps.flatMap(({ command }) => installedBy(command) ?? [])
  const views = join(folder, 'views')
  const environment = readdirSync(views)
    .map((name) => join(views, name))
    .find((path) => {
      const lockfile = join(path, 'spack.lock')
      return existsSync(lockfile) && hashes.every((hash) => readFileSync(lockfile, 'utf8').includes(`"${hash}"`))
    })
  if (!environment) throw new Error(`no environment in ${views} has all that the steps install`)
  const kit = await kitEnvironment({ caches: join(folder, 'buildcache'), environment, root: join(scratch(), 'store') })
  const mirrors = `mirrors:\n  views: file://${join(views, 'cache')}\n`
  writeFileSync(join(kit.environ.SPACK_USER_CONFIG_PATH!, 'mirrors.yaml'), mirrors)
  return kit
}

/** Installs one spec, as a line of a depfile does, and looks at the store. */
async function install(kit: KitEnvironment, store: Store, hash: string): Promise<void> {
  const plan = await kitPlan(kit)
  const world = {
    environ: kit.environ,
    note: () => {},
    warn: () => {},
    withoutSlot: async <Result>(wait: () => Promise<Result>) => await wait(),
  }
  await installSpec(plan, plan.spec(hash as DagHash)!, { cachePolicy: 'only', overwrite: false }, world)
  plan.close()
  await foldJournal(store)
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
  // `bin` holds the script that long first lines go through.
  const folders = readdirSync(store.root).filter((name) => !name.startsWith('.') && name !== 'bin')
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
