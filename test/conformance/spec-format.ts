// spec/format: format strings, paths, projections, install layout and trees (`format.json`).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultFormat, displayFormat, formatSpec, shortFormat } from '../../src/spec/format.ts'
import { printSpec } from '../../src/spec/print.ts'
import { formatPath, projectSpec, selectProjection } from '../../src/spec/projection.ts'
import { type Deptype, deptypeBits, type Spec } from '../../src/spec/spec.ts'
import type { Cover } from '../../src/spec/traverse-edges.ts'
import { specTree, type TreeOptions } from '../../src/spec/tree.ts'
import { defaultProjections } from '../../src/store/store.ts'
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

export function run(folder: string, tally: Tally): void {
  const vectors = JSON.parse(readFileSync(join(folder, 'spec/format.json'), 'utf8')) as Vectors
  const read = specReader(folder)
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
  for (const one of vectors.tree) {
    tally.check(`tree ${one.specs.map(name).join(' ')} ${JSON.stringify(one.options)}`, one.lines, () =>
      specTree(one.specs.map(read), treeOptions(one, formats)),
    )
  }
  for (const one of vectors.long) {
    tally.check(`long ${name(one.spec)}`, one, () => describeLong(one, read(one.spec)))
  }
}

/** The kit's own folders. */
const surroundings = {
  prefixOf: (spec: Spec) => join('/opt/store', projectSpec(defaultProjections, spec)),
  spackRoot: '/opt/spack',
  installRoot: '/opt/store',
}

const outcome = ({ ok, output }: { ok: boolean; output?: unknown }): object => (ok ? { ok, output } : { ok })

function attempt(answer: () => unknown): object {
  try {
    return { ok: true, output: answer() }
  } catch {
    return { ok: false }
  }
}

function describeProjection({ projections }: ProjectionCase, spec: Spec): object {
  const table = Object.fromEntries(projections)
  const selected = selectProjection(table, spec)
  return { selected, ...attempt(() => (selected === null ? null : projectSpec(table, spec))) }
}

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
