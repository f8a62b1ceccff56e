// views: descriptors of views, and the trees that come of them (`NN-name/expected.json`).

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { environmentAt, environmentScope } from '../../src/environment/environment.ts'
import { regenerateViews } from '../../src/environment/environment-views.ts'
import { lockfileSpecs } from '../../src/environment/locked-specs.ts'
import { environmentViews, readEnvironmentLockfile } from '../../src/environment/manifest.ts'
import { openStore } from '../../src/store/layout.ts'
import { SpackError } from '../../src/ui/error.ts'
import { elfFacts } from '../support/elf-facts.ts'
import { fillStore } from '../support/kit-store.ts'
import { isolated } from '../support/program.ts'
import type { Tally } from './tally.ts'

interface Entry {
  path: string
  type: string
  [fact: string]: unknown
}

interface Expected {
  store: 'kit' | 'real'
  exit: number
  already_there?: string[]
  views?: Record<string, { root_is_link_to: string; tree: Entry[] }>
  error?: { mentions: string[] }
}

/** Short, because the real packages have paths in strings that cannot grow. */
const temporary = (): string => mkdtempSync('/tmp/v')

export async function run(folder: string, tally: Tally): Promise<void> {
  const caches = { kit: join(folder, 'views/cache'), real: join(folder, 'buildcache/v3') }
  const stores = { kit: temporary(), real: temporary() }
  for (const name of readdirSync(join(folder, 'views')).sort()) {
    const file = join(folder, 'views', name, 'expected.json')
    if (!existsSync(file)) continue
    const expected = JSON.parse(readFileSync(file, 'utf8')) as Expected
    const place: Place = { env: temporary(), store: stores[expected.store] }
    await checkCase(name, join(folder, 'views', name), caches[expected.store], expected, place, tally)
    rmSync(place.env, { recursive: true })
  }
  for (const store of Object.values(stores)) rmSync(store, { recursive: true })
}

interface Place {
  env: string
  store: string
}

async function checkCase(
  name: string,
  folder: string,
  cache: string,
  expected: Expected,
  place: Place,
  tally: Tally,
): Promise<void> {
  let failure: SpackError | undefined
  try {
    await makeViews(folder, cache, expected, place)
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    failure = error
  }
  if (expected.error) {
    const text = inKitWords([failure?.message, failure?.detail].join('\n'), place)
    tally.check(`${name} error`, [], () => expected.error!.mentions.filter((word) => !text.includes(word)))
  }
  for (const [view, { root_is_link_to, tree }] of Object.entries(expected.views ?? {})) {
    tally.check(`${name} ${view}`, { root_is_link_to, differences: [] }, () => {
      if (failure) throw failure
      const root = findRoot(place.env, root_is_link_to)
      return {
        root_is_link_to: inKitWords(readlinkSync(root), place, root),
        differences: differences(root, tree, place),
      }
    })
  }
}

async function makeViews(folder: string, cache: string, expected: Expected, { env, store }: Place): Promise<void> {
  for (const file of ['spack.yaml', 'spack.lock']) writeFileSync(join(env, file), readFileSync(join(folder, file)))
  for (const file of expected.already_there ?? []) {
    mkdirSync(dirname(join(env, file)), { recursive: true })
    writeFileSync(join(env, file), '')
  }
  const environment = environmentAt(env, join(env, 'none'))
  const configuration = await loadConfiguration({
    environ: isolated(env),
    cwd: env,
    environmentScopes: [environmentScope(environment)],
    environmentDir: env,
    commandSettings: [`config:install_tree:root:${store}`],
  })
  const lockfile = readEnvironmentLockfile(environment)!
  const opened = openStore(configuration)
  const open = await fillStore(opened, cache, lockfileSpecs(lockfile))
  const substitute = (text: string) => configuration.substitute(text)
  await regenerateViews(environmentViews(environment, configuration).values(), {
    lockfile,
    store: opened,
    open,
    substitute,
  })
}

/** `/work-env/sub/._name/<view-hash>` → the view's root. */
function findRoot(env: string, linkedTo: string): string {
  const generations = dirname(linkedTo)
  return join(env, dirname(generations).replace(/^\/work-env/, ''), basename(generations).slice(2))
}

function inKitWords(text: string, { env, store }: Place, root?: string): string {
  const named = root ? text.replaceAll(basename(readlinkSync(root)), '<view-hash>') : text
  return named.replaceAll(store, '/opt/store').replaceAll(env, '/work-env')
}

/** What is not as expected, as lines. Below `.spack` only folders are compared, as the kit advises. */
function differences(root: string, tree: readonly Entry[], place: Place): string[] {
  const isCompared = ({ path, type }: Entry) => type === 'dir' || !path.split('/').includes('.spack')
  const wanted = new Map(tree.filter(isCompared).map((entry) => [entry.path, entry]))
  const found = new Map(listTree(root).map((entry) => [entry.path, entry]))
  const lines: string[] = []
  for (const [path, entry] of found) {
    if (!wanted.has(path) && isCompared(entry)) lines.push(`${path}: not expected`)
  }
  for (const [path, entry] of wanted) {
    const actual = found.get(path)
    if (!actual) lines.push(`${path}: missing`)
    else {
      for (const [fact, value] of Object.entries(entry)) {
        const own = fact === 'path' ? path : factOf(fact, value, join(root, path), place, root)
        if (JSON.stringify(own) !== JSON.stringify(value)) {
          lines.push(`${path}: ${fact} is ${JSON.stringify(own)}, not ${JSON.stringify(value)}`)
        }
      }
    }
  }
  return lines
}

function listTree(root: string, relative = ''): Entry[] {
  return readdirSync(join(root, relative)).flatMap((name) => {
    const path = join(relative, name)
    const type = typeOf(join(root, path))
    return [{ path, type }, ...(type === 'dir' ? listTree(root, path) : [])]
  })
}

const typeOf = (path: string): string => {
  const stat = lstatSync(path)
  return stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'link' : 'file'
}

function factOf(fact: string, wanted: unknown, path: string, place: Place, root: string): unknown {
  const text = () => inKitWords(readFileSync(path, 'utf8'), place, root)
  switch (fact) {
    case 'type':
      return typeOf(path)
    case 'target':
      return inKitWords(readlinkSync(path), place, root)
    case 'mode':
      return (lstatSync(path).mode & 0o7777).toString(8)
    case 'same_inode': {
      const original = resolve(String(wanted).replace('/opt/store', place.store))
      return existsSync(dirname(original)) && lstatSync(original).ino === lstatSync(path).ino ? wanted : 'another inode'
    }
    case 'text':
      return text()
    case 'lines_with_paths':
      return text()
        .split('\n')
        .filter((line) => /\/work-env|\/opt\/store/.test(line))
    case 'elf':
      return readFileSync(path).subarray(1, 4).toString() === 'ELF'
    case 'rpath': {
      const { rpath, runpath } = elfFacts(readFileSync(path))
      return inKitWords(rpath ?? runpath ?? '', place, root).replaceAll(/\/{2,}/g, '/')
    }
    case 'store_left_inside':
      return readFileSync(path).includes(`${place.store}/`)
    default:
      return 'a fact that is not known here'
  }
}
