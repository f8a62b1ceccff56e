// spec/format: format strings, paths, projections, install layout and trees (`format.json`).

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfiguration } from '../../src/config/configuration.ts'
import { defaultFormat, displayFormat, type FormatOptions, formatSpec, shortFormat } from '../../src/spec/format.ts'
import { printSpec } from '../../src/spec/print.ts'
import { formatPath, projectSpec, selectProjection } from '../../src/spec/projection.ts'
import { type Deptype, deptypeBits, type Spec } from '../../src/spec/spec.ts'
import type { Cover } from '../../src/spec/traverse-edges.ts'
import { specTree, type TreeOptions } from '../../src/spec/tree.ts'
import { openStore, prefixOf } from '../../src/store/layout.ts'
import type { Store } from '../../src/store/store.ts'
import { scratch } from '../support/scratch.ts'
import { without } from './expected.ts'
import { type SpecReference, specReader } from './kit-specs.ts'
import type { Tally } from './tally.ts'

interface FormatCase {
  spec: SpecReference
  format: string
  ok: boolean
  output?: string
}

interface ProjectionCase {
  spec: SpecReference
  projections: [string, string][]
  selected: string | null
  ok: boolean
  output?: string | null
}

interface LayoutCase {
  spec: SpecReference
  root: string
  projections: [string, string][] | null
  hash_length: number | null
  ok: boolean
  output?: string
}

interface TreeCase {
  specs: SpecReference[]
  options: {
    cover?: Cover
    deptypes?: Deptype[]
    show_types?: boolean
    hashes?: boolean
    hashlen?: number
    depth?: boolean
    indent?: number
    recurse_dependencies?: boolean
    depth_first?: boolean
    format?: string
    status?: boolean
  }
  default_format: string
  ok: boolean
  lines: string[]
}

interface LongCase {
  spec: SpecReference
  str: string
  short_spec: string
  long_spec_lines: string[] | null
  cformat_default: string
}

interface Vectors {
  formats: { name: string; text: string }[]
  concrete: FormatCase[]
  abstract: FormatCase[]
  path: FormatCase[]
  projection: ProjectionCase[]
  layout: LayoutCase[]
  tree: TreeCase[]
  long: LongCase[]
}

export async function run(folder: string, tally: Tally): Promise<void> {
  const vectors = JSON.parse(readFileSync(join(folder, 'spec/format.json'), 'utf8')) as Vectors
  const read = specReader(folder)
  const surroundings = await kitSurroundings()
  const name = (reference: SpecReference) => (typeof reference === 'string' ? reference : reference.dag)
  const formats: Record<string, string> = { default: defaultFormat, display: displayFormat }
  for (const { name: format, text } of vectors.formats) tally.check(`format ${format}`, text, () => formats[format])
  for (const section of ['concrete', 'abstract'] as const) {
    for (const one of vectors[section]) {
      tally.check(`${section} ${name(one.spec)} ${one.format}`, outcome(one), () =>
        attempt(() => formatSpec(read(one.spec), one.format, surroundings)),
      )
    }
  }
  for (const one of vectors.path) {
    tally.check(`path ${name(one.spec)} ${one.format}`, outcome(one), () =>
      attempt(() => formatPath(read(one.spec), one.format, surroundings)),
    )
  }
  for (const one of vectors.projection) {
    tally.check(`projection ${name(one.spec)} ${JSON.stringify(one.projections)}`, without(one, 'error_class'), () => ({
      ...without(one, 'error_class', 'ok', 'output', 'selected'),
      ...describeProjection(one, read(one.spec)),
    }))
  }
  for (const one of vectors.layout) {
    const label = `layout ${name(one.spec)} ${JSON.stringify(one.projections)} ${one.hash_length}`
    await tally.checkAsync(label, outcome(one), () =>
      attemptAsync(async () => prefixOf(await storeOf(one), internal(read(one.spec)))),
    )
  }
  for (const one of vectors.tree) {
    tally.check(`tree ${one.specs.map(name).join(' ')} ${JSON.stringify(one.options)}`, one.lines, () =>
      specTree(one.specs.map(read), treeOptions(one, formats)),
    )
  }
  for (const one of vectors.long) {
    tally.check(`long ${name(one.spec)}`, one, () => describeLong(one, read(one.spec)))
  }
}

/** The folders that the kit's outputs mention. */
async function kitSurroundings(): Promise<FormatOptions> {
  const store = await storeOf({ root: '/opt/store', projections: null, hash_length: null })
  const prefix = (spec: Spec) => prefixOf(store, spec) ?? ''
  return { prefixOf: prefix, spackRoot: '/opt/spack', installRoot: '/opt/store' }
}

const outcome = ({ ok, output }: { ok: boolean; output?: unknown }): object => (ok ? { ok, output } : { ok })

function attempt(answer: () => unknown): object {
  try {
    return { ok: true, output: answer() }
  } catch {
    return { ok: false }
  }
}

async function attemptAsync(answer: () => Promise<unknown>): Promise<object> {
  try {
    return { ok: true, output: await answer() }
  } catch {
    return { ok: false }
  }
}

function describeProjection({ projections }: ProjectionCase, spec: Spec): object {
  const table = Object.fromEntries(projections)
  const selected = selectProjection(table, spec)
  return { selected, ...attempt(() => (selected === null ? null : projectSpec(table, spec))) }
}

type StoreSettings = Pick<LayoutCase, 'root' | 'projections' | 'hash_length'>

const stores = new Map<string, Promise<Store>>()

/** The store of a configuration with these settings. */
function storeOf({ root, projections, hash_length }: StoreSettings): Promise<Store> {
  const templates = projections ? { 'projections:': Object.fromEntries(projections) } : {}
  const length = hash_length === null ? {} : { install_hash_length: hash_length }
  const text = JSON.stringify({ config: { install_tree: { root, ...templates }, ...length } })
  const known = stores.get(text)
  if (known) return known
  const opened = openConfigured(text)
  stores.set(text, opened)
  return opened
}

async function openConfigured(text: string): Promise<Store> {
  const folder = scratch()
  writeFileSync(join(folder, 'config.yaml'), text)
  const environ = { HOME: folder, SPACK_DISABLE_LOCAL_CONFIG: '1' }
  const scope = { name: 'kit', level: 'custom', kind: 'folder', path: folder, isWritable: false } as const
  return openStore(await loadConfiguration({ environ, cwd: folder, commandScopes: [scope] }))
}

/** As if it were to be installed, also if it is external. */
const internal = (spec: Spec): Spec =>
  spec.concrete ? { ...spec, concrete: { ...spec.concrete, external: null } } : spec

function treeOptions({ options, default_format }: TreeCase, formats: Record<string, string>): TreeOptions {
  const { cover, deptypes, depth, indent, hashes, status } = options
  return {
    cover,
    deptypes: deptypes?.reduce((mask, type) => mask | deptypeBits[type], 0),
    showTypes: options.show_types,
    hashes,
    hashLength: options.hashlen,
    depth,
    indent,
    recurseDependencies: options.recurse_dependencies,
    depthFirst: options.depth_first,
    format: options.format ?? formats[default_format],
    status: status ? (spec) => (spec.concrete?.external ? 'external' : 'absent') : undefined,
  }
}

/** Long lists of lines are left out of the kit. */
function describeLong({ spec: reference, long_spec_lines }: LongCase, spec: Spec): object {
  return {
    spec: reference,
    str: printSpec(spec),
    short_spec: formatSpec(spec, shortFormat),
    long_spec_lines: long_spec_lines && specTree([spec]),
    cformat_default: formatSpec(spec, '{name}{@version}{/hash:7}'),
  }
}
