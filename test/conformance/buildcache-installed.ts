// buildcache/installed: what lies in the prefixes after an environment was installed from a cache (`installed-*.json`), and what
// refuses a longer root (`longer-root.json`).

import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readBuildinfo } from '../../src/install/buildinfo.ts'
import { SpackError } from '../../src/ui/error.ts'
import { elfFacts } from '../support/elf-facts.ts'
import { folderOfLength, installAll, type KitOutcome, kitEnvironment, shortFolder } from '../support/kit-install.ts'
import type { Tally } from './tally.ts'

interface Entry {
  path: string
  type: 'dir' | 'file' | 'link'
  mode?: string
  target?: string
  mtime_is_0?: boolean
  old_store_left?: boolean
  rpath?: string[]
  runpath?: string[]
  lines_with_store?: string[]
  hard_link_group?: unknown
}

const environments: Readonly<Record<string, string>> = {
  'installed-v3.json': 'v3-env',
  'installed-v2.json': 'v2-env',
  'installed-v3-padded.json': 'v3-padded-env',
}
/** What the kit writes for the roots of the new store and of the one that packages were built in. */
const newRoot = '/opt/store'
const oldRootShown = '/opt/old-store'

export async function run(folder: string, tally: Tally): Promise<void> {
  const caches = join(folder, 'buildcache')
  for (const [file, environment] of Object.entries(environments)) {
    if (!existsSync(join(caches, file))) continue
    const kit = await kitEnvironment({ caches, environment: join(caches, environment), root: shortFolder() })
    const outcomes = await installAll(kit)
    for (const { spec, error } of outcomes.values())
      tally.check(`${file} installs ${spec.name}`, undefined, () => error)
    const expected = JSON.parse(readFileSync(join(caches, file), 'utf8')) as Record<string, Entry[]>
    for (const [prefix, entries] of Object.entries(expected)) {
      const outcome = [...outcomes.values()].find(({ spec }) => prefix.endsWith(`-${spec.hash}`))
      if (outcome) await checkPrefix(`${file} ${prefix}`, entries, outcome.spec.prefix!, kit.root, tally)
      else tally.check(prefix, 'in the environment', () => 'not there')
    }
  }
  if (existsSync(join(caches, 'longer-root.json'))) await checkLongerRoot(caches, tally)
}

async function checkPrefix(
  id: string,
  expected: readonly Entry[],
  prefix: string,
  root: string,
  tally: Tally,
): Promise<void> {
  const oldRoot = (await readBuildinfo(readFileSync(join(prefix, '.spack/binary_distribution'), 'utf8'))).root
  const paths = readdirSync(prefix, { recursive: true, encoding: 'utf8' })
  tally.check(`${id} paths`, expected.map(({ path }) => path).sort(), () => paths.sort())
  const groups = hardLinkGroups(prefix, paths)
  for (const entry of expected)
    tally.check(`${id} ${entry.path}`, entry, () => actualEntry(prefix, entry, { root, oldRoot, groups }))
}

function actualEntry(
  prefix: string,
  expected: Entry,
  world: { root: string; oldRoot: string; groups: ReadonlyMap<number, string[]> },
): Entry {
  const { path } = expected
  const file = join(prefix, path)
  const stat = lstatSync(file)
  const mode = (stat.mode & 0o7777).toString(8)
  const shown = (text: string) => text.replaceAll(world.oldRoot, oldRootShown).replaceAll(world.root, newRoot)
  if (stat.isSymbolicLink()) return { path, type: 'link', target: shown(readlinkSync(file)) }
  if (stat.isDirectory()) return { path, type: 'dir', mode }
  const data = readFileSync(file)
  const entry: Entry = {
    path,
    type: 'file',
    mode,
    mtime_is_0: stat.mtimeMs === 0,
    old_store_left: data.includes(world.oldRoot),
  }
  const elf = data.subarray(0, 4).toString('latin1') === '\x7fELF' ? elfFacts(data) : undefined
  if (elf?.rpath !== undefined) entry.rpath = shown(elf.rpath).split(':')
  if (elf?.runpath !== undefined) entry.runpath = shown(elf.runpath).split(':')
  if ('lines_with_store' in expected) {
    entry.lines_with_store = shown(data.toString())
      .split('\n')
      .filter((line) => line.includes(newRoot))
  }
  // The kit numbers groups as it likes; what counts is which files are one.
  if ('hard_link_group' in expected)
    entry.hard_link_group = world.groups.has(stat.ino) ? expected.hard_link_group : 'none'
  return entry
}

function hardLinkGroups(prefix: string, paths: readonly string[]): Map<number, string[]> {
  const groups = new Map<number, string[]>()
  for (const path of paths) {
    const stat = lstatSync(join(prefix, path))
    if (stat.isFile() && stat.nlink > 1) groups.set(stat.ino, [...(groups.get(stat.ino) ?? []), path])
  }
  return groups
}

interface LongerRoot {
  what: string
  installs: string[]
  refused: Record<string, { class: string; prefix_removed: boolean }>
  refused_because_of_a_dependency: Record<string, string>
}

async function checkLongerRoot(caches: string, tally: Tally): Promise<void> {
  const expected = JSON.parse(readFileSync(join(caches, 'longer-root.json'), 'utf8')) as LongerRoot
  const length = Number(/(\d+) characters/.exec(expected.what)![1])
  const kit = await kitEnvironment({ caches, environment: join(caches, 'v3-env'), root: folderOfLength(length) })
  const outcomes = await installAll(kit)
  for (const name of expected.installs) {
    tally.check(`longer-root ${name}`, 'installed', () => verdict(outcomes.get(name)))
  }
  for (const [name, refusal] of Object.entries(expected.refused)) {
    const prefix = outcomes.get(name)?.spec.prefix
    tally.check(`longer-root ${name}`, { verdict: refusal.class, removed: refusal.prefix_removed }, () => ({
      verdict: verdict(outcomes.get(name)),
      removed: !existsSync(prefix!) && readdirSync(join(prefix!, '..')).every((entry) => !entry.startsWith('.')),
    }))
  }
  for (const name of Object.keys(expected.refused_because_of_a_dependency)) {
    tally.check(`longer-root ${name}`, 'dependency-missing', () => verdict(outcomes.get(name)))
  }
}

function verdict(outcome: KitOutcome | undefined): string {
  if (!outcome) return 'not in the environment'
  if (outcome.error === undefined) return 'installed'
  if (!(outcome.error instanceof SpackError)) return String(outcome.error)
  if (outcome.error.code !== 'relocation-refused') return outcome.error.code
  return outcome.error.detail!.includes('no room for the longer') ? 'CannotGrowString' : 'CannotShrinkCString'
}
