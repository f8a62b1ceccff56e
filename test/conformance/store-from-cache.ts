// store/metadata, store/from-cache, store/from-old-cache: what is below `.spack` of prefixes that come from a build cache, and what
// the database says of them.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  installAll,
  type KitEnvironment,
  type KitOutcome,
  kitEnvironment,
  shortFolder,
} from '../support/kit-install.ts'
import type { Tally } from './tally.ts'

/** Folder of the kit with the expected database → the environment to install. */
const databases: Readonly<Record<string, string>> = { 'from-cache': 'v3-env', 'from-old-cache': 'v2-env' }

export async function run(folder: string, tally: Tally): Promise<void> {
  const caches = join(folder, 'buildcache')
  for (const [name, environment] of Object.entries(databases)) {
    const expected = join(folder, 'store', name)
    if (!existsSync(expected)) continue
    const kit = await kitEnvironment({ caches, environment: join(caches, environment), root: shortFolder() })
    const outcomes = await installAll(kit)
    checkDatabase(name, expected, kit, tally)
    if (name === 'from-cache') checkMetadata(join(folder, 'store/metadata'), outcomes, tally)
  }
}

interface Row {
  path: string | null
  installation_time: number
}

function checkDatabase(name: string, expected: string, kit: KitEnvironment, tally: Tally): void {
  const wanted = readRecords(join(expected, 'index.json'))
  const actual = readRecords(join(kit.root, '.spack-db/index.json'))
  tally.check(`${name} hashes`, Object.keys(wanted).sort(), () => Object.keys(actual).sort())
  for (const [hash, record] of Object.entries(wanted)) {
    tally.check(`${name} ${hash}`, withoutTime(record), () => {
      const { path, ...rest } = withoutTime(actual[hash]!)
      return { ...rest, path: path?.replace(kit.root, '/opt/store') ?? null }
    })
  }
}

const withoutTime = ({ installation_time: _, ...record }: Row): Omit<Row, 'installation_time'> => record

const readRecords = (file: string): { [hash: string]: Row } => JSON.parse(readFileSync(file, 'utf8')).database.installs

function checkMetadata(folder: string, outcomes: ReadonlyMap<string, KitOutcome>, tally: Tally): void {
  const expected = JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8'))['from-cache'] as {
    [prefix: string]: string[]
  }
  for (const [prefix, files] of Object.entries(expected)) {
    const outcome = [...outcomes.values()].find(({ spec }) => prefix.endsWith(spec.hash))
    tally.check(`metadata ${prefix}`, [...files].sort(), () => filesBelow(join(outcome!.spec.prefix!, '.spack')))
  }
  for (const name of readdirSync(join(folder, 'from-cache'))) {
    const metadata = join(outcomes.get(name)!.spec.prefix!, '.spack')
    for (const file of readdirSync(join(folder, 'from-cache', name))) {
      const wanted = readFileSync(join(folder, 'from-cache', name, file), 'utf8')
      const actual = () => readFileSync(join(metadata, file), 'utf8')
      const named = () => actual().replaceAll(hostname(metadata), hostname(join(folder, 'from-cache', name)))
      if (file === 'install_times.json')
        tally.check(`metadata ${name} ${file}`, timeless(wanted), () => timeless(actual()))
      else tally.check(`metadata ${name} ${file}`, neutral(wanted, wanted), () => neutral(named(), wanted))
    }
  }
}

/** The kit calls the machine by another name, wherever its letters stand. */
const hostname = (folder: string): string =>
  JSON.parse(readFileSync(join(folder, 'install_environment.json'), 'utf8')).hostname

function filesBelow(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return all.filter((name) => !statSync(join(folder, name)).isDirectory()).sort()
}

/** What the file says apart from times, and how Spack happens to divide them. */
function timeless(text: string): object {
  const { name, cache, hash, total, phases } = JSON.parse(text)
  const isWhole = (phase: { [key: string]: unknown }) =>
    typeof phase.name === 'string' &&
    typeof phase.path === 'string' &&
    typeof phase.seconds === 'number' &&
    phase.count === 1
  return { name, cache, hash, total: typeof total, phases: phases.every(isWhole) }
}

/** The kit shows other roots than the files of its caches have. */
function neutral(text: string, wanted: string): string {
  const shownRoot = /buildpath: ([^,]*)/.exec(wanted)?.[1] ?? '/opt/old-store'
  const realRoot = /buildpath: ([^,]*)/.exec(text)?.[1] ?? /"(\/[^"]*?)\/linux-/.exec(text)?.[1]
  const withoutTool = text.replace(/spackprefix: [^,}]*, /, '')
  return realRoot ? withoutTool.replaceAll(realRoot, shownRoot) : withoutTool
}
