// spec/parse: text to structure, canonical text and errors (`parse.json`).

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { equalSpecs } from '../../src/spec/compare.ts'
import { formatSpec } from '../../src/spec/format.ts'
import type { HostArch } from '../../src/spec/node-attributes.ts'
import { type ParseOptions, parseSpec, parseSpecArguments, parseSpecs } from '../../src/spec/parser.ts'
import { printNode, printSpec } from '../../src/spec/print.ts'
import { deptypeNames, type Edge, type Spec, type Variant } from '../../src/spec/spec.ts'
import { parseSpecJson } from '../../src/spec/spec-file.ts'
import type { Toolchains } from '../../src/spec/toolchain.ts'
import { exactVersion, printVersionList, type VersionItem } from '../../src/spec/version-list.ts'
import { without } from './expected.ts'
import type { Tally } from './tally.ts'

interface Case {
  id: string
  mode: 'one' | 'many' | 'args'
  input: string | string[]
  toolchains?: string
  ok: boolean
  /** The class of the error that the reference met when it parsed its own text again and compared. */
  roundtrip_error?: string
}

interface Vectors {
  toolchains: { name: string; config: Toolchains }[]
  cases: Case[]
}

interface HostVectors {
  host: { platform: string; os: string; default_target: string }[]
}

export function run(folder: string, tally: Tally): void {
  const file = join(folder, 'spec/parse.json')
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors
  const { host: hosts } = JSON.parse(readFileSync(join(folder, 'spec/arch.json'), 'utf8')) as HostVectors
  const [{ platform, os, default_target: target }] = hosts as [HostVectors['host'][0]]
  const host: HostArch = { platform, os, target }
  const toolchains = new Map(vectors.toolchains.map(({ name, config }) => [name, config]))
  const readSpecFile = (path: string) => parseSpecJson(readFileSync(resolve(folder, 'spec', path), 'utf8'))
  for (const one of vectors.cases) {
    const options: ParseOptions = { host, toolchains: toolchains.get(one.toolchains ?? ''), readSpecFile }
    // Where the reference could not even compare, as with git versions that nobody has looked up, any answer will do.
    const unchecked = one.roundtrip_error ? ['roundtrip'] : []
    const expected = without(one, 'error_class', 'roundtrip_error', 'host_dependent', ...unchecked)
    tally.check(one.id, expected, () => without(answer(one, options), ...unchecked))
  }
}

function answer(one: Case, options: ParseOptions): object {
  const { id, mode, input, toolchains, group } = one as Case & { group: string }
  const asked = { id, group, mode, input, ...(toolchains ? { toolchains } : {}) }
  let specs: Spec[]
  try {
    specs = parse(one, options)
  } catch {
    return { ...asked, ok: false }
  }
  const described = specs.map((spec) => describe(spec, options))
  return { ...asked, ok: true, ...(mode === 'one' ? described[0] : { specs: described }) }
}

function parse({ mode, input }: Case, options: ParseOptions): Spec[] {
  if (typeof input !== 'string') return parseSpecArguments(input, options)
  return mode === 'one' ? [parseSpec(input, options)] : parseSpecs(input, options)
}

const longFormat =
  '{fullname}{@versions}{compiler_flags}{variants}{ platform=architecture.platform}{ os=architecture.os}' +
  '{ target=architecture.target}{/abstract_hash}{compilers}'

function describe(spec: Spec, options: ParseOptions): object {
  return {
    str: printSpec(spec),
    node_str: spec.concrete ? printSpec(spec) : printNode(spec),
    long: formatSpec(spec, longFormat),
    node: describeNode(spec),
    ...(spec.concrete ? {} : { roundtrip: isKeptByText(spec, options) }),
  }
}

function isKeptByText(spec: Spec, options: ParseOptions): boolean {
  try {
    return equalSpecs(parseSpec(printSpec(spec), options), spec)
  } catch {
    return false
  }
}

function describeNode(spec: Spec): object {
  const { name, namespace, versions, variants, flags, arch, abstractHash } = spec
  if (spec.concrete) return { concrete: true, name, version: exactVersion(versions)?.text, hash: spec.concrete.hash }
  return {
    name,
    namespace,
    versions: printVersionList(versions),
    version_list: versions.map(describeVersion),
    variants: Object.fromEntries([...variants].map(([key, variant]) => [key, describeVariant(variant)])),
    flags: Object.fromEntries(flags),
    arch,
    hash: abstractHash,
    dependencies: spec.edges.map(describeEdge),
  }
}

function describeVersion(item: VersionItem): object {
  if (item.kind === 'range') return { range: item.text }
  if (item.kind === 'version') return { version: item.text }
  return { git: item.ref, text: item.text, commit: item.isCommit, prefix: item.hasPrefix, as: item.as?.text ?? null }
}

const describeVariant = ({ kind, values, isExact, propagate }: Variant): object => ({
  values,
  type: kind,
  propagate,
  concrete: isExact,
})

const describeEdge = ({ child, deptypes, virtuals, direct, propagate, when }: Edge): object => ({
  sigil: direct ? (propagate ? '%%' : '%') : '^',
  direct,
  propagate,
  deptypes: deptypeNames(deptypes),
  virtuals,
  when: when && printSpec(when),
  spec: describeNode(child),
})
