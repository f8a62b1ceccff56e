// Lists of specs, as `spack find` prints them: in groups of one architecture and compiler, in columns; or one a line with its
// dependencies below it or its prefix beside it.

import { colourize, paintAs } from '../spec/colour.ts'
import { compareSpecs } from '../spec/compare.ts'
import { type FormatOptions, formatSpec } from '../spec/format.ts'
import type { Spec } from '../spec/spec.ts'
import { type InstallStatus, installMarks, treeSteps } from '../spec/tree.ts'
import { columns, visibleLength } from './columns.ts'

export interface ListingOptions {
  colour: boolean
  /** Characters in a line of the terminal; undefined for a file or a pipe. */
  width: number | undefined
  /** A format string, instead of the one that the next three make. */
  format?: string
  namespaces?: boolean
  variants?: boolean
  flags?: boolean
  /** Letters of the hash in front of each spec; 0 (default) none. */
  hashLength?: number
  /** The version of the format of the file that each spec was read from. */
  specfileFormat?: boolean
  /** Under headings of architecture and compilers; default. */
  groups?: boolean
  /** What each spec depends on, below it. */
  dependencies?: boolean
  /** Where each is, beside it. */
  prefixOf?: (spec: Spec) => string
  status?: (spec: Spec) => InstallStatus
  decorate?: (spec: Spec, text: string) => string
  /** Blanks in front of each line. */
  indent?: number
  /** What formatting may need to know of the store. */
  context?: FormatOptions
}

const headingWidth = 64

/** The text of a list, ready to be printed. Throws as `formatSpec`. */
export function listSpecs(specs: readonly Spec[], options: ListingOptions): string {
  const print = (some: readonly Spec[]) =>
    options.dependencies || options.prefixOf ? lines(some, options) : inColumns(some, options)
  if (options.groups === false) return print(specs.toSorted(compareSpecs))
  const groups = groupSpecs(specs)
  return groups.map((group) => `${heading(group, options)}\n${print(group.specs)}`).join('\n')
}

interface SpecGroup {
  architecture: string
  compilers: string
  specs: Spec[]
}

/** Specs by architecture and compilers; those that have none come last. */
function groupSpecs(specs: readonly Spec[]): SpecGroup[] {
  const groups = new Map<string, SpecGroup>()
  for (const spec of specs) {
    const architecture = spec.arch ? formatSpec(spec, '{architecture}') : ''
    const compilers = formatSpec(spec, '{compilers}')
    const key = `${architecture}\0${compilers}`
    const group = groups.get(key) ?? { architecture, compilers, specs: [] }
    groups.set(key, group)
    group.specs.push(spec)
  }
  const last = '\uffff'
  const order = ({ architecture, compilers }: SpecGroup) => `${architecture || last}\0${compilers || last}`
  const sorted = [...groups.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1))
  return sorted.map((group) => ({ ...group, specs: group.specs.toSorted(compareSpecs) }))
}

function heading({ architecture, compilers }: SpecGroup, { colour, indent = 0, width }: ListingOptions): string {
  const part = (code: string, text: string) => (colour ? paintAs(code, text) : text)
  const label = `${part('m', architecture || 'no arch')} / ${part('g', compilers || 'no compilers')}`
  const dashes = Math.min(headingWidth, (width ?? 80) - 2) - 3 - visibleLength(label)
  return `${' '.repeat(indent)}-- ${label} ${'-'.repeat(Math.max(0, dashes))}`
}

function inColumns(specs: readonly Spec[], options: ListingOptions): string {
  const texts = specs.map((spec) => entry(spec, 0, options))
  return columns(texts, options)
    .map((line) => `${line}\n`)
    .join('')
}

function lines(specs: readonly Spec[], options: ListingOptions): string {
  const entries = specs.flatMap((spec) => {
    if (!options.dependencies) return [{ spec, text: entry(spec, 0, options) }]
    const steps = treeSteps([spec]).map(({ node, depth }) => ({ spec: node, text: entry(node, depth, options) }))
    return [...steps, null]
  })
  const width = Math.max(0, ...entries.map((line) => (line ? visibleLength(line.text) : 0))) + 2
  const { prefixOf } = options
  const print = (line: { spec: Spec; text: string }) =>
    prefixOf ? `${line.text}${' '.repeat(width - visibleLength(line.text))}${prefixOf(line.spec)}` : line.text
  return entries.map((line) => `${line ? print(line) : ''}\n`).join('')
}

function entry(spec: Spec, depth: number, options: ListingOptions): string {
  const { colour, status, hashLength = 0, decorate = (_spec, text) => text } = options
  const mark = status ? colourize(installMarks[status(spec)], colour) : ''
  const hash = hashLength ? `${greyHash(spec, hashLength, colour)} ` : ''
  const text = formatSpec(spec, formatOf(options), { colour, ...options.context })
  return mark + hash + '    '.repeat(depth) + decorate(spec, text)
}

function formatOf({ format, namespaces, variants, flags, specfileFormat }: ListingOptions): string {
  const made = `${namespaces ? '{fullname}' : '{name}'}{@version}${variants ? '{variants}' : ''}${flags ? ' {compiler_flags}' : ''}`
  return `${specfileFormat ? '[{specfile_version}] ' : ''}${format ?? made}`
}

/** The beginning of a hash in grey; dashes for a spec that is not concrete. */
export function greyHash(spec: Spec, length: number, colour: boolean): string {
  const hash = (spec.concrete?.hash ?? '-'.repeat(32)).slice(0, length)
  return colour ? paintAs('K', hash) : hash
}
