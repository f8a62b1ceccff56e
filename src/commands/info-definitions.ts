// Lists of what a recipe defines under conditions: variants, dependencies, licenses; by name, or by condition.

import type { Recipe, RecipeTexts, RecipeVariant } from '../recipes/recipe.ts'
import { colourize, paintAs } from '../spec/colour.ts'
import { compareSpecs } from '../spec/compare.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import { emptySpec, type Spec } from '../spec/spec.ts'
import { compareTexts } from '../spec/text-order.ts'
import { visibleLength } from '../ui/columns.ts'
import { wrapText } from '../ui/wrap.ts'

export interface Definition {
  /** By this they are sorted, and those with the same one stand together. */
  key: string
  when: string
  /** Texts with colour escapes. */
  name: string
  values?: readonly { text: string; colour: string }[]
  description?: string
  /** Later ones hide those whose conditions they cover. */
  precedence: number
  /** Breaks ties among definitions of one key. */
  order?: (other: Definition) => number
  spec?: Spec
}

export interface DefinitionListing {
  byName: boolean
  width: number
  colour: boolean
  /** Whether a condition can hold. */
  holds: (when: string) => boolean
}

export function variantDefinitions(recipe: Recipe, texts: RecipeTexts): Definition[] {
  return recipe.variants.map((variant, index) => ({
    key: variant.name,
    when: variant.when,
    name: `@c{${variant.name}} @C{[${variant.default}]}`,
    values: [{ text: variantValues(variant), colour: 'c' }],
    description: texts.variants?.[index] ?? '',
    precedence: variant.precedence,
  }))
}

/** `none` comes first, and stands also for values that only a rule knows. */
function variantValues({ values }: RecipeVariant): string {
  if (values === null) return 'none'
  const words = values.map((value) => String(typeof value === 'object' ? value.value : value))
  return words.sort((a, b) => Number(a !== 'none') - Number(b !== 'none') || compareTexts(a, b)).join(', ')
}

const deptypeColours = { build: 'g', link: 'c', run: 'b', test: 'm' } as const

export function dependencyDefinitions(recipe: Recipe): Definition[] {
  return recipe.dependencies.map(({ spec, when, types }) => {
    const parsed = parseSpec(spec)
    return {
      key: parsed.name ?? '',
      when,
      name: spec.replaceAll('@', '@@'),
      values: types.map((text) => ({ text, colour: deptypeColours[text] })),
      precedence: 0,
      spec: parsed,
      order: (other: Definition) =>
        Number(!isBare(parsed)) - Number(!isBare(other.spec!)) || compareSpecs(parsed, other.spec!),
    }
  })
}

/** Whether a spec is a name and nothing else. */
const isBare = (spec: Spec): boolean => printSpec(spec) === spec.name

export const licenseDefinitions = (recipe: Recipe): Definition[] =>
  recipe.licenses.map(({ license, when }, index) => ({
    key: String(index),
    when,
    name: license.replaceAll('@', '@@'),
    precedence: 0,
  }))

/** The text of a list, whose heading the caller has printed. */
export function listDefinitions(definitions: readonly Definition[], listing: DefinitionListing): string {
  if (definitions.length === 0) return '    None\n'
  const lines = listing.byName ? linesByName(definitions, listing) : linesByWhen(definitions, listing)
  return lines.map((line) => `${line}\n`).join('')
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

const widest = (definitions: readonly Definition[]): number =>
  Math.max(...definitions.map(({ name }) => colourize(name, false).length))

function linesByName(definitions: readonly Definition[], listing: DefinitionListing): string[] {
  const groups = groupBy(definitions, ({ key }) => key)
  const visible = [...groups.values()].map(withoutHidden)
  const width = widest(visible.flat()) + 4
  const keys = [...groups.keys()].sort(compareTexts)
  return keys.flatMap((key) => {
    const group = withoutHidden(groups.get(key)!).sort((a, b) => a.order?.(b) ?? 0)
    const shown = group.filter(({ when }) => listing.holds(when))
    return shown.flatMap((each) => [...definitionLines(each, width, 4, listing, true), ''])
  })
}

/** Of the definitions of one name those that no later one covers, in the order in which they win. */
function withoutHidden(group: readonly Definition[]): Definition[] {
  const sorted = [...group].sort((a, b) => a.precedence - b.precedence)
  if (sorted.length === 1) return sorted
  const conditions = sorted.map(({ when }) => parseWhen(when))
  return sorted.filter((_, index) => !conditions.slice(index + 1).some((later) => satisfies(conditions[index]!, later)))
}

const parseWhen = (when: string): Spec => (when ? parseSpec(when) : emptySpec())

function linesByWhen(definitions: readonly Definition[], listing: DefinitionListing): string[] {
  const visible = [...groupBy(definitions, ({ key }) => key).values()].flatMap(withoutHidden)
  const width = widest(visible) + 4
  const groups = [...groupBy(definitions, ({ when }) => when)].map(([when, group]) => ({
    when,
    condition: parseWhen(when),
    group: [...group].sort((a, b) => compareTexts(a.key, b.key)),
  }))
  groups.sort((a, b) => Number(a.when !== '') - Number(b.when !== '') || compareSpecs(a.condition, b.condition))
  return groups
    .filter(({ when }) => listing.holds(when))
    .flatMap(({ when, group }) => {
      const inset = when ? 2 : 0
      const heading = when ? ['', whenLine(when, 4, listing)] : []
      const rows = group.flatMap((each) => definitionLines(each, width - inset, 4 + inset, listing, false))
      return [...heading, ...rows]
    })
}

function whenLine(when: string, indent: number, { colour }: DefinitionListing): string {
  const [word, condition] = colour ? [paintAs('B', 'when'), paintAs('B', when)] : ['when', when]
  return `${' '.repeat(indent)}${word} ${condition}`
}

/** So many characters stay for values beside a name, however long it is. */
const leastValueWidth = 30

function definitionLines(
  definition: Definition,
  nameWidth: number,
  indent: number,
  listing: DefinitionListing,
  withWhen: boolean,
): string[] {
  const { width, colour } = listing
  const start = ' '.repeat(indent)
  const name = colourize(definition.name, colour)
  const column = Math.min(nameWidth, width - leastValueWidth - indent)
  const values = valueLines(definition, indent + column + 4, listing)
  const lines: string[] = []
  if (values.length === 0) lines.push(start + name)
  else if (visibleLength(name) > column) lines.push(start + name, ...values)
  else {
    const gap = ' '.repeat(column + 4 - visibleLength(name))
    lines.push(start + name + gap + values[0]!.trimStart(), ...values.slice(1))
  }
  if (withWhen && definition.when) lines.push(whenLine(definition.when, indent + 2, listing))
  if (definition.description) {
    const inset = ' '.repeat(indent + 4)
    for (const paragraph of definition.description.split('\n')) {
      const wrapped = wrapText(paragraph, { width: width - 2, indent: inset })
      lines.push(...(wrapped.length ? wrapped : ['']))
    }
  }
  return lines
}

function valueLines({ values = [] }: Definition, indent: number, { width, colour }: DefinitionListing): string[] {
  const plain = values.map(({ text }) => text).join(', ')
  const lines = wrapText(plain, { width: width - 2, indent: ' '.repeat(indent) })
  if (!colour) return lines
  const paint = new Map(values.map((each) => [each.text, each.colour]))
  const [only] = values
  return lines.map((line) => {
    const content = line.trimStart()
    const painted =
      values.length === 1
        ? `@${only!.colour}{${content}}`
        : content.replace(/\w+/g, (word) => `@${paint.get(word) ?? 'c'}{${word}}`)
    return ' '.repeat(indent) + colourize(painted, true)
  })
}
