// From a list's items to specs: each combination of a matrix becomes one spec, unless an exclusion matches it.

import { constrain } from '../spec/constrain.ts'
import { declareVariants, type VariantFacts } from '../spec/declared-variants.ts'
import type { PackageFacts } from '../spec/facts.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import { copySpec, type Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import { type ListItem, located, type Matrix, whereOf } from './spec-list.ts'

export interface MatrixOptions {
  /** Reads one spec, with the toolchains of the configuration. */
  parse: (text: string) => Spec
  /** What variants packages declare. Without them exclusions compare variants as they are written. */
  variants?: VariantFacts
  facts?: PackageFacts
}

export interface ListedSpec {
  spec: Spec
  /** What was combined, in order. */
  constraints: readonly Spec[]
  /** `file:line` */
  where: string
}

/** More combinations than anybody means to install: a matrix of this size is a mistake or an attack. */
const mostCombinations = 100_000

/** The specs that items stand for, in order, also those that are there twice. Throws SpackError with file and line. */
export function expandItems(items: readonly ListItem[], options: MatrixOptions): ListedSpec[] {
  return items.flatMap((item) =>
    located(item.mark, () => {
      const rows = item.kind === 'spec' ? [[options.parse(item.text)]] : expandMatrix(item, options)
      return rows.map((constraints) => ({
        spec: combine(constraints, options),
        constraints,
        where: whereOf(item.mark),
      }))
    }),
  )
}

function expandMatrix(matrix: Matrix, options: MatrixOptions): Spec[][] {
  if (matrix.rows.length === 0) throw new SpackError('spec-list', 'a matrix needs at least one row')
  const rows = matrix.rows.map((row) => row.flatMap((item) => cellTexts(item, options)))
  const size = rows.reduce((product, row) => product * row.length, 1)
  if (size > mostCombinations) {
    throw new SpackError('spec-list', `this matrix has ${size} combinations, more than ${mostCombinations}`)
  }
  const excluded = matrix.exclude.map(options.parse)
  return combinations(rows).flatMap((texts) => {
    const constraints = texts.map(options.parse)
    if (isExcluded(constraints, excluded, options)) return []
    const [first, ...others] = constraints as [Spec, ...Spec[]]
    return [matrix.sigil ? [options.parse(matrix.sigil + printSpec(first)), ...others] : constraints]
  })
}

/** The texts that stand for an item in a row: of a matrix, its combinations. */
function cellTexts(item: ListItem, options: MatrixOptions): string[] {
  if (item.kind === 'spec') return [item.text]
  return expandMatrix(item, options).map((constraints) => constraints.map(printSpec).join(' '))
}

/** One item of each row, the last row varying fastest. */
const combinations = (rows: readonly (readonly string[])[]): string[][] =>
  rows.reduce<string[][]>((starts, row) => starts.flatMap((start) => row.map((text) => [...start, text])), [[]])

function isExcluded(constraints: readonly Spec[], excluded: readonly Spec[], options: MatrixOptions): boolean {
  const spec = combine(constraints, options)
  // Also without exclusions: variants that a package does not accept are found here.
  if (options.variants) declareVariants(spec, options.variants, options.facts)
  return excluded.some((exclusion) => satisfies(spec, exclusion, { facts: options.facts }))
}

function combine(constraints: readonly Spec[], { facts }: MatrixOptions): Spec {
  const [first, ...others] = constraints as [Spec, ...Spec[]]
  const spec = copySpec(first)
  for (const other of others) constrain(spec, other, { facts })
  return spec
}
